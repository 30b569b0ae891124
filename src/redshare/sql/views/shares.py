"""SVV_DATASHARES, SVV_DATASHARE_OBJECTS, SVV_DATASHARE_CONSUMERS; SHOW and DESC DATASHARE.

An inbound share is one that this namespace may use now; what it may not use is not there.
https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_DATASHARES.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, assert_never

from redshare.core.access import Allowed, may_use_share
from redshare.core.consumer import (
    AccountConsumer,
    AdxConsumer,
    DataCatalogConsumer,
    NamespaceConsumer,
)
from redshare.core.database import Database
from redshare.core.privileges import Privilege
from redshare.core.share import Datashare
from redshare.core.sql_errors import UndefinedObject
from redshare.sql.context import SqlContext
from redshare.sql.may import may
from redshare.sql.views.model import TIMESTAMP, Listing, Row, SystemView, varchar

_SHARES: Final = (
    ("share_name", varchar(128)),
    ("share_id", "integer"),
    ("share_owner", "integer"),
    ("source_database", varchar(128)),
    ("consumer_database", varchar(128)),
    ("share_type", varchar(8)),
    ("createdate", TIMESTAMP),
    ("is_publicaccessible", "boolean"),
    ("share_acl", varchar(256)),
    ("producer_account", varchar(16)),
    ("producer_namespace", varchar(64)),
    ("managed_by", varchar(64)),
)
_OBJECTS: Final = (
    ("share_type", varchar(8)),
    ("share_name", varchar(128)),
    ("object_type", varchar(64)),
    ("object_name", varchar(512)),
    ("producer_account", varchar(16)),
    ("producer_namespace", varchar(64)),
    ("include_new", "boolean"),
)
_CONSUMERS: Final = (
    ("share_name", varchar(128)),
    ("consumer_account", varchar(16)),
    ("consumer_namespace", varchar(64)),
    ("share_date", TIMESTAMP),
)
_SHOWN: Final = (
    "share_name", "share_owner", "source_database", "consumer_database", "share_type",
    "createdate", "is_publicaccessible", "share_acl", "producer_account", "producer_namespace",
)  # fmt: skip
_DESCRIBED: Final = (
    "producer_account", "producer_namespace", "share_type", "share_name", "object_type",
    "object_name", "include_new",
)  # fmt: skip


def outbound(context: SqlContext) -> Iterator[Datashare]:
    """The namespace's own shares that the user may see: all, owned, or with a grant on it."""
    user = context.user
    for share in context.catalog.datashares_of(context.namespace.namespace_id):
        held = share.acl.granted_to(context.identities)
        if user.superuser or share.owner == user.user_id or held:
            yield share


def inbound(context: SqlContext) -> Iterator[tuple[Datashare, Database | None]]:
    """The shares the namespace may use now, each with the database made from it."""
    made = {
        database.source.share: database
        for database in context.catalog.databases(context.namespace.namespace_id)
        if database.source is not None and not database.source.catalog
    }
    for share in context.catalog.datashares():
        if not isinstance(may_use_share(share, context.namespace), Allowed):
            continue
        database = made.get(share.share_key)
        if _sees(context, database):
            yield share, database


def _sees(context: SqlContext, database: Database | None) -> bool:
    if context.user.superuser:
        return True
    return database is not None and may(context, database, Privilege.USAGE)


def _share_rows(context: SqlContext) -> Iterator[Row]:
    for share in outbound(context):
        source = context.catalog.database(share.database)
        yield (
            share.name,
            share.share_id,
            share.owner,
            source.name if source else None,
            None,
            "OUTBOUND",
            share.created.replace(tzinfo=None),
            share.publicly_accessible,
            None,
            share.account,
            share.namespace,
            share.managed_by,
        )
    for share, database in inbound(context):
        name = database.name if database else None
        # What only the producer knows is null: ids, owner, database, date.
        yield (
            share.name,
            None,
            None,
            None,
            name,
            "INBOUND",
            None,
            False,
            None,
            share.account,
            share.namespace,
            share.managed_by,
        )


def _members(context: SqlContext, share: Datashare, kind: str) -> Iterator[Row]:
    """The share's contents as rows of SVV_DATASHARE_OBJECTS."""
    catalog, contents = context.catalog, share.contents
    head = (kind, share.name)
    tail = (share.account, share.namespace)
    for member in contents.schemas:
        schema = catalog.schema(member.schema)
        if schema is not None:
            new = member.include_new if kind == "OUTBOUND" else None
            yield (*head, "schema", schema.name, *tail, new)
    for entry in contents.relations:
        relation, schema = catalog.relation(entry.relation), catalog.schema(entry.schema)
        if relation is not None and schema is not None:
            yield (*head, str(relation.kind), f"{schema.name}.{relation.name}", *tail, None)
    for each in contents.functions:
        function, schema = catalog.function(each.function), catalog.schema(each.schema)
        if function is not None and schema is not None:
            yield (*head, "function", f"{schema.name}.{function.signature}", *tail, None)


def _object_rows(context: SqlContext) -> Iterator[Row]:
    for share in outbound(context):
        yield from _members(context, share, "OUTBOUND")
    for share, _ in inbound(context):
        yield from _members(context, share, "INBOUND")


def _consumer_rows(context: SqlContext) -> Iterator[Row]:
    for share in outbound(context):
        for entry in share.authorizations:
            account: str | None = None
            namespace: str | None = None
            match entry.principal:
                case AccountConsumer(found) | DataCatalogConsumer(found):
                    account = found
                case NamespaceConsumer(guid):
                    namespace = guid
                case AdxConsumer():
                    account = "ADX"
                case other:
                    assert_never(other)
            yield share.name, account, namespace, entry.created.replace(tzinfo=None)


VIEWS: Final = (
    SystemView("pg_catalog", "svv_datashares", _SHARES, _share_rows),
    SystemView("pg_catalog", "svv_datashare_objects", _OBJECTS, _object_rows),
    SystemView("pg_catalog", "svv_datashare_consumers", _CONSUMERS, _consumer_rows),
)


def show_datashares(context: SqlContext, pattern: str | None = None) -> Listing:
    """The answer of SHOW DATASHARES [LIKE 'pattern']."""
    listing = _project(_SHARES, _share_rows(context), _SHOWN)
    if pattern is None:
        return listing
    wanted = like(pattern)
    return Listing(listing.columns, tuple(r for r in listing.rows if wanted.fullmatch(str(r[0]))))


def desc_datashare(
    context: SqlContext, name: str, account: str | None = None, namespace: str | None = None
) -> Listing:
    """The answer of DESC DATASHARE; a producer other than this namespace asks for the inbound one.

    Raises UndefinedObject alike for what is not there and what is not to be seen.
    """
    if namespace is None or namespace.lower() == context.namespace.namespace_id:
        found, kind = [s for s in outbound(context) if s.name == name], "OUTBOUND"
    else:
        kind = "INBOUND"
        wanted = account or context.namespace.account
        found = [
            share
            for share, _ in inbound(context)
            if (share.name, share.namespace, share.account) == (name, namespace.lower(), wanted)
        ]
    if not found:
        raise UndefinedObject(f"Datashare {name} does not exist")
    return _project(_OBJECTS, _members(context, found[0], kind), _DESCRIBED)


def _project(
    columns: tuple[tuple[str, str], ...], rows: Iterator[Row], wanted: tuple[str, ...]
) -> Listing:
    names = [name for name, _ in columns]
    places = [names.index(name) for name in wanted]
    return Listing(
        tuple(columns[place] for place in places),
        tuple(tuple(row[place] for place in places) for row in rows),
    )


def like(pattern: str) -> re.Pattern[str]:
    """An SQL LIKE pattern as a regular expression; a backslash escapes."""
    parts, escaped = [], False
    for character in pattern:
        if escaped or character not in {"%", "_", "\\"}:
            parts.append(re.escape(character))
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            parts.append(".*" if character == "%" else ".")
    return re.compile("".join(parts), re.DOTALL)
