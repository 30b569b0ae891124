"""The product's own statements, executed: one function a statement, one file a family.

What stands in no table here is refused by its name.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from redshare.app.commands import (
    audited,
    comments,
    copy,
    cursors,
    databases,
    datashares,
    default_privileges,
    explain,
    explain_access,
    external_schemas,
    functions,
    governed,
    grants,
    groups,
    materialized,
    policies,
    prepared,
    role_grants,
    roles,
    schemas,
    settings,
    share_grants,
    show,
    signals,
    tables,
    transactions,
    unload,
    users,
)
from redshare.app.sessions.answer import Answer
from redshare.app.sessions.backends import Backends
from redshare.app.sessions.session import SqlSession
from redshare.core.errors import StoreUnavailable
from redshare.core.ids import AccountId
from redshare.core.sql_errors import FeatureNotSupported, SqlError
from redshare.ports import Engine, ObjectStores, Passwords
from redshare.sql.bound import Bound
from redshare.sql.commands import Command
from redshare.sql.commands import cursor as cursor_commands
from redshare.sql.commands import data as data_commands
from redshare.sql.commands import database as database_commands
from redshare.sql.commands import datashare as datashare_commands
from redshare.sql.commands import function as function_commands
from redshare.sql.commands import grant as grant_commands
from redshare.sql.commands import policy as policy_commands
from redshare.sql.commands import schema as schema_commands
from redshare.sql.commands import session as session_commands
from redshare.sql.commands import table as table_commands
from redshare.sql.commands import transaction as transaction_commands
from redshare.sql.commands import user as user_commands
from redshare.sql.commands.copy import Copy
from redshare.sql.commands.unload import Unload
from redshare.sql.lex import Statement
from redshare.sql.result import ResultColumn

Columns = tuple[ResultColumn, ...]
Run = Callable[[SqlSession, Any], Answer]

#: Commands that answer rows and change nothing.
_WITH_ROWS: Final[Mapping[type, Run]] = {
    datashare_commands.ShowDatashares: datashares.show,
    datashare_commands.DescDatashare: datashares.desc,
    database_commands.ShowUse: databases.show_use,
    session_commands.Show: settings.show,
    **dict.fromkeys(show.SHOWN, show.run),
}
_WITHOUT_ROWS: Final[Mapping[type, Run]] = {
    datashare_commands.CreateDatashare: datashares.create,
    datashare_commands.AlterDatashareObjects: datashares.alter_objects,
    datashare_commands.AlterDatashareSet: datashares.alter_set,
    datashare_commands.AlterDatashareOwner: datashares.alter_owner,
    datashare_commands.DropDatashare: datashares.drop,
    grant_commands.Grant: grants.grant,
    grant_commands.GrantToDatashare: share_grants.to_datashare,
    grant_commands.GrantOnDatashare: share_grants.on_datashare,
    grant_commands.GrantDatashareUsage: share_grants.usage,
    grant_commands.GrantRole: role_grants.grant_role,
    grant_commands.GrantSystem: role_grants.grant_system,
    grant_commands.AlterDefaultPrivileges: default_privileges.alter,
    database_commands.CreateDatabaseFromDatashare: databases.create_from_datashare,
    database_commands.CreateDatabaseFromArn: databases.create_from_arn,
    database_commands.AlterDatabase: databases.alter,
    database_commands.CreateExternalSchema: external_schemas.create,
    database_commands.Use: databases.use,
    schema_commands.CreateSchema: schemas.create,
    schema_commands.AlterSchema: schemas.alter,
    schema_commands.DropSchema: schemas.drop,
    table_commands.DropRelations: tables.drop,
    table_commands.AlterRelation: tables.alter,
    table_commands.AppendFrom: tables.append,
    table_commands.Truncate: tables.truncate,
    table_commands.Comment: comments.comment,
    table_commands.RefreshMaterializedView: materialized.refresh,
    table_commands.LockTables: tables.lock,
    table_commands.Analyze: tables.upkeep,
    table_commands.Vacuum: tables.upkeep,
    function_commands.DropFunction: functions.drop,
    policy_commands.CreatePolicy: policies.create,
    policy_commands.AlterPolicy: policies.alter,
    policy_commands.AttachPolicy: policies.attach,
    policy_commands.DetachPolicy: policies.detach,
    policy_commands.DropPolicy: policies.drop,
    policy_commands.GrantLookup: policies.grant_lookup,
    user_commands.AlterUserSet: users.alter_set,
    user_commands.DropUser: users.drop,
    user_commands.CreateGroup: groups.create,
    user_commands.AlterGroup: groups.alter,
    user_commands.DropGroup: groups.drop,
    user_commands.CreateRole: roles.create,
    user_commands.AlterRole: roles.alter,
    user_commands.DropRole: roles.drop,
    transaction_commands.Begin: transactions.begin,
    transaction_commands.Commit: transactions.commit,
    transaction_commands.Rollback: transactions.rollback,
    transaction_commands.SetTransaction: transactions.set_transaction,
    session_commands.Set: settings.set_,
    session_commands.SetSessionAuthorization: settings.set_session_authorization,
    session_commands.Reset: settings.reset,
    session_commands.DiscardAll: settings.discard,
    session_commands.Prepare: prepared.prepare,
    session_commands.Execute: prepared.execute,
    session_commands.Deallocate: prepared.deallocate,
    session_commands.SetConfig: settings.set_config,
    session_commands.Listen: settings.accepted,
    session_commands.Notify: settings.accepted,
    cursor_commands.DeclareCursor: cursors.declare,
    cursor_commands.Fetch: cursors.fetch,
    cursor_commands.CloseCursor: cursors.close,
    data_commands.Explain: explain.run,
    data_commands.ExplainAccess: explain_access.run,
    session_commands.Unlisten: settings.accepted,
}


#: What answers rows that cannot be described by answering them.
_DESCRIBED: Final[Mapping[type, Callable[[SqlSession, Any], Columns | None]]] = {
    session_commands.Execute: prepared.describe_execute,
    session_commands.SetConfig: settings.describe_set_config,
    session_commands.SignalBackend: signals.describe,
    cursor_commands.Fetch: cursors.describe_fetch,
    data_commands.Explain: explain.describe,
    data_commands.ExplainAccess: explain_access.describe,
}


class Commands:
    """What a session runs its commands by, over these tables; some need more than a session."""

    def __init__(
        self, engine: Engine, passwords: Passwords, backends: Backends, stores: ObjectStores
    ) -> None:
        self._table: Mapping[type, Run] = {
            **_WITH_ROWS,
            **_WITHOUT_ROWS,
            database_commands.CreateDatabase: lambda s, c: databases.create(s, c, engine),
            database_commands.DropDatabase: lambda s, c: databases.drop(s, c, engine),
            Copy: lambda s, c: copy.copy(s, c, stores.of(_account(s))),
            Unload: lambda s, c: unload.unload(s, c, stores.of(_account(s))),
            user_commands.CreateUser: lambda s, c: users.create(s, c, passwords),
            session_commands.SignalBackend: lambda s, c: signals.signal(s, c, backends),
            user_commands.AlterUser: lambda s, c: users.alter(s, c, passwords),
        }

    def run(self, session: SqlSession, command: Command) -> Answer:
        """Execute a command. Raises SqlError kinds; FeatureNotSupported by the command's name."""
        run = self._table.get(type(command))
        if run is None:
            raise FeatureNotSupported(f"{_words(command)} is not supported")
        kept = audited.audited(session, command) or governed.governed(session, command)
        if kept is None:
            return run(session, command)
        try:
            answer = run(session, command)
        except SqlError as error:
            # For want of the store nothing can be kept.
            with contextlib.suppress(StoreUnavailable):
                session.work.store.record(list(kept.records(error)))
            raise
        session.transactions.writing().audit.extend(kept.records())
        return answer

    def made(self, session: SqlSession, statement: Statement, bound: Bound) -> None:
        """After a CREATE that is no command, or a SELECT INTO: its audit row."""
        governed.keep_made(session, statement, bound)

    def refused(self, session: SqlSession, statement: Statement, error: SqlError) -> None:
        """After one that failed: its audit row."""
        # For want of the store nothing can be kept.
        with contextlib.suppress(StoreUnavailable):
            governed.keep_refused(session, statement, error)

    def describe(self, session: SqlSession, command: Command) -> Columns | None:
        """The columns of its rows: those of `_WITH_ROWS` change nothing, so their answer says."""
        described = _DESCRIBED.get(type(command))
        if described is not None:
            return described(session, command)
        if type(command) in show.SHOWN:
            return show.columns(command)
        return self.run(session, command).columns if type(command) in _WITH_ROWS else None


def _account(session: SqlSession) -> AccountId:
    return session.context().namespace.account


def _words(command: Command) -> str:
    """`SHOW TABLES` of ShowTables."""
    name = type(command).__name__
    return "".join(f" {c}" if c.isupper() else c for c in name).strip().upper()
