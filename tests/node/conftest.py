"""A name of its own for each test's objects, and connections that are closed after it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from tests.node.running import RunningNode

_numbers = itertools.count(1)


@pytest.fixture
def name() -> str:
    """A name no other test uses."""
    return f"x{next(_numbers)}"


Connect = Callable[..., psycopg.Connection[Any]]


@pytest.fixture
def connect(node: RunningNode) -> Iterator[Connect]:
    """Connections that are closed after the test."""
    opened = []

    def connect_(*arguments: str, **named: str) -> psycopg.Connection[Any]:
        opened.append(node.connect(*arguments, **named))
        return opened[-1]

    yield connect_
    for connection in opened:
        connection.close()
