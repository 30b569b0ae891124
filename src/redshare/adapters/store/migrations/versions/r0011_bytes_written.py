"""The bytes that were written through shares; of what was written before they are not known: 0."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Beside the rows."""
    for table in ("share_usage", "share_meter"):
        count = sa.Column("bytes_written", sa.BigInteger, nullable=False, server_default="0")
        op.add_column(table, count)
        op.alter_column(table, "bytes_written", server_default=None)
