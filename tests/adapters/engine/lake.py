"""A lake under test: short ways to say create, insert, select as the binder would."""

from __future__ import annotations

import itertools
import re
import secrets
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from redshare.adapters.clock import SystemClock
from redshare.adapters.engine import DuckDBEngine, EngineSettings
from redshare.adapters.engine.extensions import loadable
from redshare.adapters.engine.worker.instance import attach_lake
from redshare.adapters.postgres import EmbeddedPostgres
from redshare.core.ids import LakeId
from redshare.core.plan import EnginePlan, LakeUse, WriteTarget, WriteVerb
from redshare.ports import Committed, EngineSession, WarehouseSpec

_NUMBERS = itertools.count()
MEMORY = 512 * 1024**2


@dataclass
class World:
    """A PostgreSQL, an engine and what tests ask of them."""

    postgres: EmbeddedPostgres
    directory: Path
    engine: DuckDBEngine = field(init=False)
    trace: Path = field(init=False)
    _sessions: list[tuple[DuckDBEngine, str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.trace = self.directory / "trace"
        self.engine = self.another()

    def another(self, **settings: Any) -> DuckDBEngine:
        """An engine over the same data with other settings."""
        given = {"lock_timeout": 20.0, "trace": self.trace, **settings}
        return DuckDBEngine(
            self.postgres, EngineSettings(self.directory / "lakes", **given), SystemClock()
        )

    def lake(self) -> Lake:
        """A new lake."""
        lake = LakeId(secrets.token_hex(16))
        self.engine.create_lake(lake)
        return Lake(lake)

    def session(self, warehouse: str | None = None, engine: DuckDBEngine | None = None) -> Any:
        """A session on the warehouse all tests share, or on the named one."""
        engine = engine or self.engine
        session = engine.open_session(spec(warehouse))
        self._sessions.append((engine, "", session))
        return session

    def apart(self, engine: DuckDBEngine | None = None) -> Any:
        """A session on a warehouse of its own."""
        engine, wanted = engine or self.engine, spec(f"wh-{next(_NUMBERS)}")
        session = engine.open_session(wanted)
        self._sessions.append((engine, wanted.warehouse_id, session))
        return session

    def bare(self, lake: Lake) -> Any:
        """A DuckDB of the test's own on the lake, without any of our guards."""
        connection = duckdb.connect(
            config={"extension_directory": str(self.directory / "lakes" / ".extensions")}
        )
        for statement in loadable():
            connection.execute(statement)
        url = self.postgres.url(f"lake_{lake.id}")
        data = self.directory / "lakes" / lake.id
        attach_lake(connection, lake.id, url, data, read_only=False)
        return connection

    def close_sessions(self) -> None:
        """What a test opened; warehouses that were named stay for the next test."""
        for engine, own_warehouse, session in self._sessions:
            session.close()
            engine.stop_warehouse(own_warehouse)
        self._sessions.clear()


def spec(warehouse: str | None = None) -> WarehouseSpec:
    """A small warehouse."""
    return WarehouseSpec(warehouse or "main", MEMORY, 1)


@dataclass
class Lake:
    """One lake and one table name of it."""

    id: LakeId
    table: str = field(default_factory=lambda: f"t_{secrets.token_hex(16)}")

    @property
    def name(self) -> str:
        """The table in engine SQL."""
        return f"lake_{self.id}.main.{self.table}"

    def other(self) -> Lake:
        """Another table of the lake."""
        return Lake(self.id)

    def write(self, sql: str, verb: WriteVerb) -> EnginePlan:
        """A writing plan; `T` in the text stands for the table."""
        return EnginePlan(
            re.sub(r"\bT\b", self.name, sql),
            (LakeUse(self.id, may_write=True),),
            (WriteTarget(self.id, self.table, verb),),
            returns_rows=False,
        )

    def create(self, columns: str = "(a INTEGER, b VARCHAR)") -> EnginePlan:
        """CREATE TABLE."""
        return self.write(f"CREATE TABLE T {columns}", WriteVerb.DDL)

    def insert(self, values: str = "(1, 'one')") -> EnginePlan:
        """INSERT."""
        return self.write(f"INSERT INTO T VALUES {values}", WriteVerb.INSERT)

    def fill(self, rows: int) -> EnginePlan:
        """INSERT of many rows."""
        select = f"SELECT i, 'row ' || i FROM range({rows}) r(i)"
        return self.write(f"INSERT INTO T {select}", WriteVerb.INSERT)

    def update(self, what: str) -> EnginePlan:
        """UPDATE."""
        return self.write(f"UPDATE T {what}", WriteVerb.UPDATE)

    def delete(self, where: str) -> EnginePlan:
        """DELETE."""
        return self.write(f"DELETE FROM T WHERE {where}", WriteVerb.DELETE)

    def read(self, sql: str = "SELECT a, b FROM T ORDER BY a", **use: Any) -> EnginePlan:
        """A reading plan."""
        uses = (LakeUse(self.id, may_write=False, **use),)
        return EnginePlan(re.sub(r"\bT\b", self.name, sql), uses)


def transact(session: EngineSession, *plans: EnginePlan) -> Committed:
    """BEGIN, the plans, COMMIT."""
    session.begin()
    try:
        for plan in plans:
            session.run(plan)
        return session.commit()
    except BaseException:
        session.rollback()
        raise


def rows(session: EngineSession, plan: EnginePlan, *parameters: object) -> list[tuple[Any, ...]]:
    """All rows of a read."""
    result = session.run(plan, parameters)
    return [tuple(row.values()) for batch in result.batches() for row in batch.to_pylist()]


def wait_for(condition: str) -> None:
    """Wait until a shell condition holds."""
    subprocess.run(
        ["timeout", "30", "sh", "-c", f"until {condition}; do sleep 0.05; done"], check=True
    )
