"""CREATE, ALTER and DROP DATABASE, local and from a datashare; USE.

https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_DATABASE.html
"""

from __future__ import annotations

from dataclasses import replace

from redshare.app.answer import Answer, rows_answer
from redshare.app.commands.break_glass import require_broken_glass
from redshare.app.commands.owned import user_named
from redshare.app.namespace_contents import drops_of_database
from redshare.app.provision import fresh_database
from redshare.app.session import SqlSession
from redshare.core.access import Denied, may_query
from redshare.core.catalog import Drop, Put
from redshare.core.database import Database, DatabaseKind, ShareSource
from redshare.core.errors import (
    DuplicateObject,
    FeatureNotSupported,
    InsufficientPrivilege,
    ShareNotAccessible,
    SqlError,
)
from redshare.core.ids import DatabaseId, MalformedId, account_id, namespace_id
from redshare.core.share import Datashare
from redshare.ports import Engine
from redshare.sql.commands.database import (
    AlterDatabase,
    Collation,
    CreateDatabase,
    CreateDatabaseFromDatashare,
    DatabaseIsolation,
    DropDatabase,
    ShowUse,
    Use,
)
from redshare.sql.context import SqlContext
from redshare.sql.names import resolve_database

_ISOLATION = {
    DatabaseIsolation.SNAPSHOT: "Snapshot Isolation",
    DatabaseIsolation.SERIALIZABLE: "Serializable",
}


def create(session: SqlSession, command: CreateDatabase, engine: Engine) -> Answer:
    """CREATE DATABASE: storage first, so that a database never lacks it."""
    session.forbid_block("CREATE DATABASE")
    context = session.context()
    _may_create(context, command.name)
    owner = user_named(context, command.owner) if command.owner else context.user
    if owner.user_id != context.user.user_id and not context.user.superuser:
        raise InsufficientPrivilege("must be superuser to create database for another user")
    database, public = fresh_database(
        context.namespace.namespace_id,
        command.name,
        owner.user_id,
        session.work.ids,
        session.work.clock.now(),
    )
    _check_collation(command)
    if command.isolation is not None:
        database = replace(database, isolation_level=_ISOLATION[command.isolation])
    if command.collation is not None:
        database = replace(database, collation=str(command.collation).lower())
    if command.connection_limit is not None:
        database = replace(database, connection_limit=command.connection_limit)
    engine.create_lake(database.lake)
    session.change(command.tag, Put(database), Put(public))
    return Answer(command.tag)


def _check_collation(command: CreateDatabase | AlterDatabase) -> None:
    """Strings compare by their bytes: another answer without a word would be worse than none."""
    if command.collation is Collation.CASE_INSENSITIVE:
        raise FeatureNotSupported("COLLATE CASE_INSENSITIVE is not supported")


def create_from_datashare(session: SqlSession, command: CreateDatabaseFromDatashare) -> Answer:
    """CREATE DATABASE … FROM DATASHARE: a name for a share's instance; no data moves."""
    session.forbid_block("CREATE DATABASE")
    context = session.context()
    _may_create(context, command.name)
    share = _offered(context, command)
    _one_per_share(context, share)
    database = Database(
        database_id=DatabaseId(session.work.ids.hex()),
        namespace=context.namespace.namespace_id,
        name=command.name,
        owner=context.user.user_id,
        created=session.work.clock.now(),
        source=ShareSource(
            share.share_key,
            share.name,
            share.account,
            share.namespace,
            with_permissions=command.with_permissions,
        ),
        isolation_level="UNKNOWN",
    )
    session.change(command.tag, Put(database))
    return Answer(command.tag)


def _may_create(context: SqlContext, name: str) -> None:
    if not (context.user.superuser or context.user.createdb):
        raise InsufficientPrivilege("permission denied to create database")
    if context.catalog.database_named(context.namespace.namespace_id, name) is not None:
        raise DuplicateObject(f'database "{name}" already exists', "42P04")


def _offered(context: SqlContext, command: CreateDatabaseFromDatashare) -> Datashare:
    """The share that is meant, if this namespace may use it."""
    try:
        producer = namespace_id(command.namespace)
        account = account_id(command.account) if command.account else context.namespace.account
    except MalformedId as error:
        raise SqlError(f"{error}", "22023") from error
    share = context.catalog.datashare_named(producer, command.share)
    if share is None or share.account != account:
        raise ShareNotAccessible
    # A publicly accessible consumer is refused at its queries, not here.
    allowed = may_query(
        context.catalog, share.share_key, context.namespace, publicly_accessible=False
    )
    if isinstance(allowed, Denied):
        raise ShareNotAccessible
    return share


def _one_per_share(context: SqlContext, share: Datashare) -> None:
    for database in context.catalog.databases(context.namespace.namespace_id):
        if database.source is not None and database.source.share == share.share_key:
            raise DuplicateObject(
                f'A database "{database.name}" is already created from the datashare '
                f"{share.name}. Only one database can be created from a datashare.",
                "42P04",
            )


def alter(session: SqlSession, command: AlterDatabase) -> Answer:
    """ALTER DATABASE."""
    context = session.context()
    database = resolve_database(context, command.name)
    if not context.user.superuser and database.owner != context.user.user_id:
        raise InsufficientPrivilege(f"must be owner of database {database.name}")
    _check_collation(command)
    if command.new_name is not None:
        _may_create_name(context, database, command.new_name)
        database = replace(database, name=command.new_name)
    if command.owner is not None:
        database = replace(database, owner=user_named(context, command.owner).user_id)
    if command.connection_limit is not None:
        database = replace(database, connection_limit=command.connection_limit)
    if command.isolation is not None:
        database = replace(database, isolation_level=_ISOLATION[command.isolation])
    if command.collation is not None:
        database = replace(database, collation=str(command.collation).lower())
    session.change(command.tag, Put(database))
    return Answer(command.tag)


def _may_create_name(context: SqlContext, database: Database, name: str) -> None:
    if database.database_id == context.database.database_id:
        raise SqlError("current database may not be renamed", "0A000")
    if context.catalog.database_named(context.namespace.namespace_id, name) is not None:
        raise DuplicateObject(f'database "{name}" already exists', "42P04")


def drop(session: SqlSession, command: DropDatabase, engine: Engine) -> Answer:
    """DROP DATABASE: a shared one always can be, whatever became of its share."""
    session.forbid_block("DROP DATABASE")
    context = session.context()
    database = resolve_database(context, command.name)
    if not context.user.superuser and database.owner != context.user.user_id:
        raise InsufficientPrivilege(f"must be owner of database {database.name}")
    if database.database_id == context.database.database_id:
        raise SqlError("cannot drop the currently open database", "55006")
    if database.name == context.namespace.default_database:
        raise SqlError(f'cannot drop the default database "{database.name}"', "55006")
    shares = [
        share
        for share in context.catalog.datashares_of(database.namespace)
        if share.database == database.database_id
    ]
    if any(share.adx_managed for share in shares):
        require_broken_glass(
            session,
            f"Drop of database {database.name} that contains ADX-managed datashare(s)",
        )
    session.change(
        command.tag, *drops_of_database(context.catalog, database), *(Drop(s) for s in shares)
    )
    if database.kind is DatabaseKind.LOCAL:
        # Storage last: until the commit the database is there, and a crash leaves only an orphan.
        session.after_commit(lambda: engine.drop_lake(database.lake))
    return Answer(command.tag)


def use(session: SqlSession, command: Use) -> Answer:
    """USE: where one- and two-part names resolve; RESET USE ends it."""
    if command.database is None:
        session.state.use = None
        return Answer(command.tag)
    database = resolve_database(session.context(), command.database)
    session.state.use = database.database_id
    session.state.reset("search_path")
    return Answer(command.tag)


def show_use(session: SqlSession, _: ShowUse) -> Answer:
    """SHOW USE."""
    used = session.context().use
    return rows_answer(
        "SHOW", [("Use Database", "character varying")], [(used.name if used else "",)]
    )
