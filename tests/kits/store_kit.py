"""The behaviour of the port Store: one suite that every adapter passes.

An adapter's test module subclasses StoreSuite and gives the fixtures `store` (a fresh one) and
`impatient` (another, which waits for a staged unit of work only a moment).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from redshare.adapters.store import UnreadableChanges
from redshare.core.account import Account
from redshare.core.audit_chain import Reading
from redshare.core.aws_errors import InvalidParameterValue
from redshare.core.catalog import Catalog, Drop, Entity, Put
from redshare.core.database import Database, Schema, ShareSource
from redshare.core.errors import DuplicateName, StaleState, StoreUnavailable
from redshare.core.group import Group
from redshare.core.ids import (
    AccountId,
    DatabaseId,
    GroupId,
    NamespaceId,
    NamespaceKind,
    Region,
    RoleId,
    SchemaId,
    ShareKey,
    UserId,
)
from redshare.core.last_use import LastUse
from redshare.core.namespace import Namespace
from redshare.core.role import Role, RoleGrant, SystemGrant
from redshare.core.share import Datashare
from redshare.core.share_change import ChangedPart, ShareChange
from redshare.core.share_usage import ShareRequest
from redshare.core.user import User
from redshare.ports import AuditRecord, Commit, Store

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
PRODUCER = AccountId("111111111111")
CONSUMER = AccountId("222222222222")
NAMESPACE = NamespaceId("13b8833d-17c6-4f16-8fe4-1a018f5ed00d")
OTHER_NAMESPACE = NamespaceId("00000000-17c6-4f16-8fe4-1a018f5ed00d")
DATABASE = DatabaseId("d" * 32)

THREADS = 8


def account(account_id: AccountId = PRODUCER) -> Account:
    return Account(account_id)


def share_request(request_id: str, **changes: Any) -> ShareRequest:
    """A request of `mine` for the share `s` of NAMESPACE."""
    made = ShareRequest(
        request_id,
        "GET RELATION",
        at=AT,
        started=AT,
        query=1,
        session=1000,
        user=100,
        transaction=7,
        transaction_uid="run-7",
        consumer="mine",
        consumer_account=CONSUMER,
        consumer_region="us-east-1",
        producer=NAMESPACE,
        producer_account=PRODUCER,
        producer_region="us-east-1",
        share="s",
        share_name="salesshare",
    )
    return replace(made, **changes)


def namespace(namespace_id: NamespaceId = NAMESPACE, name: str = "sales") -> Namespace:
    return Namespace(
        namespace_id,
        PRODUCER,
        Region("us-east-1"),
        NamespaceKind.SERVERLESS,
        name,
        "admin",
        "dev",
        AT,
    )


def database(database_id: DatabaseId = DATABASE, name: str = "dev") -> Database:
    return Database(database_id, NAMESPACE, name, UserId(100), AT)


def share(key: str, name: str = "salesshare", owner: NamespaceId = NAMESPACE) -> Datashare:
    return Datashare(
        ShareKey(key),
        100_001,
        PRODUCER,
        Region("us-east-1"),
        owner,
        DATABASE,
        name,
        UserId(100),
        AT,
    )


def audit(action: str, account_id: AccountId = PRODUCER) -> AuditRecord:
    return AuditRecord(AT, account_id, "arn:aws:iam::1:root", action, "arn", "request-1")


def put(store: Store, *entities: Entity) -> Catalog:
    """Commit the entities as they are."""
    return store.commit(Commit(tuple(Put(entity) for entity in entities)))


def stored(store: Store, entity: Entity) -> Entity:
    """The newest version of an entity that is there."""
    found = lookup(store.catalog(), entity)
    assert found is not None
    return found


def lookup(catalog: Catalog, entity: Entity) -> Entity | None:
    match entity:
        case Account():
            return catalog.account(entity.account_id)
        case Namespace():
            return catalog.namespace(entity.namespace_id)
        case Database():
            return catalog.database(entity.database_id)
        case Datashare():
            return catalog.datashare(entity.share_key)
        case _:
            raise AssertionError(entity)


def aliased(store: Store, alias: str, account_id: AccountId = PRODUCER) -> Account:
    """The stored account under another alias, in the version it has now."""
    found = store.catalog().account(account_id)
    assert found is not None
    return replace(found, alias=alias)


def parallel(work: Callable[[int], object], threads: int = THREADS) -> list[object]:
    """What `work` answers or raises on as many threads, started together."""
    together = threading.Barrier(threads)

    def one(number: int) -> object:
        together.wait()
        try:
            return work(number)
        except (StaleState, DuplicateName, StoreUnavailable) as error:
            return error

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(threads)))


class StoreSuite:
    """What every store does."""

    # --- commits --------------------------------------------------------------------------

    def test_a_fresh_store_is_empty(self, store: Store) -> None:
        """A store nobody wrote to holds an empty catalogue of version 0."""
        assert Catalog() == store.catalog()

    def test_a_commit_is_published(self, store: Store) -> None:
        """A commit answers the catalogue that every later read sees."""
        answered = put(store, account())
        assert answered.account(PRODUCER) == replace(account(), version=1)
        assert answered == store.catalog()
        assert answered.version == 1

    def test_each_put_is_a_new_version(self, store: Store) -> None:
        """An entity's version is the number of its Puts."""
        put(store, account())
        put(store, aliased(store, "producer"))
        assert Account(PRODUCER, "producer", version=2) == stored(store, account())

    def test_groups_and_roles_are_kept(self, store: Store) -> None:
        """Each has a table of its own; their names do not exclude each other."""
        user = User(NAMESPACE, UserId(101), "ann", roles=(RoleGrant(RoleId(100_001), admin=True),))
        group = Group(NAMESPACE, GroupId(100), "ann")
        role = Role(NAMESPACE, RoleId(100_001), "ann", UserId(100), system=(SystemGrant("CANCEL"),))
        put(store, user, group, role)
        catalog = store.catalog()
        assert catalog.group(NAMESPACE, "ann") == replace(group, version=1)
        assert catalog.role_by_id(NAMESPACE, RoleId(100_001)) == replace(role, version=1)
        store.commit(Commit((Drop(replace(group, version=1)),)))
        assert store.catalog().group_by_id(NAMESPACE, GroupId(100)) is None

    def test_several_entities_commit_at_once(self, store: Store) -> None:
        """All changes of a commit are one version of the catalogue."""
        catalog = put(store, account(), namespace(), database(), share("a"))
        assert catalog.version == 1
        assert [s.share_key for s in catalog.datashares_of(NAMESPACE)] == ["a"]

    @pytest.mark.parametrize("version", [0, 2])
    def test_a_put_on_another_version_is_stale(self, store: Store, version: int) -> None:
        """A Put decided on a version that is not the stored one changes nothing."""
        before = put(store, account())
        with pytest.raises(StaleState):
            put(store, replace(account(), alias="x", version=version))
        assert before == store.catalog()

    def test_a_put_on_nothing_is_stale(self, store: Store) -> None:
        """A Put decided on an entity that is gone changes nothing."""
        with pytest.raises(StaleState):
            put(store, replace(account(), version=1))
        assert Catalog() == store.catalog()

    def test_a_drop_removes(self, store: Store) -> None:
        """A dropped entity is gone by key and by name."""
        put(store, share("a"))
        catalog = store.commit(Commit((Drop(stored(store, share("a"))),)))
        assert catalog.datashare(ShareKey("a")) is None
        assert catalog.datashare_named(NAMESPACE, "salesshare") is None

    def test_a_drop_of_another_version_is_stale(self, store: Store) -> None:
        """A Drop decided on an older version changes nothing."""
        put(store, account())
        old = stored(store, account())
        before = put(store, aliased(store, "new"))
        with pytest.raises(StaleState):
            store.commit(Commit((Drop(old),)))
        assert before == store.catalog()

    def test_a_failing_change_undoes_the_others(self, store: Store) -> None:
        """A commit with one stale change leaves none of its changes or audit rows."""
        before = put(store, account())
        with pytest.raises(StaleState):
            store.commit(
                Commit(
                    (Put(share("a")), Put(account())),
                    audit=(audit("one"),),
                )
            )
        assert before == store.catalog()
        assert list(store.audit(PRODUCER)) == []

    def test_an_entity_changes_once_in_a_commit(self, store: Store) -> None:
        """Two changes of one entity in a commit are a mistake of the caller."""
        with pytest.raises(ValueError, match="two changes of one entity"):
            put(store, account(), account())

    def test_an_empty_commit_is_no_new_version(self, store: Store) -> None:
        """A commit without changes records its audit rows and leaves the catalogue's version."""
        put(store, account())
        assert store.commit(Commit(audit=(audit("DescribeDataShares"),))).version == 1
        assert [r.action for _, r in store.audit(PRODUCER)] == ["DescribeDataShares"]

    # --- names ----------------------------------------------------------------------------

    def test_a_name_is_taken_once(self, store: Store) -> None:
        """A second entity of a kind and name is refused by that kind and name."""
        before = put(store, share("a"))
        with pytest.raises(DuplicateName) as refused:
            put(store, share("b"))
        assert (refused.value.kind, refused.value.name) == ("Datashare", "salesshare")
        assert before == store.catalog()

    def test_names_are_per_parent(self, store: Store) -> None:
        """Another namespace may use the same name."""
        catalog = put(store, share("a"), share("b", owner=OTHER_NAMESPACE))
        assert len(list(catalog.datashares())) == 2

    def test_two_of_a_name_in_one_commit_are_refused(self, store: Store) -> None:
        """A commit cannot make two entities of one name."""
        with pytest.raises(DuplicateName):
            put(store, share("a"), share("b"))

    def test_renaming_to_a_taken_name_is_refused(self, store: Store) -> None:
        """A rename is checked like a new name."""
        put(store, share("a", "one"), share("b", "two"))
        with pytest.raises(DuplicateName):
            put(store, replace(stored(store, share("b")), name="one"))

    def test_a_name_is_free_after_its_owner(self, store: Store) -> None:
        """A commit may drop an entity and give its name to another."""
        put(store, share("a"))
        old = stored(store, share("a"))
        catalog = store.commit(Commit((Put(share("b")), Drop(old))))
        named = catalog.datashare_named(NAMESPACE, "salesshare")
        assert named is not None
        assert named.share_key == "b"

    def test_two_entities_exchange_their_names(self, store: Store) -> None:
        """A commit may rename two entities to each other's names."""
        put(store, share("a", "one"), share("b", "two"))
        catalog = put(
            store,
            replace(stored(store, share("a")), name="two"),
            replace(stored(store, share("b")), name="one"),
        )
        named = [catalog.datashare_named(NAMESPACE, name) for name in ("one", "two")]
        assert [s.share_key for s in named if s] == ["b", "a"]

    def test_a_rename_frees_the_old_name(self, store: Store) -> None:
        """After a rename the old name is free for a new entity."""
        put(store, share("a", "one"))
        put(store, replace(stored(store, share("a")), name="two"))
        assert len(list(put(store, share("b", "one")).datashares())) == 2

    @pytest.mark.parametrize("name", ["nul\0", "half \ud800"])
    def test_a_name_that_no_database_keeps_is_refused(self, store: Store, name: str) -> None:
        """A name with a NUL or half a surrogate pair is an invalid value, not a failure."""
        with pytest.raises(InvalidParameterValue):
            put(store, share("a", name))
        assert Catalog() == store.catalog()

    def test_text_is_kept_as_it_is(self, store: Store) -> None:
        """An attribute keeps any Unicode text, NUL and quotes too."""
        text = "é \0 \\ ' \" \n 😀 %s"
        put(store, account())
        put(store, aliased(store, text))
        assert text == aliased(store, text).alias

    # --- guards ---------------------------------------------------------------------------

    def test_an_unchanged_guard_lets_pass(self, store: Store) -> None:
        """A commit whose guards are as they were read succeeds."""
        put(store, namespace())
        guard = stored(store, namespace())
        assert store.commit(Commit((Put(share("a")),), guards=(guard,))).version == 2

    @pytest.mark.parametrize("end", ["changed", "dropped"])
    def test_a_guard_that_moved_is_stale(self, store: Store, end: str) -> None:
        """A commit whose guard was changed or dropped since changes nothing."""
        put(store, namespace())
        guard = stored(store, namespace())
        assert isinstance(guard, Namespace)
        change = Put(replace(guard, admin_username="x")) if end == "changed" else Drop(guard)
        before = store.commit(Commit((change,)))
        with pytest.raises(StaleState):
            store.commit(Commit((Put(share("a")),), guards=(guard,)))
        assert before == store.catalog()

    # --- audit ----------------------------------------------------------------------------

    def test_audit_rows_are_kept_in_order(self, store: Store) -> None:
        """Audit rows of commits and of failed calls stand in the order of their making."""
        store.commit(Commit((Put(account()),), audit=(audit("one"), audit("two"))))
        store.record([audit("three")])
        store.commit(Commit(audit=(audit("four"),)))
        rows = store.audit(PRODUCER)
        assert [r.action for _, r in rows] == ["one", "two", "three", "four"]
        assert sorted({sequence for sequence, _ in rows}) == [sequence for sequence, _ in rows]

    def test_an_account_reads_its_own_audit(self, store: Store) -> None:
        """The rows of another account are not among an account's."""
        store.record([audit("mine"), audit("theirs", CONSUMER)])
        assert [r.action for _, r in store.audit(CONSUMER)] == ["theirs"]

    def test_audit_is_paged(self, store: Store) -> None:
        """`after` and `limit` walk through all rows, each once."""
        store.record([audit(str(number)) for number in range(5)])
        seen: list[str] = []
        after = 0
        while rows := store.audit(PRODUCER, after=after, limit=2):
            seen += [r.action for _, r in rows]
            after = rows[-1][0]
        assert seen == ["0", "1", "2", "3", "4"]

    def test_an_audit_row_comes_back_as_it_was(self, store: Store) -> None:
        """Every field of an audit row is kept."""
        row = AuditRecord(
            AT,
            PRODUCER,
            "arn:aws:iam::111111111111:root",
            "redshift:AuthorizeDataShare",
            "arn:aws:redshift:us-east-1:111111111111:datashare:x/y",
            "request",
            {"AllowWrites": True, "list": [1, None, "x"]},
            "InvalidDataShareFault",
            "127.0.0.1",
        )
        store.record([row])
        assert [r for _, r in store.audit(PRODUCER)] == [row]

    def test_whatever_was_sent_is_recorded(self, store: Store) -> None:
        """Text that no database keeps, and values JSON lacks, do not stop an audit row."""
        row = replace(audit("nul \0 half \ud800"), parameters={"at": AT, "x": b"1", "y": {1}})
        store.record([row])
        assert [r.action for _, r in store.audit(PRODUCER)] == ["nul \0 half ?"]

    def test_the_audit_is_one_chain(self, store: Store) -> None:
        """Rows of commits, of failed calls and of all accounts carry the hash of the one before."""
        store.commit(Commit((Put(account()),), audit=(audit("one"), audit("two", CONSUMER))))
        store.record([audit("three \0 \ud800")])
        put(store, database())
        store.commit(Commit(audit=(audit("four"),)))
        reading = Reading()
        first = store.chain(limit=2)
        assert reading.follow(first) is None
        assert reading.follow(store.chain(after=first[-1].sequence)) is None
        assert reading.count == 4

    def test_a_recovered_snapshot_brings_its_audit(self, store: Store) -> None:
        """What a snapshot carries is audited once, also when it is recovered again."""
        put(store, database())
        change = ShareChange((ChangedPart("CREATE DATASHARE"),), namespace=NAMESPACE)
        row = replace(audit("one"), change=change)
        text = store.encode((Put(share("a")),), [row])
        store.recover(DATABASE, 5, text)
        store.recover(DATABASE, 5, text)
        assert [r for _, r in store.audit(PRODUCER)] == [row]
        assert store.share_changes([NAMESPACE], AT, 9) == [row]

    # --- logs of datashares ---------------------------------------------------------------

    def test_a_change_log_has_its_own_rows(self, store: Store) -> None:
        """Those of a namespace and of its account, the newest in their order, none that is old."""
        parts = (ChangedPart("ALTER ADD", "table", "k", "s.t"),)
        of_namespace = ShareChange(parts, namespace=NAMESPACE, user=100, share_id=3)
        records = [
            replace(audit("old"), change=of_namespace, at=AT - timedelta(days=8)),
            replace(audit("first"), change=of_namespace),
            audit("no log"),
            replace(audit("account"), change=ShareChange(parts)),
            replace(audit("theirs", CONSUMER), change=ShareChange(parts)),
            replace(audit("last"), change=of_namespace, message="m"),
        ]
        store.commit(Commit(audit=tuple(records[:3])))
        store.record(records[3:])
        week = AT - timedelta(days=7)
        logs = (NAMESPACE, PRODUCER)
        assert store.share_changes(logs, week, 10) == [records[1], records[3], records[5]]
        assert store.share_changes(logs, week, 2) == [records[3], records[5]]

    def test_requests_are_kept_and_added_up_once(self, store: Store) -> None:
        """Each side reads its own; what is written again, in part or whole, changes nothing."""
        requests = [
            share_request("a", rows_read=2, bytes_read=16, cross_region=10),
            share_request("b", error="no"),
            share_request("c", consumer="other", rows_written=5, bytes_written=50),
            share_request("d", at=AT + timedelta(days=1), rows_read=1, cross_region=12),
            replace(share_request("e"), producer=None, share=None),
        ]
        for batch in (requests[:2], requests, requests[3:]):
            store.add_usage(batch)
        mine, since = NamespaceId("mine"), AT
        assert store.usage(NAMESPACE, since, 9, produced=True) == requests[:4]
        expected = [requests[0], requests[1], requests[4], requests[3]]
        assert store.usage(mine, since, 9, produced=False) == expected
        assert store.usage(mine, since, 1, produced=False) == [requests[3]]
        sums = [
            (m.day, m.consumer, m.requests, m.refused, m.rows_read, m.bytes_read)
            for m in store.metered(NAMESPACE)
        ]
        assert sums == [
            (AT.date(), "mine", 2, 1, 2, 16),
            (AT.date(), "other", 1, 0, 0, 0),
            (AT.date() + timedelta(days=1), "mine", 1, 0, 1, 0),
        ]
        written = [(m.rows_written, m.bytes_written) for m in store.metered(NAMESPACE)]
        assert written == [(0, 0), (5, 50), (0, 0)]
        assert [m.consumer for m in store.metered(mine)] == ["mine", "mine"]
        days = [AT.date() + timedelta(days=n) for n in range(3)]
        assert [store.cross_region(mine, day) for day in days] == [22, 12, 0]

    def test_the_last_use_is_kept(self, store: Store) -> None:
        """The newest of each subject, whichever is written last; for as long as sums are."""
        new = LastUse("AKIA", AT + timedelta(days=1), "redshift", "us-east-1")
        store.add_uses([new, replace(new, subject="AROA")])
        store.add_uses([replace(new, at=AT, service="iam")])
        assert store.last_use("AKIA") == new
        assert store.last_use("AROA") == replace(new, subject="AROA")
        assert store.last_use("other") is None
        store.forget_usage(AT, 1, AT + timedelta(days=2))
        assert store.last_use("AKIA") is None

    def test_old_requests_are_forgotten(self, store: Store) -> None:
        """Those from before, the oldest beyond a number; sums live longer."""
        store.add_usage([share_request(str(n), at=AT + timedelta(days=n)) for n in range(5)])
        store.forget_usage(AT + timedelta(days=1), 3, AT)
        kept = store.usage(NAMESPACE, AT, 9, produced=True)
        assert [request.request_id for request in kept] == ["2", "3", "4"]
        assert len(store.metered(NAMESPACE)) == 5
        store.forget_usage(AT, 9, AT + timedelta(days=4))
        assert [m.day.day for m in store.metered(NAMESPACE)] == [AT.day + 4]

    def test_a_hundred_consumers_are_added_up_exactly(self, store: Store) -> None:
        """However many write at once, each consumer's sums are what it read."""

        def read(consumer: int) -> None:
            for number in range(3):
                name = f"{consumer}-{number}"
                rows = consumer * 10 + number
                one = share_request(name, consumer=f"c{consumer}", rows_read=rows)
                store.add_usage([one, share_request(f"x{name}", rows_read=1)])

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(read, range(100)))
        sums = {m.consumer: (m.requests, m.rows_read) for m in store.metered(NAMESPACE)}
        assert sums.pop("mine") == (300, 300)
        assert sums == {f"c{c}": (3, c * 30 + 3) for c in range(100)}

    # --- lakes ----------------------------------------------------------------------------

    def test_a_snapshot_advances_with_its_changes(self, store: Store) -> None:
        """A commit with a lake's snapshot moves the database there, in the same version of it."""
        put(store, database())
        store.commit(Commit((Put(share("a")),), lake_snapshot=(DATABASE, 7)))
        assert replace(database(), applied_snapshot=7, version=1) == stored(store, database())

    def test_a_snapshot_never_goes_back(self, store: Store) -> None:
        """Neither an older snapshot nor a Put of the database sets the applied one back."""
        put(store, database())
        old = stored(store, database())
        assert isinstance(old, Database)
        store.commit(Commit(lake_snapshot=(DATABASE, 7)))
        store.commit(Commit(lake_snapshot=(DATABASE, 6)))
        put(store, replace(old, name="renamed"))
        expected = replace(old, name="renamed", applied_snapshot=7, version=2)
        assert expected == stored(store, database())

    def test_a_put_and_a_snapshot_of_one_database(self, store: Store) -> None:
        """A commit may change the database whose snapshot it carries."""
        put(store, database())
        old = stored(store, database())
        assert isinstance(old, Database)
        store.commit(Commit((Put(replace(old, collation="ci")),), lake_snapshot=(DATABASE, 3)))
        expected = replace(old, collation="ci", applied_snapshot=3, version=2)
        assert expected == stored(store, database())

    def test_a_dropped_database_has_no_snapshot(self, store: Store) -> None:
        """A snapshot of a database that is dropped, or unknown, moves nothing."""
        put(store, database())
        store.commit(Commit((Drop(stored(store, database())),), lake_snapshot=(DATABASE, 3)))
        assert store.commit(Commit(lake_snapshot=(DATABASE, 4))).database(DATABASE) is None

    # --- staging --------------------------------------------------------------------------

    def test_a_staged_commit_is_not_visible(self, store: Store) -> None:
        """What is staged is seen only after its commit."""
        before = put(store, database())
        unit = Commit((Put(share("a")),), audit=(audit("one"),))
        with store.stage(unit) as staged:
            assert before == store.catalog()
            after = staged.commit((DATABASE, 9))
        assert after == store.catalog()
        assert after.datashare(ShareKey("a")) == replace(share("a"), version=1)
        moved = after.database(DATABASE)
        assert moved is not None
        assert moved.applied_snapshot == 9
        assert [r.action for _, r in store.audit(PRODUCER)] == ["one"]

    def test_leaving_without_commit_undoes(self, store: Store) -> None:
        """A staged commit that is left leaves nothing behind and nothing locked."""
        before = store.catalog()
        with store.stage(Commit((Put(share("a")),), audit=(audit("one"),))):
            pass
        assert before == store.catalog()
        assert list(store.audit(PRODUCER)) == []
        assert put(store, share("a")).version == 1

    def test_an_error_inside_undoes_and_passes(self, store: Store) -> None:
        """What the body raises comes out as it is; nothing was changed."""

        def body() -> None:
            with store.stage(Commit((Put(share("a")),))):
                raise LookupError

        with pytest.raises(LookupError):
            body()
        assert Catalog() == store.catalog()

    @pytest.mark.parametrize("what", ["stale", "guard", "name"])
    def test_staging_checks_as_a_commit_does(self, store: Store, what: str) -> None:
        """A unit of work that could not commit cannot be staged."""
        put(store, share("a"), namespace())
        unit, error = {
            "stale": (Commit((Put(share("a")),)), StaleState),
            "guard": (Commit((Put(account()),), guards=(namespace(),)), StaleState),
            "name": (Commit((Put(share("b")),)), DuplicateName),
        }[what]
        with pytest.raises(error), store.stage(unit):
            raise AssertionError

    def test_a_staged_unit_commits_once(self, store: Store) -> None:
        """A second commit of one staged unit is a mistake of the caller."""
        with store.stage(Commit((Put(share("a")),))) as staged:
            staged.commit()
            with pytest.raises(RuntimeError):
                staged.commit()

    @pytest.mark.parametrize("what", ["entity", "name", "guard", "drop"])
    def test_what_is_staged_is_held(self, impatient: Store, what: str) -> None:
        """Nobody changes an entity, takes a name or moves a guard of a staged unit of work."""
        store = impatient
        put(store, account(), namespace())
        base, changed = stored(store, namespace()), aliased(store, "x")
        unit, other = {
            "entity": (Commit((Put(changed),)), Commit((Put(changed),))),
            "name": (Commit((Put(share("a")),)), Commit((Put(share("b")),))),
            "guard": (Commit((Put(share("a")),), guards=(base,)), Commit((Put(base),))),
            "drop": (Commit((Drop(base),)), Commit((Put(share("a")),), guards=(base,))),
        }[what]
        with store.stage(unit) as staged:
            with pytest.raises(StoreUnavailable):
                store.commit(other)
            staged.commit()

    def test_others_pass_a_staged_unit(self, store: Store) -> None:
        """A staged unit of work holds up nobody who touches other entities."""
        put(store, account(), namespace())
        guard = stored(store, namespace())
        with store.stage(Commit((Put(share("a")),), guards=(guard,))) as staged:
            put(store, aliased(store, "x"))
            with store.stage(Commit((Put(share("b", "b")),), guards=(guard,))) as second:
                second.commit()
            catalog = staged.commit()
        assert sorted(s.share_key for s in catalog.datashares()) == ["a", "b"]

    @pytest.mark.parametrize("end", ["committed", "undone"])
    def test_a_waiting_commit_is_decided_after(self, store: Store, end: str) -> None:
        """Who waits for a staged unit is stale if it commits, and goes on if it is undone."""
        put(store, account())
        unit = Commit((Put(aliased(store, "staged")),))
        other = Commit((Put(aliased(store, "other")),))
        with ThreadPoolExecutor(1) as pool:
            with store.stage(unit) as staged:
                waiting = pool.submit(store.commit, other)
                if end == "committed":
                    staged.commit()
            if end == "committed":
                with pytest.raises(StaleState):
                    waiting.result()
            else:
                waiting.result()
        found = stored(store, account())
        expected = "staged" if end == "committed" else "other"
        assert found == Account(PRODUCER, expected, version=2)

    # --- recovery -------------------------------------------------------------------------

    def test_recovery_applies_what_is_missing(self, store: Store) -> None:
        """A snapshot's changes that never reached the store are applied with its number."""
        put(store, database(), account(), namespace())
        text = store.encode(
            (Put(share("a")), Put(aliased(store, "x")), Drop(stored(store, namespace())))
        )
        catalog = store.recover(DATABASE, 5, text)
        assert catalog.datashare(ShareKey("a")) == replace(share("a"), version=1)
        assert catalog.account(PRODUCER) == Account(PRODUCER, "x", version=2)
        assert catalog.namespace(NAMESPACE) is None
        assert replace(database(), applied_snapshot=5, version=1) == stored(store, database())
        assert catalog == store.catalog()

    def test_recovery_again_has_no_effect(self, store: Store) -> None:
        """A snapshot that was applied, by its commit or by recovery, is not applied again."""
        put(store, database())
        changes = (Put(share("a")),)
        first = store.commit(Commit(changes, lake_snapshot=(DATABASE, 5)))
        assert store.recover(DATABASE, 5, store.encode(changes)) == first
        store.commit(Commit((Drop(stored(store, share("a"))),)))
        second = store.recover(DATABASE, 4, store.encode(changes))
        assert second.datashare(ShareKey("a")) is None

    def test_recovery_skips_what_was_changed_since(self, store: Store) -> None:
        """Recovery leaves newer, dropped and name-taken entities and applies the rest."""
        put(store, database(), account(), share("gone", "gone"))
        gone = stored(store, share("gone"))
        assert isinstance(gone, Datashare)
        text = store.encode(
            (
                Put(aliased(store, "recovered")),
                Put(replace(gone, publicly_accessible=True)),
                Put(share("late", "taken")),
                Put(share("a", "fits")),
            )
        )
        put(store, aliased(store, "newer"))
        store.commit(Commit((Drop(gone), Put(share("first", "taken")))))
        catalog = store.recover(DATABASE, 5, text)
        assert catalog.account(PRODUCER) == Account(PRODUCER, "newer", version=2)
        assert sorted(s.share_key for s in catalog.datashares()) == ["a", "first"]
        assert replace(database(), applied_snapshot=5, version=1) == stored(store, database())

    def test_recovery_advances_where_nothing_fits(self, store: Store) -> None:
        """The snapshot counts as applied even if none of its changes fits any more."""
        put(store, database())
        catalog = store.recover(DATABASE, 5, store.encode((Drop(replace(account(), version=3)),)))
        found = catalog.database(DATABASE)
        assert found is not None
        assert found.applied_snapshot == 5

    def test_recovery_of_an_unknown_database_has_no_effect(self, store: Store) -> None:
        """A snapshot of a database that is gone changes nothing."""
        store.recover(DATABASE, 5, store.encode((Put(share("a")),)))
        assert Catalog() == store.catalog()

    def test_unreadable_changes_are_refused(self, store: Store) -> None:
        """Changes of an unknown form are an error, and the snapshot stays unapplied."""
        before = put(store, database())
        with pytest.raises(UnreadableChanges):
            store.recover(DATABASE, 5, '{"format": 1, "changes": [{"change": "put"}]}')
        assert before == store.catalog()

    # --- many at once ---------------------------------------------------------------------

    def test_no_update_is_lost(self, store: Store) -> None:
        """Threads that count one entity up, deciding again when stale, count every step."""
        put(store, Account(PRODUCER, "0"))
        each = 25

        def count(_: int) -> None:
            done = 0
            while done < each:
                found = store.catalog().account(PRODUCER)
                assert found is not None
                try:
                    put(store, replace(found, alias=str(int(found.alias) + 1)))
                except StaleState:
                    continue
                done += 1

        parallel(count)
        expected = Account(PRODUCER, str(THREADS * each), version=THREADS * each + 1)
        assert expected == stored(store, account())

    def test_one_of_many_gets_a_name(self, store: Store) -> None:
        """Of threads that take one name at once, one gets it and the others are told."""
        outcomes = parallel(lambda number: put(store, share(f"key-{number}")))
        assert sum(isinstance(outcome, Catalog) for outcome in outcomes) == 1
        assert sum(isinstance(outcome, DuplicateName) for outcome in outcomes) == THREADS - 1
        assert len(list(store.catalog().datashares())) == 1

    def test_the_published_version_only_grows(self, store: Store) -> None:
        """No reader sees an older catalogue after a newer one, nor older than its own commit."""

        def work(number: int) -> bool:
            newest = 0
            for step in range(20):
                mine = put(store, share(f"{number}-{step}", f"{number}-{step}")).version
                seen = store.catalog().version
                if not newest < mine <= seen:
                    return False
                newest = seen
            return True

        assert parallel(work) == [True] * THREADS
        assert store.catalog().version == THREADS * 20

    def test_staged_and_plain_units_do_not_deadlock(self, store: Store) -> None:
        """Staged and plain units of work on the same few entities all end."""
        accounts = [AccountId(f"{number:012}") for number in range(3)]
        put(store, *(Account(a, "0") for a in accounts))

        def work(number: int) -> int:
            done = 0
            while done < 5:
                catalog = store.catalog()
                order = accounts if number % 2 else accounts[::-1]
                found = [a for a in map(catalog.account, order) if a is not None]
                unit = Commit(tuple(Put(replace(a, alias=str(int(a.alias) + 1))) for a in found))
                try:
                    if number % 3:
                        store.commit(unit)
                    else:
                        with store.stage(unit) as staged:
                            staged.commit()
                except StaleState:
                    continue
                done += 1
            return done

        assert parallel(work) == [5] * THREADS
        final = [a.alias for a in map(store.catalog().account, accounts) if a is not None]
        assert final == [str(5 * THREADS)] * 3

    # --- order ----------------------------------------------------------------------------

    def test_children_stay_in_the_order_of_their_making(self, store: Store) -> None:
        """Changing an entity does not move it among its siblings."""
        put(store, share("a", "z"), share("b", "y"), share("c", "x"))
        found = stored(store, share("a"))
        assert isinstance(found, Datashare)
        catalog = put(store, replace(found, publicly_accessible=True))
        assert [s.name for s in catalog.datashares_of(NAMESPACE)] == ["z", "y", "x"]

    def test_a_shared_database_and_its_siblings(self, store: Store) -> None:
        """Nested values of an entity come back as they were."""
        source = ShareSource(ShareKey("a"), "salesshare", PRODUCER, NAMESPACE, True)
        shared = replace(database(DatabaseId("e" * 32), "shared"), source=source)
        schema = Schema(SchemaId("s"), DATABASE, "public", UserId(1))
        catalog = put(store, database(), shared, schema)
        assert catalog.database(shared.database_id) == replace(shared, version=1)
        assert catalog.schema(SchemaId("s")) == replace(schema, version=1)
