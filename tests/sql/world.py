"""A small world of two namespaces with a share between them, and an engine to run plans in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import duckdb

from redshare.core.catalog import Catalog, Put
from redshare.core.consumer import NamespaceConsumer
from redshare.core.contents import Contents
from redshare.core.database import Database, Schema, ShareSource
from redshare.core.ids import (
    AccountId,
    DatabaseId,
    NamespaceId,
    NamespaceKind,
    Region,
    RelationId,
    SchemaId,
    ShareKey,
    UserId,
)
from redshare.core.namespace import Namespace
from redshare.core.plan import EnginePlan
from redshare.core.privileges import PUBLIC, Acl, Grantee, GranteeKind, Privilege
from redshare.core.relation import Column, Relation, RelationKind
from redshare.core.share import Datashare
from redshare.core.user import User
from redshare.sql.bind import Bound, bind
from redshare.sql.context import SqlContext
from redshare.sql.lex import split
from redshare.sql.macros import definitions
from redshare.sql.may import PUBLIC_SCHEMA_ACL
from redshare.sql.types import engine_type, stored_type

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ACCOUNT = AccountId("111111111111")
PRODUCER = NamespaceId("11111111-1111-4111-8111-111111111111")
CONSUMER = NamespaceId("22222222-2222-4222-8222-222222222222")
SHARE = ShareKey("share-1")
ADMIN, ANNA, BERT = UserId(100), UserId(101), UserId(102)

TYPES = (
    ("id", "integer"), ("name", "character varying(10)"), ("price", "numeric(10,2)"),
    ("qty", "smallint"), ("big", "bigint"), ("ratio", "double precision"), ("day", "date"),
    ("at", "timestamp without time zone"), ("ok", "boolean"),
)  # fmt: skip


def database_id(digit: str) -> DatabaseId:
    """A database's id from one digit."""
    return DatabaseId(digit * 32)


def _namespace(key: NamespaceId, name: str) -> Namespace:
    return Namespace(
        key, ACCOUNT, Region("us-east-1"), NamespaceKind.SERVERLESS, name, "admin", "dev", NOW
    )


def table(
    key: str,
    database: DatabaseId,
    schema: str,
    name: str,
    columns: Iterable[tuple[str, str]] = TYPES,
    **more: Any,
) -> Relation:
    """A table."""
    made = tuple(Column(c, kind) for c, kind in columns)
    return Relation(
        RelationId(key),
        database,
        SchemaId(schema),
        name,
        more.pop("kind", RelationKind.TABLE),
        more.pop("owner", ADMIN),
        NOW,
        made,
        **more,
    )


def everything() -> Catalog:
    """Producer: dev.public.sales, .hidden, secret.plans. Consumer: dev.public.t, u; d is shared."""
    pdev, cdev, cother = database_id("a"), database_id("b"), database_id("c")
    entities: list[Any] = [_namespace(PRODUCER, "sales"), _namespace(CONSUMER, "lake")]
    for key in (PRODUCER, CONSUMER):
        entities += [
            User(key, ADMIN, "admin", superuser=True),
            User(key, ANNA, "anna"),
            User(key, BERT, "bert"),
        ]
    entities += [
        Database(pdev, PRODUCER, "dev", ADMIN, NOW),
        Database(cdev, CONSUMER, "dev", ADMIN, NOW),
        Database(cother, CONSUMER, "other", ADMIN, NOW),
        Schema(SchemaId("sp"), pdev, "public", ADMIN, PUBLIC_SCHEMA_ACL),
        Schema(SchemaId("ss"), pdev, "secret", ADMIN),
        Schema(SchemaId("cp"), cdev, "public", ADMIN, PUBLIC_SCHEMA_ACL),
        Schema(SchemaId("cq"), cdev, "priv", ADMIN),
        Schema(SchemaId("co"), cother, "public", ADMIN, PUBLIC_SCHEMA_ACL),
        table("sales", pdev, "sp", "sales"),
        table("hidden", pdev, "sp", "hidden"),
        table("plans", pdev, "ss", "plans"),
        table("t", cdev, "cp", "t"),
        table("u", cdev, "cp", "u", (("id", "integer"), ("note", "character varying(20)"))),
        table("p", cdev, "cq", "p", (("id", "integer"),)),
        table("o", cother, "co", "o", (("id", "integer"),)),
    ]
    select = frozenset({Privilege.SELECT})
    contents = (
        Contents()
        .grant_schema(SchemaId("sp"), frozenset({Privilege.USAGE}))
        .grant_relation(RelationId("sales"), SchemaId("sp"), select)
    )
    share = Datashare(
        SHARE,
        100_001,
        ACCOUNT,
        Region("us-east-1"),
        PRODUCER,
        pdev,
        "salesshare",
        ADMIN,
        NOW,
        contents=contents,
    ).grant(NamespaceConsumer(CONSUMER), NOW)
    source = ShareSource(SHARE, "salesshare", ACCOUNT, PRODUCER)
    entities += [share, Database(database_id("d"), CONSUMER, "d", ADMIN, NOW, source)]
    return Catalog().after([Put(entity) for entity in entities])


def user_grantee(user: UserId) -> Grantee:
    """A user as a grantee."""
    return Grantee(GranteeKind.USER, user)


def granted(grantee: Grantee, *privileges: Privilege) -> Acl:
    """An access control list with one grant."""
    return Acl().grant(grantee, frozenset(privileges), option=False)


@dataclass
class World:
    """A catalogue that can be changed, seen from one session."""

    catalog: Catalog = field(default_factory=everything)
    namespace: NamespaceId = CONSUMER
    database: str = "dev"
    user: str = "admin"
    more: dict[str, Any] = field(default_factory=dict)
    ids: Callable[[], str] = field(default_factory=lambda: _numbers())  # noqa: PLW0108

    @property
    def context(self) -> SqlContext:
        """The session's context now."""
        namespace = self.catalog.namespace(self.namespace)
        database = self.catalog.database_named(self.namespace, self.database)
        user = self.catalog.user(self.namespace, self.user)
        assert namespace is not None
        assert database is not None
        assert user is not None
        return SqlContext(self.catalog, namespace, database, user, **self.more)

    def put(self, *entities: Any) -> None:
        """Change the catalogue."""
        self.catalog = self.catalog.after([Put(entity) for entity in entities])

    def share(self, **changes: Any) -> None:
        """Change the share."""
        share = self.catalog.datashare(SHARE)
        assert share is not None
        self.put(replace(share, **changes))

    def allow(self, relation: str, *privileges: Privilege) -> None:
        """Give privileges on a relation TO DATASHARE."""
        share = self.catalog.datashare(SHARE)
        found = self.catalog.relation(RelationId(relation))
        assert share is not None
        assert found is not None
        contents = share.contents.grant_relation(
            found.relation_id, found.schema, frozenset(privileges)
        )
        self.share(contents=contents)

    def bind(self, text: str, types: Sequence[str | None] = ()) -> Bound:
        """Bind one statement."""
        (statement,) = split(text)
        return bind(statement, self.context, new_id=self.ids, now=NOW, parameter_types=types)

    def apply(self, bound: Bound) -> None:
        """Take over a statement's changes."""
        self.catalog = self.catalog.after(bound.changes)


def _numbers() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"{next(numbers):032x}"


class Engine:
    """An in-memory DuckDB with one attached database for each lake, as the real one has."""

    def __init__(self, catalog: Catalog) -> None:
        self.connection = duckdb.connect(config={"python_enable_replacements": False})
        self.connection.execute("SET TimeZone = 'UTC'")
        for definition in definitions():
            self.connection.execute(definition)
        for namespace in (PRODUCER, CONSUMER):
            for database in catalog.databases(namespace):
                if database.source is None:
                    self.connection.execute(f"ATTACH ':memory:' AS \"lake_{database.lake}\"")
                    self._fill(catalog, database)

    def _fill(self, catalog: Catalog, database: Database) -> None:
        for schema in catalog.schemas(database.database_id):
            for relation in catalog.relations(schema.schema_id):
                if relation.kind is RelationKind.TABLE:
                    columns = ", ".join(
                        f'"{c.name}" {engine_type(stored_type(c.type))}' for c in relation.columns
                    )
                    name = f'"lake_{database.lake}"."main"."{relation.lake_table}"'
                    self.connection.execute(f"CREATE TABLE {name} ({columns})")

    def run(self, plan: EnginePlan | None, parameters: Sequence[object] = ()) -> list[Any]:
        """The rows of a plan."""
        assert plan is not None
        for time in ("statement_time", "transaction_time"):
            self.connection.execute(f"SET VARIABLE {time} = now() AT TIME ZONE 'UTC'")
        for item in plan.inputs:
            columns = ", ".join(f'"{name}" {kind}' for name, kind in item.columns)
            self.connection.execute(f'CREATE TEMP TABLE "{item.name}" ({columns})')
            rows = [list(row) for row in item.rows]
            marks = f"({', '.join('?' for _ in item.columns)})"
            for start in range(0, len(rows), 100):
                some = rows[start : start + 100]
                values = ", ".join([marks] * len(some))
                flat = [value for row in some for value in row]
                self.connection.execute(f'INSERT INTO "{item.name}" VALUES {values}', flat)
        return self.connection.execute(plan.sql, list(parameters)).fetchall()

    def close(self) -> None:
        """Let go."""
        self.connection.close()


def engines(world: World) -> Iterator[Engine]:
    """An engine for a fixture."""
    engine = Engine(world.catalog)
    yield engine
    engine.close()


__all__ = ["PUBLIC", "Engine", "World", "engines", "granted", "table", "user_grantee"]
