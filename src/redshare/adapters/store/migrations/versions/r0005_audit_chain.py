"""The chain of audit rows; events are made of audit rows, so they have no table."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from redshare.core.audit_chain import START, link

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the hashes, also of the rows that are there."""
    for column in ("previous", "hash"):
        op.add_column("audit", sa.Column(column, sa.Text(collation="C")))
    head = _chained(op.get_bind())
    for column in ("previous", "hash"):
        op.alter_column("audit", column, nullable=False)
    op.add_column(
        "catalog_version",
        sa.Column("audit_head", sa.Text(collation="C"), nullable=False, server_default=head),
    )
    op.alter_column("catalog_version", "audit_head", server_default=None)
    op.drop_table("event")


def _chained(connection: sa.Connection) -> str:
    head = START
    rows = connection.execute(
        sa.text("SELECT sequence, at, account, body::text FROM audit ORDER BY sequence")
    )
    update = sa.text("UPDATE audit SET previous = :previous, hash = :hash WHERE sequence = :at")
    for sequence, at, account, body in rows.fetchall():
        previous, head = head, link(head, at, account, body)
        connection.execute(update, {"previous": previous, "hash": head, "at": sequence})
    return head
