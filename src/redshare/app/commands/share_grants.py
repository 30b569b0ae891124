"""GRANT and REVOKE around datashares: USAGE to consumers, objects TO DATASHARE, ALTER and SHARE.

https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from redshare.app.commands.datashares import (
    add_function,
    local_relation,
    require_shareable,
    schema_added,
)
from redshare.app.commands.grant_targets import wanted
from redshare.app.commands.grantees import grantee_of
from redshare.app.commands.owned import owned_share, shareable
from redshare.app.sessions.answer import Answer
from redshare.app.sessions.session import SqlSession
from redshare.core.catalog import Put
from redshare.core.consumer import (
    AccountConsumer,
    Consumer,
    DataCatalogConsumer,
    NamespaceConsumer,
)
from redshare.core.contents import Contents
from redshare.core.function import Function
from redshare.core.ids import MalformedId, account_id, namespace_id
from redshare.core.privileges import (
    DATASHARE_PRIVILEGES,
    FUNCTION_PRIVILEGES,
    PRIVILEGES_OF,
    SCHEMA_PRIVILEGES,
    TABLE_PRIVILEGES,
    ObjectKind,
    Privilege,
)
from redshare.core.share import Datashare
from redshare.core.sql_errors import FeatureNotSupported, InsufficientPrivilege, SqlError
from redshare.sql.commands.grant import GrantDatashareUsage, GrantOnDatashare, GrantToDatashare
from redshare.sql.commands.grant_readers import (
    ConsumerKind,
    DatashareConsumer,
    ObjectPrivilege,
)
from redshare.sql.commands.objects import AllTables, Functions, Schemas, Scope, Tables
from redshare.sql.context import SqlContext
from redshare.sql.ddl.function import find_function
from redshare.sql.names import resolve_database, resolve_schema

NOT_A_CONSUMER: Final = "Invalid consumer principal ID."


def usage(session: SqlSession, command: GrantDatashareUsage) -> Answer:
    """GRANT/REVOKE USAGE ON DATASHARE … NAMESPACE/ACCOUNT."""
    context = session.context()
    share = shareable(context, command.share)
    if share.adx_managed:
        raise InsufficientPrivilege(
            f"Permission denied to add/remove consumer to/from datashare {share.name}. "
            "Datashare consumers are managed by ADX."
        )
    for named in command.consumers:
        consumer = _consumer(context, named, revoke=command.revoke)
        share = (
            share.revoke(consumer)
            if command.revoke
            else share.grant(consumer, session.work.clock.now())
        )
    session.change(command.tag, Put(share))
    return Answer(command.tag)


def _consumer(context: SqlContext, named: DatashareConsumer, *, revoke: bool) -> Consumer:
    if named.kind is ConsumerKind.LOCAL or not named.quoted:
        verb = "revoked from" if revoke else "granted to"
        raise SqlError(f"USAGE cannot be {verb} users and groups on a datashare.", "0LP01")
    try:
        if named.kind is ConsumerKind.ACCOUNT:
            account = account_id(named.value.strip())
            return (
                DataCatalogConsumer(account) if named.via_data_catalog else AccountConsumer(account)
            )
        namespace = namespace_id(named.value)
    except MalformedId as error:
        raise SqlError(NOT_A_CONSUMER, "22023") from error
    found = context.catalog.namespace(namespace)
    if namespace == context.namespace.namespace_id:
        raise SqlError(NOT_A_CONSUMER, "22023")
    # Whether another account's namespace exists is not for this account to know; revoking from
    # one that is gone must work.
    if not revoke and (found is None or found.account != context.namespace.account):
        raise SqlError(
            "You cannot share datashare with a namespace in a different account.", "0A000"
        )
    return NamespaceConsumer(namespace)


def to_datashare(session: SqlSession, command: GrantToDatashare) -> Answer:
    """GRANT … ON SCHEMA/TABLE … TO DATASHARE: what consumers may do with an object."""
    context = session.context()
    share = owned_share(context, command.share)
    contents = share.contents
    match command.objects:
        case Schemas(names):
            privileges = _plain(command.privileges, SCHEMA_PRIVILEGES)
            for name in names:
                contents = _on_schema(context, share, contents, name, privileges, command)
        case Tables(names):
            privileges = _plain(command.privileges, TABLE_PRIVILEGES)
            for name in names:
                contents = _on_table(context, share, contents, name, privileges, command)
        case AllTables(schemas):
            privileges = _plain(command.privileges, TABLE_PRIVILEGES)
            for name in schemas:
                contents = _on_all_tables(context, share, contents, name, privileges, command)
        case Functions(functions):
            _plain(command.privileges, FUNCTION_PRIVILEGES)
            for each in functions:
                function = find_function(context, each.name, each.arguments)
                contents = _on_function(context, share, contents, function, command)
        case Scope():
            contents = _on_scope(context, share, contents, command, command.objects)
        case _:
            kind = type(command.objects).__name__.lower()
            raise FeatureNotSupported(f"GRANT on {kind} TO DATASHARE is not supported")
    session.change(command.tag, Put(replace(share, contents=contents)))
    return Answer(command.tag)


def _plain(
    privileges: tuple[ObjectPrivilege, ...], allowed: frozenset[Privilege]
) -> frozenset[Privilege]:
    if any(privilege.columns for privilege in privileges):
        raise FeatureNotSupported("column privileges TO DATASHARE are not supported")
    return wanted(privileges, allowed)


def _on_schema(
    context: SqlContext,
    share: Datashare,
    contents: Contents,
    name: tuple[str, ...],
    privileges: frozenset[Privilege],
    command: GrantToDatashare,
) -> Contents:
    found = resolve_schema(context, name)
    if found.place.share is not None or found.schema.database != share.database:
        raise SqlError(f'schema "{name[-1]}" is not in the database of the datashare', "3F000")
    if command.revoke:
        return contents.revoke_schema(found.schema.schema_id, privileges)
    return contents.grant_schema(found.schema.schema_id, privileges)


def _on_table(
    context: SqlContext,
    share: Datashare,
    contents: Contents,
    name: tuple[str, ...],
    privileges: frozenset[Privilege],
    command: GrantToDatashare,
) -> Contents:
    found = local_relation(context, share, name)
    relation = found.relation
    if command.revoke:
        return contents.revoke_relation(relation.relation_id, privileges)
    schema_added(replace(share, contents=contents), relation.schema, found.schema.name)
    require_shareable(context, relation)
    return contents.grant_relation(relation.relation_id, relation.schema, privileges)


def _on_all_tables(
    context: SqlContext,
    share: Datashare,
    contents: Contents,
    name: tuple[str, ...],
    privileges: frozenset[Privilege],
    command: GrantToDatashare,
) -> Contents:
    schema = resolve_schema(context, name)
    for relation in context.catalog.relations(schema.schema.schema_id):
        table = (*name, relation.name)
        contents = _on_table(context, share, contents, table, privileges, command)
    return contents


def _on_function(
    context: SqlContext,
    share: Datashare,
    contents: Contents,
    function: Function,
    command: GrantToDatashare,
) -> Contents:
    if command.revoke:
        return contents.remove_function(function.function_id)
    if contents.function(function.function_id) is not None:
        return contents
    return add_function(replace(share, contents=contents), function, context)


def _on_scope(
    context: SqlContext,
    share: Datashare,
    contents: Contents,
    command: GrantToDatashare,
    scope: Scope,
) -> Contents:
    """All of a kind, now and later: those that are there become members at once."""
    kind = scope.kind
    if kind not in {ObjectKind.TABLES, ObjectKind.SCHEMAS, ObjectKind.FUNCTIONS}:
        raise FeatureNotSupported(f"GRANT FOR {kind} TO DATASHARE is not supported")
    privileges = _plain(command.privileges, PRIVILEGES_OF[kind])
    database = (
        context.database if scope.database is None else resolve_database(context, scope.database)
    )
    if database.database_id != share.database:
        raise SqlError(f'"{database.name}" is not the database of the datashare', "3D000")
    schemas = list(context.catalog.schemas(share.database))
    only = None
    if scope.schema is not None:
        found = resolve_schema(context, (database.name, scope.schema)).schema
        schemas, only = [found], found.schema_id
        if not command.revoke:
            schema_added(share, only, found.name)
    held = contents.scope(kind, only)
    now = held - privileges if command.revoke else held | privileges
    contents = contents.with_scope(kind, only, now)
    for schema in schemas:
        if kind is ObjectKind.SCHEMAS:
            change = contents.revoke_schema if command.revoke else contents.grant_schema
            contents = change(schema.schema_id, privileges)
            continue
        if kind is ObjectKind.FUNCTIONS:
            for function in context.catalog.functions(schema.schema_id):
                if command.revoke:
                    contents = contents.remove_function(function.function_id)
                elif not function.depends:
                    contents = contents.add_function(function.function_id, schema.schema_id)
            continue
        for relation in context.catalog.relations(schema.schema_id):
            if command.revoke:
                contents = contents.revoke_relation(relation.relation_id, privileges)
            else:
                require_shareable(context, relation)
                contents = contents.grant_relation(
                    relation.relation_id, schema.schema_id, privileges
                )
    return contents


def on_datashare(session: SqlSession, command: GrantOnDatashare) -> Answer:
    """GRANT/REVOKE ALTER, SHARE ON DATASHARE to users of the namespace."""
    context = session.context()
    share = owned_share(context, command.share, alter_is_enough=False)
    privileges = wanted(command.privileges, DATASHARE_PRIVILEGES)
    acl = share.acl
    for recipient in command.recipients:
        grantee = grantee_of(context, recipient)
        if command.revoke:
            acl = acl.revoke(
                grantee, privileges, option_only=command.option_only, cascade=command.cascade
            )
        else:
            acl = acl.grant(grantee, privileges, option=recipient.grant_option)
    session.change(command.tag, Put(replace(share, acl=acl)))
    return Answer(command.tag)
