"""CREATE, ALTER, DROP, SHOW and DESC DATASHARE.

https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_DATASHARE.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from redshare.app.commands.break_glass import require_broken_glass
from redshare.app.commands.owned import owned_share, require_share, user_named
from redshare.app.sessions.answer import Answer, rows_answer
from redshare.app.sessions.session import SqlSession
from redshare.core.catalog import Drop, Put
from redshare.core.consumer import AdxConsumer
from redshare.core.contents import Contents
from redshare.core.function import Function
from redshare.core.ids import DatabaseId, SchemaId, ShareKey
from redshare.core.privileges import Privilege
from redshare.core.relation import Relation
from redshare.core.share import ADX, Datashare
from redshare.core.sql_errors import (
    DuplicateObject,
    FeatureNotSupported,
    InsufficientPrivilege,
    SharedOperationNotSupported,
    SqlError,
    UndefinedObject,
    UndefinedSchema,
)
from redshare.sql.commands.datashare import (
    AlterDatashareObjects,
    AlterDatashareOwner,
    AlterDatashareSet,
    CreateDatashare,
    DescDatashare,
    DropDatashare,
    SharedObjects,
    ShowDatashares,
)
from redshare.sql.commands.objects import AllFunctions, AllTables, Functions, Schemas, Tables
from redshare.sql.context import SqlContext
from redshare.sql.ddl.function import find_function
from redshare.sql.late_binding import reads_shared
from redshare.sql.may import may_create_datashare
from redshare.sql.names import Resolved, ResolvedSchema, resolve_relation, resolve_schema
from redshare.sql.policy.applied import forbids_sharing, stands_on_interleaved
from redshare.sql.views import desc_datashare, show_datashares

_USAGE = frozenset({Privilege.USAGE})
_SELECT = frozenset({Privilege.SELECT})


def create(session: SqlSession, command: CreateDatashare) -> Answer:
    """CREATE DATASHARE: in the current database, by its owner."""
    context = session.context()
    database = context.current
    if database.source is not None:
        raise SharedOperationNotSupported
    if "/" in command.share:
        raise SqlError(f'a datashare name cannot contain "/": {command.share}', "42602")
    if not may_create_datashare(context, database):
        raise InsufficientPrivilege("permission denied to create datashare")
    namespace = context.namespace
    if context.catalog.datashare_named(namespace.namespace_id, command.share) is not None:
        raise DuplicateObject(f'share "{command.share}" already exists')
    share = Datashare(
        share_key=ShareKey(session.work.ids.hex()),
        share_id=namespace.next_share_id,
        account=namespace.account,
        region=namespace.region,
        namespace=namespace.namespace_id,
        database=database.database_id,
        name=command.share,
        owner=context.user.user_id,
        created=session.work.clock.now(),
        publicly_accessible=command.publicly_accessible,
        managed_by=ADX if command.managed_by_adx else None,
    )
    if share.adx_managed:
        share = share.grant(AdxConsumer(), share.created)
    counted = replace(namespace, next_share_id=namespace.next_share_id + 1)
    session.change(command.tag, Put(share), Put(counted))
    return Answer(command.tag)


def alter_set(session: SqlSession, command: AlterDatashareSet) -> Answer:
    """SET PUBLICACCESSIBLE, SET INCLUDENEW."""
    context = session.context()
    share = owned_share(context, command.share)
    if command.publicly_accessible is not None:
        session.forbid_block("ALTER DATASHARE SET PUBLICACCESSIBLE")
        if share.adx_managed and not command.publicly_accessible:
            require_broken_glass(session, f"Alter of ADX-managed datashare {share.name}")
        share = replace(share, publicly_accessible=command.publicly_accessible)
    if command.include_new is not None and command.schema is not None:
        if not context.user.superuser:
            raise InsufficientPrivilege("must be superuser to set INCLUDENEW")
        schema = _local_schema(context, share, command.schema)
        _added(share, schema)
        contents = share.contents.set_include_new(
            schema.schema.schema_id, include_new=command.include_new
        )
        share = replace(share, contents=contents)
    session.change(command.tag, Put(share))
    return Answer(command.tag)


def alter_owner(session: SqlSession, command: AlterDatashareOwner) -> Answer:
    """OWNER TO."""
    context = session.context()
    share = owned_share(context, command.share)
    owner = user_named(context, command.owner)
    session.change(command.tag, Put(replace(share, owner=owner.user_id)))
    return Answer(command.tag)


def drop(session: SqlSession, command: DropDatashare) -> Answer:
    """DROP DATASHARE: every consumer's access ends with it."""
    share = owned_share(
        session.context(), command.share, alter_is_enough=False, system="DROP DATASHARE"
    )
    if share.adx_managed:
        require_broken_glass(session, f"Drop of ADX-managed datashare {share.name}")
    session.change(command.tag, Drop(share))
    return Answer(command.tag)


def show(session: SqlSession, command: ShowDatashares) -> Answer:
    """SHOW DATASHARES."""
    listing = show_datashares(session.context(), command.pattern)
    return rows_answer("SHOW", listing.columns, listing.rows)


def desc(session: SqlSession, command: DescDatashare) -> Answer:
    """DESC DATASHARE."""
    listing = desc_datashare(session.context(), command.share, command.account, command.namespace)
    return rows_answer("SHOW", listing.columns, listing.rows)


# --- ADD and REMOVE -------------------------------------------------------------------------


def alter_objects(session: SqlSession, command: AlterDatashareObjects) -> Answer:
    """ADD and REMOVE of schemas, tables, functions."""
    context = session.context()
    share = require_share(context, command.share)
    owned_share(context, command.share)
    change = _adding if command.add else _removing
    contents = change(context, share, command.objects)
    session.change(command.tag, Put(replace(share, contents=contents)))
    return Answer(command.tag)


def _adding(context: SqlContext, share: Datashare, objects: SharedObjects) -> Contents:
    contents = share.contents
    match objects:
        case Schemas(names):
            for name in names:
                contents = _add_schema(contents, share, _local_schema(context, share, name))
        case Tables(names):
            for name in names:
                found = local_relation(context, share, name)
                contents = _add_table(context, replace(share, contents=contents), found)
        case AllTables(schemas):
            for name in schemas:
                schema = _local_schema(context, share, name)
                _added(replace(share, contents=contents), schema)
                for relation in context.catalog.relations(schema.schema.schema_id):
                    require_shareable(context, relation)
                    contents = contents.grant_relation(
                        relation.relation_id, relation.schema, _SELECT
                    )
        case Functions(functions):
            for function in functions:
                found_function = find_function(context, function.name, function.arguments)
                contents = add_function(replace(share, contents=contents), found_function, context)
        case AllFunctions(schemas):
            for name in schemas:
                schema = _local_schema(context, share, name)
                _added(replace(share, contents=contents), schema)
                for each in context.catalog.functions(schema.schema.schema_id):
                    contents = contents.add_function(each.function_id, each.schema)
        case _:
            assert_never(objects)
    return contents


def _add_schema(contents: Contents, share: Datashare, found: ResolvedSchema) -> Contents:
    schema = found.schema
    if schema.external is not None:
        raise FeatureNotSupported("an external schema cannot be added to a datashare")
    member = contents.schema(schema.schema_id)
    if member is not None and Privilege.USAGE in member.privileges:
        raise DuplicateObject(
            f"Schema {schema.name} is already added to the datashare {share.name}", "42P06"
        )
    return contents.grant_schema(schema.schema_id, _USAGE)


def _add_table(context: SqlContext, share: Datashare, found: Resolved) -> Contents:
    relation = found.relation
    schema_added(share, found.schema.schema_id, found.schema.name)
    member = share.contents.relation(relation.relation_id)
    if member is not None and Privilege.SELECT in member.privileges:
        raise DuplicateObject(
            f"Relation {relation.name} is already added to the datashare {share.name}"
        )
    require_shareable(context, relation)
    return share.contents.grant_relation(relation.relation_id, relation.schema, _SELECT)


def require_shareable(context: SqlContext, relation: Relation) -> None:
    """Masks, interleaved keys and what others share stay where they are, with what stands on them.

    Raises FeatureNotSupported.
    """
    if forbids_sharing(context.catalog, relation):
        raise FeatureNotSupported(
            f"{relation.name} or a relation dependent on it is protected by a masking policy and "
            "cannot be added to a datashare"
        )
    if stands_on_interleaved(context.catalog, relation):
        raise FeatureNotSupported(
            f"{relation.name} or a relation it depends on has an interleaved sort key and cannot "
            "be added to a datashare"
        )
    if reads_shared(context, relation):
        raise SharedOperationNotSupported


def _removing(context: SqlContext, share: Datashare, objects: SharedObjects) -> Contents:
    contents = share.contents
    match objects:
        case Schemas(names):
            for name in names:
                schema = _local_schema(context, share, name).schema
                if contents.schema(schema.schema_id) is None:
                    raise UndefinedSchema(
                        f"Datashare {share.name} does not contain the Schema {schema.name}"
                    )
                contents = contents.remove_schema(schema.schema_id)
        case Tables(names):
            for name in names:
                relation = local_relation(context, share, name).relation
                if contents.relation(relation.relation_id) is None:
                    raise UndefinedObject(
                        f"Datashare {share.name} does not contain the Relation {relation.name}"
                    )
                contents = contents.remove_relation(relation.relation_id)
        case AllTables(schemas):
            for name in schemas:
                schema = _local_schema(context, share, name).schema
                for member in contents.relations:
                    if member.schema == schema.schema_id:
                        contents = contents.remove_relation(member.relation)
        case Functions(functions):
            for function in functions:
                found = find_function(context, function.name, function.arguments)
                if contents.function(found.function_id) is None:
                    raise UndefinedObject(
                        f"Datashare {share.name} does not contain the Function {found.signature}"
                    )
                contents = contents.remove_function(found.function_id)
        case AllFunctions(schemas):
            for name in schemas:
                schema = _local_schema(context, share, name).schema
                for shared in contents.functions:
                    if shared.schema == schema.schema_id:
                        contents = contents.remove_function(shared.function)
        case _:
            assert_never(objects)
    return contents


def add_function(share: Datashare, function: Function, context: SqlContext) -> Contents:
    """With a function of the share's own database. Raises what tools know."""
    schema = context.catalog.schema(function.schema)
    if function.database != share.database or schema is None:
        raise _elsewhere(share)
    schema_added(share, function.schema, schema.name)
    if function.depends:
        raise FeatureNotSupported(
            f"Function {function.signature} calls another function and cannot be added to a "
            "datashare"
        )
    if share.contents.function(function.function_id) is not None:
        raise DuplicateObject(
            f"Function {function.signature} is already added to the datashare {share.name}"
        )
    return share.contents.add_function(function.function_id, function.schema)


def _local_schema(context: SqlContext, share: Datashare, name: tuple[str, ...]) -> ResolvedSchema:
    found = resolve_schema(context, name, needs=_USAGE)
    _same_database(share, found.place.storage.database_id, shared=found.place.share is not None)
    return found


def local_relation(context: SqlContext, share: Datashare, name: tuple[str, ...]) -> Resolved:
    """A relation of the share's own database, which the user may read."""
    found = resolve_relation(context, name, needs=_SELECT)
    if not isinstance(found, Resolved):
        raise FeatureNotSupported("system tables and views cannot be added to a datashare")
    if found.relation.temporary:
        raise FeatureNotSupported("a temporary table cannot be added to a datashare")
    _same_database(share, found.relation.database, shared=found.share is not None)
    return found


def _same_database(share: Datashare, database: DatabaseId, *, shared: bool) -> None:
    if shared:
        raise SharedOperationNotSupported
    if database != share.database:
        raise _elsewhere(share)


def _elsewhere(share: Datashare) -> SqlError:
    return SqlError(
        f"Objects of another database cannot be added to the datashare {share.name}", "0A000"
    )


def _added(share: Datashare, found: ResolvedSchema) -> None:
    schema_added(share, found.schema.schema_id, found.schema.name)


def schema_added(share: Datashare, schema: SchemaId, name: str) -> None:
    """A schema comes before its objects. Raises UndefinedSchema."""
    if share.contents.schema(schema) is None:
        raise UndefinedSchema(f"Schema {name} is not added to the datashare {share.name}")
