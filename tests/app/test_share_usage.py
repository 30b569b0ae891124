"""Requests wait in memory, are written once the store is there, and are never counted twice."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from redshare.adapters.store.memory import MemoryStore
from redshare.app.iam.last_uses import LastUses
from redshare.app.shares import usage as share_usage
from redshare.app.shares.log import ShareLog
from redshare.app.shares.usage import ShareUsage, UsageWriter
from redshare.core.access import ShareUse
from redshare.core.catalog import Put
from redshare.core.contents import Contents
from redshare.core.database import Schema
from redshare.core.errors import StoreUnavailable
from redshare.core.ids import (
    AccountId,
    DatabaseId,
    LakeId,
    NamespaceId,
    NamespaceKind,
    Region,
    RelationId,
    SchemaId,
    ShareKey,
    UserId,
)
from redshare.core.namespace import Namespace
from redshare.core.plan import EnginePlan, WriteTarget, WriteVerb
from redshare.core.relation import Relation, RelationKind
from redshare.core.share import Datashare
from redshare.core.share_usage import ShareRequest
from redshare.core.sql_errors import ShareNotAccessible
from redshare.ports import Commit
from redshare.sql.activity import QueryRecord

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PRODUCER, CONSUMER = NamespaceId("producer"), NamespaceId("consumer")
LAKE = DatabaseId("d" * 32)


class Away(MemoryStore):
    """A store that takes no requests while it is away, or takes them and says it did not."""

    away = False
    forgetful = False

    def add_usage(self, requests: Sequence[ShareRequest]) -> None:
        """Raises StoreUnavailable."""
        if self.away:
            raise StoreUnavailable
        super().add_usage(requests)
        if self.forgetful:
            raise StoreUnavailable


class Clock:
    """A clock that stands."""

    def now(self) -> datetime:
        """The moment."""
        return AT


class Ids:
    """One after another."""

    def __init__(self) -> None:
        self._numbers = itertools.count()

    def guid(self) -> str:
        """The next."""
        return f"request-{next(self._numbers)}"

    def hex(self) -> str:
        """The node's."""
        return "0" * 32

    def secret(self, size: int) -> bytes:
        """None is needed."""
        raise NotImplementedError


def namespace(namespace_id: NamespaceId) -> Namespace:
    account, region = AccountId(f"account {namespace_id}"), Region("us-east-1")
    kind = NamespaceKind.SERVERLESS
    return Namespace(namespace_id, account, region, kind, namespace_id, "admin", "dev", AT)


@pytest.fixture
def store() -> Away:
    """With two shares of one database; the first has two tables."""
    made = Away()
    schema = SchemaId("schema")
    tables = [
        Relation(RelationId(name), LAKE, schema, name, RelationKind.TABLE, UserId(100), AT)
        for name in ("t", "u", "v")
    ]
    shares = [
        Datashare(
            ShareKey(name),
            number,
            AccountId("account producer"),
            Region("us-east-1"),
            PRODUCER,
            LAKE,
            f"{name} share",
            UserId(100),
            AT,
            contents=Contents(),
        )
        for number, name in enumerate(("one", "two"))
    ]
    entities = (namespace(PRODUCER), Schema(schema, LAKE, "s", UserId(100)), *tables, *shares)
    made.commit(Commit(tuple(Put(entity) for entity in entities)))
    return made


@pytest.fixture
def usage(store: Away) -> ShareUsage:
    return ShareUsage(store, Clock(), Ids())


def query(number: int = 1) -> QueryRecord:
    return QueryRecord(number, 1000, 7, UserId(101), "ann", "dev", "SELECT 1", "SELECT", AT)


def plan(*targets: str) -> EnginePlan:
    wanted = (WriteTarget(LakeId(LAKE), f"t_{name}", WriteVerb.INSERT) for name in targets)
    return EnginePlan("SELECT 1", (), tuple(wanted), (), returns_rows=not targets)


def uses(*names: str) -> frozenset[ShareUse]:
    return frozenset(
        ShareUse(ShareKey(share), RelationId(member))
        for share, member in (name.split(".") for name in names)
    )


def figures(store: Away) -> dict[str, tuple[int, ...]]:
    return {
        m.share: (m.requests, m.refused, m.rows_read, m.bytes_read, m.rows_written, m.bytes_written)
        for m in store.metered(PRODUCER)
    }


def test_each_share_that_is_read_gave_the_rows_once(store: Away, usage: ShareUsage) -> None:
    """A request an object; rows and bytes of the answer once a share, whatever was read of it."""
    metered = usage.began(
        uses("one.t", "one.u", "two.v"), plan(), query(), store.catalog(), namespace(CONSUMER)
    )
    for size in (3, 4):
        metered.gave(pa.record_batch({"i": pa.array(range(size), pa.int64())}))
    metered.end()
    metered.end()
    usage.flush()
    assert figures(store) == {"one": (2, 0, 7, 56, 0, 0), "two": (1, 0, 7, 56, 0, 0)}
    kept = store.usage(PRODUCER, AT, 9, produced=True)
    assert [r.object_name for r in kept] == ["s.t", "s.u", "s.v"]
    assert {(r.user, r.session, r.transaction_uid) for r in kept} == {(101, 1000, f"{'0' * 16}-7")}


def test_rows_are_written_through_the_share_of_the_table(store: Away, usage: ShareUsage) -> None:
    """INSERT through one share of what another gives: written there, read here."""
    metered = usage.began(
        uses("one.t", "two.v"), plan("t"), query(), store.catalog(), namespace(CONSUMER)
    )
    metered.wrote(5, 50)
    metered.end()
    usage.flush()
    assert figures(store) == {"one": (1, 0, 0, 0, 5, 50), "two": (1, 0, 5, 0, 0, 0)}


def test_a_revocation_is_told_of_the_share_that_was_lost(store: Away, usage: ShareUsage) -> None:
    """The producer of another share in the statement does not learn of it."""
    metered = usage.began(
        uses("one.t", "two.v"), plan(), query(), store.catalog(), namespace(CONSUMER)
    )
    metered.refused(["two"], "gone")
    metered.end()
    usage.refused(
        (1000, UserId(101), 0), namespace(CONSUMER), store.catalog(), ShareNotAccessible("none")
    )
    usage.flush()
    found = store.usage(CONSUMER, AT, 9, produced=False)
    refusal = ShareNotAccessible().message
    assert [(r.share, r.error) for r in found] == [("one", ""), ("two", "gone"), (None, refusal)]


@pytest.mark.parametrize("way", ["away", "forgetful"])
def test_requests_wait_for_the_store(store: Away, usage: ShareUsage, way: str) -> None:
    """Nothing is lost, nor counted twice, where the store fails before or after it wrote."""
    for number in range(3):
        metered = usage.began(
            uses("one.t"), plan(), query(number), store.catalog(), namespace(CONSUMER)
        )
        metered.gave(pa.record_batch({"i": pa.array([1], pa.int64())}))
        metered.end()
    setattr(store, way, True)
    with pytest.raises(StoreUnavailable):
        usage.flush()
    setattr(store, way, False)
    usage.flush()
    assert figures(store) == {"one": (3, 0, 3, 24, 0, 0)}
    assert [r.query for r in store.usage(CONSUMER, AT, 9, produced=False)] == [0, 1, 2]


def test_what_waits_is_bounded(store: Away, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that stays away costs so much memory and no more: the oldest requests go."""
    monkeypatch.setattr(share_usage, "MOST_WAITING", 2)
    bounded = ShareUsage(store, Clock(), Ids())
    store.away = True
    for number in range(4):
        bounded.began(
            uses("one.t"), plan(), query(number), store.catalog(), namespace(CONSUMER)
        ).end()
        with pytest.raises(StoreUnavailable):
            bounded.flush()
    store.away = False
    bounded.flush()
    assert [r.query for r in store.usage(CONSUMER, AT, 9, produced=False)] == [2, 3]


def test_the_writer_writes_behind_and_at_its_end(store: Away, usage: ShareUsage) -> None:
    """What waits when the node stops is written then; a view has it written before it reads."""
    log = ShareLog(store, Clock(), usage)
    uses_of = LastUses(store, Clock())
    writer = UsageWriter(usage, uses_of)
    uses_of.used("AKIA", "redshift", "us-east-1")
    usage.began(uses("one.t"), plan(), query(), store.catalog(), namespace(CONSUMER)).end()
    assert len(log.produced(namespace(PRODUCER))) == 1
    usage.began(uses("one.t"), plan(), query(), store.catalog(), namespace(CONSUMER)).end()
    writer.close()
    assert store.last_use("AKIA") is not None
    assert figures(store) == {"one": (2, 0, 0, 0, 0, 0)}
