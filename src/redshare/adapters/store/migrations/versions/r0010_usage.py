"""Usage limits that were reached, what counts against them; when keys and roles were used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSON

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _text() -> sa.Text:
    return sa.Text(collation="C")


def upgrade() -> None:
    """What was read before counts nothing."""
    op.create_table(
        "usage_breach",
        sa.Column("key", _text(), primary_key=True),
        sa.Column("parent", _text(), nullable=False),
        sa.Column("name", _text(), nullable=False),
        sa.Column("account", _text()),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("made", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.UniqueConstraint(
            "parent", "name", name="usage_breach_name_key", deferrable=True, initially="DEFERRED"
        ),
    )
    for table in ("share_usage", "share_meter"):
        column = sa.Column("cross_region", sa.BigInteger, nullable=False, server_default="0")
        op.add_column(table, column)
        op.alter_column(table, "cross_region", server_default=None)
    op.create_table(
        "last_use",
        sa.Column("subject", _text(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service", _text(), nullable=False),
        sa.Column("region", _text(), nullable=False),
    )
