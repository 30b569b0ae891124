"""pg_attribute, pg_attribute_info, pg_attrdef, pg_description: columns, defaults, comments.

https://www.postgresql.org/docs/8.0/catalog-pg-attribute.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from redshare.core.relation import Column, RelationKind
from redshare.sql.context import SqlContext
from redshare.sql.types import stored_type
from redshare.sql.views.model import Record, SystemView, view
from redshare.sql.views.oids import (
    PG_ATTRIBUTE,
    PG_CATALOG,
    PG_CLASS,
    PG_CONSTRAINT,
    PG_DATABASE,
    PG_NAMESPACE,
    PG_PROC,
    oid,
)
from redshare.sql.views.pg_constraint import Key, keys_of
from redshare.sql.views.pg_type import TYPES, modifier, pg_type
from redshare.sql.views.physical import default_text, encoding_number
from redshare.sql.views.reach import databases, local, local_schemas
from redshare.sql.views.routines import local_functions
from redshare.sql.views.system import Registry, system_relations

_ATTRIBUTE: Final = (
    "attrelid oid, attname name, atttypid oid, attstattarget int, attlen smallint,"
    "attnum smallint, attndims int, attcacheoff int, atttypmod int, attbyval bool,"
    "attstorage char, attalign char, attnotnull bool, atthasdef bool, attisdropped bool,"
    "attislocal bool, attinhcount int, attisdistkey bool, attispreloaded bool,"
    "attsortkeyord int, attencodingtype smallint, attencrypttype smallint"
)
_NEWER: Final = (
    "attacl aclitem[], attidentity char, attgenerated char, attcollation oid,"
    "attoptions text[], attfdwoptions text[], attcompression char"
)


def family(registry: Registry) -> tuple[SystemView, ...]:
    """The views, given the registry whose columns pg_attribute lists."""

    def attributes(context: SqlContext) -> Iterator[Record]:
        for found in system_relations(registry):
            for place, (name, kind) in enumerate(found.view.columns, start=1):
                yield _attribute(found.oid, place, Column(name, kind), stored=False)
        for seen in local(context):
            table = seen.relation.kind is RelationKind.TABLE
            number = oid(seen.relation.relation_id)
            for place, column in enumerate(seen.relation.columns, start=1):
                yield _attribute(number, place, column, stored=table)
            for key in keys_of(context, seen):
                if key.kind != "FOREIGN KEY":
                    yield from _key_columns(key)

    return (
        view("pg_attribute", _ATTRIBUTE, attributes, f"tableoid oid, {_NEWER}"),
        view("pg_attribute_info", f"{_ATTRIBUTE}, attacl aclitem[]", attributes),
        view(
            "pg_attrdef",
            "adrelid oid, adnum smallint, adbin text, adsrc text",
            _defaults,
            "oid oid, tableoid oid",
        ),
        view(
            "pg_description",
            "objoid oid, classoid oid, objsubid int, description text",
            descriptions,
        ),
    )


def _key_columns(key: Key) -> Iterator[Record]:
    for place, name in enumerate(key.constraint.columns, start=1):
        column = key.seen.relation.column(name)
        if column is not None:
            yield _attribute(key.index_oid, place, column, stored=False)


def _attribute(relation: int, place: int, column: Column, *, stored: bool) -> Record:
    kind = stored_type(column.type)
    found = pg_type(kind)
    return {
        "tableoid": PG_ATTRIBUTE,
        "attrelid": relation,
        "attname": column.name,
        "atttypid": found.oid,
        "attstattarget": -1,
        "attlen": found.length,
        "attnum": place,
        "attndims": 0,
        "attcacheoff": -1,
        "atttypmod": modifier(kind),
        "attbyval": found.by_value,
        "attstorage": "x" if TYPES[found.oid].length < 0 else "p",
        "attalign": "d" if found.length == 8 else "i",
        "attnotnull": not column.nullable,
        "atthasdef": default_text(column) is not None,
        "attisdropped": False,
        "attislocal": True,
        "attinhcount": 0,
        "attisdistkey": column.distkey,
        "attispreloaded": False,
        "attsortkeyord": column.sortkey,
        "attencodingtype": encoding_number(column) if stored else 0,
        "attencrypttype": 0,
        "attidentity": "",
        "attgenerated": "",
        "attcollation": 0,
        "attcompression": "",
    }


def _defaults(context: SqlContext) -> Iterator[Record]:
    for seen in local(context):
        number = oid(seen.relation.relation_id)
        for place, column in enumerate(seen.relation.columns, start=1):
            text = default_text(column)
            if text is not None:
                key = f"{seen.relation.relation_id}/{place}"
                yield {
                    "oid": oid(key),
                    "adrelid": number,
                    "adnum": place,
                    "adbin": text,
                    "adsrc": text,
                }


def descriptions(context: SqlContext) -> Iterator[Record]:
    """pg_description: the comments on what the user may know of."""
    yield _described(PG_CATALOG, PG_NAMESPACE, "System catalog schema")
    for database in databases(context):
        if database.comment:
            yield _described(oid(database.database_id), PG_DATABASE, database.comment)
    for schema in local_schemas(context):
        if schema.comment:
            yield _described(oid(schema.schema_id), PG_NAMESPACE, schema.comment)
    for function in local_functions(context):
        if function.function.comment:
            yield _described(function.oid, PG_PROC, function.function.comment)
    for seen in local(context):
        for key in keys_of(context, seen):
            if key.constraint.comment:
                yield _described(key.oid, PG_CONSTRAINT, key.constraint.comment)
        number = oid(seen.relation.relation_id)
        comments = [seen.relation.comment, *(c.comment for c in seen.relation.columns)]
        for place, comment in enumerate(comments):
            if comment:
                yield _described(number, PG_CLASS, comment, place)


def _described(number: int, catalogue: int, text: str, place: int = 0) -> Record:
    return {"objoid": number, "classoid": catalogue, "objsubid": place, "description": text}
