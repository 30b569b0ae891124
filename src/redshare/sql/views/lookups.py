"""Tables behind the catalogue's functions: a key and what a function answers for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from redshare.sql.context import SqlContext
from redshare.sql.views import VIEWS
from redshare.sql.views.definitions import view_text
from redshare.sql.views.model import Row, SystemView, view
from redshare.sql.views.oids import oid, support_routine
from redshare.sql.views.pg_attribute import descriptions
from redshare.sql.views.pg_constraint import Key, local_keys
from redshare.sql.views.pg_listings import in_search_path, index_definition
from redshare.sql.views.pg_type import TYPES, support_routines
from redshare.sql.views.reach import SYSTEM_USER, local, local_schemas, users
from redshare.sql.views.routines import local_functions
from redshare.sql.views.system import SystemRelation, system_relations


def _system() -> tuple[SystemRelation, ...]:
    return system_relations(VIEWS.values)


def _users(context: SqlContext) -> Iterator[Row]:
    yield SYSTEM_USER, "rdsdb"
    for user in users(context):
        yield user.user_id, user.name


def _types(_context: SqlContext) -> Iterator[Row]:
    for found in TYPES.values():
        yield found.oid, found.shown


def routine_names(context: SqlContext) -> Iterator[tuple[int, str]]:
    """Object id and name of every function that an object id may be of."""
    names = {name for found in TYPES.values() for name in support_routines(found)}
    yield from ((support_routine(name), name) for name in sorted(names))
    yield from ((seen.oid, seen.function.name) for seen in local_functions(context))


def _routine_oids(context: SqlContext) -> Iterator[Row]:
    return ((name, number) for number, name in routine_names(context))


def relation_names(context: SqlContext) -> Iterator[tuple[int, str, str, bool]]:
    """Object id, schema, name, and whether the bare name finds it."""
    for found in _system():
        schema = found.view.schema
        yield found.oid, schema, found.view.name, schema == "pg_catalog"
    for seen in local(context):
        number = oid(seen.relation.relation_id)
        yield number, seen.schema.name, seen.relation.name, in_search_path(context, seen)
    for key in _index_keys(context):
        yield key.index_oid, key.seen.schema.name, key.name, in_search_path(context, key.seen)


def _index_keys(context: SqlContext) -> Iterator[Key]:
    return (key for key in local_keys(context) if key.kind != "FOREIGN KEY")


def _visible(context: SqlContext) -> Iterator[Row]:
    return ((number,) for number, _, _, visible in relation_names(context) if visible)


def quoted(name: str) -> str:
    """A name as SQL text writes it."""
    plain = name.isidentifier() and name == name.lower() and name.isascii()
    return name if plain else '"{}"'.format(name.replace('"', '""'))


def _relations(context: SqlContext) -> Iterator[Row]:
    for number, schema, name, visible in relation_names(context):
        shown = quoted(name) if visible else f"{quoted(schema)}.{quoted(name)}"
        yield number, shown


def _view_texts(context: SqlContext) -> Iterator[Row]:
    for seen in local(context):
        yield oid(seen.relation.relation_id), view_text(seen)


def _constraint_texts(context: SqlContext) -> Iterator[Row]:
    for key in local_keys(context):
        yield key.oid, key.definition


def _index_texts(context: SqlContext) -> Iterator[Row]:
    for key in _index_keys(context):
        yield key.index_oid, index_definition(key)


def _index_columns(context: SqlContext) -> Iterator[Row]:
    for key in _index_keys(context):
        for place, name in enumerate(key.constraint.columns, start=1):
            yield key.index_oid, place, name


def _descriptions(context: SqlContext) -> Iterator[Row]:
    for row in descriptions(context):
        yield row["objoid"], row["objsubid"], row["description"]


def _namespaces(context: SqlContext) -> Iterator[Row]:
    for schema in local_schemas(context):
        yield oid(schema.schema_id), schema.name


def _lookup(name: str, make: Callable[[SqlContext], Iterator[Row]]) -> SystemView:
    return view(name, "k oid, v text", make)


def _relation_oids(context: SqlContext) -> Iterator[Row]:
    for number, schema, name, visible in relation_names(context):
        yield f"{schema}.{name}", number
        if visible:
            yield name, number


def _type_oids(_context: SqlContext) -> Iterator[Row]:
    for found in TYPES.values():
        for name in {found.name, found.shown}:
            yield name, found.oid


def _function_results(context: SqlContext) -> Iterator[Row]:
    for seen in local_functions(context):
        yield seen.oid, seen.returns


def _function_arguments(context: SqlContext) -> Iterator[Row]:
    for seen in local_functions(context):
        yield seen.oid, seen.arguments


USERS: Final = _lookup("users", _users)
TYPE_NAMES: Final = _lookup("types", _types)
ROUTINES: Final = _lookup("routines", routine_names)
RELATIONS: Final = _lookup("relations", _relations)
NAMESPACES: Final = _lookup("namespaces", _namespaces)
VIEW_TEXTS: Final = _lookup("view_texts", _view_texts)
CONSTRAINT_TEXTS: Final = _lookup("constraint_texts", _constraint_texts)
FUNCTION_RESULTS: Final = _lookup("function_results", _function_results)
FUNCTION_ARGUMENTS: Final = _lookup("function_arguments", _function_arguments)
INDEX_TEXTS: Final = _lookup("index_texts", _index_texts)
#: The other way: the id of a name.
RELATION_OIDS: Final = view("relation_oids", "k text, v oid", _relation_oids)
ROUTINE_OIDS: Final = view("routine_oids", "k text, v oid", _routine_oids)
TYPE_OIDS: Final = view("type_oids", "k text, v oid", _type_oids)
INDEX_COLUMNS: Final = view("index_columns", "k oid, k2 int, v text", _index_columns)
VISIBLE: Final = view("visible", "k oid", _visible)
DESCRIPTIONS: Final = view("descriptions", "k oid, k2 int, v text", _descriptions)
