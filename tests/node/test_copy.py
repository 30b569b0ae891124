"""COPY: loads of every format from a bucket of a running node, and what it does with bad rows."""

from __future__ import annotations

import bz2
import gzip
import json
import threading
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
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
Put = Callable[..., str]
ROLE = "IAM_ROLE 'arn:aws:iam::123456789012:role/load'"


@pytest.fixture
def sql(connect: Connect) -> Sql:
    return connect("sales")


@pytest.fixture
def put(node: RunningNode, name: str) -> Put:
    """Makes an object of the bucket and gives its URL."""

    def put_(key: str, data: bytes | str) -> str:
        path = node.buckets / "landing" / name / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return f"s3://landing/{name}/{key}"

    return put_


def table(sql: Sql, name: str, columns: str) -> str:
    sql.execute(f"CREATE TABLE t_{name} ({columns})")
    return f"t_{name}"


def rows(sql: Sql, name: str) -> list[Any]:
    return sql.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall()


def load(sql: Sql, name: str, url: str, options: str) -> list[tuple[str | None, str | None]]:
    """The notices of a COPY."""
    told: list[tuple[str | None, str | None]] = []

    def handler(notice: psycopg.errors.Diagnostic) -> None:
        told.append((notice.severity, notice.message_primary))

    sql.add_notice_handler(handler)
    try:
        tag = sql.execute(f"COPY {name} FROM '{url}' {ROLE} {options}").statusmessage
    finally:
        sql.remove_notice_handler(handler)
    assert tag == "COPY"
    return told


def refusal(sql: Sql, statement: str) -> tuple[str | None, str | None]:
    """(SQLSTATE, message) of a statement that must fail."""
    with pytest.raises(psycopg.Error) as raised:
        sql.execute(statement)
    return raised.value.diag.sqlstate, raised.value.diag.message_primary


COLUMNS = "i integer, s varchar(20), n numeric(8,2), d date, t timestamp, b boolean"
WANTED = [
    (
        1,
        "one, two",
        Decimal("1.50"),
        date(2020, 1, 2),
        datetime.fromisoformat("2020-01-02 03:04:05"),
        True,
    ),
    (2, "ünï", Decimal("-20.25"), None, None, False),
    (3, None, None, None, None, None),
]
TEXT = "1|one, two|1.5|2020-01-02|2020-01-02 03:04:05|t\n2|ünï|-20.25|||f\n3|\\N||||\n"
CSV = '1,"one, two",1.5,2020-01-02,2020-01-02 03:04:05,t\n2,ünï,-20.25,,,f\n3,\\N,,,,\n'
FIXED = "".join(
    f"{i:1}{s:8}{n:>6}{d:10}{t:19}{b:1}\n"
    for i, s, n, d, t, b in (
        ("1", "one, two", "1.5", "2020-01-02", "2020-01-02 03:04:05", "t"),
        ("2", "ünï", "-20.25", "", "", "f"),
        ("3", "\\N", "", "", "", ""),
    )
)
JSON = (
    '{"i":1,"s":"one, two","n":1.5,"d":"2020-01-02","t":"2020-01-02 03:04:05","b":true}\n'
    '{"i":2,"s":"\\u00fcnï",\n "n":-20.25,"d":null,"b":false} {"i":3}\n'
)
PATHS = '{"jsonpaths":["$.i","$.s","$[\'n\']","$.d","$.t","$.b"]}'


@pytest.mark.parametrize(
    ("key", "data", "options"),
    [
        ("a.txt", TEXT.encode(), ""),
        ("a.txt", TEXT.replace("\n", "\r\n").encode(), ""),
        ("a.txt", TEXT.replace("|", "\t").encode(), "DELIMITER '\\t'"),
        ("a.txt", TEXT.replace("|", "\t").encode(), "DELIMITER '\\\\t'"),
        ("a.txt", TEXT.replace("|", "\x01").encode(), "DELIMITER '\\\\001'"),
        ("a.txt", ("h1|h2\nh3\n" + TEXT).encode(), "IGNOREHEADER 2"),
        ("a.txt.gz", gzip.compress(TEXT.encode()), "GZIP"),
        ("a.txt.bz2", bz2.compress(TEXT.encode()), "BZIP2"),
        ("a.txt.zst", pa.compress(TEXT.encode(), "zstd", asbytes=True), "ZSTD"),
        ("a.csv", CSV.encode(), "CSV"),
        ("a.csv", CSV.encode("utf-16"), "CSV ENCODING 'utf16'"),
        ("a.csv", CSV.replace('"', "%").encode(), "FORMAT AS CSV QUOTE AS '%'"),
        ("a.csv", CSV.replace("ünï", "ünï").encode("latin-1"), "CSV ENCODING AS ISO88591"),
        ("a.fix", FIXED.encode(), "FIXEDWIDTH 'i:1,s:8,n:6,d:10,t:19,b:1' BLANKSASNULL TRIMBLANKS"),
        ("a.json", JSON.encode(), "JSON 'auto'"),
        ("a.json", JSON.replace('"i"', '"I"').encode(), "FORMAT JSON 'auto ignorecase'"),
        ("a.json", JSON.encode(), "JSON 's3://landing/{name}/paths'"),
    ],
)
def test_each_format(sql: Sql, put: Put, name: str, key: str, data: bytes, options: str) -> None:
    """The same rows come of each, and the notice counts them."""
    target = table(sql, name, COLUMNS)
    put("paths", PATHS)
    told = load(sql, target, put(key, data), options.format(name=name))
    assert told == [
        ("INFO", f"Load into table '{target}' completed, 3 record(s) loaded successfully.")
    ]
    assert rows(sql, target) == WANTED
    assert sql.execute("SELECT pg_last_copy_count()").fetchone() == (3,)


def test_parquet(sql: Sql, put: Put, name: str, tmp_path: Path) -> None:
    """Columns are taken in their order, whatever their names; types must agree."""
    target = table(sql, name, COLUMNS)
    columns = list(zip(*WANTED, strict=True))
    types = [
        pa.int64(), pa.string(), pa.decimal128(10, 2), pa.date32(), pa.timestamp("ms"), pa.bool_(),
    ]  # fmt: skip
    arrays = [pa.array(values, kind) for values, kind in zip(columns, types, strict=True)]
    pq.write_table(pa.table(arrays, names=list("uvwxyz")), tmp_path / "a")
    url = put("a.parquet", (tmp_path / "a").read_bytes())
    load(sql, target, url, "FORMAT AS PARQUET")
    assert rows(sql, target) == WANTED
    narrow = f"COPY {target} (i) FROM '{url}' {ROLE} PARQUET"
    assert "Unmatched number of columns" in str(refusal(sql, narrow)[1])
    pq.write_table(pa.table(arrays[1:] + arrays[:1], names=list("uvwxyz")), tmp_path / "a")
    url = put("b.parquet", (tmp_path / "a").read_bytes())
    assert "incompatible Parquet schema" in str(
        refusal(sql, f"COPY {target} FROM '{url}' {ROLE} PARQUET")[1]
    )
    url = put("c.parquet", b"PAR1 is not enough")
    assert refusal(sql, f"COPY {target} FROM '{url}' {ROLE} PARQUET")[0] == "XX000"
    assert len(rows(sql, target)) == 3


def test_nested_parquet(sql: Sql, put: Put, name: str, tmp_path: Path) -> None:
    """SERIALIZETOJSON makes SUPER of lists and structures; without it they are refused."""
    target = table(sql, name, "i integer, v super")
    nested = [{"a": [1, 2], "d": Decimal("1.50"), "s": "x"}, None]
    kind = pa.struct([("a", pa.list_(pa.int32())), ("d", pa.decimal128(5, 2)), ("s", pa.string())])
    columns = [pa.array([1, 2], pa.int32()), pa.array(nested, kind)]
    pq.write_table(pa.table(columns, names=["i", "v"]), tmp_path / "a")
    url = put("a.parquet", (tmp_path / "a").read_bytes())
    assert "incompatible" in str(refusal(sql, f"COPY {target} FROM '{url}' {ROLE} PARQUET")[1])
    load(sql, target, url, "FORMAT AS PARQUET SERIALIZETOJSON")
    found = sql.execute(f"SELECT i, json_serialize(v) FROM {target} ORDER BY 1").fetchall()
    assert found == [(1, '{"a":[1,2],"d":1.50,"s":"x"}'), (2, None)]


def test_a_prefix_is_all_its_objects(sql: Sql, put: Put, name: str) -> None:
    """Every object whose key begins so, an empty one too, is loaded by one COPY."""
    target = table(sql, name, "i integer")
    for number in range(12):
        url = put(f"part-{number}", f"{number}\n")
    put("part-empty", "")
    put("other", "99\n")
    load(sql, target, url.removesuffix("11"), "")
    assert [row[0] for row in rows(sql, target)] == list(range(12))


def test_a_manifest_names_its_objects(sql: Sql, put: Put, name: str) -> None:
    """Those of it and no others; one that is not there counts only when it is mandatory."""
    target = table(sql, name, "i integer")
    entries = [{"url": put("1", "1\n"), "mandatory": True}, {"url": put("3", "3\n")}]
    put("2", "2\n")
    entries.append({"url": put("x", "")[:-1] + "gone"})
    load(sql, target, put("m", json.dumps({"entries": entries})), "MANIFEST")
    assert rows(sql, target) == [(1,), (3,)]
    entries[-1]["mandatory"] = True
    url = put("m2", json.dumps({"entries": entries}))
    failed = refusal(sql, f"COPY {target} FROM '{url}' {ROLE} MANIFEST")
    assert "NoSuchKey" in str(failed[1])
    entries[-1] = {"url": "s3://landing/../../etc/passwd"}
    url = put("m3", json.dumps({"entries": entries}))
    assert refusal(sql, f"COPY {target} FROM '{url}' {ROLE} MANIFEST")[0] == "22023"
    assert len(rows(sql, target)) == 2


BAD = "1|a|2020-01-02\nx|b|2020-01-02\n3|toolong|2020-01-02\n4|d|2020-02-30\n5|e\n6|f|||\n|g|\n"
REASONS = [
    (2, "i", "int4", 1207, "Invalid digit, Value 'x', Pos 0, Type: Integer"),
    (3, "s", "varchar", 1204, "String length exceeds DDL length"),
    (4, "d", "date", 1205, "Invalid Date Format [YYYY-MM-DD]"),
    (5, "s", "varchar", 1214, "Delimiter not found"),
    (6, "", "", 1202, "Extra column(s) found"),
    (7, "i", "int4", 1213, "Missing data for not-null field"),
]


def test_error_rows(sql: Sql, put: Put, name: str) -> None:
    """They fail the statement as soon as there are MAXERROR of them, and stand in the views."""
    target = table(sql, name, "i integer not null, s varchar(5), d date")
    url = put("bad", BAD)
    message = (
        f"Load into table '{target}' failed.  Check 'stl_load_errors' system table for details."
    )
    for options in ("", "MAXERROR 6"):
        assert refusal(sql, f"COPY {target} FROM '{url}' {ROLE} {options}") == ("XX000", message)
    assert rows(sql, target) == []
    told = load(sql, target, url, "MAXERROR 7")
    assert [text for _, text in told] == [
        f"Load into table '{target}' completed, 1 record(s) loaded successfully.",
        f"Load into table '{target}' completed, 6 record(s) could not be loaded.  "
        "Check 'stl_load_errors' system table for details.",
    ]
    assert rows(sql, target) == [(1, "a", date(2020, 1, 2))]
    assert sql.execute("SELECT pg_last_copy_count()").fetchone() == (1,)
    found = sql.execute(
        "SELECT line_number, trim(colname), trim(type), err_code, trim(err_reason) "
        f"FROM stl_load_errors WHERE query = pg_last_copy_id() AND filename = '{url}' ORDER BY 1"
    ).fetchall()
    assert found == REASONS
    found = sql.execute(
        "SELECT line_number, error_code, trim(error_message) FROM sys_load_error_detail "
        "WHERE query_id = pg_last_copy_id() ORDER BY 1"
    ).fetchall()
    assert found == [(line, code, reason) for line, _, _, code, reason in REASONS]
    detail = sql.execute(
        "SELECT field, trim(colname), trim(value) FROM stl_loaderror_detail "
        "WHERE query = pg_last_copy_id() AND line_number = 3 ORDER BY 1"
    ).fetchall()
    assert detail == [(0, "i", "3"), (1, "s", "toolong")]
    raw = sql.execute(
        "SELECT trim(raw_line), trim(raw_field_value), position, trim(col_length) "
        "FROM stl_load_errors WHERE query = pg_last_copy_id() AND line_number = 3"
    ).fetchone()
    assert raw == ("3|toolong|2020-01-02", "toolong", 2, "5")


def test_replacements(sql: Sql, put: Put, name: str) -> None:
    """ACCEPTINVCHARS counts the rows it changed, and STL_REPLACEMENTS names them."""
    target = table(sql, name, "i integer, s varchar(9)")
    url = put("x", b"1|fine\n2|a\xe9\nx|\xe9\n3|\xfc\n")
    told = load(sql, target, url, "ACCEPTINVCHARS MAXERROR 5")
    assert told[-1] == (
        "INFO",
        f"Load into table '{target}' completed, 2 record(s) were loaded with replacements made for "
        "ACCEPTINVCHARS.  Check 'stl_replacements' system table for details.",
    )
    found = sql.execute(
        "SELECT line_number, trim(colname), trim(raw_line) FROM stl_replacements "
        "WHERE query = pg_last_copy_id() ORDER BY 1"
    ).fetchall()
    assert found == [(2, "s", "2|a?"), (4, "s", "3|?")]
    assert rows(sql, target) == [(1, "fine"), (2, "a?"), (3, "?")]


def test_load_history(sql: Sql, put: Put, name: str) -> None:
    """Loads that ended well and badly, with their numbers; another user sees none of them."""
    target = table(sql, name, "i integer")
    load(sql, target, put("good", "1\n2\n"), "")
    url = put("bad", "x\n")
    refusal(sql, f"COPY {target} FROM '{url}' {ROLE}")
    history = sql.execute(
        "SELECT status, loaded_rows, source_file_count, error_count FROM sys_load_history "
        f"WHERE table_name = '{target}' ORDER BY start_time"
    ).fetchall()
    assert history == [("completed", 2, 1, 0), ("failed", 0, 1, 1)]
    state = sql.execute(
        "SELECT lines, num_files, num_files_complete, pct_complete FROM stv_load_state "
        "WHERE query = pg_last_copy_id()"
    ).fetchone()
    assert state == (2, 1, 1, 100)
    commits = sql.execute(
        "SELECT trim(filename), lines_scanned FROM stl_load_commits WHERE query = pg_last_copy_id()"
    ).fetchall()
    assert commits == [(f"s3://landing/{name}/good", 2)]


def test_others_see_no_errors(sql: Sql, put: Put, name: str, connect: Connect) -> None:
    """A user sees the errors of own loads; a load takes INSERT on the table."""
    target = table(sql, name, "i integer")
    url = put("bad", "x\n")
    refusal(sql, f"COPY {target} FROM '{url}' {ROLE}")
    sql.execute(f"CREATE USER u_{name} PASSWORD 'Passw0rd!'")
    other = connect("sales", "dev", f"u_{name}", "Passw0rd!")
    assert other.execute("SELECT count(*) FROM stl_load_errors").fetchone() == (0,)
    copy = f"COPY {target} FROM '{url}' {ROLE}"
    assert refusal(other, copy) == ("42501", f"permission denied for relation {target}")
    sql.execute(f"GRANT INSERT ON {target} TO u_{name}")
    assert refusal(other, copy)[0] == "XX000"
    assert other.execute("SELECT count(*) FROM stl_load_errors").fetchone() == (1,)


@pytest.mark.parametrize(
    ("columns", "data", "options", "wanted"),
    [
        ("s varchar(3)", "abcd\n", "TRUNCATECOLUMNS", [("abc",)]),
        ("s varchar(3)", "ab \n", "TRIMBLANKS", [("ab",)]),
        ("a varchar(3), s varchar(3)", "a|\n", "EMPTYASNULL", [("a", None)]),
        ("a varchar(3), s varchar(3)", "a|  \n", "BLANKSASNULL", [("a", None)]),
        ("a varchar(3), s varchar(3)", "a|-\n", "NULL AS '-'", [("a", None)]),
        ("a varchar(3), s varchar(3)", "a|N\nb|\\N\n", "NULL AS '\\N'", [("a", "N"), ("b", None)]),
        ("a varchar(3), s varchar(3), i int", "a\n", "FILLRECORD", [("a", "", None)]),
        ("a varchar(3), s varchar(3)", "a|b\n\n", "IGNOREBLANKLINES", [("a", "b")]),
        ("a varchar(3), s varchar(9)", "a|b\\|c\\\nd\n", "ESCAPE", [("a", "b|c\nd")]),
        ("a varchar(3), s varchar(3)", "'a'|\"b|c\"\n", "REMOVEQUOTES", [("a", "b|c")]),
        ("s varchar(9)", b"a\xe9\xe8b\n", "ACCEPTINVCHARS AS '^'", [("a^^b",)]),
        ("s varchar(9)", b"a\xe9b\n", "ACCEPTINVCHARS", [("a?b",)]),
        ("n numeric(8,2)", "20.259\n", "", [(Decimal("20.25"),)]),
        ("n numeric(8,2)", "20.259\n", "ROUNDEC", [(Decimal("20.26"),)]),
        ("d date", "31.12.1999\n", "DATEFORMAT 'DD.MM.YYYY'", [(date(1999, 12, 31),)]),
        ("d date", "Dec-31-1999\n", "DATEFORMAT AS 'auto'", [(date(1999, 12, 31),)]),
        ("d date", "00/00/00\n", "DATEFORMAT 'auto' ACCEPTANYDATE", [(None,)]),
        (
            "t timestamp",
            "1\n",
            "TIMEFORMAT 'epochsecs'",
            [(datetime.fromisoformat("1970-01-01 00:00:01"),)],
        ),
        (
            "t timestamp",
            "1500\n",
            "TIMEFORMAT 'epochmillisecs'",
            [(datetime.fromisoformat("1970-01-01 00:00:01.500000"),)],
        ),
        (
            "t timestamp",
            "1/2/2020 3:04 PM\n",
            "TIMEFORMAT 'auto'",
            [(datetime.fromisoformat("2020-01-02 15:04:00"),)],
        ),
        (
            "t timestamp",
            "2020-01-02T03:04:05.250Z\n",
            "TIMEFORMAT 'auto'",
            [(datetime.fromisoformat("2020-01-02 03:04:05.250000"),)],
        ),
        ("a int, b int", "1|2|\n", "", [(1, 2)]),
        ("b boolean", "t\nyes\n1\n", "", [(True,), (True,), (True,)]),
        ("f float8, g real", "1e10|.5\n", "", [(1e10, 0.5)]),
        ("a int, v varbyte(4)", "1|00ff\n", "", [(1, "00ff")]),
        ("a int, c char(4)", "1|ab\n", "", [(1, "ab  ")]),
        ("s varchar(9)", '"a\nb"\n', "CSV", [("a\nb",)]),
        ("s varchar(9)", '"a""b"\n', "CSV", [('a"b',)]),
        (
            "a int, s varchar(40)",
            '{"a":1,"s":{"x":[1, 2.50]}}',
            "JSON 'auto'",
            [(1, '{"x":[1, 2.50]}')],
        ),
        ("i integer", "1\n2\n", "NOLOAD", []),
        ("i integer", "1\n", "COMPUPDATE ON STATUPDATE OFF REGION 'eu-west-1' COMPROWS 10", [(1,)]),
    ],
)
def test_each_option(
    sql: Sql, put: Put, name: str, columns: str, data: bytes | str, options: str, wanted: list[Any]
) -> None:
    """What it makes of a row."""
    target = table(sql, name, columns)
    load(sql, target, put("x", data), options)
    assert rows(sql, target) == wanted


@pytest.mark.parametrize(
    ("columns", "data", "options", "code"),
    [
        ("s char(4)", "ä\n", "", 1215),
        ("s varchar(9)", b"a\xe9b\n", "", 1220),
        ("s varchar(9)", "'ab\n", "REMOVEQUOTES", 1214),
        ("s varchar(9)", '"a"b\n', "CSV", 1216),
        ("s varchar(9)", '"never ends\n', "CSV", 1216),
        ("s varchar(9)", '{"s":1\n', "JSON 'auto'", 1216),
        ("i smallint", "40000\n", "", 1222),
        ("i bigint", "1.5\n", "", 1207),
        ("n numeric(4,2)", "100\n", "", 1204),
        ("f float8", "1e999\n", "", 1204),
        ("f real", "abc\n", "", 1208),
        ("b boolean", "maybe\n", "", 1210),
        ("t timestamp", "yesterday\n", "", 1206),
        ("v varbyte(4)", "xyz\n", "", 1219),
        ("s varchar(9)", "a\n".encode("utf-16")[:-1], "ENCODING UTF16", 1221),
        ("i integer", "x" * (4 * 1024 * 1024 + 9) + "\n1\n", "", 1216),
    ],
)
def test_each_error(
    sql: Sql, put: Put, name: str, columns: str, data: bytes | str, options: str, code: int
) -> None:
    """The code that Redshift gives it."""
    target = table(sql, name, columns)
    url = put("x", data)
    assert refusal(sql, f"COPY {target} FROM '{url}' {ROLE} {options}")[0] == "XX000"
    found = sql.execute(f"SELECT err_code FROM stl_load_errors WHERE filename = '{url}'").fetchall()
    assert found == [(code,)]


def test_super(sql: Sql, put: Put, name: str) -> None:
    """JSON goes into SUPER as it is: by name, by path, as a field, or the whole object."""
    target = table(sql, name, "i integer, v super")
    lines = '{"i":1,"v":{"a":[1.50,"x",null]}}\n{"i":2,"v":"text"}\n{"i":3,"v":null}\n'
    load(sql, target, put("a.json", lines), "JSON 'auto'")
    put("paths", '{"jsonpaths":["$.i","$.v.a[0]"]}')
    load(
        sql,
        target,
        put("b.json", '{"i":4,"v":{"a":[{"b":1}]}}'),
        f"JSON 's3://landing/{name}/paths'",
    )
    load(sql, target, put("c.txt", '5|{"k": [true]}\n6|\n'), "")
    found = sql.execute(f"SELECT i, json_serialize(v) FROM {target} ORDER BY 1").fetchall()
    assert found == [
        (1, '{"a":[1.50,"x",null]}'),
        (2, '"text"'),
        (3, None),
        (4, '{"b":1}'),
        (5, '{"k":[true]}'),
        (6, None),
    ]
    url = put("d.txt", "7|{not json\n")
    refusal(sql, f"COPY {target} FROM '{url}' {ROLE}")
    codes = sql.execute(f"SELECT err_code FROM stl_load_errors WHERE filename = '{url}'").fetchall()
    assert codes == [(1224,)]
    load(sql, f"{target} (v)", put("e.json", '{"i": 8, "w": 1}\n'), "JSON 'noshred'")
    whole = sql.execute(f"SELECT json_serialize(v) FROM {target} WHERE i IS NULL").fetchall()
    assert whole == [('{"i":8,"w":1}',)]
    refusal(sql, f"COPY {target} FROM '{url}' {ROLE} JSON 'noshred'")
    statement = f"UNLOAD ('SELECT i, v FROM {target} WHERE i < 3 ORDER BY i')"
    sql.execute(f"{statement} TO 's3://landing/{name}/out' {ROLE} JSON ALLOWOVERWRITE")
    back = table(sql, f"{name}_back", "i integer, v super")
    load(sql, back, f"s3://landing/{name}/out", "JSON 'auto'")
    again = sql.execute(f"SELECT i, json_serialize(v) FROM {back} ORDER BY 1").fetchall()
    assert again == found[:2]


def test_the_rest_of_a_file(sql: Sql, put: Put, name: str) -> None:
    """Where what follows cannot be read at all, MAXERROR does not let the load pass without it."""
    target = table(sql, name, "s varchar(9)")
    url = put("x", "a\nb\n".encode("utf-16") + b"\x00")
    assert (
        refusal(sql, f"COPY {target} FROM '{url}' {ROLE} ENCODING UTF16 MAXERROR 9")[0] == "XX000"
    )
    url = put("y", '{"s":"' + "x\n" * (2 * 1024 * 1024 + 9) + '"}\n{"s":"b"}')
    assert refusal(sql, f"COPY {target} FROM '{url}' {ROLE} JSON 'auto' MAXERROR 9")[0] == "XX000"
    assert rows(sql, target) == []


def test_columns_defaults_and_identity(sql: Sql, put: Put, name: str) -> None:
    """A column list; what it leaves out has its default; identity values are made or explicit."""
    target = table(
        sql, name, "id bigint identity(10, 5), a integer default 7, b varchar(9) not null"
    )
    load(sql, f"{target} (b)", put("1", "x\n"), "")
    load(sql, target, put("2", "99|1|y\n"), "")
    assert rows(sql, target) == [(10, 7, "x"), (15, 1, "y")]
    load(sql, target, put("3", "99|1|z\n"), "EXPLICIT_IDS")
    assert rows(sql, target)[-1] == (99, 1, "z")
    url = put("4", "1\n")
    assert refusal(sql, f"COPY {target} (a) FROM '{url}' {ROLE}")[0] == "23502"
    assert refusal(sql, f"COPY {target} (zz) FROM '{url}' {ROLE}")[0] == "42703"
    assert refusal(sql, f"COPY {target} (id, b) FROM '{url}' {ROLE}")[0] == "0A000"


def test_copy_in_a_transaction(sql: Sql, put: Put, name: str) -> None:
    """It is part of it: seen inside, gone with ROLLBACK; a failed one fails the transaction."""
    target = table(sql, name, "i integer")
    url, bad = put("good", "1\n2\n"), put("bad", "x\n")
    sql.execute("BEGIN")
    load(sql, target, url, "")
    assert len(rows(sql, target)) == 2
    sql.execute("ROLLBACK")
    assert rows(sql, target) == []
    sql.execute("BEGIN")
    load(sql, target, url, "")
    refusal(sql, f"COPY {target} FROM '{bad}' {ROLE}")
    assert refusal(sql, "SELECT 1")[0] == "25P02"
    sql.execute("ROLLBACK")
    sql.execute("BEGIN READ ONLY")
    assert refusal(sql, f"COPY {target} FROM '{url}' {ROLE}")[0] == "25006"
    sql.execute("ROLLBACK")
    assert rows(sql, target) == []


def test_many_rows(sql: Sql, put: Put, name: str) -> None:
    """More than memory keeps of a load: every row once, none changed."""
    target = table(sql, name, "i integer, s varchar(100), n numeric(18,6)")
    count = 120_000
    lines = "".join(f"{i}|{i * 7919 % 1000003:064x}|{i}.{i % 1000000:06}\n" for i in range(count))
    load(sql, target, put("many.gz", gzip.compress(lines.encode(), 1)), "GZIP")
    found = sql.execute(
        f"SELECT count(*), count(distinct s), sum(i), max(n), min(length(s)) FROM {target}"
    ).fetchone()
    total = count * (count - 1) // 2
    assert found == (count, count, total, Decimal(f"{count - 1}.{count - 1:06}"), 64)


@pytest.mark.parametrize(
    ("url", "state", "text"),
    [
        ("s3://landing/nothing-here", "XX000", "The specified S3 prefix 'nothing-here' does not"),
        ("s3://no-such-bucket/x", "XX000", "Error NoSuchBucket"),
        ("s3://landing/../x", "22023", "no .. here"),
        ("s3://landing/a/../../x", "22023", "no .. here"),
        ("s3://landing/x?versionId=1", "22023", "no ? and"),
        ("http://landing/x", "22023", "must begin with s3://"),
        ("/etc/passwd", "22023", "must begin with s3://"),
        ("s3://landing", "22023", "a prefix is needed"),
        ("dynamodb://t", "0A000", "COPY from DynamoDB is not supported"),
    ],
)
def test_bad_places(sql: Sql, name: str, url: str, state: str, text: str) -> None:
    """Each is refused with its reason, and nothing outside the buckets is asked."""
    target = table(sql, name, "s varchar(99)")
    found = refusal(sql, f"COPY {target} FROM '{url}' {ROLE}")
    assert found[0] == state
    assert text in str(found[1])


def test_corrupt_files(sql: Sql, put: Put, name: str) -> None:
    """What is not compressed as said, or cut short, is an error and loads nothing."""
    target = table(sql, name, "s varchar(99)")
    whole = gzip.compress(b"row\n" * 1000)
    for data in (b"row\n", whole[: len(whole) // 2]):
        url = put("x", data)
        found = refusal(sql, f"COPY {target} FROM '{url}' {ROLE} GZIP")
        assert found == ("XX000", f"{url} cannot be read as GZIP")
    assert rows(sql, target) == []


def test_a_placeholder_is_filled_in(sql: Sql, put: Put, name: str) -> None:
    """The URL may be a parameter of the protocol."""
    target = table(sql, name, "i integer")
    statement = f"COPY {target} FROM %s IAM_ROLE default"
    assert sql.execute(statement, (put("x", "5\n"),)).statusmessage == "COPY"
    assert rows(sql, target) == [(5,)]


def test_describe_loads_nothing(sql: Sql, put: Put, name: str) -> None:
    """A statement that is described and not executed changes nothing."""
    target = table(sql, name, "i integer")
    url = put("x", "5\n")
    sql.pgconn.prepare(b"s", f"COPY {target} FROM '{url}' {ROLE}".encode())
    described = sql.pgconn.describe_prepared(b"s")
    assert described.nfields == 0
    assert rows(sql, target) == []


def test_a_cancel_ends_the_reading(node: RunningNode, sql: Sql, put: Put, name: str) -> None:
    """While files are still read: the statement is cancelled, and nothing was loaded."""
    target = table(sql, name, "i integer")
    lines = "".join(f"{i}\n" for i in range(3_000_000))
    url = put("rows.csv.gz", gzip.compress(lines.encode(), 1))

    def cancel() -> None:
        with node.connect("sales") as watcher:
            reading = f"SELECT 1 FROM stv_load_state WHERE current_file = '{url}' AND lines > 0"
            while watcher.execute(reading).fetchone() is None:
                pass
            watcher.execute(f"SELECT pg_cancel_backend({sql.info.backend_pid})")

    canceller = threading.Thread(target=cancel)
    canceller.start()
    assert refusal(sql, f"COPY {target} FROM '{url}' {ROLE} GZIP")[0] == "57014"
    canceller.join()
    assert rows(sql, target) == []
    status = sql.execute(
        f"SELECT status FROM sys_load_history WHERE table_name = '{target}'"
    ).fetchall()
    assert status == [("canceled",)]


def test_no_secret_is_kept(sql: Sql, put: Put, name: str) -> None:
    """Neither the statement's history nor an error shows a key or a role."""
    target = table(sql, name, "i integer")
    url = put("bad", "x\n")
    secrets = (
        "CREDENTIALS 'aws_access_key_id=AKIAHIDDEN;aws_secret_access_key=a\\'HIDDEN'",
        "ACCESS_KEY_ID AS 'AKIAHIDDEN' SECRET_ACCESS_KEY\n'x''HIDDEN' SESSION_TOKEN 'HIDDEN'",
        "IAM_ROLE 'arn:aws:iam::123456789012:role/HIDDEN'",
    )
    for secret in secrets:
        told = refusal(sql, f"COPY {target} FROM '{url}' {secret}")
        assert "HIDDEN" not in str(told)
    kept = sql.execute(
        f"SELECT query_text FROM sys_query_history WHERE query_text LIKE 'COPY {target}%'"
    ).fetchall()
    assert len(kept) == len(secrets)
    assert not any("HIDDEN" in text for (text,) in kept)
