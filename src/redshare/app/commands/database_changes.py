"""What the change logs of datashares show of a consumer's SQL statement on its own database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from redshare.app.commands.change_parties import by_user, recipients
from redshare.core.database import Database
from redshare.core.ids import DataShareArn
from redshare.core.share_change import ChangedPart, ShareChange
from redshare.sql.commands.database import (
    AlterDatabase,
    CreateDatabaseFromArn,
    CreateDatabaseFromDatashare,
    DropDatabase,
)
from redshare.sql.commands.grant import Grant
from redshare.sql.context import SqlContext

#: A statement that makes, changes, drops or grants a database made from a datashare.
DatabaseCommand = (
    CreateDatabaseFromDatashare | CreateDatabaseFromArn | AlterDatabase | DropDatabase | Grant
)


def of_database(
    command: DatabaseCommand,
    context: SqlContext,
    database: Database | None,
    share: DataShareArn | None,
) -> ShareChange:
    """Of a statement in a consumer's namespace; of the share only what a consumer may know.

    `share` is None where the statement names none.
    """
    name = command.name if not isinstance(command, Grant) else None
    parts = (
        replace(
            part,
            consumer_account=context.namespace.account,
            consumer_namespace=context.namespace.namespace_id,
        )
        for part in _database_parts(command, context)
    )
    return replace(
        by_user(context, tuple(parts)),
        share_name=None if share is None else share.name,
        consumer_database=None if database is None else database.database_id,
        consumer_database_name=name if database is None else database.name,
        producer_account=None if share is None else share.account,
        producer_namespace=None if share is None else share.namespace,
    )


def _database_parts(command: DatabaseCommand, context: SqlContext) -> Iterator[ChangedPart]:
    match command:
        case CreateDatabaseFromDatashare():
            with_permissions = str(command.with_permissions).lower()
            yield ChangedPart("CREATE DATABASE", attribute="permissions", value=with_permissions)
        case CreateDatabaseFromArn():
            yield ChangedPart("CREATE DATABASE", attribute="arn", value=command.arn)
        case DropDatabase():
            yield ChangedPart("DROP SHARED DATABASE")
        case AlterDatabase():
            attribute, value = _altered(command)
            yield ChangedPart("ALTER SHARED DATABASE", attribute=attribute, value=value)
        case Grant():
            verb = "REVOKE" if command.revoke else "GRANT"
            for privilege in command.privileges:
                action = f"{verb} {privilege.privilege or 'ALL'}"
                yield from recipients(context, action, command.recipients)


def _altered(command: AlterDatabase) -> tuple[str, str]:
    settings = {
        "name": command.new_name,
        "owner": command.owner,
        "connection_limit": command.connection_limit,
        "isolation_level": command.isolation,
        "collation": command.collation,
    }
    return next((name, str(value)) for name, value in settings.items() if value is not None)
