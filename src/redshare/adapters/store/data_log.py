"""The port DataLog in PostgreSQL: a row a statement and a session, replaced as a whole.

They are no part of the catalogue: nothing is decided by them, and no commit of it waits for them.
Where several nodes share a store each knows its own: the results are in its directory.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy.engine import Engine

from redshare.adapters.store import rows
from redshare.adapters.store.connections import read
from redshare.adapters.store.schema import DATA_SESSION, DATA_STATEMENT
from redshare.core.data_statement import DataSession, DataStatement

Entry = TypeVar("Entry", DataStatement, DataSession)

_TABLES: Final = {DataStatement: DATA_STATEMENT.name, DataSession: DATA_SESSION.name}


class PostgresqlDataLog:
    """Any thread may call it."""

    def __init__(self, engine: Engine, node: str) -> None:
        self._engine = engine
        self._node = node

    def statements(self) -> Sequence[DataStatement]:
        """All that are kept. Raises StoreUnavailable."""
        return self._all(DataStatement)

    def sessions(self) -> Sequence[DataSession]:
        """All that are kept. Raises StoreUnavailable."""
        return self._all(DataSession)

    def save(self, entry: DataStatement | DataSession) -> None:
        """Keep it. Raises StoreUnavailable."""
        key = entry.statement_id if isinstance(entry, DataStatement) else entry.session_id
        body = msgspec.json.encode(entry).decode()
        self._run(
            f"""INSERT INTO {_TABLES[type(entry)]} (id, node, body) VALUES (%s, %s, %s)
                ON CONFLICT (id) DO UPDATE SET body = EXCLUDED.body""",
            [key, self._node, body],
        )

    def remove(self, ids: Collection[str]) -> None:
        """Forget those. Raises StoreUnavailable."""
        for table in _TABLES.values():
            self._run(f"DELETE FROM {table} WHERE id = ANY(%s)", [list(ids)])

    def _all(self, kind: type[Entry]) -> Sequence[Entry]:
        statement = f"SELECT body::text FROM {_TABLES[kind]} WHERE node = %s"
        found = read(
            self._engine,
            lambda connection: rows.run(connection, statement, [self._node]).fetchall(),
        )
        return [msgspec.json.decode(body, type=kind) for (body,) in found]

    def _run(self, statement: str, parameters: list[Any]) -> None:
        # Each replaces or removes whole rows, so that one whose fate is unknown is done again.
        read(self._engine, lambda connection: rows.run(connection, statement, parameters))
