"""The table of SQL functions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSON

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _text() -> sa.Text:
    return sa.Text(collation="C")


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "sql_function",
        sa.Column("key", _text(), primary_key=True),
        sa.Column("parent", _text(), nullable=False),
        sa.Column("name", _text(), nullable=False),
        sa.Column("account", _text()),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("made", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.UniqueConstraint(
            "parent", "name", name="sql_function_name_key", deferrable=True, initially="DEFERRED"
        ),
    )
