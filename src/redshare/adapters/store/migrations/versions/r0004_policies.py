"""The table of row-level security and masking policies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSON

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _text() -> sa.Text:
    return sa.Text(collation="C")


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "db_policy",
        sa.Column("key", _text(), primary_key=True),
        sa.Column("parent", _text(), nullable=False),
        sa.Column("name", _text(), nullable=False),
        sa.Column("account", _text()),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("made", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.UniqueConstraint(
            "parent", "name", name="db_policy_name_key", deferrable=True, initially="DEFERRED"
        ),
    )
