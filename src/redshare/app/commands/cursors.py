"""DECLARE, FETCH, CLOSE. https://docs.aws.amazon.com/redshift/latest/dg/declare.html"""

from __future__ import annotations

from redshare.app.sessions.answer import Answer
from redshare.app.sessions.session import SqlSession
from redshare.core.sql_errors import FeatureNotSupported, SqlError
from redshare.sql.commands.cursor import CloseCursor, DeclareCursor, Fetch
from redshare.sql.errors import UndefinedParameter
from redshare.sql.result import ResultColumn


def declare(session: SqlSession, command: DeclareCursor) -> Answer:
    """DECLARE … CURSOR: only in a transaction block, only of a query."""
    if not (session.transactions.explicit or session.block):
        raise SqlError("DECLARE CURSOR may only be used in transaction blocks", "25P01")
    if command.binary:
        raise FeatureNotSupported("DECLARE BINARY CURSOR is not supported")
    session.cursors.require_free(command.name)
    made = session.prepare(command.body, command.types)
    bound = None if made.command is not None else session.bind(made, command.values)
    if bound is None or bound.plan is None or not bound.plan.returns_rows:
        raise SqlError("DECLARE CURSOR is only for a SELECT", "42601")
    if len(bound.parameters) != len(command.values):
        raise UndefinedParameter(len(command.values) + 1)
    session.transactions.writing()
    session.cursors.declare(
        command.name, session.run_bound(bound, command.values), hold=command.hold
    )
    return Answer(command.tag)


def fetch(session: SqlSession, command: Fetch) -> Answer:
    """FETCH: the next rows, forward only."""
    return session.cursors.fetch(command.name, command.count)


def describe_fetch(session: SqlSession, command: Fetch) -> tuple[ResultColumn, ...] | None:
    """The columns of the cursor's query."""
    return session.cursors.find(command.name).answer.columns


def close(session: SqlSession, command: CloseCursor) -> Answer:
    """CLOSE name, CLOSE ALL."""
    if command.name is None:
        session.cursors.close_all()
    else:
        session.cursors.close(command.name)
    return Answer(command.tag)
