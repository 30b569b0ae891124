"""EXPLAIN ACCESS: why a consumer reaches an object, or does not. A statement of our own.

What a session asks is answered from its user's rights; only superusers ask for other users.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from redshare.app.commands.owned import user_named
from redshare.app.sessions.answer import Answer, rows_answer
from redshare.app.sessions.session import SqlSession
from redshare.core.consents import NamedConsumer, Target
from redshare.core.explanation import Explanation
from redshare.core.ids import MalformedId
from redshare.core.sql_errors import InsufficientPrivilege, SqlError
from redshare.sql.commands.data import ExplainAccess
from redshare.sql.context import SqlContext
from redshare.sql.result import ResultColumn
from redshare.sql.why import ConsumerQuestion, ProducerQuestion, Sight

COLUMNS: Final = tuple(
    (name, "character varying") for name in ("step", "status", "detail", "mend", "mended_by")
)


def run(session: SqlSession, command: ExplainAccess) -> Answer:
    """The conditions in their order. Raises SqlError kinds."""
    return rows_answer(command.tag, COLUMNS, _rows(_explained(session, command)))


def describe(_session: SqlSession, _command: ExplainAccess) -> tuple[ResultColumn, ...]:
    """Five columns of text."""
    return tuple(ResultColumn(name, kind) for name, kind in COLUMNS)


def _rows(explanation: Explanation) -> list[tuple[str | None, ...]]:
    return [
        (
            link.step,
            link.status,
            link.detail,
            None if link.mend is None else str(link.mend),
            None if link.mend is None else link.mend.by,
        )
        for link in explanation.links
    ]


def _explained(session: SqlSession, command: ExplainAccess) -> Explanation:
    context = session.context()
    name = _three_parts(context, command.name)
    target = None if command.consumer is None else _target(context, command.consumer)
    if target is None:
        sight = Sight(context, _subject(context, command.user), session.work.clock.now())
        return ConsumerQuestion(sight, name, command.action).explain()
    if command.user is not None:
        raise SqlError("AS names a user of the consumer: ask there, or without AS", "22023")
    return ProducerQuestion(context, name, target, command.action).explain()


def _three_parts(context: SqlContext, name: tuple[str, ...]) -> tuple[str, str, str]:
    match name:
        case (database, schema, table):
            return database, schema, table
        case (schema, table):
            return context.current.name, schema, table
    raise SqlError(f"EXPLAIN ACCESS needs the schema of {'.'.join(name)}", "42601")


def _subject(context: SqlContext, user: str | None) -> SqlContext:
    """Whose access is asked about: the session's, as it is, or another user's in a new session."""
    if user is None or user == context.user.name:
        return context
    if not context.user.superuser:
        raise InsufficientPrivilege("must be superuser to explain another user's access")
    return replace(context, user=user_named(context, user), login="")


def _target(context: SqlContext, text: str) -> Target | None:
    """The consumer that the producer's session names; None where it is the session's own."""
    try:
        named = NamedConsumer.parse(text.strip())
    except MalformedId as error:
        raise SqlError(f"{error}", "22023") from error
    own = context.namespace.account
    if named.namespace == context.namespace.namespace_id:
        return None
    if named.namespace is None or (named.account or own) != own:
        assert named.account is not None
        return Target(named.account, arn=named.arn)
    found = context.catalog.namespace(named.namespace)
    if found is None or found.account != own:
        # As a GRANT says it: whether it exists in another account is not for this one to know.
        raise SqlError(
            "The namespace is not of this account: name another account's by its account or ARN.",
            "22023",
        )
    return Target(own, found)
