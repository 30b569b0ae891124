"""The port Store: in PostgreSQL, and in memory for unit tests."""

from __future__ import annotations

from redshare.adapters.store.codec import UnreadableChanges
from redshare.adapters.store.memory import MemoryStore
from redshare.adapters.store.migrate import SchemaTooNew
from redshare.adapters.store.postgresql import PostgresqlStore, open_store

__all__ = ["MemoryStore", "PostgresqlStore", "SchemaTooNew", "UnreadableChanges", "open_store"]
