"""The tables of clusters' groups, limits, policies, events and snapshots."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSON

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TABLES = (
    "parameter_group",
    "subnet_group",
    "usage_limit",
    "resource_policy",
    "cluster_event",
    "cluster_snapshot",
)


def _text() -> sa.Text:
    return sa.Text(collation="C")


def upgrade() -> None:
    """Make them."""
    for name in _TABLES:
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
