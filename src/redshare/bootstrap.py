"""The one place where objects are made: a node from its settings.

Order: the directory's lock, PostgreSQL, the store, the engine, what a crash left to do, the use
cases, the listeners. Stopping goes the other way.
"""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from redshare.adapters.clock import ShiftedClock, SystemClock
from redshare.adapters.directory import DirectoryInUse, StateDirectory
from redshare.adapters.engine import DuckDBEngine, EngineSettings
from redshare.adapters.events.file import FileSink
from redshare.adapters.events.webhook import WebhookSink
from redshare.adapters.ids import RandomIds
from redshare.adapters.objects import Buckets
from redshare.adapters.postgres import (
    AttachedPostgres,
    EmbeddedPostgres,
    ExternalPostgres,
    PostgresServer,
)
from redshare.adapters.results import ResultFiles
from redshare.adapters.secrets import (
    KeySource,
    Sealer,
    UnusableMasterKey,
    key_command,
    key_file,
    key_text,
)
from redshare.adapters.spool import SpoolFiles
from redshare.adapters.store.postgresql import PostgresqlStore, open_store
from redshare.adapters.store.proof import NoChain, Proof, prove
from redshare.adapters.tls import TlsFiles, ensure_tls
from redshare.adapters.world import apply_contents, file_accounts
from redshare.app.call_rates import CallRates
from redshare.app.commands import Commands
from redshare.app.data.statements import Statements
from redshare.app.faults import Faults
from redshare.app.iam.authorizer import Authorizer
from redshare.app.iam.sessions import Sessions
from redshare.app.identity import Identity
from redshare.app.maintenance import Maintenance
from redshare.app.outbox import Outbox
from redshare.app.recovery import recover_lakes
from redshare.app.reset import Reset
from redshare.app.sessions.backends import Backends
from redshare.app.sessions.connections import ComputeSize, Connections
from redshare.app.sessions.running import Running
from redshare.app.shares.access_questions import AccessQuestions
from redshare.app.shares.usage import UsageWriter
from redshare.app.snapshots.lake_copies import LakeCopies
from redshare.app.snapshots.restores import Restores
from redshare.app.snapshots.snapshots import Snapshots
from redshare.app.snapshots.upkeep import SnapshotUpkeep
from redshare.app.warehouses.life import WarehouseLife
from redshare.app.warehouses.temporary_credentials import TemporaryCredentials
from redshare.app.warehouses.warehouses import Warehouses
from redshare.app.work import Work
from redshare.app.world import World, apply_user_keys, apply_world
from redshare.config import Settings
from redshare.core.account import AccessKey
from redshare.core.catalog import Put
from redshare.core.errors import StoreUnavailable
from redshare.core.ids import NamespaceKind
from redshare.core.warehouse import Warehouse
from redshare.endpoints import services
from redshare.endpoints.audit import CallAudit
from redshare.endpoints.audit_answers import AuditAnswers
from redshare.endpoints.authorization import Authorization
from redshare.endpoints.aws import Gateway, Operations
from redshare.endpoints.controls import Controls
from redshare.endpoints.explain import Explain
from redshare.endpoints.faulty import faulty
from redshare.endpoints.iam.sts import StsOperations
from redshare.endpoints.passwords import PasswordForms
from redshare.endpoints.pg.login import LoginServices
from redshare.endpoints.throttled import throttled
from redshare.ports import Commit, EventSink
from redshare.servers.http import HttpApp
from redshare.servers.pg import PgListeners, PgServices

log = structlog.get_logger(__name__)

CONTROL_DATABASE = "control"
#: Keys the made-up verifiers of unknown users, so that they do not change with a restart.
SERVER_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Node:
    """A running node but for its HTTP listener."""

    settings: Settings
    work: Work
    identity: Identity
    warehouses: Warehouses
    http: HttpApp
    tls: TlsFiles
    controls: Controls | None

    def apply(self, world: World) -> list[str]:
        """Make what the world file declares; a reset makes it again."""
        if self.controls is not None:
            self.controls.reset.world = world
        with self.work.trail.declared():
            return apply_world(world, self.identity, self.warehouses)

    def fill(self, world: World, folder: Path) -> list[str]:
        """Make identities and what is in namespaces, as a client of the node, which serves.

        Scripts are in `folder`. A reset makes it again. Raises WorldError.
        """
        if not world.has_contents:
            return []

        def fill() -> list[str]:
            accounts = file_accounts(world, self.settings.endpoint)
            made = list(apply_contents(world, accounts, folder))
            with self.work.trail.declared():
                return [*made, *apply_user_keys(world, self.identity)]

        if self.controls is not None:
            self.controls.reset.fill = fill
        return fill()


@contextlib.contextmanager
def open_node(settings: Settings) -> Iterator[Node]:
    """A node that serves SQL as soon as it is given, until the context ends.

    Raises DirectoryInUse, UnusableMasterKey, StoreUnavailable, OSError.
    """
    with contextlib.ExitStack() as stack:
        directory = StateDirectory(settings.directory)
        stack.callback(directory.close)
        settings = replace(settings, directory=directory.path)
        postgres = _postgres(settings)
        if isinstance(postgres, EmbeddedPostgres):
            stack.callback(postgres.stop)
        postgres.create_database(CONTROL_DATABASE)
        store = open_store(postgres.url(CONTROL_DATABASE), exclusive=settings.store_url is None)
        stack.callback(store.close)
        yield _assembled(settings, postgres, store, stack)


def prove_audit(directory: Path, store_url: str | None) -> Proof:
    """Read the audit's chain; of a node that runs or of one that does not.

    Raises NoChain, PostgresError, StoreUnavailable, OSError.
    """
    if store_url is not None:
        return prove(ExternalPostgres(store_url).url(CONTROL_DATABASE))
    if not (directory / "postgres" / "data").exists():
        raise NoChain
    with contextlib.ExitStack() as stack:
        try:
            stack.callback(StateDirectory(directory).close)
        except DirectoryInUse:
            return prove(AttachedPostgres(directory / "postgres").url(CONTROL_DATABASE))
        postgres = stack.enter_context(EmbeddedPostgres(directory / "postgres"))
        return prove(postgres.url(CONTROL_DATABASE))


def _postgres(settings: Settings) -> PostgresServer:
    if settings.store_url is not None:
        return ExternalPostgres(settings.store_url)
    embedded = EmbeddedPostgres(settings.directory / "postgres")
    embedded.start()
    return embedded


def _assembled(
    settings: Settings,
    postgres: PostgresServer,
    store: PostgresqlStore,
    stack: contextlib.ExitStack,
) -> Node:
    shifted = ShiftedClock() if settings.test_controls else None
    clock, ids = shifted or SystemClock(), RandomIds()
    work = Work(store, clock, ids, Running(), settings.usage_limit_unit)
    stack.callback(UsageWriter(work.usage, work.last_uses).close)
    engine = DuckDBEngine(postgres, EngineSettings(settings.directory / "lakes"), clock)
    stack.callback(engine.close)
    recover_lakes(work, engine)

    secrets = Sealer(_key_source(settings))
    _check_master_key(work, secrets)
    identity = Identity(work, secrets)
    server_secret = _server_secret(settings)
    passwords = PasswordForms(ids, server_secret)
    backends = Backends()
    spools = SpoolFiles(
        settings.directory / "cursors", settings.cursor_memory_bytes, settings.cursor_disk_bytes
    )
    connections = Connections(
        work,
        engine,
        _compute_size(settings),
        Commands(engine, passwords, backends, Buckets(settings.buckets, settings.s3_endpoints)),
        backends,
        spools,
        settings.connections,
    )
    results = ResultFiles(settings.directory / "results", settings.result_disk_bytes)
    statements = Statements(work, connections, store.data_log(_node_id(settings)), results)
    statements.start()
    stack.callback(statements.close)

    tls = ensure_tls(settings.directory / "tls", settings.advertised_host, clock.now())
    login = LoginServices(connections, clock, ids, server_secret)
    listeners = PgListeners(PgServices(login, tls.context()), settings.host, settings.sql_port_base)
    stack.callback(listeners.close_all)
    warehouses = Warehouses(work, engine, listeners, passwords)
    _listen_again(work, listeners)

    credentials = TemporaryCredentials(work, passwords)
    life = WarehouseLife(work, engine, listeners)
    copies = LakeCopies(work, engine)
    snapshots = {kind: Snapshots(work, copies, kind) for kind in NamespaceKind}
    restores = Restores(work, copies, warehouses, life)
    data = services.data_operations(statements, warehouses, credentials, connections)
    authorizer = Authorizer(work)
    operations: Operations = {
        **services.operations(
            settings.advertised_host,
            work,
            warehouses,
            life,
            snapshots,
            restores,
            credentials,
            data,
        ),
        "sts": StsOperations(Sessions(work, secrets, authorizer)).operations,
        "iam": services.iam_operations(work, secrets),
    }
    maintenance = Maintenance(
        work, engine, SnapshotUpkeep(work, snapshots), settings.maintenance_interval
    )
    stack.callback(maintenance.close)
    controls = None
    if shifted is not None:
        faults, reset = Faults(), Reset(work, engine, listeners, identity, warehouses, statements)
        controls = Controls(shifted, faults, reset, maintenance, ids)
        operations = faulty(operations, faults)
    if settings.calls_per_second:
        operations = throttled(operations, CallRates(settings.calls_per_second))
    explain = Explain(AccessQuestions(work))
    audit = CallAudit(
        work, AuditAnswers(services.describes(settings.advertised_host, work, warehouses))
    )
    # Clients sign with the machine's time, whatever the node's is.
    authorization = Authorization(work, authorizer, statements.owner_of)
    gateway = Gateway(operations, explain, identity, authorization, audit, SystemClock(), ids)
    http = HttpApp(gateway, settings.http_threads, _ready(store), controls)
    stack.callback(http.close)
    http.on_drain = statements.stop_waiting
    for sink in _sinks(settings):
        stack.callback(Outbox(store, sink).close)
    return Node(settings, work, identity, warehouses, http, tls, controls)


def _key_source(settings: Settings) -> KeySource:
    if settings.master_key is not None:
        return key_text(settings.master_key)
    if settings.master_key_command is not None:
        return key_command(settings.master_key_command)
    return key_file(settings.directory / "master.key")


def _check_master_key(work: Work, secrets: Sealer) -> None:
    """Better no node than one that knows no access key. Raises UnusableMasterKey."""
    keys: Iterator[AccessKey] = iter(work.catalog().tables[AccessKey].values())
    for key in itertools.islice(keys, 1):
        try:
            secrets.open(key.sealed_secret)
        except ValueError as error:
            raise UnusableMasterKey(
                "the master key is not the one that this state's access keys are sealed under"
            ) from error


def _sinks(settings: Settings) -> Iterator[EventSink]:
    positions = settings.directory / "events"
    if settings.events_file is not None:
        yield FileSink(settings.events_file, positions)
    if settings.events_webhook is not None:
        yield WebhookSink(settings.events_webhook, positions)


def _compute_size(settings: Settings) -> ComputeSize:
    return ComputeSize(
        settings.memory_bytes,
        settings.threads,
        os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        os.cpu_count() or settings.threads,
    )


def _listen_again(work: Work, listeners: PgListeners) -> None:
    """After a restart each warehouse listens again; one whose port was taken gets another."""
    catalog = work.catalog()
    found: list[Warehouse] = list(catalog.tables[Warehouse].values())
    for warehouse in found:
        port = listeners.open(warehouse.warehouse_id, warehouse.port)
        if port != warehouse.port:
            log.warning(
                "a warehouse's port is taken",
                warehouse=warehouse.identifier,
                was=warehouse.port,
                now=port,
            )
            work.store.commit(Commit((Put(replace(warehouse, port=port)),)))


def _ready(store: PostgresqlStore) -> Callable[[], bool]:
    def ready() -> bool:
        try:
            store.chain(limit=1)
        except StoreUnavailable:
            return False
        return True

    return ready


def _node_id(settings: Settings) -> str:
    """What tells nodes of one store apart: the directory's."""
    path = settings.directory / "node.id"
    if not path.exists():
        path.write_text(RandomIds().guid())
    return path.read_text()


def _server_secret(settings: Settings) -> bytes:
    path = settings.directory / "server.secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(RandomIds().secret(SERVER_SECRET_BYTES))
    return path.read_bytes()
