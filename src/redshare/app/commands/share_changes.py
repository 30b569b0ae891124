"""What the change logs of datashares show of a producer's SQL statement.

What was added to a share, or taken from it, is told from the share before and after: so
`ADD ALL TABLES` and scoped grants tell each object, and one that changed nothing tells none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from redshare.app.commands.change_parties import by_user, recipients
from redshare.core.catalog import Catalog
from redshare.core.contents import Contents
from redshare.core.database import Schema
from redshare.core.function import Function
from redshare.core.privileges import Privilege
from redshare.core.relation import Relation
from redshare.core.share import Datashare
from redshare.core.share_change import ChangedPart, ShareChange
from redshare.sql.commands.datashare import (
    AlterDatashareObjects,
    AlterDatashareOwner,
    AlterDatashareSet,
    CreateDatashare,
    DropDatashare,
)
from redshare.sql.commands.grant import (
    GrantDatashareUsage,
    GrantOnDatashare,
    GrantToDatashare,
)
from redshare.sql.commands.grant_readers import ConsumerKind, DatashareConsumer
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
_SHARE_PRIVILEGES: Final = ("ALTER", "SHARE")


def of_share(
    command: ShareCommand, context: SqlContext, before: Datashare | None, after: Datashare | None
) -> ShareChange:
    """Of a statement in the producer's namespace; `after` is None where the share is gone."""
    found = after or before
    parts = tuple(_share_parts(command, context, before, after))
    database = None if found is None else context.catalog.database(found.database)
    return replace(
        by_user(context, parts),
        share_id=None if found is None else found.share_id,
        share_name=command.share,
        source_database=None if database is None else database.database_id,
        source_database_name=None if database is None else database.name,
        producer_account=context.namespace.account,
        producer_namespace=context.namespace.namespace_id,
    )


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
                yield from recipients(context, f"{verb} {privilege}", command.recipients)
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
