"""What Alembic runs: the migrations on the connection that migrate.py opened."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
# The transaction is the caller's: all revisions, or none.
context.run_migrations()
