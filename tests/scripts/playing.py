"""A script played against a running node, by unmodified psycopg or through the Data API."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg
from botocore.exceptions import ClientError

from tests.node.running import CONSUMER, PRODUCER, RunningNode
from tests.scripts.reading import NAMESPACES, Call, Party, Script, Statement

ACCOUNTS = {"sales": PRODUCER, "finance": PRODUCER, "analytics": CONSUMER}


@dataclass(frozen=True)
class Outcome:
    """What came back; None where the way does not tell."""

    error: str | None = None
    sqlstate: str | None = None
    tag: str | None = None
    columns: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()


class Way(Protocol):
    """A client that runs one statement."""

    def run(self, statement: Statement) -> Outcome:
        """What the statement answers, or its refusal."""


class Psycopg:
    """A session a party, open until the end of the script."""

    def __init__(self, node: RunningNode, stack: ExitStack) -> None:
        self._node, self._stack = node, stack
        self._open: dict[Party, psycopg.Connection[Any]] = {}

    def run(self, statement: Statement) -> Outcome:
        party = statement.party
        if party not in self._open:
            opened = self._node.connect(party.namespace, party.database, party.user)
            self._open[party] = self._stack.enter_context(opened)
        try:
            cursor = self._open[party].execute(statement.sql)  # type: ignore[call-overload]
        except psycopg.Error as error:
            return Outcome(error.diag.message_primary or str(error), error.diag.sqlstate)
        if cursor.description is None:
            return Outcome(tag=cursor.statusmessage)
        columns = tuple(column.name for column in cursor.description)
        return Outcome(
            tag=cursor.statusmessage,
            columns=columns,
            rows=tuple("|".join(map(_text, row)) for row in cursor.fetchall()),
        )


class DataApi:
    """Every statement a session of its own, as ExecuteStatement has it."""

    def __init__(self, node: RunningNode) -> None:
        self._node = node

    def run(self, statement: Statement) -> Outcome:
        party = statement.party
        client = self._node.client(ACCOUNTS[party.namespace], "redshift-data")
        where = (
            {"ClusterIdentifier": party.namespace, "DbUser": party.user}
            if party.namespace == "finance"
            else {"WorkgroupName": f"{party.namespace}-wg"}
        )
        made = client.execute_statement(Database=party.database, Sql=statement.sql, **where)
        while (found := client.describe_statement(Id=made["Id"]))["Status"] not in {
            "FINISHED",
            "FAILED",
            "ABORTED",
        }:
            time.sleep(0.01)  # polling is how this API is used
        if found["Status"] != "FINISHED":
            return Outcome(error=found["Error"].removeprefix("ERROR: "))
        if not found["HasResultSet"]:
            return Outcome()
        result = client.get_statement_result(Id=made["Id"])
        return Outcome(
            columns=tuple(column["name"] for column in result["ColumnMetadata"]),
            rows=tuple("|".join(map(_field, record)) for record in result["Records"]),
        )


def play(node: RunningNode, script: Script, way: str, name: str) -> None:
    """Run every step and compare. Raises AssertionError that names the step."""
    with ExitStack() as stack:
        client: Way = Psycopg(node, stack) if way == "psycopg" else DataApi(node)
        for step in script.steps(names(node, name)):
            if isinstance(step, Call):
                _compare_call(node, step)
            else:
                _compare(step, client.run(step))


def names(node: RunningNode, name: str) -> Mapping[str, str]:
    """What `$…` in a script stands for."""
    guids = {party: node.guid(namespace) for party, namespace in NAMESPACES.items()}
    return {
        **guids,
        "name": name,
        "arn": node.share_arn(name),
        "producer_account": PRODUCER,
        "other_account": CONSUMER,
        "other_arn": node.namespace_arn("analytics"),
        "consumer_arn": node.namespace_arn("finance"),
    }


def _compare(step: Statement, outcome: Outcome) -> None:
    shown = f"{step.sql}\n{outcome}"
    if not any(expected.kind == "error" for expected in step.expected):
        assert outcome.error is None, shown
    for expected in step.expected:
        match expected.kind:
            case "error":
                sqlstate, _, text = expected.rest.partition(" ")
                assert outcome.error == text, shown
                assert outcome.sqlstate in {None, sqlstate}, shown
            case "tag":
                assert outcome.tag in {None, expected.rest}, shown
            case "columns":
                assert ", ".join(outcome.columns) == expected.rest, shown
            case "count":
                assert len(outcome.rows) == int(expected.rest), shown
            case "rows":
                assert " ; ".join(outcome.rows) == expected.rest, shown
            case _:
                raise AssertionError(f"@expect {expected.kind} of a statement")


def _compare_call(node: RunningNode, step: Call) -> None:
    client = node.client(ACCOUNTS[step.namespace], step.service)
    try:
        answer = getattr(client, step.operation)(**step.parameters)
    except ClientError as error:
        told = error.response["Error"]
        faults = [expected.rest for expected in step.expected if expected.kind == "fault"]
        assert faults, f"{step}\n{error}"
        code, _, text = faults[0].partition(" ")
        assert told["Code"] == code, f"{step}\n{error}"
        assert text in told["Message"], f"{step}\n{error}"
        return
    for expected in step.expected:
        assert expected.kind == "answer", f"{step}\n{answer}"
        key, _, value = expected.rest.partition(" ")
        assert value in [_text(found) for found in _values(answer, key)], f"{step}\n{answer}"


def _values(answer: Any, key: str) -> Iterator[Any]:
    """Every value under a key, however deep."""
    if isinstance(answer, dict):
        for found, value in answer.items():
            if found == key:
                yield value
            yield from _values(value, key)
    elif isinstance(answer, list):
        for each in answer:
            yield from _values(each, key)


def _text(value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


def _field(record: Mapping[str, Any]) -> str:
    """A field of a record, which has one key that says its type."""
    return "NULL" if record.get("isNull") else _text(next(iter(record.values())))
