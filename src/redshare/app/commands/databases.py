"""CREATE, ALTER and DROP DATABASE, local and from a datashare; USE.

https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_DATABASE.html
"""

from __future__ import annotations

from dataclasses import replace

from redshare.app.commands.break_glass import require_broken_glass
from redshare.app.commands.owned import user_named
from redshare.app.sessions.answer import Answer, rows_answer
from redshare.app.sessions.session import SqlSession
from redshare.app.warehouses.namespace_contents import drops_of_database
from redshare.app.warehouses.provision import fresh_database
from redshare.core.access import Denied, ShareUse, may_query
from redshare.core.catalog import Drop, Put
from redshare.core.database import SERIALIZABLE, SNAPSHOT, Database, DatabaseKind, ShareSource
from redshare.core.ids import (
    DatabaseId,
    DataShareArn,
    GlueDatabaseArn,
    MalformedId,
    account_id,
    namespace_id,
)
from redshare.core.share import Datashare
from redshare.core.sql_errors import (
    DuplicateObject,
    FeatureNotSupported,
    InsufficientPrivilege,
    ShareNotAccessible,
    SqlError,
)
from redshare.ports import Engine
from redshare.sql.commands.database import (
    AlterDatabase,
    Collation,
    CreateDatabase,
    CreateDatabaseFromArn,
    CreateDatabaseFromDatashare,
    DatabaseIsolation,
    DropDatabase,
    ShowUse,
    Use,
)
from redshare.sql.context import SqlContext
from redshare.sql.names import resolve_database
from redshare.sql.views import data_catalog
from redshare.sql.views.reach import is_external

_ISOLATION = {
    DatabaseIsolation.SNAPSHOT: SNAPSHOT,
    DatabaseIsolation.SERIALIZABLE: SERIALIZABLE,
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
    source = ShareSource(
        share.share_key,
        share.name,
        share.account,
        share.namespace,
        with_permissions=command.with_permissions,
    )
    return _made_of(session, context, command, source)


def create_from_arn(session: SqlSession, command: CreateDatabaseFromArn) -> Answer:
    """CREATE DATABASE … FROM ARN: a name for a datashare in the account's Data Catalog."""
    if command.with_schema:
        raise FeatureNotSupported(
            "CREATE DATABASE FROM ARN WITH DATA CATALOG SCHEMA is not supported"
        )
    session.forbid_block("CREATE DATABASE")
    context = session.context()
    _may_create(context, command.name)
    share = _in_catalog(context, command.arn)
    source = ShareSource(share.share_key, share.name, share.account, share.namespace, catalog=True)
    return _made_of(session, context, command, source)


def _made_of(
    session: SqlSession,
    context: SqlContext,
    command: CreateDatabaseFromDatashare | CreateDatabaseFromArn,
    source: ShareSource,
) -> Answer:
    _one_per_share(context, source)
    database = Database(
        database_id=DatabaseId(session.work.ids.hex()),
        namespace=context.namespace.namespace_id,
        name=command.name,
        owner=context.user.user_id,
        created=session.work.clock.now(),
        source=source,
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
        context.catalog, ShareUse(share.share_key), context.namespace, publicly_accessible=False
    )
    if isinstance(allowed, Denied):
        raise ShareNotAccessible
    return share


def _in_catalog(context: SqlContext, text: str) -> Datashare:
    """The share an ARN means: of its database in the Data Catalog, or its own.

    Two shares of one name are two databases of one name there: only their own ARNs tell them apart.
    """
    arn = _catalog_arn(text)
    account = context.namespace.account
    found = [
        share
        for share in data_catalog.shares(context)
        if arn in (share.arn, data_catalog.database_arn(share, account))
    ]
    if len(found) > 1:
        raise SqlError(
            f"The Data Catalog has several databases with the ARN {text}. Use the ARN of the "
            "datashare.",
            "42P09",
        )
    for share in found:
        use = ShareUse(share.share_key, catalog=True)
        allowed = may_query(context.catalog, use, context.namespace, publicly_accessible=False)
        if not isinstance(allowed, Denied):
            return share
    raise ShareNotAccessible


def _catalog_arn(text: str) -> DataShareArn | GlueDatabaseArn:
    for form in (GlueDatabaseArn, DataShareArn):
        try:
            return form.parse(text)
        except MalformedId:
            continue
    raise SqlError(
        f'"{text}" is neither the ARN of a Data Catalog database nor of a datashare', "22023"
    )


def _one_per_share(context: SqlContext, source: ShareSource) -> None:
    wanted = (source.share, source.catalog)
    for database in context.catalog.databases(context.namespace.namespace_id):
        made = database.source
        if made is not None and (made.share, made.catalog) == wanted:
            raise DuplicateObject(
                f'A database "{database.name}" is already created from the datashare '
                f"{source.share_name}. Only one database can be created from a datashare.",
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
    if is_external(database):
        raise FeatureNotSupported(
            f'USE of database "{database.name}" created from Data Catalog ARN is not supported'
        )
    session.state.use = database.database_id
    session.state.reset("search_path")
    return Answer(command.tag)


def show_use(session: SqlSession, _: ShowUse) -> Answer:
    """SHOW USE."""
    used = session.context().use
    return rows_answer(
        "SHOW", [("Use Database", "character varying")], [(used.name if used else "",)]
    )
