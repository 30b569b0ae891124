"""SQL statements that make, change, drop or grant what the catalogue holds, as the audit keeps
them. Those on datashares, and on databases made from them, are in `audited`.

A row's parameters are the statement as it was read, by its own words (`said`). What is a session's
own, its temporary tables, is in no row.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from redshare.app.commands.said import said
from redshare.app.commands.subjects import Subject, subject_made, subject_of
from redshare.app.sessions.session import SqlSession
from redshare.core.catalog import Change, Put
from redshare.core.relation import Relation
from redshare.core.sql_errors import SqlError
from redshare.ports import AuditRecord
from redshare.sql.bound import Bound
from redshare.sql.commands import Command
from redshare.sql.commands.database import (
    AlterDatabase,
    CreateDatabase,
    CreateExternalSchema,
    DropDatabase,
)
from redshare.sql.commands.function import DropFunction
from redshare.sql.commands.grant import AlterDefaultPrivileges, Grant, GrantRole, GrantSystem
from redshare.sql.commands.objects import (
    AllFunctions,
    AllTables,
    Databases,
    Functions,
    Objects,
    Schemas,
    Scope,
    Tables,
)
from redshare.sql.commands.policy import (
    AlterPolicy,
    AttachPolicy,
    CreatePolicy,
    DetachPolicy,
    DropPolicy,
    GrantLookup,
)
from redshare.sql.commands.schema import AlterSchema, CreateSchema, DropSchema
from redshare.sql.commands.table import (
    AlterRelation,
    AppendFrom,
    Comment,
    DropRelations,
    Truncate,
)
from redshare.sql.commands.user import (
    AlterGroup,
    AlterRole,
    AlterUser,
    AlterUserSet,
    CreateGroup,
    CreateRole,
    CreateUser,
    DropGroup,
    DropRole,
    DropUser,
)
from redshare.sql.context import SqlContext
from redshare.sql.creation import Creation, creation_of
from redshare.sql.errors import SqlSyntaxError
from redshare.sql.lex import Statement

#: The names of their events, and what their resource is in an ARN where the statement alone does
#: not say it. REVOKE's names are made of GRANT's; `{}` is the kind of a relation or a policy.
EVENTS: Final[dict[type, tuple[str, str]]] = {
    CreateDatabase: ("CreateDatabase", "dbname"),
    AlterDatabase: ("AlterDatabase", "dbname"),
    DropDatabase: ("DropDatabase", "dbname"),
    CreateUser: ("CreateUser", "dbuser"),
    AlterUser: ("AlterUser", "dbuser"),
    AlterUserSet: ("AlterUser", "dbuser"),
    DropUser: ("DropUser", "dbuser"),
    CreateGroup: ("CreateGroup", "dbgroup"),
    AlterGroup: ("AlterGroup", "dbgroup"),
    DropGroup: ("DropGroup", "dbgroup"),
    CreateRole: ("CreateRole", "dbrole"),
    AlterRole: ("AlterRole", "dbrole"),
    DropRole: ("DropRole", "dbrole"),
    GrantRole: ("GrantRole", "dbrole"),
    GrantSystem: ("GrantSystemPrivilege", "dbrole"),
    Grant: ("GrantPrivileges", ""),
    AlterDefaultPrivileges: ("AlterDefaultPrivileges", "schema"),
    CreateSchema: ("CreateSchema", "schema"),
    CreateExternalSchema: ("CreateExternalSchema", "schema"),
    AlterSchema: ("AlterSchema", "schema"),
    DropSchema: ("DropSchema", "schema"),
    DropRelations: ("Drop{}", ""),
    AlterRelation: ("Alter{}", ""),
    AppendFrom: ("AlterTable", "table"),
    Truncate: ("TruncateTable", "table"),
    Comment: ("Comment", ""),
    DropFunction: ("DropFunction", "function"),
    CreatePolicy: ("Create{}Policy", "policy"),
    AlterPolicy: ("Alter{}Policy", "policy"),
    AttachPolicy: ("Attach{}Policy", "policy"),
    DetachPolicy: ("Detach{}Policy", "policy"),
    DropPolicy: ("Drop{}Policy", "policy"),
    GrantLookup: ("Grant{}PolicyLookup", "policy"),
}
#: A GRANT or REVOKE that reaches into a database made from a datashare.
_ON_SHARED: Final = "GrantOnSharedDatabase"


@dataclass(frozen=True, slots=True)
class Governed:
    """A statement that the audit keeps; `context` is as it was before."""

    session: SqlSession
    context: SqlContext
    event: str
    subject: Subject
    statement: object

    def records(self, error: SqlError | None = None) -> Iterator[AuditRecord]:
        """Its one audit row; `error` is what it failed with."""
        namespace, subject = self.context.namespace, self.subject
        here = f"arn:aws:redshift:{namespace.region}:{namespace.account}"
        path = "/".join((namespace.namespace_id, *subject.path))
        yield AuditRecord(
            at=self.session.work.clock.now(),
            account=namespace.account,
            principal=f"{here}:dbuser:{namespace.namespace_id}/{self.context.user.name}",
            action=f"redshift:{self.event}",
            resource=f"{here}:{subject.kind}:{path}",
            request_id="",
            parameters={
                "namespace": namespace.namespace_id,
                "sessionId": self.session.session_id,
                "statement": said(self.statement),
            },
            error="" if error is None else error.sqlstate,
            message="" if error is None else error.message,
            region=namespace.region,
        )


def governed(session: SqlSession, command: Command) -> Governed | None:
    """What the audit keeps of a command that is about to run; None where it keeps nothing."""
    if type(command) not in EVENTS:
        return None
    context = session.context()
    event, kind = EVENTS[type(command)]
    shared: str | None = None
    if isinstance(command, Grant):
        shared = next(_shared(context, _databases(context, command.objects)), None)
    subject = subject_of(context, command, kind)
    if shared is not None:
        event, subject = _ON_SHARED, Subject("dbname", (shared,))
    if subject is None:
        return None
    event = event.format(str(getattr(command, "kind", "")).title().replace(" ", ""))
    if getattr(command, "revoke", False):
        event = event.replace("Grant", "Revoke")
    return Governed(session, context, event, subject, command)


def keep_made(session: SqlSession, statement: Statement, bound: Bound) -> None:
    """What CREATE and SELECT INTO made: their rows commit with it."""
    kept = _making(session, statement, bound.changes)
    if kept is not None:
        session.transactions.writing().audit.extend(kept.records())


def keep_refused(session: SqlSession, statement: Statement, error: SqlError) -> None:
    """What a CREATE or SELECT INTO failed with; a text that is no statement leaves nothing.

    Raises StoreUnavailable.
    """
    if isinstance(error, SqlSyntaxError):
        return
    kept = None
    with contextlib.suppress(SqlError):  # the session's own user or database is gone
        kept = _making(session, statement, ())
    if kept is not None:
        session.work.store.record(list(kept.records(error)))


def _making(
    session: SqlSession, statement: Statement, changes: Iterable[Change]
) -> Governed | None:
    creation = creation_of(statement, case_sensitive=session.state.case_sensitive)
    if creation is None:
        return None
    context = session.context()
    subject = subject_made(context, creation)
    if subject is None:
        return None
    event = f"Create{creation.kind.title().replace(' ', '')}"
    return Governed(session, context, event, subject, _described(creation, statement, changes))


def _described(
    creation: Creation, statement: Statement, changes: Iterable[Change]
) -> dict[str, Any]:
    """Of a table its columns, for its rows may be a query's; of all others the text."""
    if creation.kind != "TABLE":
        return {"name": creation.name, "text": statement.text}
    made = (change.entity for change in changes if isinstance(change, Put))
    columns = next((each.columns for each in made if isinstance(each, Relation)), ())
    shown = {"columns": {column.name: column.type for column in columns}} if columns else {}
    return {"name": creation.name, **shown}


def _shared(context: SqlContext, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        found = context.catalog.database_named(context.namespace.namespace_id, name)
        if found is not None and found.source is not None:
            yield name


def _databases(context: SqlContext, objects: Objects) -> Iterator[str]:
    """The databases in which a GRANT names something, by their names."""
    match objects:
        case Databases(names):
            yield from names
        case Scope():
            yield objects.database or context.current.name
        case Schemas(found) | AllTables(found) | AllFunctions(found):
            for name in found:
                yield _database_of(context, name)
        case Tables(found):
            for name in found:
                yield _database_of(context, name[:-1])
        case Functions(functions):
            for function in functions:
                yield _database_of(context, function.name[:-1])


def _database_of(context: SqlContext, schema: tuple[str, ...]) -> str:
    """Of a schema by its name; an external one stands for another database's."""
    if len(schema) > 1:
        return schema[0]
    for name in schema:
        found = context.catalog.schema_named(context.current.database_id, name)
        if found is not None and found.external is not None:
            return found.external.database
    return context.current.name
