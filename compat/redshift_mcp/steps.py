"""A client of the MCP server: its tools against both accounts."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from telling import TOLD, same, step

Call = Callable[..., Awaitable[Any]]


def with_server(side: str) -> Callable[[Callable[[Call], Awaitable[None]]], Callable[[], None]]:
    """Give a function the tools of a server with an account's credentials."""

    def wrap(function: Callable[[Call], Awaitable[None]]) -> Callable[[], None]:
        async def run() -> None:
            failed: list[Exception] = []
            server = StdioServerParameters(
                command=TOLD["server"], env={**os.environ, **TOLD["environments"][side]}
            )
            async with stdio_client(server) as streams, ClientSession(*streams) as session:
                await session.initialize()

                async def call(tool: str, **arguments: Any) -> Any:
                    answer = await session.call_tool(tool, arguments)
                    assert not answer.is_error, answer.content[0].text[:1500]
                    return answer.structured_content.get("result", answer.structured_content)

                try:
                    await function(call)
                except Exception as error:  # noqa: BLE001 - told outside of the task groups
                    failed.append(error)
            if failed:
                raise failed[0]

        return lambda: asyncio.run(run())

    return wrap


def at(group: str) -> dict[str, str]:
    return {"cluster_identifier": group, "cluster_type": "serverless"}


@step("list_clusters")
@with_server("producer")
async def _(call: Call) -> None:
    found = {one["identifier"]: one["type"] for one in await call("list_clusters")}
    same((found["sales-wg"], found["finance"]), ("serverless", "provisioned"))


@step("producer: list_databases, list_schemas")
@with_server("producer")
async def _(call: Call) -> None:
    databases = await call("list_databases", **at("sales-wg"))
    same("dev" in [one["database_name"] for one in databases], True)
    schemas = await call("list_schemas", **at("sales-wg"), schema_database_name="dev")
    same("public" in [one["schema_name"] for one in schemas], True)


@step("producer: list_tables, list_columns")
@with_server("producer")
async def _(call: Call) -> None:
    where = {"table_database_name": "dev", "table_schema_name": "public"}
    tables = await call("list_tables", **at("sales-wg"), **where)
    same("t_by_mcp" in [one["table_name"] for one in tables], True)
    columns = await call(
        "list_columns",
        **at("sales-wg"),
        column_database_name="dev",
        column_schema_name="public",
        column_table_name="t_by_mcp",
    )
    same([one["column_name"] for one in columns], ["i", "words"])


@step("producer: execute_query, read only")
@with_server("producer")
async def _(call: Call) -> None:
    answer = await call(
        "execute_query",
        **at("sales-wg"),
        database_name="dev",
        sql="SELECT i, words FROM t_by_mcp ORDER BY i",
    )
    same((answer["columns"], answer["rows"]), (["i", "words"], [[1, "a"], [2, "b"]]))
    try:
        await call(
            "execute_query", **at("sales-wg"), database_name="dev", sql="DELETE FROM t_by_mcp"
        )
    except AssertionError:
        return
    raise AssertionError("it was deleted")


@step("consumer: the shared database in list_databases, list_schemas and list_tables")
@with_server("consumer")
async def _(call: Call) -> None:
    databases = await call("list_databases", **at("analytics-wg"))
    kinds = {one["database_name"]: one["database_type"] for one in databases}
    same(kinds["by_mcp"], "shared")
    where = {"table_database_name": "by_mcp", "table_schema_name": "public"}
    tables = await call("list_tables", **at("analytics-wg"), **where)
    same([one["table_name"] for one in tables], ["t_by_mcp"])


@step("consumer: execute_query across the share")
@with_server("consumer")
async def _(call: Call) -> None:
    sql = "SELECT count(*) FROM by_mcp.public.t_by_mcp"
    answer = await call("execute_query", **at("analytics-wg"), database_name="dev", sql=sql)
    same(answer["rows"], [[2]])
