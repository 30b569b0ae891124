"""SQL statements on databases, users, groups and roles, and grants on shared databases, as the
audit keeps them. Those on datashares are in `audited`.

A row's parameters are the statement as it was read, by its own words; no password is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final

from redshare.app.session import SqlSession
from redshare.core.errors import SqlError
from redshare.ports import AuditRecord
from redshare.sql.commands import Command
from redshare.sql.commands.database import (
    AlterDatabase,
    CreateDatabase,
    CreateDatabaseFromArn,
    DropDatabase,
)
from redshare.sql.commands.grant import Grant, GrantRole, GrantSystem
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
from redshare.sql.commands.values import Password
from redshare.sql.context import SqlContext

#: The names of their events, and what their resource is in an ARN; REVOKE's are made of GRANT's.
_NAMES: Final[dict[type, tuple[str, str]]] = {
    CreateDatabase: ("CreateDatabase", "dbname"),
    CreateDatabaseFromArn: ("CreateDatabaseFromArn", "dbname"),
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
    Grant: ("GrantOnSharedDatabase", "dbname"),
}
#: What a password is shown as, as in calls of the Redshift API.
_HIDDEN: Final = "****"


@dataclass(frozen=True, slots=True)
class Governed:
    """A statement that the audit keeps; `context` is as it was before."""

    session: SqlSession
    command: Command
    context: SqlContext
    #: The databases, users, groups or roles it names.
    names: tuple[str, ...]

    def records(self, error: SqlError | None = None) -> Iterator[AuditRecord]:
        """Its one audit row; `error` is what it failed with."""
        namespace = self.context.namespace
        name, kind = _NAMES[type(self.command)]
        if getattr(self.command, "revoke", False):
            name = name.replace("Grant", "Revoke")
        here = f"arn:aws:redshift:{namespace.region}:{namespace.account}"
        yield AuditRecord(
            at=self.session.work.clock.now(),
            account=namespace.account,
            principal=f"{here}:dbuser:{namespace.namespace_id}/{self.context.user.name}",
            action=f"redshift:{name}",
            resource=f"{here}:{kind}:{namespace.namespace_id}/{self.names[0]}",
            request_id="",
            parameters={
                "namespace": namespace.namespace_id,
                "sessionId": self.session.session_id,
                "statement": _said(self.command),
            },
            error="" if error is None else error.sqlstate,
            message="" if error is None else error.message,
            region=namespace.region,
        )


def governed(session: SqlSession, command: Command) -> Governed | None:
    """What the audit keeps of a statement that is about to run; None where it keeps nothing."""
    if type(command) not in _NAMES:
        return None
    context = session.context()
    match command:
        case Grant():
            shared = tuple(_shared(context, _databases(context, command.objects)))
            return Governed(session, command, context, shared) if shared else None
        case GrantRole() | GrantSystem():
            return Governed(session, command, context, command.roles)
        case DropUser():
            return Governed(session, command, context, command.names)
        case _:
            return Governed(session, command, context, (getattr(command, "name", ""),))


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


def _said(value: object) -> Any:  # noqa: ANN401 - any JSON
    """What was said, without what was not."""
    if isinstance(value, Password):
        return _HIDDEN
    if is_dataclass(value) and not isinstance(value, type):
        shown = {field.name: getattr(value, field.name) for field in fields(value)}
        return {
            _camel(name): _said(each)
            for name, each in shown.items()
            if each is not None and each is not False and each != ()
        }
    if isinstance(value, tuple):
        return [_said(each) for each in value]
    return value if isinstance(value, bool | int) else str(value)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
