"""The audit's chain, read from its first row to its last in one snapshot of the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import psycopg

from redshare.adapters.store import rows
from redshare.adapters.store.connections import TROUBLE, make_engine, pooled, roll_back
from redshare.adapters.store.rows import Connection
from redshare.core.audit_chain import BrokenChain, Reading
from redshare.core.errors import StoreUnavailable

#: Rows read at a time.
PAGE: Final = 1000


class NoChain(Exception):
    """The state is older than the chain, or none."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Rows that fit, the hash of the last of them, and where the chain breaks if it does."""

    rows: int
    head: str
    broken: BrokenChain | None


def prove(url: str) -> Proof:
    """Read the chain of a store; nothing is written. Raises NoChain, StoreUnavailable."""
    engine = make_engine(url)
    try:
        with pooled(engine) as connection:
            rows.run(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                return _proof(connection)
            finally:
                roll_back(connection)
    except psycopg.ProgrammingError as error:
        raise NoChain from error
    except TROUBLE as error:
        raise StoreUnavailable from error
    finally:
        engine.dispose()


def _proof(connection: Connection) -> Proof:
    reading = Reading()
    head = rows.audit_head(connection)
    broken: BrokenChain | None = None
    while broken is None and (page := rows.chain(connection, reading.last, PAGE)):
        broken = reading.follow(page)
    if broken is None:
        broken = reading.ends(head)
    return Proof(reading.count, reading.head, broken)
