"""SHOW GRANTS ON an object, FOR an identity, and SHOW COLUMN GRANTS.

What a datashare holds is shown as its reserved role, `ds:NAME`.
https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_GRANTS.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from redshare.app.commands.owned import require_share
from redshare.app.commands.show_objects import database_named, matching, relation_named
from redshare.core.database import Database, Schema
from redshare.core.privileges import GranteeKind
from redshare.core.role import SYSTEM_ROLES
from redshare.core.sql_errors import SqlError, UndefinedObject, UndefinedSchema
from redshare.sql.commands.grant_readers import Recipient
from redshare.sql.commands.show import (
    GrantsOn,
    ShowColumnGrants,
    ShowGrants,
    ShowGrantsFor,
    ShowTableGrants,
)
from redshare.sql.context import SqlContext
from redshare.sql.views import reach
from redshare.sql.views.grants import (
    Held,
    held_by_shares,
    held_on,
    held_on_columns,
    held_on_shared,
)
from redshare.sql.views.model import Record
from redshare.sql.views.reach import Seen
from redshare.sql.views.routines import functions_of
from redshare.sql.views.shares import like

_IDENTITY: Final = "identity_id int, identity_name text, identity_type text"
ON_DATABASE: Final = (
    f"database_name text, privilege_type text, {_IDENTITY}, admin_option bool,"
    "privilege_scope text, grantor_name text"
)
ON: Final = (
    f"schema_name text, object_name text, object_type text, privilege_type text, {_IDENTITY},"
    "admin_option bool, privilege_scope text, database_name text, grantor_name text"
)
FOR: Final = (
    "database_name text, schema_name text, object_name text, object_type text,"
    f"privilege_type text, {_IDENTITY}, privilege_scope text, grantor_name text"
)
COLUMNS: Final = (
    "database_name text, schema_name text, table_name text, column_name text, object_type text,"
    f"privilege_type text, {_IDENTITY}, admin_option bool, privilege_scope text, grantor_name text"
)


def _row(place: dict[str, object], held: Held) -> dict[str, object]:
    return place | {
        "privilege_type": str(held.privilege),
        "identity_id": held.identity_id,
        "identity_name": held.identity_name,
        "identity_type": held.identity_type,
        "admin_option": held.admin_option,
        "privilege_scope": held.scope,
        "grantor_name": held.grantor,
    }


def _place(database: str, schema: str | None, name: str | None, kind: str) -> dict[str, object]:
    return {
        "database_name": database,
        "schema_name": schema,
        "object_name": name,
        "table_name": name,
        "object_type": kind,
    }


def on(context: SqlContext, command: ShowGrants) -> Iterator[Record]:
    """SHOW GRANTS ON {DATABASE | SCHEMA | TABLE | DATASHARE}. Raises Undefined… by the kind."""
    rows = _on(context, command)
    return (row for row in rows if _concerns(row, command.recipient))


def _on(context: SqlContext, command: ShowGrants) -> Iterator[Record]:
    match command.on:
        case GrantsOn.DATABASE:
            database = database_named(context, command.name[-1])
            place = _place(database.name, None, None, "DATABASE")
            return (_row(place, held) for held in held_on(context, database))
        case GrantsOn.SCHEMA:
            return _on_schema(context, command.name)
        case GrantsOn.TABLE:
            return _on_table(context, relation_named(context, command.name))
        case GrantsOn.DATASHARE:
            share = require_share(context, command.name[-1])
            place = _place(context.database.name, None, share.name, "DATASHARE")
            return (_row(place, held) for held in held_on(context, share))
        case GrantsOn.FUNCTION:
            return _on_function(context, command)
        case GrantsOn.PROCEDURE:
            raise UndefinedObject(f'procedure "{command.name[-1]}" does not exist')


def _on_function(context: SqlContext, command: ShowGrants) -> Iterator[Record]:
    name = command.name
    database = database_named(context, name[0]) if len(name) > 2 else context.current
    schemas = {name[-2]} if len(name) > 1 else set(context.search_path)
    found = [
        seen
        for seen in functions_of(context, database)
        if seen.function.name == name[-1] and seen.schema.name in schemas
    ]
    if not found:
        raise UndefinedObject(f'function "{name[-1]}" does not exist')
    for seen in found:
        place = _place(database.name, seen.schema.name, seen.function.signature, "FUNCTION")
        for held in () if database.source else held_on(context, seen.function):
            yield _row(place, held)


def _on_schema(context: SqlContext, name: tuple[str, ...]) -> Iterator[Record]:
    database = database_named(context, name[0]) if len(name) > 1 else context.current
    for schema in reach.schemas(context, database):
        if schema.name == name[-1]:
            place = _place(database.name, schema.name, None, "SCHEMA")
            return iter([_row(place, held) for held in _schema_grants(context, database, schema)])
    raise UndefinedSchema(f'schema "{name[-1]}" does not exist')


def _schema_grants(context: SqlContext, database: Database, schema: Schema) -> Iterator[Held]:
    if database.source is not None:
        yield from held_on_shared(context, database, schema)
        return
    yield from held_on(context, schema)
    yield from held_by_shares(context, schema)


def _on_table(context: SqlContext, seen: Seen) -> Iterator[Record]:
    kind = "TABLE" if seen.is_table else "VIEW"
    place = _place(*seen.path, kind)
    if seen.shared:
        # What the consumer itself granted; the producer's grants it does not learn.
        for held in held_on_shared(context, seen.database, seen.relation):
            yield _row(place, held)
        return
    for held in held_on(context, seen.relation):
        yield _row(place, held)
    for held in held_by_shares(context, seen.relation):
        yield _row(place, held)


def _concerns(row: Record, recipient: Recipient | None) -> bool:
    if recipient is None:
        return True
    kind = "role" if recipient.kind is GranteeKind.GROUP else str(recipient.kind)
    if row["identity_type"] != kind:
        return False
    name = f"/{recipient.name}" if recipient.kind is GranteeKind.GROUP else recipient.name
    return recipient.kind is GranteeKind.PUBLIC or row["identity_name"] == name


def of(context: SqlContext, command: ShowGrantsFor) -> Iterator[Record]:
    """SHOW GRANTS FOR {user | ROLE role} [FROM DATABASE]: what it holds itself."""
    _require_identity(context, command.recipient)
    wanted = [database_named(context, command.database)] if command.database else None
    databases = wanted or [context.current]
    for database in databases:
        for row in _everything(context, database.name):
            if _concerns(row, command.recipient):
                yield row


def _everything(context: SqlContext, name: str) -> Iterator[Record]:
    database = database_named(context, name)
    place = _place(database.name, None, None, "DATABASE")
    for held in held_on(context, database):
        yield _row(place, held)
    for schema in reach.schemas(context, database):
        place = _place(database.name, schema.name, None, "SCHEMA")
        for held in _schema_grants(context, database, schema):
            yield _row(place, held)
    for seen in reach.of_database(context, database):
        yield from _on_table(context, seen)


def _require_identity(context: SqlContext, recipient: Recipient) -> None:
    catalog, namespace = context.catalog, context.namespace.namespace_id
    match recipient.kind:
        case GranteeKind.PUBLIC:
            known = True
        case GranteeKind.USER:
            known = catalog.user(namespace, recipient.name) is not None
        case GranteeKind.GROUP:
            known = catalog.group(namespace, recipient.name) is not None
        case GranteeKind.ROLE:
            built_in = any(name == recipient.name for _, name, _ in SYSTEM_ROLES)
            known = built_in or catalog.role(namespace, recipient.name) is not None
    if not known:
        raise SqlError(f'{recipient.kind} "{recipient.name}" does not exist', "42704")


def on_tables(context: SqlContext, command: ShowTableGrants) -> Iterator[Record]:
    """The drivers' SHOW GRANTS ON TABLES FROM DATABASE ... WHERE."""
    found = matching(context, command.database, command.schema_pattern, command.pattern)
    for seen in found:
        yield from _on_table(context, seen)


def on_columns(context: SqlContext, command: ShowColumnGrants) -> Iterator[Record]:
    """SHOW COLUMN GRANTS ON TABLE. Raises UndefinedTable."""
    seen = relation_named(context, command.table)
    wanted = like("%" if command.pattern is None else command.pattern)
    place = _place(*seen.path, "COLUMN")
    found = () if seen.shared else held_on_columns(context, seen.relation)
    rows = (_row(place, held) | {"column_name": held.column} for held in found)
    return (
        row
        for row in rows
        if wanted.fullmatch(str(row["column_name"])) and _concerns(row, command.recipient)
    )
