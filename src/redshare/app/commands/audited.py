"""SQL statements on datashares, and on databases made from them, as the audit keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, get_args

from redshare.app.commands import database_changes, share_changes
from redshare.app.commands.database_changes import DatabaseCommand
from redshare.app.commands.share_changes import ShareCommand
from redshare.app.sessions.session import SqlSession
from redshare.core.database import Database
from redshare.core.ids import AccountId, DataShareArn, MalformedId, NamespaceId
from redshare.core.share import Datashare
from redshare.core.share_change import ShareChange
from redshare.core.sql_errors import SqlError
from redshare.ports import AuditRecord
from redshare.sql.commands import Command
from redshare.sql.commands.database import (
    AlterDatabase,
    CreateDatabaseFromArn,
    CreateDatabaseFromDatashare,
    DropDatabase,
)
from redshare.sql.commands.datashare import (
    AlterDatashareObjects,
    AlterDatashareOwner,
    AlterDatashareSet,
    CreateDatashare,
    DropDatashare,
)
from redshare.sql.commands.grant import (
    Grant,
    GrantDatashareUsage,
    GrantOnDatashare,
    GrantToDatashare,
)
from redshare.sql.commands.objects import Databases
from redshare.sql.context import SqlContext

#: The names of their events; REVOKE's are made of GRANT's.
EVENTS: Final[dict[type, str]] = {
    CreateDatashare: "CreateDatashare",
    AlterDatashareObjects: "AlterDatashare",
    AlterDatashareSet: "AlterDatashare",
    AlterDatashareOwner: "AlterDatashare",
    DropDatashare: "DropDatashare",
    GrantDatashareUsage: "GrantDatashareUsage",
    GrantOnDatashare: "GrantOnDatashare",
    GrantToDatashare: "GrantToDatashare",
    CreateDatabaseFromDatashare: "CreateDatabaseFromDatashare",
    CreateDatabaseFromArn: "CreateDatabaseFromArn",
    AlterDatabase: "AlterSharedDatabase",
    DropDatabase: "DropSharedDatabase",
    Grant: "GrantOnSharedDatabase",
}


@dataclass(frozen=True, slots=True)
class Audited:
    """A statement that the audit keeps, as the world was before it."""

    session: SqlSession
    command: Any
    context: SqlContext
    share: Datashare | None = None
    databases: tuple[Database, ...] = ()

    def records(self, error: SqlError | None = None) -> Iterator[AuditRecord]:
        """Its audit rows, one a share: of what it did, or of what it failed with."""
        context = self.context if error is not None else self.session.context()
        if isinstance(self.command, get_args(ShareCommand)):
            yield self._of_share(context, error)
            return
        databases: tuple[Database | None, ...] = self.databases
        if not databases:
            made = context.catalog.database_named(context.namespace.namespace_id, self.command.name)
            databases = (made if error is None else None,)
        for database in databases:
            arn = _source(context, self.command, database)
            change = database_changes.of_database(self.command, context, database, arn)
            # A database of the Data Catalog that is not there keeps the ARN it was given.
            yield self._record(str(arn or self.command.arn), change, error)

    def _of_share(self, context: SqlContext, error: SqlError | None) -> AuditRecord:
        namespace, name = context.namespace, self.command.share
        before = after = None
        if error is None:
            # Who failed may not have been one who may know of the share.
            before = self.share
            after = context.catalog.datashare_named(namespace.namespace_id, name)
        arn = DataShareArn(namespace.region, namespace.account, namespace.namespace_id, name)
        change = share_changes.of_share(self.command, context, before, after)
        return self._record(str(arn), change, error)

    def _record(self, arn: str, change: ShareChange, error: SqlError | None) -> AuditRecord:
        context, running = self.context, self.session.running
        namespace = context.namespace
        name = EVENTS[type(self.command)]
        if getattr(self.command, "revoke", False):
            name = name.replace("Grant", "Revoke")
        transaction = None if running is None else running.transaction_id
        return AuditRecord(
            at=self.session.work.clock.now(),
            account=namespace.account,
            principal=f"arn:aws:redshift:{namespace.region}:{namespace.account}"
            f":dbuser:{namespace.namespace_id}/{context.user.name}",
            action=f"redshift:{name}",
            resource=arn,
            request_id="",
            parameters=self._parameters(change),
            error="" if error is None else error.sqlstate,
            region=namespace.region,
            message="" if error is None else error.message,
            change=replace(change, transaction=transaction),
        )

    def _parameters(self, change: ShareChange) -> dict[str, Any]:
        parameters: dict[str, Any] = {
            "namespace": self.context.namespace.namespace_id,
            "sessionId": self.session.session_id,
        }
        if change.share_name is not None:
            parameters["datashare"] = change.share_name
        if isinstance(self.command, CreateDatabaseFromArn):
            parameters["arn"] = self.command.arn
        if isinstance(self.command, GrantDatashareUsage):
            parameters["consumers"] = [each.value for each in self.command.consumers]
        if change.consumer_database_name is not None:
            parameters["database"] = change.consumer_database_name
        return parameters


def audited(session: SqlSession, command: Command) -> Audited | None:
    """What the audit keeps of a statement that is about to run; None where it keeps nothing."""
    if type(command) not in EVENTS:
        return None
    match command:
        case CreateDatabaseFromDatashare() | CreateDatabaseFromArn():
            return Audited(session, command, session.context())
        case Grant(objects=Databases(names)):
            pass
        case AlterDatabase() | DropDatabase():
            names = (command.name,)
        case Grant():
            return None
        case _:
            context = session.context()
            namespace, share = context.namespace.namespace_id, getattr(command, "share", "")
            return Audited(
                session, command, context, context.catalog.datashare_named(namespace, share)
            )
    context = session.context()
    found = (context.catalog.database_named(context.namespace.namespace_id, n) for n in names)
    shared = tuple(each for each in found if each is not None and each.source is not None)
    return Audited(session, command, context, databases=shared) if shared else None


def _source(
    context: SqlContext, command: DatabaseCommand, database: Database | None
) -> DataShareArn | None:
    """The share behind a database: as its name says, or as the statement does."""
    region = context.namespace.region
    source = None if database is None else database.source
    if source is not None:
        share = context.catalog.datashare(source.share)
        return DataShareArn(
            region if share is None else share.region,
            AccountId(source.producer_account),
            source.producer_namespace,
            source.share_name,
        )
    if isinstance(command, CreateDatabaseFromArn):
        try:
            return DataShareArn.parse(command.arn)
        except MalformedId:
            return None
    assert isinstance(command, CreateDatabaseFromDatashare), "any other is on a database that is"
    account = AccountId(command.account or context.namespace.account)
    return DataShareArn(region, account, NamespaceId(command.namespace), command.share)
