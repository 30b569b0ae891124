"""Batches to DataRow messages: both ways of encoding, against each other and known bytes."""

from __future__ import annotations

import datetime as dt
import struct
import zlib
from decimal import Decimal
from uuid import UUID

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redshare.wire.pg import rows
from redshare.wire.pg.backend import FieldDescription
from redshare.wire.pg.errors import ProtocolError
from redshare.wire.pg.types import Oid, numeric_typmod
from tests.wire.pg import batches, client
from tests.wire.pg.batches import DAY


def joined(buffers: list[bytes | memoryview]) -> bytes:
    return b"".join(bytes(buffer) for buffer in buffers)


def both(
    batch: pa.RecordBatch,
    formats: tuple[int, ...] = (),
    fields: list[FieldDescription] | None = None,
    *,
    redshift: bool = False,
) -> bytes:
    """The messages by the way chosen for the size; both ways must give them."""
    found = joined(rows.encode_batch(batch, formats, redshift, fields))
    pieces = [
        joined(rows.encode_batch(batch.slice(start, 20), formats, redshift, fields))
        for start in range(0, batch.num_rows, 20)
    ]

    assert found == b"".join(pieces)

    return found


@pytest.mark.parametrize("redshift", [False, True])
@pytest.mark.parametrize("code", [0, 1])
@pytest.mark.parametrize("nulls", [0.0, 0.2, 1.0])
@pytest.mark.parametrize("name", batches.TYPES)
def test_both_ways_agree(name: str, nulls: float, code: int, redshift: bool) -> None:
    """A column of any type gives the same bytes whole (vectorised) and in small pieces (plain)."""
    column = batches.array(name, 200, zlib.crc32(name.encode()), nulls)
    both(pa.record_batch([column], ["c"]), (code,), redshift=redshift)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(batches.TYPES)), st.integers(0, 1)),
        min_size=1,
        max_size=6,
    ),
    st.integers(33, 80),
    st.integers(0, 2**32),
    st.sampled_from([0.0, 0.3]),
    st.booleans(),
)
def test_both_ways_agree_on_batches(
    columns: list[tuple[str, int]], count: int, seed: int, nulls: float, redshift: bool
) -> None:
    """Random batches of random columns give the same bytes both ways, and whole messages."""
    arrays = [
        batches.array(name, count, seed + index, nulls) for index, (name, _) in enumerate(columns)
    ]
    batch = pa.record_batch(arrays, [f"c{index}" for index in range(len(arrays))])
    found = client.rows(both(batch, tuple(code for _, code in columns), redshift=redshift))

    assert [len(columns)] * count == [len(row) for row in found]
    for index, column in enumerate(arrays):
        assert column.is_null().to_pylist() == [row[index] is None for row in found]


@pytest.mark.parametrize("code", [0, 1])
@pytest.mark.parametrize(
    ("arrow_type", "corners"),
    [
        # The ends of the tables that plain dates and times are looked up in.
        (pa.date32(), [-7_306, -7_305, 0, 42_368, 42_369]),
        (pa.timestamp("us"), [-7_305 * DAY, -1_000_000, 0, 42_369 * DAY - 1_000_000]),
        (pa.timestamp("us"), [-7_305 * DAY - 1_000_000, 0]),
        (pa.timestamp("us"), [0, 42_369 * DAY]),
        (pa.timestamp("us"), [0, 1, DAY - 1]),
        # Numerics that just fit 32 bits and just do not, zeros in front, behind and within.
        (pa.decimal128(18, 0), [0, 1, 2**32 - 1, 10_000, -100_000_000]),
        (pa.decimal128(18, 0), [0, 2**32, 10**18 - 1, 10_000, -100_000_000]),
        (pa.decimal128(12, 2), [0, 5, -99, 100, 1_000_000, 1_000_001, 2**32 - 1]),
        (pa.decimal128(18, 9), [0, 1, 10**9, -(2**32 - 1), 100_000]),
        (pa.decimal128(18, 10), [0, 1, 10**10, 2**32 - 1, 100_000]),
        (pa.decimal128(18, 18), [0, 1, 10**17, 10**4]),
    ],
)
def test_both_ways_agree_at_corners(arrow_type: pa.DataType, corners: list[int], code: int) -> None:
    if pa.types.is_decimal(arrow_type):
        values = [Decimal(value).scaleb(-arrow_type.scale) for value in corners]
        column = pa.array([*values * 20, None], arrow_type)
    else:
        width = pa.int32() if pa.types.is_date(arrow_type) else pa.int64()
        column = pa.array([*corners * 20, None], width).cast(arrow_type)
    for taken in (column, column.slice(0, len(column) - 1)):
        both(pa.record_batch([taken], ["c"]), (code,))


def cells(values: list[object], arrow_type: pa.DataType, code: int = 0) -> list[bytes | None]:
    """One column's wire values, by both ways."""
    repeated = pa.array(values * 40, arrow_type)
    found = client.rows(both(pa.record_batch([repeated], ["c"]), (code,)))
    return [row[0] for row in found[: len(values)]]


@pytest.mark.parametrize(
    ("arrow_type", "values", "expected"),
    [
        (pa.bool_(), [True, False, None], [b"t", b"f", None]),
        (
            pa.int64(),
            [-(2**63), 0, 2**63 - 1],
            [b"-9223372036854775808", b"0", b"9223372036854775807"],
        ),
        (
            pa.float64(),
            [1.0, -0.0, 0.1, 1e14, 123456789012345.0, 1e15, 1e-4, 1e-5, 1e100, 5e-324],
            [
                b"1",
                b"-0",
                b"0.1",
                b"100000000000000",
                b"123456789012345",
                b"1e+15",
                b"0.0001",
                b"1e-05",
                b"1e+100",
                b"5e-324",
            ],
        ),
        (
            pa.float64(),
            [float("nan"), float("inf"), float("-inf")],
            [b"NaN", b"Infinity", b"-Infinity"],
        ),
        (
            pa.float32(),
            [0.1, 123456.0, 1e6, 16777216.0, 1e-45, 3.4028235e38],
            [b"0.1", b"123456", b"1e+06", b"1.6777216e+07", b"1e-45", b"3.4028235e+38"],
        ),
        (
            pa.decimal128(20, 10),
            [Decimal("1.5"), Decimal("-0.0000000001"), Decimal(0)],
            [b"1.5000000000", b"-0.0000000001", b"0.0000000000"],
        ),
        (pa.string(), ["", "ä\n", None], [b"", "ä\n".encode(), None]),
        (pa.binary(), [b"", b"\x00\xff"], [b"", b"00ff"]),
        (pa.date32(), [dt.date(2000, 2, 29), dt.date(1, 1, 1)], [b"2000-02-29", b"0001-01-01"]),
        (
            pa.time64("us"),
            [dt.time(1, 2, 3), dt.time(1, 2, 3, 450000), dt.time(0, 0, 0, 1)],
            [b"01:02:03", b"01:02:03.45", b"00:00:00.000001"],
        ),
        (
            pa.timestamp("us"),
            [
                dt.datetime.fromisoformat("2020-01-02 03:04:05"),
                dt.datetime.fromisoformat("2020-01-02 03:04:05.000600"),
            ],
            [b"2020-01-02 03:04:05", b"2020-01-02 03:04:05.0006"],
        ),
        (
            pa.timestamp("us", "America/New_York"),
            [dt.datetime(2020, 7, 1, 12, tzinfo=dt.UTC), dt.datetime(2020, 1, 1, tzinfo=dt.UTC)],
            [b"2020-07-01 08:00:00-04", b"2019-12-31 19:00:00-05"],
        ),
        (
            pa.month_day_nano_interval(),
            [(14, -3, 4_000_000_000), (0, 0, 0), (-1, 1, -1_500_000_000)],
            [b"1 year 2 mons -3 days +00:00:04", b"00:00:00", b"-1 mons +1 day -00:00:01.5"],
        ),
        (
            pa.list_(pa.struct([("a", pa.float64()), ("b", pa.string())])),
            [[{"a": 1.0, "b": 'x"'}], [], [None]],
            [b'[{"a":1,"b":"x\\""}]', b"[]", b"[null]"],
        ),
    ],
    ids=str,
)
def test_text(arrow_type: pa.DataType, values: list[object], expected: list[bytes]) -> None:
    """Values stand in text as PostgreSQL writes them."""
    assert expected == cells(values, arrow_type)


def test_dates_beyond_four_digits() -> None:
    """Years before 1 are BC, years after 9999 have more digits; binary has no such limits."""
    days = pa.array([-719_163, -2_440_588, 2_932_897, 2_145_042_905] * 10, pa.int32())
    batch = pa.record_batch([days.cast(pa.date32())], ["d"])
    expected = [b"0001-12-31 BC", b"4714-11-24 BC", b"10000-01-01", b"5874897-12-31"]

    assert expected == [row[0] for row in client.rows(both(batch))[:4]]

    micros = pa.array([day * 86_400_000_000 for day in (-719_163, 2_932_897)] * 20, pa.int64())
    batch = pa.record_batch([micros.cast(pa.timestamp("us", "UTC"))], ["t"])

    assert [row[0] for row in client.rows(both(batch))[:2]] == [
        b"0001-12-31 00:00:00+00 BC",
        b"10000-01-01 00:00:00+00",
    ]


@pytest.mark.parametrize(
    ("arrow_type", "first"),
    [
        (pa.date32(), -(2**31)),
        (pa.timestamp("us"), -(2**63)),
        (pa.timestamp("us", "UTC"), -(2**63)),
    ],
)
@pytest.mark.parametrize("code", [0, 1])
@pytest.mark.parametrize("count", [1, 40])
def test_moments_before_all_time(
    arrow_type: pa.DataType, first: int, code: int, count: int
) -> None:
    """What cannot be counted from 2000 in the type's size is out of range, not another day."""
    width = pa.int32() if arrow_type == pa.date32() else pa.int64()
    column = pa.array([first] * count, width).cast(arrow_type)
    with pytest.raises(ProtocolError) as caught:
        rows.encode_batch(pa.record_batch([column], ["c"]), (code,))

    assert caught.value.sqlstate == "22008"


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("0", (0, 0, 0, 2)),
        ("1.50", (2, 0, 0, 2, 1, 5000)),
        ("-12345.67", (3, 1, 0x4000, 2, 1, 2345, 6700)),
        ("0.01", (1, -1, 0, 2, 100)),
        ("10000", (1, 1, 0, 2, 1)),
    ],
)
def test_numeric_in_postgresqls_binary(text: str, digits: tuple[int, ...]) -> None:
    """Digits to the base 10000, none that is zero at either end."""
    expected = struct.pack(f"!hhHh{len(digits) - 4}h", *digits)

    assert [expected] == cells([Decimal(text)], pa.decimal128(9, 2), 1)
    assert [expected] == cells([Decimal(text)], pa.decimal128(38, 2), 1)


def test_numeric_in_redshifts_binary() -> None:
    """Up to 18 digits of precision the unscaled integer has 8 bytes, beyond that 16."""
    for precision, width in ((18, 8), (19, 16), (38, 16)):
        column = pa.array([Decimal("-1.50"), None] * 20, pa.decimal128(precision, 2))
        found = client.rows(both(pa.record_batch([column], ["n"]), (1,), redshift=True))

        assert [[(-150).to_bytes(width, "big", signed=True)], [None]] == found[:2]


def test_binary_dates_and_times() -> None:
    """Binary dates count days, times microseconds, both from 2000-01-01."""
    assert [struct.pack("!i", 1)] == cells([dt.date(2000, 1, 2)], pa.date32(), 1)
    assert [struct.pack("!q", -1)] == cells(
        [dt.datetime.fromisoformat("1999-12-31 23:59:59.999999")], pa.timestamp("us"), 1
    )
    assert [struct.pack("!q", 0)] == cells(
        [dt.datetime(2000, 1, 1, tzinfo=dt.UTC)], pa.timestamp("us", "Asia/Kolkata"), 1
    )


def test_fields_decide_the_type() -> None:
    """The description given, not Arrow's type, says how a column is sent."""
    count = 40
    batch = pa.record_batch(
        [
            pa.array([7] * count, pa.int64()),
            pa.array([b"ab"] * count),
            pa.array([dt.time(1)] * count),
            pa.array(["[1]"] * count),
            pa.array([5] * count, pa.int32()),
            pa.array([1] * count, pa.int32()),
            pa.array([(14, 0, 0)] * count, pa.month_day_nano_interval()),
            pa.array([bytes(16)] * count, pa.uuid()),
        ],
        list("abcdefgh"),
    )
    fields = [
        FieldDescription("a", Oid.INT2),
        FieldDescription("b", Oid.BYTEA),
        FieldDescription("c", Oid.TIMETZ),
        FieldDescription("d", Oid.SUPER),
        FieldDescription("e", Oid.NUMERIC, type_modifier=numeric_typmod(5, 2)),
        FieldDescription("f", Oid.VARCHAR),
        FieldDescription("g", Oid.INTERVALY2M),
        FieldDescription("h", Oid.UUID),
    ]
    text = client.rows(both(batch, fields=fields))
    binary = client.rows(both(batch, (1,), fields))

    assert text[0] == [
        b"7",
        b"\\x6162",
        b"01:00:00+00",
        b"[1]",
        b"5.00",
        b"1",
        b"1 year 2 mons",
        str(UUID(int=0)).encode(),
    ]
    assert [
        b"\0\7",
        b"ab",
        struct.pack("!qi", 3_600_000_000, 0),
        b"[1]",
        struct.pack("!hhHhh", 1, 0, 0, 2, 5),
        b"1",
        struct.pack("!i", 14),
        bytes(16),
    ] == binary[0]


@pytest.mark.parametrize(
    ("oid", "elements", "text", "binary"),
    [
        (Oid.INT4_ARRAY, [1, None, -3], b"{1,NULL,-3}", "!iiIiiiiiii"),
        (Oid.INT4_ARRAY, [], b"{}", None),
        (
            Oid.ACLITEM_ARRAY,
            ["ann=r/ann", "", "a b", 'q"\\', "null", "{", ","],
            b'{ann=r/ann,"","a b","q\\"\\\\","null","{",","}',
            None,
        ),
        (Oid.FLOAT8_ARRAY, [1.5, float("inf")], b"{1.5,Infinity}", None),
    ],
)
def test_arrays(oid: Oid, elements: list[object], text: bytes, binary: str | None) -> None:
    """A list is an array where the description says so: braces in text, a head in binary."""
    value_type = pa.string() if oid == Oid.ACLITEM_ARRAY else None
    column = pa.array([elements, None] * 20, pa.list_(value_type) if value_type else None)
    batch = pa.record_batch([column], ["c"])
    fields = [FieldDescription("c", oid)]

    assert client.rows(both(batch, (0,), fields))[:2] == [[text], [None]]

    found = client.rows(both(batch, (1,), fields))[0][0]
    assert found is not None
    dimensions, nulls, _ = struct.unpack("!iiI", found[:12])

    assert (dimensions, nulls) == (1 if elements else 0, int(None in elements))
    if binary is not None:
        assert struct.pack(binary, 1, 1, 23, 3, 1, 4, 1, -1, 4, -3) == found


@pytest.mark.parametrize(
    ("column", "field", "sqlstate"),
    [
        (pa.array([70_000]), FieldDescription("c", Oid.INT2), "42804"),
        (pa.array(["x"]), FieldDescription("c", Oid.INT4), "42804"),
        (pa.array([b"\xff"]), FieldDescription("c", Oid.VARCHAR), "42804"),
        (pa.array([[1]]), FieldDescription("c", Oid.DATE), "42804"),
        (pa.array([1]), FieldDescription("c", Oid.ABSTIME), "0A000"),
        (pa.array([1]), FieldDescription("c", 99_999), "0A000"),
        (pa.array([1]), FieldDescription("c", Oid.INT4_ARRAY), "42804"),
        (pa.array([["x"]]), FieldDescription("c", Oid.INT4_ARRAY), "42804"),
    ],
)
def test_values_that_do_not_fit(column: pa.Array, field: FieldDescription, sqlstate: str) -> None:
    """A column that cannot be sent as described is an error, never a wrong value."""
    with pytest.raises(ProtocolError) as caught:
        rows.encode_batch(pa.record_batch([column], ["c"]), fields=[field])

    assert sqlstate == caught.value.sqlstate


def test_wrong_counts() -> None:
    """Formats and descriptions must be as many as columns (or one format, or none)."""
    batch = pa.record_batch([pa.array([1]), pa.array([2])], ["a", "b"])
    with pytest.raises(ProtocolError, match="3 result formats but query has 2"):
        rows.encode_batch(batch, (0, 1, 0))
    with pytest.raises(ProtocolError, match="does not have the 1 described"):
        rows.encode_batch(batch, (), fields=[FieldDescription("a", Oid.INT8)])
    with pytest.raises(ProtocolError, match="precision"):
        rows.column_type(pa.decimal256(50, 2))
    with pytest.raises(ProtocolError, match="no SQL type"):
        rows.column_type(pa.run_end_encoded(pa.int32(), pa.string()))


def test_empty_batches() -> None:
    """No rows are no messages; rows without columns are messages all the same."""
    assert rows.encode_batch(pa.record_batch([pa.array([], pa.int32())], ["a"])) == []


def test_large_batches_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch above the bounds comes in several buffers of the same bytes."""
    batch = pa.record_batch(
        [batches.array("varchar", 500, 1), batches.array("int8", 500, 2)], ["a", "b"]
    )
    whole = rows.encode_batch(batch)
    for name, bound in (("MAX_BATCH_CELLS", 300), ("MAX_BATCH_BYTES", 2_000)):
        with monkeypatch.context() as patch:
            patch.setattr(rows, name, bound)
            pieces = rows.encode_batch(batch)

        assert len(pieces) > 2
        assert joined(whole) == joined(pieces)


def test_describe_columns() -> None:
    """Each column has its OID, size and typmod, its name and the format asked for."""
    schema = pa.schema(
        [
            ("a", pa.int32()),
            ("b", pa.decimal128(10, 3)),
            ("c", pa.string()),
            ("d", pa.timestamp("us", "UTC")),
            ("e", pa.null()),
            ("f", pa.decimal128(5, -2)),
        ]
    )
    found = rows.describe_columns(schema, ["v", "w", "x", "y", "z", "z"], (1,))

    assert [
        FieldDescription("v", 23, 4, -1, 1),
        FieldDescription("w", 1700, -1, (10 << 16 | 3) + 4, 1),
        FieldDescription("x", 1043, -1, -1, 1),
        FieldDescription("y", 1184, 8, -1, 1),
        FieldDescription("z", 705, -1, -1, 1),
        FieldDescription("z", 1700, -1, (7 << 16) + 4, 1),
    ] == found
    assert [field.name for field in rows.describe_columns(schema)] == ["a", "b", "c", "d", "e", "f"]
