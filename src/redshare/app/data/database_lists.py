"""What is in a warehouse's databases, shared ones among them, as a database user sees it.

The system views answer: whoever may not see an object in SQL does not see it here.
https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ListTables.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from redshare.app.sessions.connections import Connections
from redshare.core.aws_errors import InvalidParameterValue
from redshare.core.data_errors import DatabaseConnectionFailed, QueryTimedOut
from redshare.core.data_statement import Target
from redshare.core.sql_errors import QueryCanceled, SqlError

Row = tuple[object, ...]

#: Milliseconds that a list may take.
TIMEOUT: Final = "60000"

_DATABASES: Final = "SELECT database_name FROM svv_redshift_databases"
_SCHEMAS: Final = """SELECT schema_name FROM svv_all_schemas
    WHERE database_name = $1 AND schema_name LIKE $2"""
_TABLES: Final = """SELECT schema_name, table_name, table_type FROM svv_all_tables
    WHERE database_name = $1 AND schema_name LIKE $2 AND table_name LIKE $3"""
_COLUMNS: Final = """SELECT schema_name, table_name, ordinal_position, column_name, data_type,
    character_maximum_length, numeric_precision, numeric_scale, is_nullable, column_default
    FROM svv_all_columns WHERE database_name = $1
    AND ($2 = '' OR schema_name = $2) AND ($3 = '' OR table_name = $3)"""


class DatabaseLists:
    """Each call is a connection of its own.

    All raise DatabaseConnectionFailed, QueryTimedOut, InvalidParameterValue.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def databases(self, target: Target) -> Sequence[Row]:
        """Names."""
        return self._rows(target, _DATABASES)

    def schemas(self, target: Target, database: str, pattern: str) -> Sequence[Row]:
        """Names of a database's schemas that are LIKE a pattern."""
        return self._rows(target, _SCHEMAS, database, pattern)

    def tables(self, target: Target, database: str, schema: str, table: str) -> Sequence[Row]:
        """Schema, name and type of the relations whose names are LIKE the patterns."""
        return self._rows(target, _TABLES, database, schema, table)

    def columns(self, target: Target, database: str, schema: str, table: str) -> Sequence[Row]:
        """The columns of the tables of these names, an empty one is any; as svv_all_columns."""
        return self._rows(target, _COLUMNS, database, schema, table)

    def _rows(self, target: Target, sql: str, *values: str) -> Sequence[Row]:
        user = self._connections.user(target.warehouse, target.user)
        if user is None:
            raise DatabaseConnectionFailed(f'FATAL: user "{target.user}" does not exist')
        try:
            connection = self._connections.open(target.warehouse, target.database, user)
        except SqlError as error:
            raise DatabaseConnectionFailed(f"FATAL: {error.message}") from error
        session = connection.session
        try:
            session.configure("statement_timeout", TIMEOUT)
            if values:
                known = session.execute(session.parse(_DATABASES)).batches
                if values[0] not in {name for b in known for (name,) in _tuples(b)}:
                    raise InvalidParameterValue(f'database "{values[0]}" does not exist')
            answer = session.execute(session.parse(sql), values)
            return [row for batch in answer.batches for row in _tuples(batch)]
        except QueryCanceled as error:
            raise QueryTimedOut(error.message) from error
        except SqlError as error:
            raise InvalidParameterValue(error.message) from error
        finally:
            self._connections.close(connection)


def _tuples(batch: object) -> list[Row]:
    columns = [column.to_pylist() for column in batch.columns]  # type: ignore[attr-defined]
    return list(zip(*columns, strict=True))
