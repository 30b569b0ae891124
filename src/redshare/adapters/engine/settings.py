"""How the engine behaves: places, limits and times. Values alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """`data` holds one directory a lake; times are in seconds."""

    data: Path
    #: How long a writer waits for another writer of the same lake.
    lock_timeout: float = 60.0
    #: A transaction older than this is rolled back: expiry relies on it.
    max_transaction: float = 6 * 3600.0
    #: A transaction whose client says nothing for this long is rolled back.
    idle_in_transaction: float = 1800.0
    #: A statement that does not obey a cancel for this long is ended with its worker.
    cancel_grace: float = 10.0
    #: Snapshots and files this much older than now may be removed: at least twice max_transaction.
    retention: float = 24 * 3600.0
    batch_rows: int = 32768
    #: Private instances, that is open transactions, of one worker at most.
    transactions: int = 48
    #: Private instances kept warm.
    warm: int = 1
    #: Lakes an instance keeps attached; the least recently used one goes first.
    attached: int = 16
    #: Lakes a worker may reach at most; a new generation forgets the least recently used.
    rights: int = 64
    temporary_bytes: int = 64 * 1024**3
    #: Off only where a test wants the second line of defence alone.
    landlock: bool = True
    #: A file that receives a line for each lock, fsync and commit of the workers.
    trace: Path | None = None

    def __post_init__(self) -> None:
        if self.retention < 2 * self.max_transaction:
            raise ValueError("retention must be at least twice max_transaction")

    @property
    def extensions(self) -> Path:
        """Where the DuckDB extensions of the wheels are gathered."""
        return self.data / ".extensions"
