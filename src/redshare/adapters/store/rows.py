"""The statements of the PostgreSQL store on one psycopg connection.

Reading and writing rows; when, under which lock and what a failure means is postgresql.py's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import psycopg

from redshare.adapters.store.codec import (
    KIND_OF,
    NAMES,
    decode_entity,
    encode_record,
)
from redshare.adapters.store.decision import Write
from redshare.adapters.store.locks import Locks
from redshare.core.account import AccessKey, Account
from redshare.core.audit_chain import ChainedRow, link
from redshare.core.catalog import KINDS, Catalog, Change, Drop, Entity, Key, Put, key_of, name_of
from redshare.core.cluster_event import ClusterEvent
from redshare.core.iam.identity import IamRole, IamUser, ManagedPolicy
from redshare.core.namespace import Namespace
from redshare.core.parameter_group import ParameterGroup
from redshare.core.resource_policy import ResourcePolicy
from redshare.core.share import Datashare
from redshare.core.snapshot import Snapshot
from redshare.core.subnet_group import SubnetGroup
from redshare.core.usage_breach import UsageBreach
from redshare.core.usage_limit import UsageLimit
from redshare.core.warehouse import Warehouse
from redshare.ports import AuditRecord

Connection = psycopg.Connection[tuple[Any, ...]]

#: How many versions of the catalogue a node may be behind without reading everything again.
LOG_KEPT: Final = 10_000
#: How often the log's old end is cut, in versions.
LOG_CUT_EVERY: Final = 500

#: The class of advisory locks that staged units of work hold.
_LOCK_CLASS: Final = 0x7273


def _insert(table: str) -> str:
    return f"""INSERT INTO {table} (key, parent, name, account, version, body)
        SELECT u.key, u.parent, u.name, u.account, u.version, u.body::json
        FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[])
            WITH ORDINALITY AS u(key, parent, name, account, version, body, position)
        ORDER BY u.position"""


#: Anything else than the expected number of rows is an error of the statement itself, so that the
#: COMMIT behind it in the same pipeline is never reached.
_COUNTED: Final = """WITH done AS ({} RETURNING 1)
    SELECT 1 / (count(*) = %s)::int FROM done"""


def _update(table: str) -> str:
    return _COUNTED.format(f"""UPDATE {table} AS t
        SET parent = u.parent, name = u.name, account = u.account, version = u.version,
            body = u.body::json
        FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[],
            %s::bigint[]) AS u(key, parent, name, account, version, body, old)
        WHERE t.key = u.key AND t.version = u.old""")


def _delete(table: str) -> str:
    return _COUNTED.format(f"""DELETE FROM {table} AS t
        USING unnest(%s::text[], %s::bigint[]) AS u(key, old)
        WHERE t.key = u.key AND t.version = u.old""")


_INSERT: Final = {kind: _insert(name) for kind, name in NAMES.items()}
_UPDATE: Final = {kind: _update(name) for kind, name in NAMES.items()}
_DELETE: Final = {kind: _delete(name) for kind, name in NAMES.items()}
_APPEND: Final = """INSERT INTO audit (at, account, body, previous, hash, share_log)
    SELECT u.at, u.account, u.body::json, u.previous, u.hash, u.share_log
    FROM unnest(%s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
        WITH ORDINALITY AS u(at, account, body, previous, hash, share_log, position)
    ORDER BY u.position"""
_LOG: Final = """INSERT INTO change_log (version, kind, key)
    SELECT u.version, u.kind, u.key
    FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS u(version, kind, key)"""

_SIGN: Final = """INSERT INTO writer (id, batch, at) VALUES (%s, %s, now())
    ON CONFLICT (id) DO UPDATE SET batch = excluded.batch, at = excluded.at"""


def run(connection: Connection, statement: str, parameters: Sequence[object] = ()) -> Any:  # noqa: ANN401 - a cursor
    """Execute one statement of this module."""
    return connection.execute(statement, parameters)


# --- reading ----------------------------------------------------------------------------------


def version_of(connection: Connection) -> tuple[int, int]:
    """The committed version and where the log starts."""
    row = run(connection, "SELECT version, log_start FROM catalog_version").fetchone()
    return int(row[0]), int(row[1])


def load(connection: Connection) -> Catalog:
    """Everything, of the connection's snapshot."""
    version, _ = version_of(connection)
    changes: list[Change] = []
    for kind in KINDS:
        rows = run(connection, f"SELECT body::text FROM {NAMES[kind]} ORDER BY made")
        changes += [Put(decode_entity(kind, body)) for (body,) in rows]
    return Catalog().after(changes, version)


def reload(connection: Connection, catalog: Catalog) -> Catalog:
    """The catalogue of the connection's snapshot, by what changed since `catalog`."""
    version, log_start = version_of(connection)
    if version == catalog.version:
        return catalog
    if version < catalog.version or catalog.version < log_start:
        return load(connection)
    keys: dict[str, set[str]] = defaultdict(set)
    logged = "SELECT DISTINCT kind, key FROM change_log WHERE version > %s"
    for name, key in run(connection, logged, [catalog.version]):
        keys[name].add(key)
    changes: list[Change] = []
    for name, wanted in keys.items():
        changes += _changed(connection, catalog, KIND_OF[name], wanted)
    return catalog.after(changes, version)


def _changed(
    connection: Connection, catalog: Catalog, kind: type[Entity], keys: set[str]
) -> Iterable[Change]:
    statement = f"SELECT body::text FROM {NAMES[kind]} WHERE key = ANY(%s) ORDER BY made"
    found = [decode_entity(kind, body) for (body,) in run(connection, statement, [list(keys)])]
    for key in keys - {key_of(entity) for entity in found}:
        old = catalog.get(kind, key)
        if old is not None:
            yield Drop(old)
    for entity in found:
        yield Put(entity)


def chain(connection: Connection, after: int, limit: int) -> list[ChainedRow]:
    """Audit rows in their order."""
    statement = """SELECT sequence, at, account, body::text, previous, hash FROM audit
        WHERE sequence > %s ORDER BY sequence LIMIT %s"""
    return [ChainedRow(*row) for row in run(connection, statement, [after, limit])]


def share_changes(
    connection: Connection, logs: Sequence[str], since: datetime, limit: int
) -> list[str]:
    """The newest audit rows of change logs of datashares, newest first."""
    statement = """SELECT body::text FROM audit WHERE share_log = ANY(%s) AND at >= %s
        ORDER BY sequence DESC LIMIT %s"""
    return [body for (body,) in run(connection, statement, [list(logs), since, limit])]


def audit_head(connection: Connection) -> str:
    """The hash of the newest audit row."""
    return str(run(connection, "SELECT audit_head FROM catalog_version").fetchone()[0])


# --- locking ----------------------------------------------------------------------------------


def lock_version(connection: Connection) -> Any:  # noqa: ANN401 - a cursor
    """Enter the order of commits: no other commits until the transaction ends.

    One row: the version, and the hash of the newest audit row.
    """
    return run(connection, "SELECT version, audit_head FROM catalog_version FOR UPDATE")


def try_locks(connection: Connection, locks: Locks) -> Any:  # noqa: ANN401 - a cursor
    """One row (bucket, got) for each bucket, without waiting; held until the transaction ends."""
    statement = f"""SELECT u.bucket, CASE WHEN u.alone
            THEN pg_try_advisory_xact_lock({_LOCK_CLASS}, u.bucket)
            ELSE pg_try_advisory_xact_lock_shared({_LOCK_CLASS}, u.bucket) END
        FROM unnest(%s::int[], %s::bool[]) AS u(bucket, alone)"""
    return run(connection, statement, [list(locks), list(locks.values())])


def wait_for_locks(connection: Connection, locks: Locks) -> None:
    """Take the locks in their order, waiting for each; held until the transaction ends."""
    statement = f"""SELECT CASE WHEN u.alone
            THEN pg_advisory_xact_lock({_LOCK_CLASS}, u.bucket)::text
            ELSE pg_advisory_xact_lock_shared({_LOCK_CLASS}, u.bucket)::text END
        FROM (SELECT * FROM unnest(%s::int[], %s::bool[]) AS v(bucket, alone) ORDER BY bucket) u"""
    run(connection, statement, [list(locks), list(locks.values())])


# --- writing ----------------------------------------------------------------------------------


def write(connection: Connection, batches: Sequence[tuple[int, Sequence[Write]]]) -> None:
    """Write the rows of each version, and the last one as the catalogue's.

    Fails with DivisionByZero where a row is not in the version it should be in.
    """
    merged: dict[tuple[type[Entity], Key], Write] = {}
    for _, writes in batches:
        for each in writes:
            where = (type(each.entity), key_of(each.entity))
            old = merged[where].old if where in merged else each.old
            merged[where] = replace(each, old=old)
    for kind in KINDS:
        _write_kind(connection, kind, [w for (k, _), w in merged.items() if k is kind])
    logged = [
        (version, NAMES[type(each.entity)], key_of(each.entity))
        for version, writes in batches
        for each in writes
    ]
    run(connection, _LOG, _columns(logged))
    last = batches[-1][0]
    run(connection, "UPDATE catalog_version SET version = %s", [last])
    if any(version % LOG_CUT_EVERY == 0 for version, _ in batches):
        _cut_log(connection, last - LOG_KEPT)


def _write_kind(connection: Connection, kind: type[Entity], writes: Iterable[Write]) -> None:
    new, changed, gone = [], [], []
    for each in writes:
        if each.new is None:
            if each.old is not None:
                gone.append((key_of(each.old), each.old.version))
        elif each.old is None:
            new.append(_row(each.new, each.body))
        else:
            changed.append((*_row(each.new, each.body), each.old.version))
    if gone:
        run(connection, _DELETE[kind], [*_columns(gone), len(gone)])
    if changed:
        run(connection, _UPDATE[kind], [*_columns(changed), len(changed)])
    if new:
        run(connection, _INSERT[kind], _columns(new))


def sign(connection: Connection, writer: str, batch: int) -> None:
    """Note the batch as its writer's last."""
    run(connection, _SIGN, [writer, batch])


def was_signed(connection: Connection, writer: str, batch: int, milliseconds: int) -> bool:
    """Whether the batch was committed; waits for a server process that is still at it."""
    run(connection, "BEGIN")
    run(connection, f"SET LOCAL lock_timeout = {milliseconds}")
    lock_version(connection)
    last = run(connection, "SELECT batch FROM writer WHERE id = %s", [writer]).fetchone()
    run(connection, "ROLLBACK")
    return last is not None and bool(last[0] == batch)


def _cut_log(connection: Connection, start: int) -> None:
    run(connection, "DELETE FROM writer WHERE at < now() - interval '30 days'")
    if start > 0:
        run(connection, "DELETE FROM change_log WHERE version <= %s", [start])
        run(connection, "UPDATE catalog_version SET log_start = %s", [start])


def append(connection: Connection, audit: Sequence[AuditRecord], head: str) -> None:
    """Append audit rows behind the one whose hash is `head`."""
    if not audit:
        return
    chained: list[tuple[object, ...]] = []
    for record in audit:
        account, body = record.account.replace("\0", ""), encode_record(record)
        previous, head = head, link(head, record.at, account, body)
        chained.append((record.at, account, body, previous, head, record.share_log))
    run(connection, _APPEND, _columns(chained))
    run(connection, "UPDATE catalog_version SET audit_head = %s", [head])


def _columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _row(entity: Entity, body: str) -> tuple[object, ...]:
    name = name_of(entity)
    # All but the last part are from closed alphabets without a slash, so this stays one to one.
    return key_of(entity), name[0], "/".join(name[1:]), _account(entity), entity.version, body


def _account(entity: Entity) -> str | None:
    match entity:
        case Account() | AccessKey():
            return entity.account_id
        case IamUser() | IamRole() | ManagedPolicy() | Namespace() | Warehouse() | Datashare():
            return entity.account
        case ParameterGroup() | SubnetGroup() | UsageLimit() | ResourcePolicy():
            return entity.account
        case ClusterEvent() | Snapshot() | UsageBreach():
            return entity.account
        case _:
            return None
