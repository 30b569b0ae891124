"""The engine: DuckDB in worker processes over DuckLake, metadata in PostgreSQL.

The node's side is here, the processes' side in `worker`; `protocol` is all they share.
"""

from __future__ import annotations

from redshare.adapters.engine.engine import DuckDBEngine
from redshare.adapters.engine.settings import EngineSettings

__all__ = ["DuckDBEngine", "EngineSettings"]
