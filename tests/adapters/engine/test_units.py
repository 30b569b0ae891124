"""The engine's pure parts, as tables."""

from __future__ import annotations

import datetime as dt
import os
import uuid
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from redshare.adapters.engine import protocol as p
from redshare.adapters.engine.extensions import build_extensions
from redshare.adapters.engine.failure import Kind, Refused, as_error
from redshare.adapters.engine.result import Result
from redshare.adapters.engine.values import decode, encode
from redshare.adapters.engine.warehouse import _widened, _within
from redshare.adapters.engine.worker.conflicts import (
    Change,
    all_there,
    conflicts,
    parse_changes,
)
from redshare.adapters.engine.worker.durable import sync_new_files
from redshare.adapters.engine.worker.engine_errors import refused, scrubbed
from redshare.adapters.engine.worker.trace import Trace
from redshare.core.plan import WriteVerb
from redshare.core.sql_errors import SqlError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("inserted_into_table:5", (Change("inserted_into_table", 5, None),)),
        (
            'created_table:"main"."t_1",inserted_into_table:1',
            (Change("created_table", None, "t_1"), Change("inserted_into_table", 1, None)),
        ),
        ('created_schema:"main"', (Change("created_schema", None, "main"),)),
        (
            'created_table:"ma,in"."a""b:1",dropped_table:12',
            (Change("created_table", None, 'a"b:1'), Change("dropped_table", 12, None)),
        ),
    ],
)
def test_changes_are_parsed(text: str, expected: tuple[Change, ...]) -> None:
    """The grammar of changes_made, quoted names with commas and quotes in them too."""
    assert parse_changes(text) == expected


@pytest.mark.parametrize(
    ("verb", "change", "expected"),
    [
        (WriteVerb.INSERT, "inserted_into_table:1", False),
        (WriteVerb.INSERT, "merge_adjacent:1", False),
        (WriteVerb.INSERT, "deleted_from_table:1", True),
        (WriteVerb.INSERT, "altered_table:1", True),
        (WriteVerb.INSERT, "dropped_table:1", True),
        (WriteVerb.UPDATE, "inserted_into_table:1", True),
        (WriteVerb.DELETE, "merge_adjacent:1", True),
        (WriteVerb.MERGE, "a_change_of_a_later_version:1", True),
        (WriteVerb.TRUNCATE, "inserted_into_table:2", False),
        (WriteVerb.DDL, 'created_table:"main"."t"', True),
        (WriteVerb.DDL, 'created_table:"main"."u"', False),
    ],
)
def test_what_conflicts(verb: WriteVerb, change: str, expected: bool) -> None:
    """A write to table t, id 1, beside one change."""
    assert conflicts(verb, "t", {1}, parse_changes(change)) is expected


def test_missing_snapshots_are_noticed() -> None:
    """Three snapshots later there must be three rows."""
    assert [all_there(4, 7, count) for count in (2, 3)] == [False, True]


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        2**63 - 1,
        2**63,
        -(2**63) - 1,
        1.5,
        "text",
        b"bytes",
        Decimal("1.10"),
        dt.date(2024, 2, 29),
        dt.time(1, 2, 3, 4),
        dt.datetime(2024, 2, 29, 1, 2, 3, tzinfo=dt.UTC),
        dt.timedelta(days=-1, microseconds=5),
        uuid.UUID(int=7),
        [1, ["decimal"], [Decimal(1)]],
        ["int", "5"],
    ],
)
def test_values_come_back_as_they_were(value: object) -> None:
    """Through a message and back, with their type."""
    plan, at = p.Plan("", [], [], [], True), dt.datetime(2024, 2, 29, tzinfo=dt.UTC)
    given = p.REQUESTS.decode(_frame(p.Run(1, plan, [encode(value)], at, at)))
    assert isinstance(given, p.Run)
    assert decode(given.parameters[0]) == value
    assert type(decode(given.parameters[0])) is type(value)


def _frame(message: object) -> bytes:
    return p._ENCODER.encode(message)


def test_a_value_no_parameter_has_is_refused() -> None:
    """An unknown type is an error, not a text."""
    with pytest.raises(TypeError):
        encode(object())


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_of_failure_has_its_error(kind: Kind) -> None:
    """Every kind a worker answers becomes an SQL error."""
    assert isinstance(as_error(Refused(kind, "x").answer), SqlError)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Conversion Error: Could not convert string 'a' to INT32\n\nLINE 1: select ...\n   ^",
            "Could not convert string 'a' to INT32",
        ),
        (
            'Catalog Error: Table with name t does not exist!\nDid you mean "pg_enum"?',
            "Table with name t does not exist!",
        ),
        (
            'IO Error: Cannot open file "/data/0123/main/t/x.parquet": No such file',
            'Cannot open file "a file": No such file',
        ),
        (
            f"Constraint Error: lake_{'a' * 32}.main.t_1: NULL",
            "t_1: NULL",
        ),
        (
            "IO Error: refused: host=/tmp/x user=postgres password='se cret' dbname=d",
            "refused:",
        ),
    ],
)
def test_messages_are_scrubbed(text: str, expected: str) -> None:
    """No position, no hint, no path, no alias, no secret."""
    assert scrubbed(text) == expected


def test_an_unreachable_catalogue_says_nothing_more() -> None:
    """A connection error's text is not passed on."""
    answer = refused(duckdb.IOException("Failed to attach DuckLake MetaData ... password")).answer
    assert answer.message == "the database's storage cannot be reached"
    assert answer.sqlstate == "58030"


@pytest.mark.parametrize(
    ("use", "has", "expected"),
    [
        (p.Use("a", False), None, False),
        (p.Use("a", False), p.Use("a", True), True),
        (p.Use("a", True), p.Use("a", False), False),
        (p.Use("a", False, ["t"]), p.Use("a", False, ["t", "u"]), True),
        (p.Use("a", False, ["t", "v"]), p.Use("a", False, ["t", "u"]), False),
        (p.Use("a", False), p.Use("a", False, ["t"]), False),
        (p.Use("a", False, ["t"]), p.Use("a", False), True),
    ],
)
def test_rights_suffice_or_not(use: p.Use, has: p.Use | None, expected: bool) -> None:
    """Writing covers reading, all tables cover some."""
    assert _within(use, has) is expected


def test_rights_widen_and_the_newest_stand_last() -> None:
    """The least recently used come first: they are forgotten first."""
    before = [p.Use("a", False, ["t"]), p.Use("b", True)]
    wanted = [p.Use("a", False, ["u"]), p.Use("b", False)]
    assert _widened(before, wanted) == [p.Use("a", False, ["t", "u"]), p.Use("b", True)]
    assert [use.lake for use in _widened(before, [p.Use("a", False)])] == ["b", "a"]


def test_only_new_files_are_synced(tmp_path: Path) -> None:
    """Old files of the table and other tables' files are left alone."""
    table = tmp_path / "main" / "t" / "part=1"
    table.mkdir(parents=True)
    (tmp_path / "main" / "u").mkdir()
    for name in ("t/old", "t/part=1/new", "u/other"):
        (tmp_path / "main" / name).write_bytes(b"x")
    old = tmp_path / "main" / "t" / "old"
    os.utime(old, (1, 1))
    trace = tmp_path / "trace"
    since = old.parent.stat().st_mtime_ns
    assert sync_new_files(tmp_path, ["t", "missing"], since, Trace(str(trace))) == 1
    assert trace.read_text().splitlines() == [
        f"fsync {path}"
        for path in (
            table / "new",
            table,
            tmp_path / "main" / "t",
            tmp_path / "main",
            tmp_path,
        )
    ]


def test_extensions_are_gathered_once(tmp_path: Path) -> None:
    """The second time nothing is copied; DuckDB loads them by name without a network."""
    directory = build_extensions(tmp_path / "x")
    files = {path: path.stat().st_mtime_ns for path in directory.rglob("*.duckdb_extension")}
    build_extensions(tmp_path / "x")
    assert files == {path: path.stat().st_mtime_ns for path in directory.rglob("*.duckdb_ext*")}
    assert sorted(path.stem for path in files) == ["ducklake", "postgres_scanner"]


def test_a_result_taken_over_spills_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the memory limit batches wait in a file, in their order."""
    monkeypatch.setattr("redshare.adapters.engine.result.MEMORY_BYTES", 500)
    batches = [pa.record_batch({"a": [n] * 20}) for n in range(10)]
    waiting = [batch.serialize().to_pybytes() for batch in batches]

    class Given:
        def fetch(self) -> bytes | None:
            return waiting.pop(0) if waiting else None

        def forget(self) -> None:
            raise AssertionError

    result = Result(batches[0].schema, None, Given())
    result.detach()
    assert waiting == []
    assert [batch.column(0)[0].as_py() for batch in result.batches()] == list(range(10))
    result.close()
