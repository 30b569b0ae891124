"""What a warehouse's worker may take follows the warehouse's size."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from redshare.app.sessions.connections import ComputeSize
from redshare.core.ids import AccountId, NamespaceId, Region, WarehouseId
from redshare.core.warehouse import Warehouse, WarehouseKind

GIB = 1 << 30
CLUSTER = Warehouse(
    WarehouseId("w"),
    WarehouseKind.CLUSTER,
    "c",
    AccountId("111111111111"),
    Region("us-east-1"),
    NamespaceId("n"),
    5439,
    datetime(2026, 1, 1, tzinfo=UTC),
)
WORKGROUP = replace(CLUSTER, kind=WarehouseKind.WORKGROUP)


@pytest.mark.parametrize(
    ("warehouse", "memory", "threads"),
    [
        (CLUSTER, 1, 2),
        (replace(CLUSTER, number_of_nodes=3), 3, 6),
        (replace(CLUSTER, number_of_nodes=128), 16, 8),
        (replace(WORKGROUP, base_capacity=8), 1, 2),
        (WORKGROUP, 1, 2),
        (replace(WORKGROUP, base_capacity=256), 2, 4),
    ],
)
def test_grows_with_nodes_and_capacity(warehouse: Warehouse, memory: int, threads: int) -> None:
    """As many times more as there are nodes, and no more than the machine has."""
    spec = ComputeSize(GIB, 2, 16 * GIB, 8).of(warehouse)
    assert (spec.memory_bytes, spec.threads) == (memory * GIB, threads)


def test_a_small_machine_is_believed() -> None:
    """What was set stands, even where the machine has less."""
    spec = ComputeSize(4 * GIB, 4, 2 * GIB, 2).of(replace(CLUSTER, number_of_nodes=2))
    assert (spec.memory_bytes, spec.threads) == (4 * GIB, 4)
