"""What the use cases need from the world, each a Protocol.

Adapters implement them; tests run one behaviour suite a port on every adapter (tests/kits).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any, BinaryIO, Protocol

from redshare.core.audit_chain import ChainedRow
from redshare.core.catalog import Catalog, Change, Entity
from redshare.core.data_statement import DataSession, DataStatement
from redshare.core.ids import AccountId, DatabaseId, LakeId, NamespaceId
from redshare.core.last_use import LastUse
from redshare.core.plan import EnginePlan
from redshare.core.s3 import ObjectKeys, ObjectUrl, StoredObject
from redshare.core.share_change import ShareChange
from redshare.core.share_usage import ShareMeter, ShareRequest

# --- state ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """Who did what to what, with which outcome; never a secret. Kept in order, never changed."""

    at: datetime
    account: AccountId
    principal: str
    #: `redshift:AuthorizeDataShare`, or an SQL statement's tag.
    action: str
    resource: str
    request_id: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    source: str = ""
    region: str = ""
    #: The error's text.
    message: str = ""
    #: What the change logs of datashares show of it; None: it is in none.
    change: ShareChange | None = None
    #: What an API call that succeeded was answered, where its operation answers anything.
    response: Mapping[str, Any] | None = None

    @property
    def share_log(self) -> str | None:
        """Whose change logs it is in: a namespace's, or those of all namespaces of an account."""
        return None if self.change is None else self.change.namespace or self.account


@dataclass(frozen=True, slots=True)
class Commit:
    """One unit of work: all of it is made durable, or nothing.

    `guards` are entities the decision read but does not change: they too must still be in the
    version they were read in.
    """

    changes: tuple[Change, ...] = ()
    guards: tuple[Entity, ...] = ()
    audit: tuple[AuditRecord, ...] = ()
    #: The lake's snapshot that carries the same changes (design: data and governance commit once).
    lake_snapshot: tuple[DatabaseId, int] | None = None


class Staged(Protocol):
    """A unit of work whose rows are locked and checked, not yet visible."""

    def commit(self, lake_snapshot: tuple[DatabaseId, int] | None = None) -> Catalog:
        """Make it durable and publish the new catalogue. Raises StoreUnavailable."""


class Store(Protocol):
    """All state but the lakes. Every commit is on disk before it returns."""

    def catalog(self) -> Catalog:
        """The newest committed catalogue. Never older than a commit that returned anywhere."""

    def commit(self, commit: Commit) -> Catalog:
        """Make `commit` durable. Raises StaleState, DuplicateName, StoreUnavailable."""

    def stage(self, commit: Commit) -> AbstractContextManager[Staged]:
        """Lock and check; leaving the context without Staged.commit() undoes. Raises as commit."""

    def recover(self, database: DatabaseId, snapshot: int, changes: str) -> Catalog:
        """Apply the encoded changes of a snapshot that the store has not seen; again: no effect."""

    def encode(self, changes: Sequence[Change], audit: Sequence[AuditRecord] = ()) -> str:
        """The changes and their audit rows as text for a snapshot's extra_info."""

    def decode(self, changes: str) -> Sequence[Change]:
        """The changes of what `encode` made."""

    def audit(
        self, account: AccountId, *, after: int = 0, limit: int = 100
    ) -> Sequence[tuple[int, AuditRecord]]:
        """The account's audit rows in order, with their sequence numbers."""

    def share_changes(
        self, logs: Sequence[str], since: datetime, limit: int
    ) -> Sequence[AuditRecord]:
        """The newest audit rows with one of these `share_log`s, oldest first."""

    def add_usage(self, requests: Sequence[ShareRequest]) -> None:
        """Keep requests made of datashares and add them up; again: no effect."""

    def usage(
        self, namespace: NamespaceId, since: datetime, limit: int, *, produced: bool
    ) -> Sequence[ShareRequest]:
        """The newest requests of a consumer, or of a producer's shares, oldest first."""

    def metered(self, namespace: NamespaceId) -> Sequence[ShareMeter]:
        """The sums that a namespace has part in, by day."""

    def cross_region(self, consumer: NamespaceId, since: date) -> int:
        """The megabytes that a consumer's reads across Regions counted since a day (UTC)."""

    def add_uses(self, uses: Sequence[LastUse]) -> None:
        """Keep the last use of each subject; an older one than is kept: no effect."""

    def last_use(self, subject: str) -> LastUse | None:
        """The last use of an access key or a role that is kept."""

    def forget_usage(self, before: datetime, most: int, meters_before: datetime) -> None:
        """Drop requests from before, the oldest beyond `most`, and sums and last uses of before."""

    def record(self, records: Sequence[AuditRecord]) -> None:
        """Append audit rows of calls that changed nothing (failed ones)."""

    def chain(self, *, after: int = 0, limit: int = 100) -> Sequence[ChainedRow]:
        """All audit rows as they are stored, in order: what is proved, and told to others."""

    def close(self) -> None:
        """Release connections."""


# --- the engine -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WarehouseSpec:
    """A compute's size."""

    warehouse_id: str
    memory_bytes: int
    threads: int


@dataclass(frozen=True, slots=True)
class CommitNote:
    """What is written into the snapshot that a transaction makes."""

    author: str
    message: str
    extra_info: str


@dataclass(frozen=True, slots=True)
class Committed:
    """The snapshot a transaction made; None where it wrote nothing."""

    lake: LakeId | None = None
    snapshot_id: int | None = None


class EngineResult(Protocol):
    """A statement's answer, streamed as Arrow record batches.

    `written`: the bytes of the files that it added to a lake of another namespace; None of others.
    """

    schema: Any
    affected: int | None
    written: int | None

    def batches(self) -> Iterator[Any]:
        """The record batches, each read when asked for. Raises SqlError kinds."""

    def close(self) -> None:
        """Stop the statement if it still runs."""


class EngineSession(Protocol):
    """One SQL session's engine side. Used by one thread, but for cancel()."""

    def begin(self, *, read_only: bool = False) -> None:
        """Start a transaction with its first statement."""

    def run(self, plan: EnginePlan, parameters: Sequence[object] = ()) -> EngineResult:
        """Run a statement; outside a transaction only a read.

        Raises SerializationFailure, LockNotAvailable, QueryCanceled, MultipleDatabaseWrite,
        EngineUnavailable, ExecutionError.
        """

    def commit(self, note: CommitNote | None = None) -> Committed:
        """Commit: durable when it returns. Raises as run."""

    def rollback(self) -> None:
        """Undo the transaction."""

    def cancel(self) -> None:
        """End the running statement, from any thread."""

    def close(self) -> None:
        """Roll back and let go."""


class PinnedLakes(Protocol):
    """Lakes at one moment. Most writers wait until they are released."""

    def newest(self, lake: LakeId) -> int:
        """The lake's newest snapshot at the moment."""

    def notes(self, lake: LakeId, after: int) -> Sequence[tuple[int, str]]:
        """As Engine.committed_notes, at the moment."""

    def release(self) -> bool:
        """Let writers go on; whether no lake has changed since the moment until now."""

    def copy(self, source: LakeId, target: LakeId, tables: Mapping[str, str]) -> tuple[int, int]:
        """Make the empty lake `target` what `source` was, with other names for some tables.

        The newest snapshot in it, and the bytes of its files, which both lakes share.
        """


class Engine(Protocol):
    """The computes of this node and the lakes they work on."""

    def create_lake(self, lake: LakeId) -> None:
        """Make the storage of a database; again: no effect."""

    def drop_lake(self, lake: LakeId) -> None:
        """Remove the storage of a database; again: no effect."""

    def pin_lakes(self, lakes: Iterable[LakeId]) -> AbstractContextManager[PinnedLakes]:
        """Those lakes at one moment, while the context lasts.

        Raises EngineUnavailable, in the context too, where one is not there any more or a copy
        finds no room.
        """

    def open_session(self, warehouse: WarehouseSpec) -> EngineSession:
        """A session on a warehouse; its worker starts with the first statement."""

    def stop_warehouse(self, warehouse_id: str) -> None:
        """End the warehouse's workers."""

    def committed_notes(self, lake: LakeId, after_snapshot: int) -> Sequence[tuple[int, str]]:
        """Snapshot ids after the given one with their extra_info, in order."""

    def drop_temporary(self, lake: LakeId) -> int:
        """Drop the tables that sessions of a node now dead left in a lake; how many."""

    def maintain(self, lake: LakeId) -> object:
        """Compact and expire under the lake's write lock."""

    def close(self) -> None:
        """End all workers."""


# --- objects ----------------------------------------------------------------------------------


class ObjectStores(Protocol):
    """The buckets of this node; where they are and who may use them is in its settings."""

    def of(self, account: AccountId) -> Objects:
        """The buckets as an account may use them."""


class Objects(Protocol):
    """The buckets that COPY reads and UNLOAD writes.

    `keys` are those a statement brings itself; without them the node's own are used.
    """

    def listed(self, prefix: ObjectUrl, keys: ObjectKeys | None = None) -> Iterator[StoredObject]:
        """The objects whose keys begin like this, in the order of their keys.

        Raises ObjectStoreError.
        """

    def find(self, url: ObjectUrl, keys: ObjectKeys | None = None) -> StoredObject | None:
        """The object, if it is there. Raises ObjectStoreError."""

    def read(
        self, url: ObjectUrl, keys: ObjectKeys | None = None
    ) -> AbstractContextManager[BinaryIO]:
        """The object's bytes from the first to the last. Raises ObjectStoreError."""

    def write(
        self, url: ObjectUrl, keys: ObjectKeys | None = None
    ) -> AbstractContextManager[BinaryIO]:
        """Make the object of what is written; it is there, whole, when the context ends well.

        Raises ObjectStoreError.
        """

    def remove(self, url: ObjectUrl, keys: ObjectKeys | None = None) -> None:
        """Remove the object; again: no effect. Raises ObjectStoreError."""


# --- rows kept for later ----------------------------------------------------------------------


class Spool(Protocol):
    """Record batches put aside, read back once and in order; none is added after the first read."""

    def append(self, batch: Any) -> None:  # noqa: ANN401 - a pyarrow.RecordBatch
        """Keep a batch. Raises CursorTooLarge."""

    def next(self) -> Any:  # noqa: ANN401 - a pyarrow.RecordBatch or None
        """The next batch, None behind the last."""

    def close(self) -> None:
        """Give up what is left; again: no effect."""


class Spools(Protocol):
    """Where sessions put rows aside."""

    def open(self) -> Spool:
        """An empty one."""


# --- the Data API -----------------------------------------------------------------------------


class DataLog(Protocol):
    """The statements and sessions of the Data API, on disk before save() returns."""

    def statements(self) -> Sequence[DataStatement]:
        """All that are kept. Raises StoreUnavailable."""

    def sessions(self) -> Sequence[DataSession]:
        """All that are kept. Raises StoreUnavailable."""

    def save(self, entry: DataStatement | DataSession) -> None:
        """Keep it in place of what was kept under its id. Raises StoreUnavailable."""

    def remove(self, ids: Collection[str]) -> None:
        """Forget those; again: no effect. Raises StoreUnavailable."""


class Results(Protocol):
    """Results of statements by name, in pages that can be read in any order.

    A name begins with the account that the result is for, and a dot.
    """

    def write(self, name: str, schema: Any, pages: Iterable[Any]) -> None:  # noqa: ANN401 - of Arrow
        """Keep the pages (record batches of `schema`), on disk when it returns.

        Raises what reading `pages` does, ResultTooLarge, ResultNotKept; then nothing is kept.
        """

    def page(self, name: str, number: int) -> Any:  # noqa: ANN401 - a pyarrow.RecordBatch
        """A page counted from 0; None behind the last, and where there is no such result."""

    def schema(self, name: str) -> Any:  # noqa: ANN401 - a pyarrow.Schema
        """What the pages are of; None where there is no such result."""

    def names(self) -> Collection[str]:
        """Those that are kept."""

    def remove(self, name: str) -> None:
        """Forget one; again: no effect."""


# --- events -----------------------------------------------------------------------------------


class SinkUnavailable(Exception):
    """A sink did not take an event now; it is tried again."""


class EventSink(Protocol):
    """Who is told of mutations; it notes durably how far it was told."""

    def position(self) -> int:
        """The sequence number of the last event that was delivered; 0 before the first."""

    def deliver(
        self, events: Sequence[tuple[int, Mapping[str, Any]]], stopped: Callable[[], bool]
    ) -> None:
        """Deliver in order, until all are or `stopped`. Raises SinkUnavailable."""


# --- small ones -------------------------------------------------------------------------------


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Now, in UTC with its zone, in microseconds."""


class MovableClock(Clock, Protocol):
    """A clock that a test sets."""

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""

    def move(self, now: datetime) -> None:
        """It is that moment."""

    def freeze(self, *, frozen: bool) -> None:
        """Stand still, or go on from there."""

    def restore(self) -> None:
        """The machine's time again."""


class Ids(Protocol):
    """Fresh identifiers."""

    def guid(self) -> str:
        """A lower-case GUID nobody can guess."""

    def hex(self) -> str:
        """32 lower-case hexadecimal digits."""

    def secret(self, size: int) -> bytes:
        """Random bytes fit for keys."""


class Purpose(Enum):
    """What a seal is for: it opens for nothing else."""

    SECRET = "secret"  # noqa: S105 - its name
    SESSION = "session"


class Secrets(Protocol):
    """Sealing of secrets that must be read back (access keys, sessions)."""

    def seal(self, secret: str, purpose: Purpose = Purpose.SECRET) -> bytes:
        """Encrypt."""

    def open(self, sealed: bytes, purpose: Purpose = Purpose.SECRET) -> str:
        """Decrypt. Raises ValueError if it was changed or sealed otherwise."""


class Passwords(Protocol):
    """One-way forms of passwords, one for each way a client may prove that it knows it."""

    def verifiers(self, user: str, password: str) -> tuple[str, ...]:
        """What is kept of a password. Accepts the md5 and sha256 forms that SQL accepts."""

    def temporary(self, login: str) -> tuple[str, tuple[str, ...]]:
        """A password made up for a temporary login, and what is kept of it.

        All that are made for one login fit the same challenge, so any of them may answer it.
        """


class Listeners(Protocol):
    """The SQL ports of the warehouses."""

    def open(self, warehouse: str, wish: int | None) -> int:
        """Listen for the warehouse and give the port: the wished one if it is free.

        Again for an open warehouse: its port. Raises OSError where no port is to be had.
        """

    def moved(self, warehouse: str, port: int) -> AbstractContextManager[None]:
        """Listen on that very port instead, once the context ends well; its connections end then.

        Raises InvalidParameterValue where the port is not free.
        """

    def hang_up(self, warehouse: str) -> None:
        """End the warehouse's connections; it goes on listening."""

    def close(self, warehouse: str) -> None:
        """Stop listening and end the warehouse's connections."""
