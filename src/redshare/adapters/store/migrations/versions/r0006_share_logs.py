"""Whose change logs show an audit row; the requests made of datashares, and their sums by day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _text(name: str, *, primary_key: bool = False, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(collation="C"), primary_key=primary_key, nullable=nullable)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def upgrade() -> None:
    """Older audit rows stay out of the logs: what these show was not kept of them."""
    op.add_column("audit", _text("share_log", nullable=True))
    op.create_index("audit_share_log_at_idx", "audit", ["share_log", "at"])
    op.create_table(
        "share_usage",
        sa.Column("sequence", sa.BigInteger, sa.Identity(always=True), nullable=False),
        _text("request", primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _text("consumer"),
        _text("producer", nullable=True),
        _text("share", nullable=True),
        sa.Column("refused", sa.Boolean, nullable=False),
        _count("rows_read"),
        _count("bytes_read"),
        _count("rows_written"),
        _text("body"),
    )
    op.create_index("share_usage_consumer_at_idx", "share_usage", ["consumer", "at"])
    op.create_index("share_usage_producer_at_idx", "share_usage", ["producer", "at"])
    op.create_index("share_usage_at_idx", "share_usage", ["at"])
    op.create_index("share_usage_sequence_idx", "share_usage", ["sequence"])
    op.create_table(
        "share_meter",
        sa.Column("day", sa.Date, primary_key=True),
        _text("share", primary_key=True),
        _text("consumer", primary_key=True),
        _text("producer"),
        _text("share_name"),
        _text("producer_account"),
        _text("consumer_account"),
        _count("requests"),
        _count("refused"),
        _count("rows_read"),
        _count("bytes_read"),
        _count("rows_written"),
    )
    op.create_index("share_meter_consumer_idx", "share_meter", ["consumer"])
    op.create_index("share_meter_producer_idx", "share_meter", ["producer"])
