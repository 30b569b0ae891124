"""The tables of IAM users, roles and managed policies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSON

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _text() -> sa.Text:
    return sa.Text(collation="C")


def upgrade() -> None:
    """Make them."""
    for name in ("iam_user", "iam_role", "iam_policy"):
        op.create_table(
            name,
            sa.Column("key", _text(), primary_key=True),
            sa.Column("parent", _text(), nullable=False),
            sa.Column("name", _text(), nullable=False),
            sa.Column("account", _text()),
            sa.Column("version", sa.BigInteger, nullable=False),
            sa.Column("made", sa.BigInteger, sa.Identity(always=True), nullable=False),
            sa.Column("body", JSON, nullable=False),
            sa.UniqueConstraint(
                "parent", "name", name=f"{name}_name_key", deferrable=True, initially="DEFERRED"
            ),
        )
