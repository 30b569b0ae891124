"""The PostgreSQL store against the suite of the port, and what only a database can do."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from redshare.adapters.store import SchemaTooNew, migrate, open_store, schema
from redshare.core.audit_chain import START
from redshare.core.catalog import Catalog, Drop, Put
from redshare.core.errors import DuplicateName, StaleState, StoreUnavailable
from redshare.core.ids import AccountId, ShareKey
from redshare.ports import Commit, Store
from tests.adapters.store.conftest import Open, Server
from tests.kits.store_kit import (
    NAMESPACE,
    PRODUCER,
    StoreSuite,
    account,
    aliased,
    audit,
    database,
    namespace,
    parallel,
    put,
    share,
    stored,
)

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def shared_database(server: Server, template: str) -> str:
    return server.fresh(template)


@pytest.fixture
def emptied(server: Server, shared_database: str) -> str:
    """The URL of one database whose tables are emptied before each test: faster than a new one."""
    tables = [
        table.name for table in schema.METADATA.sorted_tables if table.name != "catalog_version"
    ]
    server.run(
        "".join(f"DELETE FROM {table};" for table in tables)
        + f"UPDATE catalog_version SET version = 0, log_start = 0, audit_head = '{START}'",
        shared_database,
    )
    return server.url(shared_database)


class TestExclusive(StoreSuite):
    """The suite, on a store that alone writes."""

    @pytest.fixture
    def store(self, emptied: str, opened: Open) -> Store:
        return opened(emptied, exclusive=True)

    @pytest.fixture
    def impatient(self, emptied: str, opened: Open) -> Store:
        return opened(emptied, exclusive=True, lock_timeout=0.05)


class TestShared(StoreSuite):
    """The suite, on a store beside which others write."""

    @pytest.fixture
    def store(self, emptied: str, opened: Open) -> Store:
        return opened(emptied)

    @pytest.fixture
    def impatient(self, emptied: str, opened: Open) -> Store:
        return opened(emptied, lock_timeout=0.05)


# --- the tables -----------------------------------------------------------------------------------


def test_openers_of_a_fresh_database_agree(server: Server, opened: Open) -> None:
    """Several who open a database without tables at once all get a store with them."""
    url = server.url(server.fresh())
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: opened(url), range(4)))
    put(stores[0], account())
    assert [store.catalog().version for store in stores] == [1] * 4


def test_a_newer_schema_is_refused(server: Server, template: str) -> None:
    """A database of a newer version of the product is refused by name and left as it is."""
    name = server.fresh(template)
    server.run("UPDATE alembic_version SET version_num = '9999'", name)
    with pytest.raises(SchemaTooNew, match="9999"):
        open_store(server.url(name), exclusive=True)
    assert server.run("SELECT version_num FROM alembic_version", name) == [("9999",)]


def test_the_migrations_make_the_tables_of_the_code(server: Server, template: str) -> None:
    """The newest revision is the one the code names, and makes exactly its tables."""
    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]
    url = sa.make_url(server.url(server.fresh(template))).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.METADATA) == []
    engine.dispose()


def test_commits_are_synchronous(server: Server, fresh: Callable[[], str], opened: Open) -> None:
    """A database whose default gives up durability does not make the store give it up."""
    url = fresh()
    name = sa.make_url(url).database
    server.run(f"ALTER DATABASE {name} SET synchronous_commit = off")
    store = opened(url, exclusive=True)
    with store._engine.connect() as connection:
        assert connection.scalar(sa.text("SHOW synchronous_commit")) == "on"


def test_an_absent_server_is_unavailable() -> None:
    """A store that cannot be reached is unavailable."""
    with pytest.raises(StoreUnavailable):
        open_store("postgresql://postgres@127.0.0.1:1/none", exclusive=True)


# --- several processes ----------------------------------------------------------------------------


def test_another_store_sees_each_commit(fresh: Callable[[], str], opened: Open) -> None:
    """What one store committed is in the very next catalogue of another, drops too."""
    url = fresh()
    one, two = opened(url), opened(url)
    put(one, account(), share("a"))
    assert one.catalog() == two.catalog()
    put(two, aliased(two, "x"))
    one.commit(Commit((Drop(stored(one, share("a"))), Put(share("b")))))
    assert one.catalog() == two.catalog()
    assert two.catalog().datashare(ShareKey("a")) is None
    assert two.catalog().version == 3


def test_the_order_of_siblings_is_the_same_everywhere(
    fresh: Callable[[], str], opened: Open
) -> None:
    """Stores that read all, or only what changed, list siblings in the same order."""
    url = fresh()
    one, two = opened(url), opened(url)
    put(one, *(share(f"{n}", name) for n, name in enumerate("zya")))
    two.catalog()
    found = one.catalog().datashare_named(NAMESPACE, "z")
    assert found is not None
    put(one, replace(found, publicly_accessible=True), share("9", "b"))
    listed = [
        [s.name for s in store.catalog().datashares_of(NAMESPACE)]
        for store in (one, two, opened(url))
    ]
    assert listed == [["z", "y", "a", "b"]] * 3


def test_who_is_behind_the_log_reads_everything(
    server: Server, fresh: Callable[[], str], opened: Open
) -> None:
    """A store that is older than the log of changes catches up all the same."""
    url = fresh()
    one, two = opened(url), opened(url)
    put(one, share("a"))
    two.catalog()
    one.commit(Commit((Drop(stored(one, share("a"))),)))
    name = str(sa.make_url(url).database)
    server.run("DELETE FROM change_log", name)
    server.run("UPDATE catalog_version SET log_start = version", name)
    assert one.catalog() == two.catalog()


def test_the_log_is_cut(
    server: Server, fresh: Callable[[], str], opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log of changes keeps the newest versions only."""
    monkeypatch.setattr("redshare.adapters.store.rows.LOG_KEPT", 2)
    monkeypatch.setattr("redshare.adapters.store.rows.LOG_CUT_EVERY", 4)
    url = fresh()
    store, behind = opened(url), opened(url)
    for number in range(5):
        put(store, share(f"{number}", f"{number}"))
    name = str(sa.make_url(url).database)
    assert server.run("SELECT version FROM change_log ORDER BY version", name) == [(3,), (4,), (5,)]
    assert server.run("SELECT log_start FROM catalog_version", name) == [(2,)]
    assert store.catalog() == behind.catalog()


def test_two_stores_lose_no_update(fresh: Callable[[], str], opened: Open) -> None:
    """Threads on two stores that count one entity up count every step."""
    url = fresh()
    stores = [opened(url), opened(url)]
    put(stores[0], replace(account(), alias="0"))

    def count(number: int) -> None:
        store, done = stores[number % 2], 0
        while done < 10:
            found = store.catalog().account(PRODUCER)
            assert found is not None
            try:
                put(store, replace(found, alias=str(int(found.alias) + 1)))
            except StaleState:
                continue
            done += 1

    parallel(count)
    assert [s.catalog().account(PRODUCER) for s in stores] == [
        replace(account(), alias="80", version=81)
    ] * 2


def test_a_name_is_unique_over_stores(fresh: Callable[[], str], opened: Open) -> None:
    """A name taken through one store is taken for the other, whatever it had read."""
    url = fresh()
    one, two = opened(url), opened(url)
    put(one, share("a"))
    with pytest.raises(DuplicateName):
        put(two, share("b"))


def test_a_unit_staged_by_one_store_holds_up_the_other(
    fresh: Callable[[], str], opened: Open
) -> None:
    """Stores wait for each other's staged units of work."""
    url = fresh()
    one, two = opened(url), opened(url, lock_timeout=0.05)
    with one.stage(Commit((Put(share("a")),))) as staged:
        with pytest.raises(StoreUnavailable):
            put(two, share("b"))
        put(two, account())
        staged.commit()
    assert two.catalog().version == 2


def test_a_row_changed_past_the_protocol_is_stale(
    server: Server, fresh: Callable[[], str], opened: Open
) -> None:
    """A row that someone wrote by hand is never overwritten on an old decision."""
    url = fresh()
    store = opened(url, exclusive=True)
    put(store, account(), namespace())
    name = str(sa.make_url(url).database)
    server.run(
        "UPDATE account SET version = 7, body = jsonb_set(body::jsonb, '{version}', '7')::json",
        name,
    )
    with pytest.raises(StaleState):
        put(store, aliased(store, "x"))
    assert stored(store, account()) == replace(account(), version=7)
    assert put(store, aliased(store, "x")).version == 2


# --- durability -----------------------------------------------------------------------------------


def test_a_store_opened_again_holds_everything(fresh: Callable[[], str], opened: Open) -> None:
    """Closing and opening keeps the catalogue, the audit rows and their chain."""
    url = fresh()
    first = open_store(url, exclusive=True)
    first.commit(
        Commit(
            (Put(account()), Put(namespace()), Put(database()), Put(share("a"))),
            audit=(audit("one"),),
        )
    )
    before = first.catalog(), first.audit(PRODUCER), first.chain()
    first.close()
    second = opened(url, exclusive=True)
    assert before == (second.catalog(), second.audit(PRODUCER), second.chain())


def test_a_commit_ended_by_the_server_changes_nothing(
    server: Server, fresh: Callable[[], str], opened: Open
) -> None:
    """A connection that ends inside COMMIT, before it is made, leaves nothing; the next works."""
    url = fresh()
    name = str(sa.make_url(url).database)
    server.run(
        "CREATE FUNCTION suicide() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$",
        name,
    )
    server.run(
        "CREATE CONSTRAINT TRIGGER suicide AFTER INSERT ON datashare "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION suicide()",
        name,
    )
    store = opened(url, exclusive=True)
    before = put(store, account())
    with pytest.raises(StoreUnavailable):
        put(store, share("a"))
    assert before == store.catalog()
    assert put(store, aliased(store, "x")).version == 2


def test_many_accounts_at_once(fresh: Callable[[], str], opened: Open) -> None:
    """A commit may hold thousands of entities, and be staged with them."""
    store = opened(fresh(), exclusive=True)
    changes = tuple(Put(account(AccountId(f"{number:012}"))) for number in range(5_000))
    with store.stage(Commit(changes)) as unit:
        catalog = unit.commit()
    assert len(catalog.tables[type(account())]) == 5_000
    assert isinstance(catalog, Catalog)
