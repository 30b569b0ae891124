"""What happens to a warehouse between its first day and its last: paused, resumed, rebooted,
renamed, resized.

Each is done when it is answered. A paused cluster's storage stays readable through its shares: the
compute is the consumer's.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from redshare.app.warehouses.cluster_events import put_event
from redshare.app.warehouses.parameter_groups import required_group
from redshare.app.warehouses.warehouses import CLUSTER
from redshare.app.work import Work
from redshare.core.aws_errors import AlreadyExists, InvalidState, ResourceNotFound
from redshare.core.catalog import Catalog, Change, Put
from redshare.core.cluster_event import (
    CREDENTIALS_UPDATED,
    PAUSE_STARTED,
    PAUSED,
    REBOOTED,
    RENAMED,
    RESUMED,
    EventKind,
)
from redshare.core.namespace import Namespace
from redshare.core.parameter_group import in_force
from redshare.core.warehouse import Warehouse, WarehouseStatus
from redshare.ports import Commit, Engine, Listeners


@dataclass(frozen=True, slots=True)
class Modification:
    """What ModifyCluster wants; `verifiers` are of the administrator's new password."""

    cluster: Callable[[Warehouse], Warehouse]
    namespace: Callable[[Namespace], Namespace]
    identifier: str | None = None
    verifiers: tuple[str, ...] | None = None
    port: int | None = None
    told: tuple[EventKind, ...] = ()


class WarehouseLife:
    """Clusters; each verb answers the cluster as it is after it."""

    def __init__(self, work: Work, engine: Engine, listeners: Listeners) -> None:
        self._work = work
        self._engine = engine
        self._listeners = listeners

    def pause(self, cluster: Warehouse) -> Warehouse:
        """End its compute; connections are refused until it is resumed. Raises InvalidState."""

        def paused(now: Warehouse) -> Warehouse:
            _require(now, WarehouseStatus.AVAILABLE, "paused")
            return replace(now, status=WarehouseStatus.PAUSED)

        changed = self._changed(cluster, paused, PAUSE_STARTED, PAUSED)
        self.end_compute(cluster)
        return changed

    def resume(self, cluster: Warehouse) -> Warehouse:
        """Let it work again. Raises InvalidState."""

        def resumed(now: Warehouse) -> Warehouse:
            _require(now, WarehouseStatus.PAUSED, "resumed")
            return replace(now, status=WarehouseStatus.AVAILABLE)

        return self._changed(cluster, resumed, RESUMED, starts=True)

    def reboot(self, cluster: Warehouse) -> Warehouse:
        """End its connections and its compute; both may come back at once. Raises InvalidState."""

        def rebooted(now: Warehouse) -> Warehouse:
            _require(now, WarehouseStatus.AVAILABLE, "rebooted")
            return now

        started = self._changed(cluster, rebooted, REBOOTED, starts=True)
        self.end_compute(cluster)
        return started

    def change(
        self,
        cluster: Warehouse,
        changed: Callable[[Warehouse], Warehouse],
        verb: str,
        *told: EventKind,
    ) -> Warehouse:
        """Other attributes, node type or count. Raises InvalidState."""

        def checked(now: Warehouse) -> Warehouse:
            _require(now, WarehouseStatus.AVAILABLE, verb)
            return changed(now)

        return self._changed(cluster, checked, *told)

    def change_namespace(
        self, cluster: Warehouse, changed: Callable[[Namespace], Namespace]
    ) -> None:
        """What belongs to the namespace: encryption, roles. Raises ResourceNotFound."""

        def decision(catalog: Catalog) -> tuple[Commit, None]:
            old = _namespace(catalog, _now(catalog, cluster))
            new = changed(old)
            return Commit(() if new == old else (Put(new),)), None

        self._work.decide(decision)

    def modify(self, cluster: Warehouse, wanted: Modification) -> Warehouse:
        """All of it or nothing; the namespace and its shares stay what they are.

        Raises AlreadyExists, InvalidParameterValue, InvalidState, ResourceNotFound.
        """

        def decision(catalog: Catalog) -> tuple[Commit, Warehouse]:
            now = _now(catalog, cluster)
            _require(now, WarehouseStatus.AVAILABLE, "modified")
            old = _namespace(catalog, now)
            new, namespace, told = wanted.cluster(now), wanted.namespace(old), [*wanted.told]
            required_group(catalog, new.account, new.region, new.parameter_group)
            if wanted.identifier not in {None, now.identifier}:
                taken = (now.account, now.region, now.kind, wanted.identifier)
                if catalog.named(Warehouse, *taken) is not None:
                    raise AlreadyExists(CLUSTER, wanted.identifier)
                new = replace(new, identifier=wanted.identifier)
                namespace = replace(namespace, name=wanted.identifier)
                told.append(RENAMED)
            new = new if wanted.port is None else replace(new, port=wanted.port)
            changes: list[Change] = [] if new == now else [Put(new)]
            changes += [] if namespace == old else [Put(namespace)]
            if wanted.verifiers is not None:
                admin = catalog.user(old.namespace_id, old.admin_username)
                assert admin is not None, "the administrator cannot be dropped"
                changes.append(Put(replace(admin, verifiers=wanted.verifiers)))
                told.append(CREDENTIALS_UPDATED)
            changes += [put_event(self._work, kind, new) for kind in told]
            return Commit(tuple(changes)), new

        with self._on_port(cluster, wanted.port):
            return self._work.decide(decision)

    def end_compute(self, warehouse: Warehouse) -> None:
        """End its connections and its workers; both come back when they are wanted."""
        self._listeners.hang_up(warehouse.warehouse_id)
        self._engine.stop_warehouse(warehouse.warehouse_id)

    # --- how ------------------------------------------------------------------------------

    def _on_port(self, cluster: Warehouse, port: int | None) -> AbstractContextManager[None]:
        if port is None or port == cluster.port:
            return nullcontext()
        return self._listeners.moved(cluster.warehouse_id, port)

    def _changed(
        self,
        cluster: Warehouse,
        changed: Callable[[Warehouse], Warehouse],
        *told: EventKind,
        starts: bool = False,
    ) -> Warehouse:
        def decision(catalog: Catalog) -> tuple[Commit, Warehouse]:
            old = _now(catalog, cluster)
            new = changed(old)
            if starts:
                group = required_group(catalog, new.account, new.region, new.parameter_group)
                new = replace(new, parameters=in_force(group))
            events = tuple(put_event(self._work, kind, new) for kind in told)
            return Commit(events if new == old else (Put(new), *events)), new

        return self._work.decide(decision)


def _now(catalog: Catalog, cluster: Warehouse) -> Warehouse:
    found = catalog.warehouse(cluster.warehouse_id)
    if found is None:
        raise ResourceNotFound(CLUSTER, cluster.identifier)
    return found


def _namespace(catalog: Catalog, cluster: Warehouse) -> Namespace:
    found = catalog.namespace(cluster.namespace)
    assert found is not None, "a namespace outlives its warehouses"
    return found


def _require(cluster: Warehouse, status: WarehouseStatus, verb: str) -> None:
    if cluster.status is not status:
        raise InvalidState(
            CLUSTER,
            f"The cluster {cluster.identifier} is {cluster.status}. "
            f"It can be {verb} only while it is {status}.",
        )
