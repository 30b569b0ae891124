"""The Data API: parameters and typed records.

https://docs.aws.amazon.com/redshift-data/latest/APIReference/Welcome.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from redshare.app.caller import Caller
from redshare.app.described import modified
from redshare.app.named_parameters import numbered
from redshare.app.paging import PageRequest
from redshare.app.statements import DONE, DataStatement, Statements, SubStatement, Target
from redshare.app.warehouses import Warehouses
from redshare.core.errors import InvalidParameterValue, ResourceNotFound
from redshare.core.warehouse import Warehouse, WarehouseKind
from redshare.endpoints.pg_types import pg_type_name
from redshare.sql.result import Origin, ResultColumn

Params = Mapping[str, Any]

#: One page of GetStatementResult.
PAGE_ROWS: Final = 1000
MAX_SQL_BYTES: Final = 100_000
MICROSECOND: Final = timedelta(microseconds=1)


class DataOperations:
    """Statements in, records out."""

    def __init__(self, statements: Statements, warehouses: Warehouses) -> None:
        self._statements = statements
        self._warehouses = warehouses
        self.operations = {
            "ExecuteStatement": self.execute_statement,
            "BatchExecuteStatement": self.batch_execute_statement,
            "DescribeStatement": self.describe_statement,
            "GetStatementResult": self.get_statement_result,
            "ListStatements": self.list_statements,
            "CancelStatement": self.cancel_statement,
        }

    def execute_statement(self, caller: Caller, params: Params) -> Params:
        """One statement."""
        named = _named(params)
        _check_size(params["Sql"])
        text = numbered(params["Sql"], dict(named))
        return self._submitted(caller, params, [text], batch=False, named=named)

    def batch_execute_statement(self, caller: Caller, params: Params) -> Params:
        """Several statements in one transaction."""
        if params.get("Parameters"):
            raise InvalidParameterValue("Parameters of a batch are not supported.")
        for sql in params["Sqls"]:
            _check_size(sql)
        texts: list[tuple[str, tuple[str, ...]]] = [(sql, ()) for sql in params["Sqls"]]
        return self._submitted(caller, params, texts, batch=True, named=())

    def describe_statement(self, caller: Caller, params: Params) -> Params:
        """How far a statement is."""
        found = self._statements.find(caller.account, params["Id"])
        single = None if found.batch else found.parts[0]
        shown = single or found
        if ":" in params["Id"]:
            shown = self._statements.part(caller.account, params["Id"])
        return {
            "Id": params["Id"],
            "Status": found.status if shown is single else shown.status,
            "Error": (found.error if shown is single else shown.error) or None,
            "QueryString": getattr(shown, "sql", None),
            "CreatedAt": shown.created,
            "UpdatedAt": max(shown.updated, found.updated),
            "Duration": _nanoseconds(found, shown),
            "HasResultSet": any(p.table is not None for p in _parts(shown)),
            "ResultRows": _parts(shown)[-1].rows,
            "ResultSize": sum(p.table.nbytes for p in _parts(shown) if p.table is not None),
            "RedshiftPid": found.pid,
            "RedshiftQueryId": found.pid if found.status in DONE else 0,
            "ClusterIdentifier": found.target.cluster,
            "WorkgroupName": found.target.workgroup,
            "Database": found.target.database,
            "DbUser": found.target.user if found.target.cluster else None,
            "QueryParameters": [{"name": n, "value": v} for n, v in found.named] or None,
            "SubStatements": [_sub(part) for part in found.parts] if found.batch else None,
        }

    def get_statement_result(self, caller: Caller, params: Params) -> Params:
        """A page of records."""
        found = self._statements.find(caller.account, params["Id"])
        part = self._statements.part(caller.account, params["Id"])
        if part.table is None:
            state = "" if found.status in DONE else " yet"
            raise ResourceNotFound("Query result of", f"{params['Id']}, which has none{state}:")
        start = _offset(params.get("NextToken"), part)
        page = part.table.slice(start, PAGE_ROWS)
        more = start + page.num_rows < part.table.num_rows
        return {
            "Records": _records(page),
            "ColumnMetadata": [_column(column) for column in part.columns],
            "TotalNumRows": part.table.num_rows,
            "NextToken": str(start + page.num_rows) if more else None,
        }

    def list_statements(self, caller: Caller, params: Params) -> Params:
        """The account's statements, newest first."""
        status, name = params.get("Status"), params.get("StatementName")
        found = [
            s
            for s in self._statements.all(caller.account)
            if (status in {None, "ALL"} or s.status == status)
            and (not name or s.name.startswith(name))
        ]
        listing = ("ListStatements", caller.account, status, name)
        request = PageRequest(
            listing, params.get("MaxResults"), params.get("NextToken"), "MaxResults", 0
        )
        page = request.of(found, _newest)
        return {"Statements": [_listed(s) for s in page.items], "NextToken": page.marker}

    def cancel_statement(self, caller: Caller, params: Params) -> Params:
        """End a running statement."""
        if not self._statements.cancel(caller.account, params["Id"]):
            raise InvalidParameterValue(
                "Could not cancel a query that is already in a terminal state."
            )
        return {"Status": True}

    # --- how ------------------------------------------------------------------------------

    def _submitted(
        self,
        caller: Caller,
        params: Params,
        texts: list[tuple[str, tuple[str, ...]]],
        *,
        batch: bool,
        named: tuple[tuple[str, str], ...],
    ) -> Params:
        target = self._target(caller, params)
        made = self._statements.submit(
            caller.account,
            target,
            texts,
            name=params.get("StatementName", ""),
            batch=batch,
            token=params.get("ClientToken"),
            named=named,
        )
        return {
            "Id": made.statement_id,
            "CreatedAt": made.created,
            "ClusterIdentifier": target.cluster,
            "WorkgroupName": target.workgroup,
            "Database": target.database,
            "DbUser": target.user if target.cluster else None,
        }

    def _target(self, caller: Caller, params: Params) -> Target:
        for name in ("SecretArn", "SessionId", "SessionKeepAliveSeconds"):
            if params.get(name):
                raise InvalidParameterValue(f"{name} is not supported.")
        cluster, workgroup = params.get("ClusterIdentifier"), params.get("WorkgroupName")
        if bool(cluster) == bool(workgroup):
            raise InvalidParameterValue("Specify ClusterIdentifier or WorkgroupName.")
        if workgroup and params.get("DbUser"):
            raise InvalidParameterValue("DbUser is not valid with WorkgroupName.")
        database = params.get("Database")
        if not database:
            raise InvalidParameterValue("Database is required.")
        found = self._warehouse(caller, cluster, workgroup)
        user = params.get("DbUser")
        if not user:
            # An account's administrator works as the namespace's; nobody else does.
            if not caller.speaker.principal.is_root:
                raise InvalidParameterValue("DbUser is required of an IAM identity.")
            user = self._warehouses.namespace_of(found).admin_username
        return Target(found.warehouse_id, database, user, cluster, workgroup)

    def _warehouse(self, caller: Caller, cluster: str | None, workgroup: str | None) -> Warehouse:
        kind = WarehouseKind.CLUSTER if cluster else WarehouseKind.WORKGROUP
        name = cluster or (workgroup or "").rpartition("/")[2]
        if workgroup and workgroup.startswith("arn:"):
            found = [
                w
                for w in self._warehouses.all(kind, caller.account, caller.region)
                if w.warehouse_id == name
            ]
            if not found:
                raise ResourceNotFound("Workgroup", workgroup)
            return found[0]
        return self._warehouses.warehouse(kind, caller.account, caller.region, name)


def _named(params: Params) -> tuple[tuple[str, str], ...]:
    return tuple((p["name"], p["value"]) for p in params.get("Parameters", ()))


def _check_size(sql: str) -> None:
    if len(sql.encode()) > MAX_SQL_BYTES:
        raise InvalidParameterValue(f"The SQL is longer than {MAX_SQL_BYTES} bytes.")


def _parts(shown: DataStatement | SubStatement) -> list[SubStatement]:
    return shown.parts if isinstance(shown, DataStatement) else [shown]


def _nanoseconds(found: DataStatement, shown: DataStatement | SubStatement) -> int:
    if isinstance(shown, SubStatement):
        return shown.duration // MICROSECOND * 1000
    return sum(part.duration // MICROSECOND * 1000 for part in found.parts)


def _sub(part: SubStatement) -> Params:
    return {
        "Id": part.statement_id,
        "Status": part.status,
        "Error": part.error or None,
        "QueryString": part.sql,
        "CreatedAt": part.created,
        "UpdatedAt": part.updated,
        "Duration": part.duration // MICROSECOND * 1000,
        "HasResultSet": part.table is not None,
        "ResultRows": part.rows,
        "ResultSize": 0 if part.table is None else part.table.nbytes,
        "RedshiftQueryId": 0,
    }


def _listed(statement: DataStatement) -> Params:
    return {
        "Id": statement.statement_id,
        "Status": statement.status,
        "StatementName": statement.name or None,
        "QueryString": statement.parts[0].sql,
        "QueryStrings": [part.sql for part in statement.parts],
        "IsBatchStatement": statement.batch,
        "CreatedAt": statement.created,
        "UpdatedAt": statement.updated,
        "QueryParameters": [{"name": n, "value": v} for n, v in statement.named] or None,
    }


def _newest(statement: DataStatement) -> list[str]:
    # The key counts down from a moment that no statement reaches.
    seconds = 1 << 40
    return [f"{seconds - statement.created.timestamp():020.6f}", statement.statement_id]


def _offset(token: str | None, part: SubStatement) -> int:
    if not token:
        return 0
    if not token.isdecimal() or int(token) >= part.table.num_rows:
        raise InvalidParameterValue(f"The token {token!r} is not valid.")
    return int(token)


def _records(page: Any) -> list[list[Params]]:  # noqa: ANN401 - a pyarrow.Table
    columns = [[_field(value) for value in column.to_pylist()] for column in page.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def _field(value: object) -> Params:
    match value:
        case None:
            return {"isNull": True}
        case bool():
            return {"booleanValue": value}
        case int():
            return {"longValue": value}
        case float():
            return {"doubleValue": value}
        case bytes():
            return {"blobValue": value}
        case _:
            return {"stringValue": str(value)}


_PRECISIONS: Final = {
    "bool": 1, "int2": 5, "int4": 10, "int8": 19, "float4": 8, "float8": 17, "numeric": 18,
}  # fmt: skip


def _column(column: ResultColumn) -> Params:
    """Precision and scale are JDBC's: digits of a number, characters of a text."""
    name = pg_type_name(column.type)
    _, length, scale = modified(column.type)
    origin = column.origin or Origin("", "", "", "")
    return {
        "name": column.name,
        "label": column.name,
        "typeName": name,
        "nullable": int(origin.nullable),
        "precision": _PRECISIONS.get(name, 0) if length is None else length,
        "scale": scale or 0,
        "length": 0,
        "isCaseSensitive": name in {"varchar", "bpchar"},
        "isCurrency": False,
        "isSigned": name in {"int2", "int4", "int8", "float4", "float8", "numeric"},
        "schemaName": origin.schema,
        "tableName": origin.table,
    }
