"""SVV_*_PRIVILEGES, and the privileges of information_schema.

https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_RELATION_PRIVILEGES.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from redshare.core.ids import SchemaId
from redshare.core.privileges import TABLE_PRIVILEGES, ObjectKind, Privilege
from redshare.sql.context import SqlContext
from redshare.sql.views.grants import Held, held_by_shares, held_on, held_on_columns, shown_grantee
from redshare.sql.views.information import TABLE
from redshare.sql.views.model import Record, nothing, view
from redshare.sql.views.reach import databases, local, local_schemas, user_name
from redshare.sql.views.shares import outbound

_IDENTITY: Final = (
    "privilege_type text, identity_id int, identity_name text, identity_type text,"
    "admin_option bool, privilege_scope text"
)


def _held(held: Held) -> dict[str, object]:
    return {
        "privilege_type": str(held.privilege),
        "identity_id": held.identity_id,
        "identity_name": held.identity_name,
        "identity_type": held.identity_type,
        "admin_option": held.admin_option,
        "privilege_scope": held.scope,
    }


def _on_databases(context: SqlContext) -> Iterator[Record]:
    for database in databases(context):
        for held in held_on(context, database):
            yield {"database_name": database.name} | _held(held)
        for held in held_by_shares(context, database):
            yield {"database_name": database.name} | _held(held)


def _on_schemas(context: SqlContext) -> Iterator[Record]:
    for schema in local_schemas(context):
        for held in held_on(context, schema):
            yield {"namespace_name": schema.name} | _held(held)
        for held in held_by_shares(context, schema):
            yield {"namespace_name": schema.name} | _held(held)


def _on_relations(context: SqlContext) -> Iterator[Record]:
    for seen in local(context):
        row = {"namespace_name": seen.schema.name, "relation_name": seen.relation.name}
        for held in held_on(context, seen.relation):
            yield row | _held(held)
        for held in held_by_shares(context, seen.relation):
            yield row | _held(held)


def _on_columns(context: SqlContext) -> Iterator[Record]:
    for seen in local(context):
        row = {"namespace_name": seen.schema.name, "relation_name": seen.relation.name}
        for held in held_on_columns(context, seen.relation):
            yield row | _held(held) | {"column_name": held.column}


_KINDS: Final = {
    ObjectKind.TABLES: "RELATION",
    ObjectKind.SCHEMAS: "SCHEMA",
    ObjectKind.FUNCTIONS: "FUNCTION",
    ObjectKind.PROCEDURES: "PROCEDURE",
    ObjectKind.LANGUAGES: "LANGUAGE",
}


def _defaults(context: SqlContext) -> Iterator[Record]:
    """ALTER DEFAULT PRIVILEGES of the connected database: a superuser's, or the user's own."""
    for entry in context.database.defaults:
        if not context.user.superuser and entry.user != context.user.user_id:
            continue
        schema = context.catalog.schema(SchemaId(entry.schema)) if entry.schema else None
        for grant in entry.acl.grants:
            for privilege in Privilege:
                if privilege in grant.privileges:
                    yield {
                        "schema_name": schema.name if schema else None,
                        "object_type": _KINDS[entry.kind],
                        "owner_id": entry.user,
                        "owner_name": user_name(context, entry.user),
                        "owner_type": "user",
                        "privilege_type": str(privilege),
                        "grantee_id": grant.grantee.id,
                        "grantee_name": shown_grantee(context, grant.grantee),
                        "grantee_type": str(grant.grantee.kind),
                        "admin_option": privilege in grant.grantable,
                    }


def _on_shares(context: SqlContext) -> Iterator[Record]:
    for share in outbound(context):
        for held in held_on(context, share):
            yield {"datashare_name": share.name} | _held(held)


def _table_privileges(context: SqlContext) -> Iterator[Record]:
    """The owner's own privileges are listed too."""
    for seen in local(context):
        owner = user_name(context, seen.relation.owner)
        row: dict[str, object] = {
            "table_catalog": seen.database.name,
            "table_schema": seen.schema.name,
            "table_name": seen.relation.name,
            "grantor": owner,
            "with_hierarchy": "NO",
        }
        mine = seen.relation.owner == context.user.user_id or context.user.superuser
        for privilege in Privilege:
            if mine and privilege in TABLE_PRIVILEGES:
                yield row | _granted(owner, str(privilege), grantable=True)
        for held in held_on(context, seen.relation):
            name = "PUBLIC" if held.identity_type == "public" else held.identity_name
            yield row | _granted(name, str(held.privilege), grantable=held.admin_option)


def _granted(name: str | None, privilege: str, *, grantable: bool) -> dict[str, object]:
    shown = "YES" if grantable else "NO"
    return {"grantee": name, "privilege_type": privilege, "is_grantable": shown}


VIEWS: Final = (
    view("svv_database_privileges", f"database_name text, {_IDENTITY}", _on_databases),
    view("svv_schema_privileges", f"namespace_name text, {_IDENTITY}", _on_schemas),
    view(
        "svv_relation_privileges",
        f"namespace_name text, relation_name text, {_IDENTITY}",
        _on_relations,
    ),
    view(
        "svv_column_privileges",
        "namespace_name text, relation_name text, column_name text, privilege_type text,"
        "identity_id int, identity_name text, identity_type text",
        _on_columns,
    ),
    view(
        "svv_language_privileges",
        "language_name text, privilege_type text, identity_id int, identity_name text,"
        "identity_type text, admin_option bool",
        nothing,
    ),
    view(
        "svv_default_privileges",
        "schema_name text, object_type text, owner_id int, owner_name text, owner_type text,"
        "privilege_type text, grantee_id int, grantee_name text, grantee_type text,"
        "admin_option bool",
        _defaults,
    ),
    view(
        "svv_datashare_privileges",
        "datashare_name text, privilege_type text, identity_id int, identity_name text,"
        "identity_type text, admin_option bool",
        _on_shares,
    ),
    view(
        "information_schema.table_privileges",
        f"grantor varchar(128), grantee varchar(128), {TABLE}, privilege_type varchar(128),"
        "is_grantable varchar(3), with_hierarchy varchar(3)",
        _table_privileges,
    ),
    view(
        "information_schema.role_table_grants",
        f"grantor varchar(128), grantee varchar(128), {TABLE}, privilege_type varchar(128),"
        "is_grantable varchar(3), with_hierarchy varchar(3)",
        _table_privileges,
    ),
    view(
        "information_schema.column_privileges",
        f"grantor varchar(128), grantee varchar(128), {TABLE}, column_name varchar(128),"
        "privilege_type varchar(128), is_grantable varchar(3)",
        nothing,
    ),
)
