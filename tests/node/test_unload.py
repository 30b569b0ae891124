"""UNLOAD: what it writes to a bucket of a running node, and that COPY reads the same rows back."""

from __future__ import annotations

import bz2
import gzip
import json
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.node.conftest import Connect
from tests.node.running import RunningNode

pytestmark = pytest.mark.server

Sql = psycopg.Connection[Any]
ROLE = "IAM_ROLE default"


@pytest.fixture
def sql(connect: Connect) -> Sql:
    return connect("sales")


@pytest.fixture
def folder(node: RunningNode, name: str) -> Path:
    """Where `s3://landing/<name>/` is."""
    return node.buckets / "landing" / name


def unload(sql: Sql, query: str, url: str, options: str = "") -> list[tuple[Any, Any]]:
    """The notices of an UNLOAD; it must answer its tag."""
    told: list[tuple[Any, Any]] = []

    def handler(notice: psycopg.errors.Diagnostic) -> None:
        told.append((notice.severity, notice.message_primary))

    sql.add_notice_handler(handler)
    try:
        statement = f"UNLOAD ($${query}$$) TO '{url}' {ROLE} {options}"
        assert sql.execute(statement).statusmessage == "UNLOAD"
    finally:
        sql.remove_notice_handler(handler)
    return told


def refusal(sql: Sql, query: str, url: str, options: str = "") -> tuple[Any, Any]:
    """(SQLSTATE, message) of an UNLOAD that must fail."""
    with pytest.raises(psycopg.Error) as raised:
        sql.execute(f"UNLOAD ($${query}$$) TO '{url}' {ROLE} {options}")
    return raised.value.diag.sqlstate, raised.value.diag.message_primary


def names(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


QUERY = (
    "SELECT 1 AS a, 'x|y' AS b, 1.50::numeric(8,2) AS n, true AS t, '2020-01-02'::date AS d "
    "UNION ALL SELECT 2, 'q\"u,o', NULL::numeric(8,2), false, NULL::date ORDER BY a"
)


@pytest.mark.parametrize(
    ("options", "file", "text"),
    [
        ("", "0000_part_00", '1|x|y|1.50|t|2020-01-02\n2|q"u,o||f|\n'),
        ("PARALLEL OFF", "000", '1|x|y|1.50|t|2020-01-02\n2|q"u,o||f|\n'),
        ("ESCAPE NULL AS '\\N'", "0000_part_00",
            '1|x\\|y|1.50|t|2020-01-02\n2|q"u,o|\\N|f|\\N\n'),
        ("ADDQUOTES ESCAPE", "0000_part_00",
            '"1"|"x\\|y"|"1.50"|"t"|"2020-01-02"\n"2"|"q\\"u,o"||"f"|\n'),
        ("HEADER DELIMITER ';'", "0000_part_00",
            'a;b;n;t;d\n1;x|y;1.50;t;2020-01-02\n2;q"u,o;;f;\n'),
        ("CSV", "0000_part_00", '1,x|y,1.50,t,2020-01-02\n2,"q""u,o",,f,\n'),
        ("FORMAT AS CSV HEADER DELIMITER AS '|' EXTENSION 'csv'", "0000_part_00.csv",
            'a|b|n|t|d\n1|"x|y"|1.50|t|2020-01-02\n2|"q""u,o"||f|\n'),
        ("JSON EXTENSION 'json'", "0000_part_00.json",
            '{"a":1,"b":"x|y","n":1.50,"t":"t","d":"2020-01-02"}\n'
            '{"a":2,"b":"q\\"u,o","n":null,"t":"f","d":null}\n'),
    ],
)  # fmt: skip
def test_each_text_format(
    sql: Sql, name: str, folder: Path, options: str, file: str, text: str
) -> None:
    """File names and contents, byte for byte; the notice and pg_last_unload_count() count."""
    told = unload(sql, QUERY, f"s3://landing/{name}/", options)
    assert told == [("INFO", "UNLOAD completed, 2 record(s) unloaded successfully.")]
    assert names(folder) == [file]
    assert (folder / file).read_text() == text
    assert sql.execute("SELECT pg_last_unload_count()").fetchone() == (2,)


def test_compression(sql: Sql, name: str, folder: Path) -> None:
    """The file's name ends as the method does."""
    plain = b"1\n"
    expected = {
        "GZIP": (".gz", gzip.decompress),
        "BZIP2": (".bz2", bz2.decompress),
        "ZSTD": (".zst", lambda data: pa.input_stream(pa.py_buffer(data), "zstd").read()),
    }
    for option, (extension, decompress) in expected.items():
        unload(sql, "SELECT 1", f"s3://landing/{name}/{option}_", option)
        data = (folder / f"{option}_0000_part_00{extension}").read_bytes()
        assert decompress(data) == plain


def test_parquet(sql: Sql, name: str, folder: Path) -> None:
    """Columns keep names and types."""
    unload(sql, QUERY, f"s3://landing/{name}/p_", "PARQUET")
    assert names(folder) == ["p_0000_part_00.parquet"]
    table = pq.read_table(folder / "p_0000_part_00.parquet")
    assert table.schema.names == ["a", "b", "n", "t", "d"]
    assert table.schema.types == [
        pa.int32(), pa.string(), pa.decimal128(8, 2), pa.bool_(), pa.date32(),
    ]  # fmt: skip
    assert table.column("b").to_pylist() == ["x|y", 'q"u,o']


def test_files_of_a_size(sql: Sql, name: str, folder: Path) -> None:
    """No file is larger than MAXFILESIZE; together they have every row once, in order."""
    sql.execute(f"CREATE TABLE t_{name} (i integer, s varchar(200))")
    sql.execute(f"INSERT INTO t_{name} VALUES " + ",".join(f"({i}, '')" for i in range(1000)))
    query = (
        f"SELECT a.i * 100 + b.i AS i, repeat('x', 100) AS s FROM t_{name} a, t_{name} b "
        "WHERE b.i < 100 ORDER BY 1"
    )
    unload(sql, query, f"s3://landing/{name}/", "MAXFILESIZE 5 MB PARALLEL OFF")
    found = names(folder)
    assert found == ["000", "001", "002"]
    assert all((folder / file).stat().st_size <= 5 * 1024 * 1024 for file in found)
    lines = "".join((folder / file).read_text() for file in found).splitlines()
    assert [int(line.partition("|")[0]) for line in lines] == list(range(100_000))


def test_partitions(sql: Sql, name: str, folder: Path) -> None:
    """A folder a value, without its column unless INCLUDE; rows keep the query's order."""
    query = (
        "SELECT 1 AS a, 'x/y' AS p, 3 AS v UNION ALL SELECT 2, 'z', 2 UNION ALL SELECT 3, 'x/y', 1 "
        "UNION ALL SELECT 4, NULL, 0 ORDER BY v"
    )
    unload(sql, query, f"s3://landing/{name}/o", "PARTITION BY (p) CSV")
    assert names(folder) == [
        "o/p=__HIVE_DEFAULT_PARTITION__/0000_part_00",
        "o/p=x%2Fy/0000_part_00",
        "o/p=z/0000_part_00",
    ]
    assert (folder / "o/p=x%2Fy/0000_part_00").read_text() == "3,1\n1,3\n"
    unload(sql, query, f"s3://landing/{name}/i/", "PARTITION BY (a, p) INCLUDE CSV HEADER")
    assert (folder / "i/a=2/p=z/0000_part_00").read_text() == "a,p,v\n2,z,2\n"


def test_manifest(sql: Sql, name: str, folder: Path) -> None:
    """It names the files; COPY loads by it; VERBOSE says more."""
    unload(sql, QUERY, f"s3://landing/{name}/m_", "CSV MANIFEST VERBOSE")
    made = json.loads((folder / "m_manifest").read_text())
    assert made["entries"] == [
        {
            "url": f"s3://landing/{name}/m_0000_part_00",
            "meta": {"content_length": 39, "record_count": 2},
        }
    ]
    assert [e["name"] for e in made["schema"]["elements"]] == ["a", "b", "n", "t", "d"]
    sql.execute(f"CREATE TABLE t_{name} (a int, b varchar(9), n numeric(8,2), t bool, d date)")
    sql.execute(f"COPY t_{name} FROM 's3://landing/{name}/m_manifest' {ROLE} CSV MANIFEST")
    assert sql.execute(f"SELECT count(*) FROM t_{name}").fetchone() == (2,)


def test_what_is_there_is_kept(sql: Sql, name: str, folder: Path) -> None:
    """Unless ALLOWOVERWRITE or CLEANPATH says otherwise."""
    url = f"s3://landing/{name}/"
    unload(sql, "SELECT 1", url)
    (folder / "stray").write_text("stray")
    assert refusal(sql, "SELECT 2", url) == (
        "XX000",
        "Specified unload destination on S3 is not empty. Consider using a different bucket / "
        "prefix, manually removing the target files in S3, or using the ALLOWOVERWRITE option.",
    )
    assert (folder / "0000_part_00").read_text() == "1\n"
    unload(sql, "SELECT 2", url, "ALLOWOVERWRITE")
    assert (folder / "0000_part_00").read_text() == "2\n"
    assert names(folder) == ["0000_part_00", "stray"]
    unload(sql, "SELECT 3", url, "CLEANPATH PARALLEL OFF")
    assert names(folder) == ["000"]


def test_a_failed_unload_leaves_nothing(sql: Sql, name: str, folder: Path) -> None:
    """Neither the file at work nor those before it."""
    query = "SELECT 1 / (a - 1) FROM (SELECT 0 AS a UNION ALL SELECT 1) x"
    assert refusal(sql, query, f"s3://landing/{name}/")[0] == "22012"
    assert not folder.exists() or names(folder) == []


def test_no_rows_are_one_file(sql: Sql, name: str, folder: Path) -> None:
    """With the header, if one is wanted."""
    unload(sql, "SELECT 1 AS a WHERE false", f"s3://landing/{name}/", "CSV HEADER")
    assert (folder / "0000_part_00").read_text() == "a\n"


AWKWARD = [
    (1, "plain", "1.50", "2020-01-02", "2020-01-02 03:04:05.123456", True, 1.5),
    (2, "", "-0.01", "0001-01-01", "1969-12-31 23:59:59", False, -1e-300),
    (3, None, None, None, None, None, None),
    (4, "a|b,c;d\te", "999999.99", "9999-12-31", "2020-01-02 00:00:00", True, 1e300),
    (5, "line\nfeed\r\nand\rreturn", "0", "2020-02-29", "2020-01-02 03:04:05.1", False, 0.1),
    (6, "\"double\" and 'single'", "1", "2020-01-02", "2020-01-02 03:04:05", True, 3.0),
    (7, "back\\slash \\n \\", "1", "2020-01-02", "2020-01-02 03:04:05", True, 3.0),
    (8, "ünïcödé 漢字 🙂", "1", "2020-01-02", "2020-01-02 03:04:05", True, 3.0),
    (9, " blanks ", "1", "2020-01-02", "2020-01-02 03:04:05", True, 3.0),
    (10, "N", "1", "2020-01-02", "2020-01-02 03:04:05", True, 3.0),
]


@pytest.mark.parametrize(
    ("out", "back"),
    [
        ("ESCAPE NULL AS '\\N'", "ESCAPE"),
        ("ADDQUOTES ESCAPE NULL AS '\\N'", "REMOVEQUOTES ESCAPE"),
        ("DELIMITER '\\t' ESCAPE NULL AS '~' GZIP", "DELIMITER '\\t' ESCAPE NULL AS '~' GZIP"),
        ("CSV NULL AS '\\N' ZSTD", "CSV ZSTD"),
        ("CSV HEADER NULL AS '\\N' PARALLEL OFF", "CSV IGNOREHEADER 1"),
        ("JSON", "JSON 'auto'"),
        ("JSON BZIP2", "JSON 'auto' BZIP2"),
        ("PARQUET", "PARQUET"),
    ],
)
def test_a_round_trip_changes_nothing(sql: Sql, name: str, out: str, back: str) -> None:
    """NULL, empty strings, every kind of quote, line ends and characters come back as they were."""
    columns = (
        "i integer, s varchar(60), n numeric(8,2), d date, t timestamp, b boolean, f float8, "
        "z timestamptz, c char(3)"
    )
    sql.execute(f"CREATE TABLE a_{name} ({columns})")
    sql.execute(f"CREATE TABLE b_{name} ({columns})")
    for row in AWKWARD:
        sql.execute(
            f"INSERT INTO a_{name} VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)", (*row, row[4], "x")
        )
    unload(sql, f"SELECT * FROM a_{name}", f"s3://landing/{name}/", out)
    sql.execute(f"COPY b_{name} FROM 's3://landing/{name}/' {ROLE} {back}")
    before = sql.execute(f"SELECT * FROM a_{name} ORDER BY 1").fetchall()
    after = sql.execute(f"SELECT * FROM b_{name} ORDER BY 1").fetchall()
    assert after == before
    assert len(after) == len(AWKWARD)


def test_rights(sql: Sql, name: str, folder: Path, connect: Connect) -> None:
    """The query is bound with the rights of the session; nothing is written without them."""
    sql.execute(f"CREATE TABLE t_{name} (i integer)")
    sql.execute(f"CREATE USER u_{name} PASSWORD 'Passw0rd!'")
    other = connect("sales", "dev", f"u_{name}", "Passw0rd!")
    found = refusal(other, f"SELECT * FROM t_{name}", f"s3://landing/{name}/")
    assert found == ("42501", f"permission denied for relation t_{name}")
    assert not folder.exists()


def test_history(sql: Sql, name: str) -> None:
    """SYS_UNLOAD_HISTORY and STL_UNLOAD_LOG say what was written."""
    unload(sql, "SELECT 1 UNION ALL SELECT 2", f"s3://landing/{name}/", "CSV")
    history = sql.execute(
        "SELECT status, file_format, unloaded_rows, unloaded_files_count, unloaded_files_size "
        "FROM sys_unload_history WHERE query_id = pg_last_unload_id()"
    ).fetchall()
    assert history == [("completed", "csv", 2, 1, 4)]
    log = sql.execute(
        "SELECT trim(path), line_count, transfer_size FROM stl_unload_log "
        "WHERE query = pg_last_unload_id()"
    ).fetchall()
    assert log == [(f"s3://landing/{name}/0000_part_00", 2, 4)]


@pytest.mark.parametrize(
    ("query", "url", "options", "state", "text"),
    [
        ("SELECT 1 LIMIT 1", "s3://landing/x", "", "0A000", "Limit clause"),
        ("SELECT 1; SELECT 2", "s3://landing/x", "", "42601", "one query"),
        ("DELETE FROM t", "s3://landing/x", "", "42601", "a query"),
        ("COPY t FROM 's3://landing/x' IAM_ROLE default", "s3://landing/x", "", "42601", "a query"),
        ("SELECT $1", "s3://landing/x", "", "42P02", "parameter"),
        ("SELECT * FROM nothing_here", "s3://landing/x", "", "42P01", "does not exist"),
        ("SELECT 1", "s3://landing/../x", "", "22023", "no .. here"),
        ("SELECT 1", "s3://landing/x?y", "", "22023", "no ?"),
        ("SELECT 1", "https://landing/x", "", "22023", "must begin with s3://"),
        ("SELECT 1", "s3://landing", "CLEANPATH", "22023", "a prefix is needed"),
        ("SELECT 1", "s3://no-such-bucket/x", "", "XX000", "NoSuchBucket"),
        ("SELECT 1 AS a", "s3://landing/x", "PARTITION BY (b)", "42703", "PARTITION BY"),
        ("SELECT 1 AS a", "s3://landing/x", "PARTITION BY (a)", "42601", "INCLUDE"),
        ("SELECT 1", "s3://landing/x", "EXTENSION '../y'", "22023", "EXTENSION"),
    ],
)
def test_refusals(sql: Sql, query: str, url: str, options: str, state: str, text: str) -> None:
    """Each by its reason."""
    found = refusal(sql, query, url, options)
    assert found[0] == state, found
    assert text in found[1]
