"""Why a request failed, as it travels from a worker to the node: a kind, a safe text, a SQLSTATE.

The engine's own texts name lakes, files and DuckDB's settings; what is sent is free of them. The
kinds are closed, and each becomes one error of the core.
"""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from redshare.adapters.engine.protocol import Failed
from redshare.core.sql_errors import (
    EngineUnavailable,
    ExecutionError,
    LockNotAvailable,
    MultipleDatabaseWrite,
    QueryCanceled,
    ReadOnlyTransaction,
    SerializationFailure,
    SqlError,
)


class Kind(StrEnum):
    """What a failed request means to the session."""

    SERIALIZATION = "serialization"
    CANCELED = "canceled"
    LOCK = "lock"
    MULTIPLE_DATABASES = "multiple_databases"
    READ_ONLY = "read_only"
    EXECUTION = "execution"
    #: The worker can no longer be relied on.
    UNAVAILABLE = "unavailable"


class Refused(Exception):
    """Raised in a worker where a request cannot be done."""

    def __init__(
        self, kind: Kind, message: str, sqlstate: str = "XX000", lake: str | None = None
    ) -> None:
        super().__init__(message)
        self.answer = Failed(kind, message, sqlstate, lake)


def as_error(failed: Failed) -> SqlError:
    """The core's error for a worker's answer."""
    kind = Kind(failed.kind)
    match kind:
        case Kind.SERIALIZATION:
            return SerializationFailure(failed.message)
        case Kind.CANCELED:
            return QueryCanceled(failed.message) if failed.message else QueryCanceled()
        case Kind.LOCK:
            return LockNotAvailable(failed.message)
        case Kind.MULTIPLE_DATABASES:
            return MultipleDatabaseWrite()
        case Kind.READ_ONLY:
            return ReadOnlyTransaction(failed.message)
        case Kind.EXECUTION:
            return ExecutionError(failed.message, failed.sqlstate)
        case Kind.UNAVAILABLE:
            return EngineUnavailable()
        case _:
            assert_never(kind)
