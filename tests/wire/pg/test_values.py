"""Single values: parameters in, results out, and there and back again."""

from __future__ import annotations

import contextlib
import struct
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redshare.wire.pg import numbers
from redshare.wire.pg.decode import decode_parameter
from redshare.wire.pg.errors import ProtocolError
from redshare.wire.pg.interval import Interval, interval_from_text, interval_text
from redshare.wire.pg.types import (
    TYPES,
    Oid,
    length_typmod,
    numeric_precision_and_scale,
    numeric_typmod,
    type_name,
)
from redshare.wire.pg.values import encode_value

NAIVE = st.datetimes()
ZONES = st.integers(-15 * 60, 15 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
FLOAT4 = st.floats(width=32, allow_nan=False)
NUMERICS = st.decimals(allow_nan=False, allow_infinity=False, places=5) | st.decimals(
    min_value=-(10**30), max_value=10**30, places=0
)

ROUND_TRIPS = {
    Oid.BOOL: st.booleans(),
    Oid.INT2: st.integers(-(2**15), 2**15 - 1),
    Oid.INT4: st.integers(-(2**31), 2**31 - 1),
    Oid.INT8: st.integers(-(2**63), 2**63 - 1),
    Oid.OID: st.integers(0, 2**32 - 1),
    Oid.FLOAT4: FLOAT4,
    Oid.FLOAT8: st.floats(allow_nan=False),
    Oid.NUMERIC: NUMERICS,
    Oid.VARCHAR: st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    Oid.DATE: st.dates(),
    Oid.TIME: st.times(),
    Oid.TIMETZ: st.times(timezones=ZONES),
    Oid.TIMESTAMP: NAIVE,
    Oid.TIMESTAMPTZ: st.datetimes(
        datetime.fromisoformat("0002-01-01"), datetime.fromisoformat("9998-01-01"), timezones=ZONES
    ),
    Oid.INTERVAL: st.builds(
        Interval,
        st.integers(-(10**6), 10**6),
        st.integers(-(10**6), 10**6),
        st.integers(-(10**15), 10**15),
    ),
    Oid.INTERVALY2M: st.builds(Interval, st.integers(-(10**6), 10**6)),
    Oid.INTERVALD2S: st.builds(
        Interval, st.just(0), st.integers(-(10**5), 10**5), st.integers(0, 86_399_999_999)
    ),
    Oid.BYTEA: st.binary(),
    Oid.VARBYTE: st.binary(),
    Oid.UUID: st.uuids().map(str),
}


@pytest.mark.parametrize("code", [0, 1])
@pytest.mark.parametrize("oid", ROUND_TRIPS, ids=lambda oid: oid.name)
def test_round_trip(oid: Oid, code: int) -> None:
    """A value sent and read back is the same value, in text and in binary."""

    @settings(max_examples=60, deadline=None)
    @given(ROUND_TRIPS[oid])
    def law(value: object) -> None:
        data = encode_value(value, oid, code)

        assert value == decode_parameter(data, oid, code)

    law()


def test_null() -> None:
    """NULL is NULL in every type and format."""
    for oid in TYPES:
        assert encode_value(None, oid, 1) is None
        assert decode_parameter(None, oid, 1) is None


@pytest.mark.parametrize(
    ("oid", "text", "expected"),
    [
        (Oid.BOOL, " TRUE ", True),
        (Oid.BOOL, "off", False),
        (Oid.INT2, " +7 ", 7),
        (Oid.FLOAT8, "1E3", 1000.0),
        (Oid.FLOAT8, "-Infinity", float("-inf")),
        (Oid.FLOAT4, "0.1", 0.10000000149011612),
        (Oid.NUMERIC, "1e-3", Decimal("0.001")),
        (Oid.NUMERIC, " .5", Decimal("0.5")),
        (Oid.UNSPECIFIED, "any", "any"),
        (Oid.UNKNOWN, "any", "any"),
        (Oid.SUPER, "[1]", "[1]"),
        (Oid.UUID, f"{{{UUID(int=10)}}}".upper(), str(UUID(int=10))),
        (Oid.DATE, "2024-2-9", date(2024, 2, 9)),
        (Oid.DATE, "2024-02-09 10:00:00", date(2024, 2, 9)),
        (Oid.DATE, "2024-02-09 AD", date(2024, 2, 9)),
        (Oid.TIME, "1:02", time(1, 2)),
        (Oid.TIME, "01:02:03.4567891", time(1, 2, 3, 456789)),
        (Oid.TIMETZ, "01:02:03-05", time(1, 2, 3, tzinfo=timezone(timedelta(hours=-5)))),
        (Oid.TIMESTAMP, "2024-02-09T01:02:03.5Z", datetime.fromisoformat("2024-02-09 01:02:03.5")),
        (Oid.TIMESTAMP, "2024-02-09 24:00:00", datetime.fromisoformat("2024-02-10")),
        (Oid.TIMESTAMP, "2024-12-31 23:59:60", datetime.fromisoformat("2025-01-01")),
        (Oid.TIMESTAMPTZ, "2024-02-09 01:00:00+05:30", datetime(2024, 2, 8, 19, 30, tzinfo=UTC)),
        (Oid.TIMESTAMPTZ, "2024-02-09 01:00:00 UTC", datetime(2024, 2, 9, 1, tzinfo=UTC)),
        (Oid.TIMESTAMPTZ, "2024-02-09", datetime(2024, 2, 9, tzinfo=UTC)),
        (Oid.BYTEA, "\\x00fF", b"\0\xff"),
        (Oid.BYTEA, "a\\\\b\\001", b"a\\b\1"),
        (Oid.VARBYTE, "00ff", b"\0\xff"),
        (Oid.INTERVAL, "1 year -2 mons 3 days 04:05:06.7", Interval(10, 3, 14_706_700_000)),
        (Oid.INTERVAL, "-1 day 0:00:03", Interval(0, -1, 3_000_000)),
        (
            Oid.INTERVAL,
            "1 years 2 mons 3 days 4 hours 5 mins 6.0 secs",
            Interval(14, 3, 14_706_000_000),
        ),
        (Oid.INTERVAL, "@ 1 day ago", Interval(0, -1, 0)),
        (Oid.INTERVAL, "P1Y2M3DT4H5M6.5S", Interval(14, 3, 14_706_500_000)),
        (Oid.INTERVAL, "1.5 months", Interval(1, 15, 0)),
        (Oid.INTERVAL, "1.5 days", Interval(0, 1, 43_200_000_000)),
        (Oid.INTERVAL, "2 weeks", Interval(0, 14, 0)),
        (Oid.INTERVAL, "1.5 years", Interval(18, 0, 0)),
    ],
)
def test_text_parameter(oid: Oid, text: str, expected: object) -> None:
    """Texts as clients send them, in all the spellings they use."""
    found = decode_parameter(text.encode(), oid, 0)

    assert expected == found
    assert type(expected) is type(found)


@pytest.mark.parametrize(
    ("oid", "text", "sqlstate"),
    [
        (Oid.BOOL, "maybe", "22P02"),
        (Oid.INT2, "32768", "22003"),
        (Oid.INT4, "1.0", "22P02"),
        (Oid.INT4, "1_0", "22P02"),
        (Oid.INT8, "\u0663", "22P02"),
        (Oid.INT8, "9" * 5000, "22P02"),
        (Oid.OID, "-1", "22003"),
        (Oid.FLOAT8, "1_0", "22P02"),
        (Oid.FLOAT8, "0x10", "22P02"),
        (Oid.FLOAT8, "1e400", "22003"),
        (Oid.FLOAT4, "1e40", "22003"),
        (Oid.FLOAT8, "\u0131nf", "22P02"),
        (Oid.NUMERIC, "Infinity", "22P02"),
        (Oid.NUMERIC, "sNaN", "22P02"),
        (Oid.NUMERIC, "1_0", "22P02"),
        (Oid.NUMERIC, "1e5000", "22003"),
        (Oid.NUMERIC, "0e-999999", "22003"),
        (Oid.NUMERIC, "1e" + "9" * 30, "22003"),
        (Oid.DATE, "tomorrow", "22007"),
        (Oid.DATE, "2023-02-29", "22008"),
        (Oid.DATE, "0044-03-15 BC", "22008"),
        (Oid.DATE, "12024-01-01", "22008"),
        (Oid.TIME, "25:00", "22008"),
        (Oid.TIME, "24:00:00", "22008"),
        (Oid.TIME, "10:60", "22008"),
        (Oid.TIME, "ten", "22007"),
        (Oid.TIMETZ, "ten", "22007"),
        (Oid.TIMESTAMP, "9999-12-31 24:00:00", "22008"),
        (Oid.TIMESTAMPTZ, "2024-01-01 00:00:00+17", "22009"),
        (Oid.TIMESTAMPTZ, "2024-01-01 00:00:00 Mars/Base", "22007"),
        (Oid.TIMESTAMPTZ, "9999-12-31 23:00:00-05", "22008"),
        (Oid.INTERVAL, "", "22007"),
        (Oid.INTERVAL, "1 fortnight", "22007"),
        (Oid.INTERVAL, "1", "22007"),
        (Oid.INTERVAL, "P", "22007"),
        (Oid.INTERVAL, "P1X", "22007"),
        (Oid.INTERVAL, "999999999999 years", "22015"),
        (Oid.BYTEA, "\\x0", "22P02"),
        (Oid.BYTEA, "a\\9", "22P02"),
        (Oid.VARBYTE, "xyz", "22P02"),
        (Oid.UUID, "x", "22P02"),
        (Oid.VARCHAR, "a\0b", "22021"),
        (Oid.INT4_ARRAY, "{1}", "0A000"),
        (Oid.ABSTIME, "now", "0A000"),
        (99_999, "x", "0A000"),
    ],
)
def test_bad_text_parameter(oid: int, text: str, sqlstate: str) -> None:
    """A text that is not of its type is refused with PostgreSQL's SQLSTATE."""
    with pytest.raises(ProtocolError) as caught:
        decode_parameter(text.encode(), oid, 0)

    assert sqlstate == caught.value.sqlstate


def test_arrays_are_refused_by_name() -> None:
    """The message says which array type it was."""
    for code in (0, 1):
        with pytest.raises(ProtocolError, match="array type _varchar"):
            decode_parameter(b"{a}", Oid.VARCHAR_ARRAY, code)


@pytest.mark.parametrize(
    ("oid", "data", "sqlstate"),
    [
        (Oid.INT4, b"\0\0\0", "22P03"),
        (Oid.INT8, b"\0" * 9, "22P03"),
        (Oid.BOOL, b"", "22P03"),
        (Oid.UUID, b"\0", "22P03"),
        (Oid.INTERVAL, b"\0" * 13, "22P03"),
        (Oid.DATE, struct.pack("!i", 2**31 - 1), "22008"),
        (Oid.TIMESTAMP, struct.pack("!q", 2**63 - 1), "22008"),
        (Oid.TIMESTAMPTZ, struct.pack("!q", -(2**63)), "22008"),
        (Oid.TIME, struct.pack("!q", -1), "22008"),
        (Oid.TIMETZ, struct.pack("!qi", 0, 10**6), "22009"),
        (Oid.NUMERIC, b"", "22P03"),
        (Oid.NUMERIC, struct.pack("!hhHh", 1, 0, 0, 0), "22P03"),
        (Oid.NUMERIC, struct.pack("!hhHhh", 1, 0, 0, 0, 10_000), "22P03"),
        (Oid.NUMERIC, struct.pack("!hhHh", 0, 0, 0xD000, 0), "22P03"),
        (Oid.NUMERIC, struct.pack("!hhHh", 0, 0, 0, -1), "22P03"),
        (Oid.VARCHAR, b"\xff", "22021"),
        (Oid.ABSTIME, b"\0\0\0\0", "0A000"),
    ],
)
def test_bad_binary_parameter(oid: int, data: bytes, sqlstate: str) -> None:
    """Binary data that is not of its type is refused."""
    with pytest.raises(ProtocolError) as caught:
        decode_parameter(data, oid, 1)

    assert sqlstate == caught.value.sqlstate


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(TYPES)), st.binary(max_size=24), st.integers(0, 1))
def test_random_parameters(oid: int, data: bytes, code: int) -> None:
    """Random bytes are a value or a ProtocolError in any type."""
    with contextlib.suppress(ProtocolError):
        decode_parameter(data, oid, code)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(ROUND_TRIPS)),
    st.text(st.sampled_from("0123456789.:-+eExXnaifdyPTZ BC\\ "), max_size=24),
)
def test_random_texts(oid: int, text: str) -> None:
    """Texts that look like values are one or a ProtocolError."""
    with contextlib.suppress(ProtocolError):
        decode_parameter(text.encode(), oid, 0)


def test_interval_of_amazons_drivers() -> None:
    """They send and read intervals in twelve bytes, PostgreSQL's clients in sixteen."""
    value = Interval(2, -3, 4)
    short, long = struct.pack("!qhh", 4, -3, 2), struct.pack("!qii", 4, -3, 2)

    assert value == decode_parameter(short, Oid.INTERVAL, 1)
    assert value == decode_parameter(long, Oid.INTERVAL, 1)
    assert short == encode_value(value, Oid.INTERVAL, 1, redshift=True)
    assert long == encode_value(value, Oid.INTERVAL, 1)


@pytest.mark.parametrize(
    ("value", "oid", "expected"),
    [
        (7, Oid.NUMERIC, b"7"),
        (7, Oid.FLOAT8, b"7"),
        (-1.7976931348623157e308, Oid.FLOAT8, b"-1.7976931348623157e+308"),
        (1.7976931348623157e308, Oid.FLOAT8, b"1.7976931348623157e+308"),
        (-3.4028234663852886e38, Oid.FLOAT4, b"-3.4028235e+38"),
        (106929376.0, Oid.FLOAT4, b"1.06929376e+08"),
        (float("nan"), Oid.FLOAT8, b"NaN"),
        (Decimal("1E+3"), Oid.NUMERIC, b"1000"),
        (Decimal("NaN"), Oid.NUMERIC, b"NaN"),
        (True, Oid.BOOL, b"t"),
        (datetime(2024, 1, 1, 5, tzinfo=UTC), Oid.DATE, b"2024-01-01"),
        (datetime.fromisoformat("2024-01-01 05:00"), Oid.TIMESTAMPTZ, b"2024-01-01 05:00:00+00"),
        (time(1), Oid.TIMETZ, b"01:00:00+00"),
        (timedelta(days=-1, seconds=1), Oid.INTERVAL, b"-1 days +00:00:01"),
        (UUID(int=1), Oid.UUID, b"00000000-0000-0000-0000-000000000001"),
        (b"\x01", Oid.BYTEA, b"\\x01"),
        (b"\x01", Oid.VARBYTE, b"01"),
    ],
)
def test_python_values_as_text(value: object, oid: Oid, expected: bytes) -> None:
    """Python's own objects can be sent without knowing how rows are encoded."""
    assert expected == encode_value(value, oid)


@pytest.mark.parametrize(
    ("value", "oid", "code", "sqlstate"),
    [
        ("x", Oid.INT4, 0, "42804"),
        ("x", Oid.INT4, 1, "22003"),
        (2**31, Oid.INT4, 0, "22003"),
        (2**31, Oid.INT4, 1, "22003"),
        (1.5, Oid.DATE, 0, "42804"),
        (7, Oid.VARCHAR, 0, "42804"),
        (Decimal("Infinity"), Oid.NUMERIC, 0, "22003"),
        (Decimal("Infinity"), Oid.NUMERIC, 1, "22003"),
        (1, Oid.ABSTIME, 0, "0A000"),
    ],
)
def test_values_that_do_not_fit(value: object, oid: Oid, code: int, sqlstate: str) -> None:
    """A value that is not of the type, or too large for it, is an error and not garbage."""
    with pytest.raises(ProtocolError) as caught:
        encode_value(value, oid, code)

    assert sqlstate == caught.value.sqlstate


@pytest.mark.parametrize(
    ("value", "typmod", "sqlstate"),
    [
        (Decimal(1), -1, "0A000"),
        (Decimal("NaN"), numeric_typmod(5, 2), "0A000"),
        (Decimal(10**17), numeric_typmod(18, 2), "22003"),
    ],
)
def test_redshift_numeric_errors(value: Decimal, typmod: int, sqlstate: str) -> None:
    """Redshift's binary numerics need a scale and have no NaN."""
    with pytest.raises(ProtocolError) as caught:
        encode_value(value, Oid.NUMERIC, 1, typmod=typmod, redshift=True)

    assert sqlstate == caught.value.sqlstate


def test_redshift_numeric() -> None:
    """The scale of the typmod, not of the value, decides."""
    for precision, width in ((10, 8), (30, 16)):
        data = encode_value(
            Decimal("-1.5"), Oid.NUMERIC, 1, typmod=numeric_typmod(precision, 3), redshift=True
        )

        assert (-1500).to_bytes(width, "big", signed=True) == data


@pytest.mark.parametrize("text", ["0", "0.00", "-0.5", "12345678901234567890.123456789", "1e20"])
def test_numeric_binary_keeps_the_scale(text: str) -> None:
    """What PostgreSQL's form carries includes the trailing zeros."""
    value = Decimal(text)
    found = numbers.numeric_from_binary(numbers.numeric_binary(value))

    assert f"{value:f}" == f"{found:f}"


def test_numeric_nan() -> None:
    """NaN travels in both formats."""
    for code in (0, 1):
        data = encode_value(Decimal("NaN"), Oid.NUMERIC, code)

        found = decode_parameter(data, Oid.NUMERIC, code)

        assert isinstance(found, Decimal)
        assert found.is_nan()


def test_interval_texts() -> None:
    """PostgreSQL's own examples of its style."""
    for interval, expected in (
        (Interval(), "00:00:00"),
        (Interval(14, 3, 14_706_000_000), "1 year 2 mons 3 days 04:05:06"),
        (Interval(-14, 3, -14_706_000_000), "-1 years -2 mons +3 days -04:05:06"),
        (Interval(1, 1, 1), "1 mon 1 day 00:00:00.000001"),
        (Interval(0, 0, 360_000_000_000_000), "100000:00:00"),
    ):
        assert expected == interval_text(interval)
        assert interval == interval_from_text(expected)


def test_typmods() -> None:
    """Modifiers say precision and scale, or a length, four more than they mean."""
    assert numeric_typmod(12, 2) == 12 * 65536 + 2 + 4
    assert numeric_precision_and_scale(numeric_typmod(38, 37)) == (38, 37)
    assert numeric_precision_and_scale(-1) is None
    assert length_typmod(10) == 14
    for precision, scale in ((39, 0), (5, 6), (0, 0), (5, -1)):
        with pytest.raises(ProtocolError):
            numeric_typmod(precision, scale)


def test_type_table() -> None:
    """Each OID of the enumeration but 0 has its row, and unknown ones are shown by number."""
    assert set(Oid) - {Oid.UNSPECIFIED} == set(TYPES)
    assert type_name(Oid.INT4_ARRAY) == "_int4"
    assert type_name(99_999) == "with OID 99999"
