"""Redshift statements of every area, through the wire of a running node."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult as Result

from compat.corpus import PAGE, page
from tests.corpus.reading import Block, areas, blocks
from tests.node.running import RunningNode

pytestmark = pytest.mark.server

#: The wire's type names by OID, as the fixtures spell them.
TYPES = {
    16: "bool", 20: "int8", 21: "int2", 23: "int4", 26: "oid", 700: "float4", 701: "float8",
    1700: "numeric", 25: "text", 19: "name", 1042: "bpchar", 1043: "varchar", 1082: "date",
    1083: "time", 1114: "timestamp", 1184: "timestamptz", 1266: "timetz", 1186: "interval",
    1188: "intervaly2m", 1190: "intervald2s", 4000: "super", 6551: "varbyte", 3000: "geometry",
    2935: "hllsketch",
}  # fmt: skip

Run = Callable[[Block], Result]


@pytest.fixture(scope="module", name="run")
def _run(node: RunningNode) -> Iterator[Run]:
    """Runs a block on a connection to its area's own database."""
    opened: dict[str, psycopg.Connection[Any]] = {}

    def run(block: Block) -> Result:
        if block.area not in opened:
            with node.connect("sales") as connection:
                connection.execute(f"CREATE DATABASE corpus_{block.area}")  # type: ignore[call-overload]
            opened[block.area] = node.connect("sales", f"corpus_{block.area}")
        return opened[block.area].pgconn.exec_(block.sql.encode())

    yield run
    for connection in opened.values():
        connection.close()


@pytest.mark.parametrize(
    "block", [pytest.param(b, id=b.name) for area in areas() for b in blocks(area)]
)
def test_the_answer_is_redshifts(run: Run, block: Block) -> None:
    """The rows, their types, or the error that the fixture says."""
    result = run(block)
    failed = result.status not in {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK}
    said = result.error_message.decode() if failed else ""
    state = (result.error_field(ord("C")) or b"").decode() if failed else ""
    match block.kind:
        case "error" | "refused":
            expected, *text = ("0A000", *block.words) if block.kind == "refused" else block.words
            assert failed, "it ran"
            assert state == expected, said
            assert " ".join(text) in said
        case _:
            assert not failed, f"{state}: {said}"
            if block.kind == "query":
                assert _rows(result) == list(block.rows)
                assert list(block.words) == _types(result, block.words)


def _rows(result: Result) -> list[tuple[str, ...]]:
    return [
        tuple(_cell(result.get_value(row, column)) for column in range(result.nfields))
        for row in range(result.ntuples)
    ]


def _cell(value: bytes | None) -> str:
    return "NULL" if value is None else value.decode().strip() or "(empty)"


def _types(result: Result, wanted: tuple[str, ...]) -> list[str]:
    """The columns' types, with their modifiers where the fixture names one."""
    found = [_type(result, column) for column in range(result.nfields)]
    if not wanted:
        return []
    plain = [name.partition("(")[0] for name in found]
    return [
        full if "(" in want else short
        for full, short, want in zip(found, plain, wanted, strict=False)
    ] + found[len(wanted) :]


def _type(result: Result, column: int) -> str:
    name = TYPES.get(result.ftype(column), str(result.ftype(column)))
    modifier = result.fmod(column) - 4
    if modifier < 0:
        return name
    if name == "numeric":
        return f"numeric({modifier >> 16},{modifier & 0xFFFF})"
    return f"{name}({modifier})"


def test_the_page_counts_these_statements() -> None:
    """docs/compat/corpus.md is what `python -m compat.corpus` makes of the fixtures."""
    assert PAGE.read_text() == page()
