"""PREPARE, EXECUTE, DEALLOCATE. https://docs.aws.amazon.com/redshift/latest/dg/r_PREPARE.html"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sqlglot import exp

from redshare.app.sessions.answer import Answer
from redshare.app.sessions.prepared import Prepared
from redshare.app.sessions.session import SqlSession
from redshare.core.sql_errors import FeatureNotSupported, SqlError
from redshare.sql.commands.session import Deallocate, Execute, Prepare
from redshare.sql.cursor import Cursor
from redshare.sql.ddl.column_syntax import read_type
from redshare.sql.lex import split
from redshare.sql.parse import parse
from redshare.sql.result import ResultColumn

#: What can be handed over as it is written.
_NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_STRING: Final = re.compile(r"'((?:[^'\\]|'')*)'")
_WORDS: Final = {"null": None, "true": "true", "false": "false"}


def prepare(session: SqlSession, command: Prepare) -> Answer:
    """PREPARE: bound with its parameter types, never run."""
    if command.name in session.prepared:
        raise SqlError(f'prepared statement "{command.name}" already exists', "42P05")
    types = tuple(_type(text) for text in command.types)
    made = session.prepare(command.body, types)
    if made.command is not None:
        raise SqlError("only SELECT, INSERT, UPDATE and DELETE statements can be prepared", "42601")
    bound = session.bind(made)
    if bound.plan is None or bound.tag not in {"SELECT", "INSERT", "UPDATE", "DELETE"}:
        raise SqlError("only SELECT, INSERT, UPDATE and DELETE statements can be prepared", "42601")
    # Types that were not written are those it was bound with.
    found = tuple(
        types[place] if place < len(types) else kind for place, kind in enumerate(bound.parameters)
    )
    made = Prepared(made.statement, None, found)
    session.prepared[command.name] = session.kept(made, bound)
    return Answer(command.tag)


def _type(text: str) -> str | None:
    if text == "unknown":
        return None
    cursor = Cursor(split(text)[0])
    kind = read_type(cursor)
    cursor.finish()
    return str(kind)


def execute(session: SqlSession, command: Execute) -> Answer:
    """EXECUTE: bound anew, with its arguments' values; answers as the statement itself does."""
    made = _named(session, command.name)
    types = session.parameters(made)
    if len(types) != len(command.arguments):
        raise SqlError(
            f'wrong number of parameters for prepared statement "{command.name}": expected '
            f"{len(types)} but got {len(command.arguments)}",
            "42601",
        )
    return session.run(made, tuple(_values(session, command.arguments, types)))


def describe_execute(session: SqlSession, command: Execute) -> tuple[ResultColumn, ...] | None:
    """The rows of the statement behind the name."""
    return session.describe(_named(session, command.name)).columns


def deallocate(session: SqlSession, command: Deallocate) -> Answer:
    """DEALLOCATE: one name, or all."""
    if command.name is None:
        session.prepared.clear()
        return Answer(command.tag)
    _named(session, command.name)
    del session.prepared[command.name]
    return Answer(command.tag)


def _named(session: SqlSession, name: str) -> Prepared:
    found = session.prepared.get(name)
    if found is None:
        raise SqlError(f'prepared statement "{name}" does not exist', "26000")
    return found


def _values(
    session: SqlSession, arguments: tuple[str, ...], types: tuple[str, ...]
) -> Iterator[object]:
    """Literals as they are; other expressions are bound and evaluated on their own."""
    for argument, kind in zip(arguments, types, strict=True):
        text = argument.strip()
        quoted = _STRING.fullmatch(text)
        if quoted is not None:
            yield quoted[1].replace("''", "'")
        elif _NUMBER.fullmatch(text):
            yield text
        elif text.lower() in _WORDS:
            yield _WORDS[text.lower()]
        else:
            yield _evaluated(session, text, kind)


def _evaluated(session: SqlSession, text: str, kind: str) -> object:
    statements = split(f"SELECT CAST(({text}) AS {kind})")
    tree = parse(statements[0], case_sensitive=session.state.case_sensitive)
    if len(statements) != 1 or not isinstance(tree, exp.Select) or len(tree.expressions) != 1:
        raise SqlError("syntax error in an argument of EXECUTE", "42601")
    if len(list(tree.find_all(exp.Query))) > 1:
        raise SqlError("cannot use subquery in EXECUTE parameter", "0A000")
    if tree.find(exp.Parameter, exp.Placeholder):
        raise FeatureNotSupported("a placeholder in EXECUTE is not supported")
    answer = session.run(session.prepare(statements[0]), ())
    try:
        for batch in answer.batches:
            for value in batch.column(0).to_pylist():
                return value
    finally:
        answer.close()
    return None
