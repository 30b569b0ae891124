"""System views: their rows for producer, consumer and ordinary users."""

from __future__ import annotations

from dataclasses import replace

import pytest

from redshare.core.ids import NamespaceId
from redshare.core.privileges import Privilege
from redshare.core.sql_errors import UndefinedObject
from redshare.sql.views import VIEWS, desc_datashare, show_datashares
from tests.sql.world import (
    ACCOUNT,
    ANNA,
    CONSUMER,
    NOW,
    PRODUCER,
    SHARE,
    Engine,
    World,
    granted,
    user_grantee,
)

CREATED = NOW.replace(tzinfo=None)


def rows(world: World, text: str) -> list[object]:
    """The engine's rows of a query over system views."""
    engine = Engine(world.catalog)
    found = engine.run(world.bind(text).plan)
    engine.close()
    return found


def test_svv_datashares_of_the_producer() -> None:
    """Outbound: consumer_database is null, everything else is known."""
    assert rows(World(namespace=PRODUCER), "select * from svv_datashares") == [
        (
            "salesshare", 100_001, 100, "dev", None, "OUTBOUND", CREATED, False, None, ACCOUNT,
            PRODUCER, None,
        )
    ]  # fmt: skip


def test_svv_datashares_of_the_consumer() -> None:
    """Inbound: what only the producer knows is null."""
    assert rows(World(), "select * from pg_catalog.svv_datashares") == [
        (
            "salesshare", None, None, None, "d", "INBOUND", None, False, None, ACCOUNT, PRODUCER,
            None,
        )
    ]  # fmt: skip


def test_svv_datashare_objects() -> None:
    """Members with lower-case types; include_new only on outbound schema rows."""
    query = (
        "select share_type, object_type, object_name, include_new from svv_datashare_objects "
        "order by 2"
    )

    assert rows(World(namespace=PRODUCER), query) == [
        ("OUTBOUND", "schema", "public", False),
        ("OUTBOUND", "table", "public.sales", None),
    ]
    assert rows(World(), query) == [
        ("INBOUND", "schema", "public", None),
        ("INBOUND", "table", "public.sales", None),
    ]


def test_svv_datashare_consumers() -> None:
    """Only the producer lists consumers; a namespace has no account beside it."""
    query = "select * from svv_datashare_consumers"

    assert rows(World(namespace=PRODUCER), query) == [("salesshare", None, CONSUMER, CREATED)]
    assert rows(World(), query) == []


def test_an_ordinary_user_sees_its_own() -> None:
    """Without a privilege on the share or its database a user sees none of it."""
    for namespace in (PRODUCER, CONSUMER):
        world = World(namespace=namespace, user="anna")
        assert rows(world, "select * from svv_datashares") == []
        assert rows(world, "select * from svv_datashare_objects") == []
    world = World(namespace=PRODUCER, user="anna")
    world.share(acl=granted(user_grantee(ANNA), Privilege.SHARE))
    assert len(rows(world, "select * from svv_datashares")) == 1


def test_show_datashares() -> None:
    """SHOW DATASHARES: the account and namespace of the producer come last; LIKE filters."""
    listing = show_datashares(World().context)

    assert [name for name, _ in listing.columns][-2:] == ["producer_account", "producer_namespace"]
    assert listing.rows[0][-2:] == (ACCOUNT, PRODUCER)
    assert show_datashares(World().context, "sales%").rows == listing.rows
    assert show_datashares(World().context, "x%").rows == ()


def test_desc_datashare() -> None:
    """DESC DATASHARE: outbound by name, inbound with the producer's namespace."""
    outbound = desc_datashare(World(namespace=PRODUCER).context, "salesshare")
    inbound = desc_datashare(World().context, "salesshare", ACCOUNT, PRODUCER)

    assert [name for name, _ in outbound.columns] == [
        "producer_account", "producer_namespace", "share_type", "share_name", "object_type",
        "object_name", "include_new",
    ]  # fmt: skip
    assert [row[4:6] for row in outbound.rows] == [("schema", "public"), ("table", "public.sales")]
    assert [row[4:6] for row in inbound.rows] == [("schema", "public"), ("table", "public.sales")]
    for name, namespace in (("nosuch", PRODUCER), ("salesshare", None), ("salesshare", "x")):
        with pytest.raises(UndefinedObject):
            desc_datashare(World().context, name, None, namespace)


def test_revoked_is_gone_from_every_view() -> None:
    """After a revoke no view shows the share or its objects to the consumer."""
    world = World()
    share = world.catalog.datashare(SHARE)
    assert share is not None
    world.put(replace(share, authorizations=()))

    assert rows(world, "select * from svv_datashares") == []
    assert rows(world, "select * from svv_datashare_objects") == []
    assert rows(world, "select table_name from svv_all_tables where database_name = 'd'") == []
    assert rows(world, "select database_name from svv_redshift_databases where database_type = 'shared'") == [("d",)]  # fmt: skip  # noqa: E501


def test_metadata_through_a_share() -> None:
    """SVV_ALL_* and SVV_REDSHIFT_* list the members of a share and nothing else of its producer."""
    query = "select schema_name, table_name from svv_all_tables where database_name = 'd'"

    assert rows(World(), query) == [("public", "sales")]
    assert rows(World(), "select count(*) from svv_all_columns where database_name = 'd'") == [(9,)]
    assert rows(
        World(), "select schema_name from svv_redshift_schemas where database_name='d'"
    ) == [("public",)]


def test_information_schema_is_local() -> None:
    """information_schema shows the connected database, with bare type names."""
    query = (
        "select column_name, data_type, character_maximum_length, numeric_precision "
        "from information_schema.columns where table_name = 't' and ordinal_position in (2, 3) "
        "order by ordinal_position"
    )

    assert rows(World(), query) == [
        ("name", "character varying", 10, None),
        ("price", "numeric", None, 10),
    ]


@pytest.mark.parametrize("user", ["admin", "anna"])
@pytest.mark.parametrize("namespace", [PRODUCER, CONSUMER])
def test_every_view_answers(namespace: NamespaceId, user: str) -> None:
    """Each view gives rows of its declared columns, for superusers and others."""
    context = World(namespace=namespace, user=user).context
    for view in VIEWS.values():
        found = list(view.rows(context))
        assert all(len(row) == len(view.all_columns) for row in found), view.name


def test_every_view_can_be_queried() -> None:
    """The engine takes each view's rows in the types its columns declare."""
    world = World(namespace=PRODUCER)
    engine = Engine(world.catalog)
    for schema, name in sorted(VIEWS):
        bound = world.bind(f"select * from {schema}.{name} limit 1")
        assert bound.plan is not None
        for row in engine.run(bound.plan):
            assert len(row) == len(VIEWS[schema, name].columns), name
    engine.close()
