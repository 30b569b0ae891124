"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSON

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_KINDS = (
    "account",
    "access_key",
    "namespace",
    "warehouse",
    "db_user",
    "database",
    "schema",
    "relation",
    "datashare",
)


def _text() -> sa.Text:
    return sa.Text(collation="C")


def upgrade() -> None:
    """Make them."""
    for name in _KINDS:
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
    op.create_table(
        "catalog_version",
        sa.Column("single", sa.Boolean, primary_key=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("log_start", sa.BigInteger, nullable=False),
        sa.CheckConstraint("single", name="catalog_version_single_check"),
    )
    op.execute("INSERT INTO catalog_version (single, version, log_start) VALUES (true, 0, 0)")
    op.create_table(
        "change_log",
        sa.Column("version", sa.BigInteger, primary_key=True),
        sa.Column("kind", _text(), primary_key=True),
        sa.Column("key", _text(), primary_key=True),
    )
    op.create_table(
        "writer",
        sa.Column("id", _text(), primary_key=True),
        sa.Column("batch", sa.BigInteger, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    for name in ("audit", "event"):
        op.create_table(
            name,
            sa.Column("sequence", sa.BigInteger, sa.Identity(always=True), primary_key=True),
            sa.Column("at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("account", _text(), nullable=False),
            sa.Column("body", JSON, nullable=False),
        )
    op.create_index("audit_account_sequence_idx", "audit", ["account", "sequence"])
