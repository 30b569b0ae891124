"""Connections to the store's database, and what losing one means.

A connection that was lost is never used again, and idle ones are asked before they are used: after
a restart of the server the next caller gets a fresh one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Final, TypeVar, cast

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from redshare.adapters.store.rows import Connection
from redshare.core.errors import StoreUnavailable

Answer = TypeVar("Answer")

#: What says that the database, and not the statement, is the trouble.
TROUBLE: Final = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    sa.exc.OperationalError,
    sa.exc.InterfaceError,
    sa.exc.TimeoutError,
)

#: Idle connections kept, and how many more a burst may open.
_KEPT: Final = 8
_MORE: Final = 24
_CONNECT_SECONDS: Final = 5

#: No lock of the store is ever held for so long by a node that lives.
_SESSION: Final = "-c synchronous_commit=on -c timezone=UTC -c lock_timeout=30s"
#: A node that stops between locking the order of commits and committing must not stop the others.
_WRITER_IDLE: Final = "SET idle_in_transaction_session_timeout = '15s'"


def make_engine(url: str) -> Engine:
    """A pool on `url`, any form of PostgreSQL's."""
    return sa.create_engine(
        sa.make_url(url).set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
        # One round trip a read; the writer's connection, where it would hurt, is not the pool's.
        pool_pre_ping=True,
        pool_size=_KEPT,
        max_overflow=_MORE,
        connect_args={
            "application_name": "redshare store",
            "connect_timeout": _CONNECT_SECONDS,
            "options": _SESSION,
        },
    )


def writers(engine: Engine) -> Connection:
    """A connection of the writer's own, outside the pool. Raises TROUBLE."""
    fairy = engine.raw_connection()
    connection = cast("Connection", fairy.driver_connection)
    fairy.detach()
    try:
        connection.execute(_WRITER_IDLE)
    except psycopg.Error:
        connection.close()
        raise
    return connection


@contextmanager
def pooled(engine: Engine) -> Iterator[Connection]:
    """A connection for a while; it must come back outside a transaction. Raises TROUBLE."""
    fairy = engine.raw_connection()
    connection = cast("Connection", fairy.driver_connection)
    try:
        yield connection
    finally:
        # `closed` also tells of a connection that broke.
        if connection.closed:
            fairy.invalidate()
        else:
            roll_back(connection)
        fairy.close()


@contextmanager
def transaction(engine: Engine, begin: Callable[[Connection], None]) -> Iterator[None]:
    """A transaction that `begin` opens and that ends undone. Raises StoreUnavailable.

    Only the beginning is the store's: what the body raises passes through as it is.
    """
    with ExitStack() as stack:
        try:
            _enter(stack, engine, begin)
        except TROUBLE as error:
            raise StoreUnavailable from error
        yield


def _enter(stack: ExitStack, engine: Engine, begin: Callable[[Connection], None]) -> None:
    for again in (True, False):
        with ExitStack() as trial:
            connection = trial.enter_context(pooled(engine))
            trial.callback(roll_back, connection)
            try:
                begin(connection)
            except TROUBLE:
                if not (again and connection.broken):
                    raise
                continue
            stack.push(trial.pop_all())
            return


def read(engine: Engine, ask: Callable[[Connection], Answer]) -> Answer:
    """What `ask` answers; asked again once if the connection was dead. Raises StoreUnavailable."""
    for again in (True, False):
        try:
            with pooled(engine) as connection:
                return ask(connection)
        except TROUBLE as error:
            if not again:
                raise StoreUnavailable from error
    raise AssertionError("unreachable")


def roll_back(connection: Connection) -> None:
    """End the transaction, if the connection still lives."""
    with suppress(psycopg.Error):
        connection.rollback()
