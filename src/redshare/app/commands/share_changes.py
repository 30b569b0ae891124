"""What the change logs of datashares show of an SQL statement.

What was added to a share, or taken from it, is told from the share before and after: so
`ADD ALL TABLES` and scoped grants tell each object, and one that changed nothing tells none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from redshare.core.catalog import Catalog
from redshare.core.contents import Contents
from redshare.core.database import Database, Schema
from redshare.core.function import Function
from redshare.core.ids import AccountId, NamespaceId
from redshare.core.privileges import Grantee, GranteeKind, Privilege
from redshare.core.relation import Relation
from redshare.core.share import Datashare
from redshare.core.share_change import ChangedPart, ShareChange
from redshare.sql.commands.database import AlterDatabase, CreateDatabaseFromDatashare, DropDatabase
from redshare.sql.commands.datashare import (
    AlterDatashareObjects,
    AlterDatashareOwner,
    AlterDatashareSet,
    CreateDatashare,
    DropDatashare,
)
from redshare.sql.commands.grant import (
    Grant,
    GrantDatashareUsage,
    GrantOnDatashare,
    GrantToDatashare,
)
from redshare.sql.commands.grant_readers import ConsumerKind, DatashareConsumer, Recipient
from redshare.sql.context import SqlContext

#: A statement that makes, changes, drops or grants a datashare.
ShareCommand = (
    CreateDatashare
    | DropDatashare
    | AlterDatashareObjects
    | AlterDatashareSet
    | AlterDatashareOwner
    | GrantDatashareUsage
    | GrantOnDatashare
    | GrantToDatashare
)
#: One that makes, changes, drops or grants a database made from a datashare.
DatabaseCommand = CreateDatabaseFromDatashare | AlterDatabase | DropDatabase | Grant

_SHARE_PRIVILEGES: Final = ("ALTER", "SHARE")


def of_share(
    command: ShareCommand, context: SqlContext, before: Datashare | None, after: Datashare | None
) -> ShareChange:
    """Of a statement in the producer's namespace; `after` is None where the share is gone."""
    found = after or before
    parts = tuple(_share_parts(command, context, before, after))
    database = None if found is None else context.catalog.database(found.database)
    return replace(
        _by_user(context, parts),
        share_id=None if found is None else found.share_id,
        share_name=command.share,
        source_database=None if database is None else database.database_id,
        source_database_name=None if database is None else database.name,
        producer_account=context.namespace.account,
        producer_namespace=context.namespace.namespace_id,
    )


def of_database(
    command: DatabaseCommand,
    context: SqlContext,
    database: Database | None,
    producer: tuple[AccountId, NamespaceId],
) -> ShareChange:
    """Of a statement in a consumer's namespace on its own database; of the share only its name."""
    name = command.name if not isinstance(command, Grant) else None
    source = None if database is None else database.source
    share = command.share if isinstance(command, CreateDatabaseFromDatashare) else None
    parts = (
        replace(
            part,
            consumer_account=context.namespace.account,
            consumer_namespace=context.namespace.namespace_id,
        )
        for part in _database_parts(command, context)
    )
    return replace(
        _by_user(context, tuple(parts)),
        share_name=share if source is None else source.share_name,
        consumer_database=None if database is None else database.database_id,
        consumer_database_name=name if database is None else database.name,
        producer_account=producer[0],
        producer_namespace=producer[1],
    )


def _by_user(context: SqlContext, parts: tuple[ChangedPart, ...]) -> ShareChange:
    return ShareChange(
        parts,
        namespace=context.namespace.namespace_id,
        user=context.user.user_id,
        user_name=context.user.name,
        session=context.session_id,
    )


# --- the producer's statements ----------------------------------------------------------------


def _share_parts(
    command: ShareCommand, context: SqlContext, before: Datashare | None, after: Datashare | None
) -> Iterator[ChangedPart]:
    match command:
        case CreateDatashare():
            public = str(command.publicly_accessible).lower()
            yield ChangedPart("CREATE DATASHARE", attribute="publicaccessible", value=public)
        case DropDatashare():
            yield ChangedPart("DROP DATASHARE")
        case AlterDatashareSet():
            yield _setting(command, context)
        case AlterDatashareOwner():
            yield ChangedPart("ALTER SET", attribute="owner", value=command.owner)
        case GrantDatashareUsage():
            verb = "REVOKE USAGE" if command.revoke else "GRANT USAGE"
            yield from (_consumer(verb, each) for each in command.consumers)
        case GrantOnDatashare():
            verb = "REVOKE" if command.revoke else "GRANT"
            named = [str(p.privilege) for p in command.privileges if p.privilege is not None]
            for privilege in named or _SHARE_PRIVILEGES:
                yield from _recipients(context, f"{verb} {privilege}", command.recipients)
        case AlterDatashareObjects() | GrantToDatashare():
            adds = command.add if isinstance(command, AlterDatashareObjects) else not command.revoke
            changed = before is not None and after is not None
            found = list(_members(context.catalog, before, after)) if changed else []
            yield from found or [ChangedPart("ALTER ADD" if adds else "ALTER REMOVE")]


def _setting(command: AlterDatashareSet, context: SqlContext) -> ChangedPart:
    if command.schema is None:
        value = str(command.publicly_accessible).lower()
        return ChangedPart("ALTER SET", attribute="publicaccessible", value=value)
    name = command.schema[-1]
    schema = context.catalog.schema_named(context.current.database_id, name)
    return ChangedPart(
        "ALTER SET",
        "schema",
        None if schema is None else schema.schema_id,
        name,
        attribute="includenew",
        value=str(command.include_new).lower(),
    )


def _consumer(action: str, consumer: DatashareConsumer) -> ChangedPart:
    value = consumer.value.strip()
    if consumer.kind is ConsumerKind.ACCOUNT:
        return ChangedPart(action, consumer_account=value)
    if consumer.kind is ConsumerKind.NAMESPACE:
        return ChangedPart(action, consumer_namespace=value)
    return ChangedPart(action, target_name=value)


def _recipients(
    context: SqlContext, action: str, recipients: Iterable[Recipient]
) -> Iterator[ChangedPart]:
    catalog, namespace = context.catalog, context.namespace.namespace_id
    for recipient in recipients:
        target: int | None = None
        match recipient.kind:
            case GranteeKind.USER:
                user = catalog.user(namespace, recipient.name)
                target = None if user is None else user.user_id
            case GranteeKind.GROUP:
                group = catalog.group(namespace, recipient.name)
                target = None if group is None else group.group_id
            case GranteeKind.ROLE:
                role = catalog.role(namespace, recipient.name)
                target = None if role is None else role.role_id
            case GranteeKind.PUBLIC:
                target = Grantee(GranteeKind.PUBLIC).id
        name = recipient.name or str(recipient.kind)
        yield ChangedPart(
            action, target_type=str(recipient.kind), target_id=target, target_name=name
        )


def _members(
    catalog: Catalog, before: Datashare | None, after: Datashare | None
) -> Iterator[ChangedPart]:
    """What consumers may do with each object, where that is no longer what it was."""
    old, new = _held(before), _held(after)
    for key in [*old, *(key for key in new if key not in old)]:
        had, has = old.get(key, frozenset()), new.get(key, frozenset())
        kind, name = _described(catalog, *key)
        for action, privileges in (("ALTER ADD", has - had), ("ALTER REMOVE", had - has)):
            if privileges:
                words = ",".join(sorted(privileges))
                yield ChangedPart(action, kind, key[1], name, attribute="privileges", value=words)


def _held(share: Datashare | None) -> Mapping[tuple[str, str], frozenset[Privilege]]:
    contents = Contents() if share is None else share.contents
    execute = frozenset({Privilege.EXECUTE})
    return {
        **{("schema", s.schema): s.privileges for s in contents.schemas},
        **{("relation", r.relation): r.privileges for r in contents.relations},
        **{("function", f.function): execute for f in contents.functions},
        **{(f"all {s.kind.lower()}", s.schema or ""): s.privileges for s in contents.scopes},
    }


def _described(catalog: Catalog, kind: str, key: str) -> tuple[str, str | None]:
    """Type and name of a member, in the words of SVV_DATASHARE_OBJECTS."""
    relation = catalog.get(Relation, key) if kind == "relation" else None
    function = catalog.get(Function, key) if kind == "function" else None
    schema = catalog.get(Schema, key)
    if relation is not None:
        place = catalog.schema(relation.schema)
        return str(relation.kind), f"{place.name if place else ''}.{relation.name}"
    if function is not None:
        place = catalog.schema(function.schema)
        return kind, f"{place.name if place else ''}.{function.signature}"
    return kind, None if schema is None else str(schema.name)


# --- the consumer's statements ----------------------------------------------------------------


def _database_parts(command: DatabaseCommand, context: SqlContext) -> Iterator[ChangedPart]:
    match command:
        case CreateDatabaseFromDatashare():
            with_permissions = str(command.with_permissions).lower()
            yield ChangedPart("CREATE DATABASE", attribute="permissions", value=with_permissions)
        case DropDatabase():
            yield ChangedPart("DROP SHARED DATABASE")
        case AlterDatabase():
            attribute, value = _altered(command)
            yield ChangedPart("ALTER SHARED DATABASE", attribute=attribute, value=value)
        case Grant():
            verb = "REVOKE" if command.revoke else "GRANT"
            for privilege in command.privileges:
                action = f"{verb} {privilege.privilege or 'ALL'}"
                yield from _recipients(context, action, command.recipients)


def _altered(command: AlterDatabase) -> tuple[str, str]:
    settings = {
        "name": command.new_name,
        "owner": command.owner,
        "connection_limit": command.connection_limit,
        "isolation_level": command.isolation,
        "collation": command.collation,
    }
    return next((name, str(value)) for name, value in settings.items() if value is not None)
