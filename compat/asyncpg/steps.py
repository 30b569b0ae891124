"""asyncpg, both sides of a share and what else its users do."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import asyncpg
from telling import TOLD, same, step

NOW = dt.datetime(2026, 1, 2, 3, 4, 5, 678900)
ZONED = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
ROW = (
    7, 1, 2**40, Decimal("-1.50"), 0.5, 0.1, True, dt.date(2026, 1, 2), NOW, ZONED,
    dt.time(3, 4, 5), "zwölf 'q' \\ €", None,
)  # fmt: skip
TYPES = (
    "s smallint, a int, b bigint, c decimal(8,2), r real, d float8, e bool, f date, g timestamp, "
    "z timestamptz, t time, h varchar(40), i int"
)


def way(side: str) -> dict[str, Any]:
    return {
        **TOLD[side],
        "database": TOLD["database"],
        "user": TOLD["user"],
        "password": TOLD["password"],
        "ssl": ssl.create_default_context(cafile=TOLD["ca_file"]),
    }


def with_connection(
    side: str,
) -> Callable[[Callable[[Any], Awaitable[None]]], Callable[[], None]]:
    """Give a function a connection of its own."""

    def wrap(function: Callable[[Any], Awaitable[None]]) -> Callable[[], None]:
        async def run() -> None:
            connection = await asyncpg.connect(**way(side))
            try:
                await function(connection)
            finally:
                await connection.close()

        return lambda: asyncio.run(run())

    return wrap


@step("producer: ALTER DATASHARE ADD TABLE")
@with_connection("producer")
async def _(connection: Any) -> None:
    await connection.execute(
        f"CREATE TABLE apg ({TYPES}); ALTER DATASHARE {TOLD['share']} ADD TABLE public.apg"
    )


@step("types there and back in binary, NULL and unicode")
@with_connection("producer")
async def _(connection: Any) -> None:
    marks = ", ".join(f"${n + 1}" for n in range(len(ROW)))
    same(await connection.execute(f"INSERT INTO apg VALUES ({marks})", *ROW), "INSERT 0 1")
    same(tuple(await connection.fetchrow("SELECT * FROM apg")), ROW)


@step("consumer: CREATE DATABASE FROM DATASHARE, INSERT, SELECT")
@with_connection("consumer")
async def _(connection: Any) -> None:
    share = TOLD["share"]
    await connection.execute(
        f"CREATE DATABASE {share} FROM DATASHARE {share} OF ACCOUNT '{TOLD['account']}' "
        f"NAMESPACE '{TOLD['namespace']}'"
    )
    await connection.execute(f"INSERT INTO {share}.public.t_{share} VALUES ($1, $2)", 3, "ü")
    rows = await connection.fetch(
        f"SELECT words FROM {share}.public.t_{share} WHERE i > $1 ORDER BY i", 1
    )
    same([row["words"] for row in rows], ["b", "ü"])


@step("prepared statements: parameters and attributes")
@with_connection("producer")
async def _(connection: Any) -> None:
    prepared = await connection.prepare("SELECT a, h FROM apg WHERE a = $1 AND h LIKE $2")
    same([p.name for p in prepared.get_parameters()], ["int4", "varchar"])
    same([a.name for a in prepared.get_attributes()], ["a", "h"])
    for _ in range(7):
        same(await prepared.fetchval(1, "zw%", column=1), ROW[-2])
    same(await connection.fetchval("SELECT $1::int + $2::bigint", 1, 2**40), 2**40 + 1)
    same(await connection.fetchval("SELECT a FROM apg LIMIT $1", 1), 1)


@step("transactions: commit, rollback, isolation, an error inside")
@with_connection("producer")
async def _(connection: Any) -> None:
    async with connection.transaction():
        await connection.execute("CREATE TABLE apg_kept (i int)")
    try:
        async with connection.transaction(isolation="serializable"):
            await connection.execute("INSERT INTO apg_kept VALUES (1)")
            await connection.execute("SELECT * FROM apg_nowhere")
    except asyncpg.UndefinedTableError as error:
        same(error.sqlstate, "42P01")
    same(await connection.fetchval("SELECT count(*) FROM apg_kept"), 0)


@step("cursors in a transaction, a large result")
@with_connection("producer")
async def _(connection: Any) -> None:
    await connection.execute("INSERT INTO apg_kept VALUES (0), (1), (2), (3), (4), (5), (6), (7)")
    for _ in range(12):
        await connection.execute("INSERT INTO apg_kept SELECT i FROM apg_kept")
    async with connection.transaction():
        seen = 0
        async for _record in connection.cursor("SELECT i FROM apg_kept WHERE i < $1", 4):
            seen += 1
        same(seen, 4 << 12)
        cursor = await connection.cursor("SELECT i FROM apg_kept")
        same(len(await cursor.fetch(10)), 10)
        same(await cursor.fetchrow() is not None, True)
    rows = await connection.fetch("SELECT i, repeat('x', 100) AS x FROM apg_kept")
    same((len(rows), rows[0]["x"]), (8 << 12, "x" * 100))


@step("executemany")
@with_connection("producer")
async def _(connection: Any) -> None:
    await connection.execute("CREATE TABLE apg_many (i int, w varchar(9))")
    await connection.executemany(
        "INSERT INTO apg_many VALUES ($1, $2)", [(n, None if n % 2 else str(n)) for n in range(20)]
    )
    same(tuple(await connection.fetchrow("SELECT count(*), count(w) FROM apg_many")), (20, 10))


@step("errors with their SQLSTATE; COPY refused")
@with_connection("producer")
async def _(connection: Any) -> None:
    for sql, code in (
        ("SELEC 1", "42601"),
        ("SELECT nothing FROM apg", "42703"),
        ("CREATE TABLE apg (i int)", "42P07"),
        ("SELECT 1 / 0", "22012"),
    ):
        try:
            await connection.fetch(sql)
        except asyncpg.PostgresError as error:
            same((sql, error.sqlstate), (sql, code))
        else:
            raise AssertionError(f"{sql} ran")
    try:
        await connection.copy_records_to_table("apg_many", records=[(1, "a")])
    except asyncpg.PostgresError as error:
        same(error.sqlstate, "0A000")
    else:
        raise AssertionError("it was copied")
    same(await connection.fetchval("SELECT 1"), 1)


@step("a pool: its reset statement, several connections at once")
def _() -> None:
    async def run() -> None:
        async with asyncpg.create_pool(**way("producer"), min_size=1, max_size=3) as pool:
            await asyncio.gather(*(pool.fetchval("SELECT $1::int", n) for n in range(9)))
            async with pool.acquire() as connection:
                same(await connection.fetchval("SELECT count(*) FROM apg"), 1)

    asyncio.run(run())
