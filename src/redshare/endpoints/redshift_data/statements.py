"""The Data API's statements: submitted, described, listed, cancelled.

https://docs.aws.amazon.com/redshift-data/latest/APIReference/Welcome.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from redshare.app.caller import Caller
from redshare.app.data.named_parameters import numbered
from redshare.app.data.statements import Statements
from redshare.app.data.submission import Submission
from redshare.app.paging import PageRequest
from redshare.core.aws_errors import InvalidParameterValue
from redshare.core.data_statement import (
    NULL,
    DataStatement,
    ExecutionMode,
    ResultFormat,
    StatementStatus,
    SubStatement,
)
from redshare.endpoints.redshift_data.connection import DataConnections, check_names, owner_of
from redshare.endpoints.redshift_data.order import newest_first

Params = Mapping[str, Any]

MAX_SQL_BYTES: Final = 100_000
MICROSECOND: Final = timedelta(microseconds=1)
#: What a repeated request may say differently.
_NOT_OF_REQUEST: Final = frozenset({"ClientToken", "WaitTimeSeconds"})
_CONNECTION: Final = ("ClusterIdentifier", "WorkgroupName", "Database", "DbUser", "SecretArn")


class DataOperations:
    """SQL in, descriptions out."""

    def __init__(self, statements: Statements, connections: DataConnections) -> None:
        self._statements = statements
        self._connections = connections
        self.operations = {
            "ExecuteStatement": self.execute_statement,
            "BatchExecuteStatement": self.batch_execute_statement,
            "DescribeStatement": self.describe_statement,
            "ListStatements": self.list_statements,
            "CancelStatement": self.cancel_statement,
        }

    # --- submitting -----------------------------------------------------------------------

    def execute_statement(self, caller: Caller, params: Params) -> Params:
        """One statement."""
        return self._submitted(caller, params, [params["Sql"]], None)

    def batch_execute_statement(self, caller: Caller, params: Params) -> Params:
        """Several statements, in one transaction unless the caller wants one each."""
        mode = ExecutionMode(params.get("ExecutionMode", ExecutionMode.TRANSACTION))
        return self._submitted(caller, params, params["Sqls"], mode)

    def _submitted(
        self, caller: Caller, params: Params, sqls: Sequence[str], mode: ExecutionMode | None
    ) -> Params:
        for sql in sqls:
            _check_sql(sql)
        parameters = _named(params)
        wanted = Submission(
            owner=owner_of(caller),
            texts=numbered(sqls, dict(parameters)),
            shown=sqls,
            **self._place(caller, params),
            keep_alive=params.get("SessionKeepAliveSeconds"),
            mode=mode,
            result_format=ResultFormat(params.get("ResultFormat", ResultFormat.JSON)),
            name=params.get("StatementName", ""),
            parameters=parameters,
            with_event=params.get("WithEvent", False),
            token=params.get("ClientToken"),
            request=_digest(params),
        )
        made = self._statements.submit(wanted)
        seconds = params.get("WaitTimeSeconds")
        now = self._statements.wait(wanted.owner, made.statement_id, seconds)
        return {
            "Id": made.statement_id,
            "CreatedAt": made.created,
            **_connection(made),
            "SessionId": made.session_id,
            **({} if seconds is None else _progress(now)),
        }

    def _place(self, caller: Caller, params: Params) -> dict[str, Any]:
        """Where it is to run: in a session, or at a connection of its own."""
        session_id = params.get("SessionId")
        if session_id is None:
            return {"target": self._connections.target(caller, params)}
        given = [name for name in _CONNECTION if params.get(name) is not None]
        if given:
            raise InvalidParameterValue(
                f"{given[0]} cannot be combined with SessionId: the session is connected."
            )
        return {"session_id": session_id}

    # --- following ------------------------------------------------------------------------

    def describe_statement(self, caller: Caller, params: Params) -> Params:
        """How far a statement is, or a part of a batch."""
        asked = params["Id"]
        found = self._statements.wait(owner_of(caller), asked, params.get("WaitTimeSeconds"))
        _, colon, number = asked.partition(":")
        if colon:
            shown = _part(found.parts[int(number) - 1])
        elif found.batch:
            shown = _batch(found)
        else:
            shown = {
                **_part(found.parts[0]),
                "Status": found.status.value,
                "Error": found.error or None,
                "UpdatedAt": found.updated,
            }
        return {
            **shown,
            "Id": asked,
            **_connection(found),
            "RedshiftPid": found.pid,
            "QueryParameters": _parameters(found),
            "ResultFormat": found.result_format.value,
            "SessionId": found.session_id,
            "ExecutionMode": None if found.mode is None else found.mode.value,
        }

    def list_statements(self, caller: Caller, params: Params) -> Params:
        """The caller's statements, newest first; the finished ones if no status is named."""
        check_names(params)
        status = params.get("Status", StatementStatus.FINISHED)
        name, database = params.get("StatementName", ""), params.get("Database")
        warehouse = self._connections.filter(caller, params)
        role_level = params.get("RoleLevel", True)
        found = [
            statement
            for statement in self._statements.all(owner_of(caller), role_level=role_level)
            if status in {"ALL", statement.status}
            and statement.name.startswith(name)
            and warehouse in {None, statement.target.warehouse}
            and database in {None, statement.target.database}
        ]
        asked = (status, name, database, warehouse, str(role_level))
        request = PageRequest(
            ("ListStatements", caller.account, caller.principal, *asked),
            params.get("MaxResults"),
            params.get("NextToken"),
            "MaxResults",
            smallest=0,
        )
        page = request.of(found, lambda made: newest_first(made.created, made.statement_id))
        return {"Statements": [_listed(s) for s in page.items], "NextToken": page.marker}

    def cancel_statement(self, caller: Caller, params: Params) -> Params:
        """End a running statement."""
        self._statements.cancel(owner_of(caller), params["Id"])
        return {"Status": True}


def _check_sql(sql: str) -> None:
    size = len(sql.encode())
    if not 1 <= size <= MAX_SQL_BYTES:
        raise InvalidParameterValue(
            f"The SQL statement must have between 1 and {MAX_SQL_BYTES} bytes, not {size}."
        )


def _named(params: Params) -> tuple[tuple[str, str], ...]:
    found = tuple((p["name"], p["value"]) for p in params.get("Parameters", ()))
    if len(dict(found)) < len(found):
        raise InvalidParameterValue("A parameter is given twice.")
    return found


def _digest(params: Params) -> str:
    """What tells two requests of one client token apart."""
    said = {name: value for name, value in params.items() if name not in _NOT_OF_REQUEST}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _connection(statement: DataStatement) -> Params:
    target = statement.target
    return {
        "ClusterIdentifier": target.cluster,
        "WorkgroupName": target.workgroup,
        "Database": target.database,
        "DbUser": target.user,
    }


def _progress(statement: DataStatement) -> Params:
    return {
        "Status": statement.status.value,
        "RedshiftPid": statement.pid,
        "HasResultSet": statement.has_result,
    }


def _nanoseconds(duration: timedelta | None) -> int:
    return NULL if duration is None else duration // MICROSECOND * 1000


def _parameters(statement: DataStatement) -> list[Params] | None:
    return [{"name": name, "value": value} for name, value in statement.parameters] or None


def _part(part: SubStatement) -> dict[str, Any]:
    return {
        "Status": part.status.value,
        "Error": part.error or None,
        "QueryString": part.sql,
        "CreatedAt": part.created,
        "UpdatedAt": part.updated,
        "Duration": _nanoseconds(part.duration),
        "HasResultSet": part.has_result,
        "ResultRows": part.rows,
        "ResultSize": part.size,
        "RedshiftQueryId": part.query_id,
    }


def _batch(found: DataStatement) -> dict[str, Any]:
    return {
        "Status": found.status.value,
        "Error": found.error or None,
        "CreatedAt": found.created,
        "UpdatedAt": found.updated,
        "Duration": _nanoseconds(found.duration),
        "HasResultSet": found.has_result,
        "ResultRows": NULL,
        "ResultSize": NULL,
        "RedshiftQueryId": NULL,
        "SubStatements": [
            {"Id": found.part_id(number), **_part(part)}
            for number, part in enumerate(found.parts, 1)
        ],
    }


def _listed(statement: DataStatement) -> Params:
    texts = [part.sql for part in statement.parts]
    return {
        "Id": statement.statement_id,
        "Status": statement.status.value,
        "StatementName": statement.name or None,
        "QueryString": None if statement.batch else texts[0],
        "QueryStrings": texts if statement.batch else None,
        "IsBatchStatement": statement.batch,
        "CreatedAt": statement.created,
        "UpdatedAt": statement.updated,
        "QueryParameters": _parameters(statement),
        "ResultFormat": statement.result_format.value,
        "SessionId": statement.session_id,
    }
