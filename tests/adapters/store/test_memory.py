"""The in-memory store against the suite of the port."""

from __future__ import annotations

import pytest

from redshare.adapters.store import MemoryStore
from redshare.ports import Store
from tests.kits.store_kit import StoreSuite


class TestMemoryStore(StoreSuite):
    """The suite."""

    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()

    @pytest.fixture
    def impatient(self) -> Store:
        return MemoryStore(lock_timeout=0.01)
