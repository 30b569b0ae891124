"""The Data API's looks at the catalogue: databases, schemas, tables and columns.

`Database` is what is looked at, `ConnectedDatabase` where the caller connects; without the second
it is the first. So a shared database is looked at from a local one, or from inside.
https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_DescribeTable.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from redshare.app.caller import Caller
from redshare.app.data.database_lists import DatabaseLists, Row
from redshare.app.paging import Page, PageRequest
from redshare.endpoints.redshift_data.connection import DataConnections
from redshare.endpoints.redshift_data.records import type_metadata

Params = Mapping[str, Any]

PAGE: Final = 1000
#: Digits of a position, so that positions order as text.
_DIGITS: Final = 8


class DataListOperations:
    """Names in, pages out."""

    def __init__(self, lists: DatabaseLists, connections: DataConnections) -> None:
        self._lists = lists
        self._connections = connections
        self.operations = {
            "ListDatabases": self.list_databases,
            "ListSchemas": self.list_schemas,
            "ListTables": self.list_tables,
            "DescribeTable": self.describe_table,
        }

    def list_databases(self, caller: Caller, params: Params) -> Params:
        """The databases of a warehouse, shared ones too."""
        target = self._connections.target(caller, params)
        page = _page("ListDatabases", caller, params, self._lists.databases(target))
        return {"Databases": [name for (name,) in page.items], "NextToken": page.marker}

    def list_schemas(self, caller: Caller, params: Params) -> Params:
        """The schemas of a database."""
        target = self._connections.target(caller, params, _connected(params))
        found = self._lists.schemas(target, params["Database"], params.get("SchemaPattern", "%"))
        page = _page("ListSchemas", caller, params, found)
        return {"Schemas": [name for (name,) in page.items], "NextToken": page.marker}

    def list_tables(self, caller: Caller, params: Params) -> Params:
        """The tables and views of a database."""
        target = self._connections.target(caller, params, _connected(params))
        schema, table = params.get("SchemaPattern", "%"), params.get("TablePattern", "%")
        found = self._lists.tables(target, params["Database"], schema, table)
        page = _page("ListTables", caller, params, found)
        tables = [{"schema": s, "name": name, "type": kind} for s, name, kind in page.items]
        return {"Tables": tables, "NextToken": page.marker}

    def describe_table(self, caller: Caller, params: Params) -> Params:
        """The columns of a table, of all of a schema, or of all."""
        target = self._connections.target(caller, params, _connected(params))
        schema, table = params.get("Schema", ""), params.get("Table", "")
        found = self._lists.columns(target, params["Database"], schema, table)
        page = _page("DescribeTable", caller, params, found)
        return {
            "TableName": params.get("Table"),
            "ColumnList": [_column(row) for row in page.items],
            "NextToken": page.marker,
        }


def _connected(params: Params) -> str:
    return "Database" if params.get("ConnectedDatabase") is None else "ConnectedDatabase"


def _page(operation: str, caller: Caller, params: Params, rows: Sequence[Row]) -> Page[Row]:
    """A page of rows whose first three values name them. Raises InvalidParameterValue."""
    asked = [str(params.get(name)) for name in sorted(params) if name not in {*_PAGING}]
    request = PageRequest(
        (operation, caller.account, *asked),
        params.get("MaxResults"),
        params.get("NextToken"),
        "MaxResults",
        smallest=0,
        largest=PAGE,
        default=PAGE,
    )
    return request.of(rows, lambda row: [_ordered(value) for value in row[:3]])


_PAGING: Final = ("MaxResults", "NextToken")


def _ordered(value: object) -> str:
    return f"{value:0{_DIGITS}}" if isinstance(value, int) else str(value)


def _column(row: Row) -> Params:
    schema, table, _, name, kind, length, precision, scale, nullable, default = row
    shown = str(kind)
    if length is not None:
        shown = f"{kind}({length})"
    elif kind == "numeric":
        shown = f"numeric({precision},{scale})"
    return {
        **type_metadata(shown),
        "name": name,
        "schemaName": schema,
        "tableName": table,
        "length": length or precision or 0,
        "nullable": int(nullable == "YES"),
        "columnDefault": default,
    }
