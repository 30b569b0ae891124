"""The statements and sessions of the Data API."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSON

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make their tables."""
    for name in ("data_statement", "data_session"):
        op.create_table(
            name,
            sa.Column("id", sa.Text(collation="C"), primary_key=True),
            sa.Column("node", sa.Text(collation="C"), nullable=False),
            sa.Column("body", JSON, nullable=False),
        )
        op.create_index(f"ix_{name}_node", name, ["node"])
