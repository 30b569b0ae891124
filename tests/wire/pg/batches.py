"""Random Arrow batches of every type a result can have, and the corners of each type."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from typing import Any

import pyarrow as pa

INT64 = 2**63
# PostgreSQL's own range: 4713 BC to 294276 AD (timestamps) and 5874897 AD (dates).
FIRST_DAY, LAST_DAY, LAST_TIMESTAMP_DAY = -2_440_588, 2_145_042_905, 106_751_990
DAY = 86_400_000_000

TYPES: dict[str, pa.DataType] = {
    "bool": pa.bool_(),
    "int2": pa.int16(),
    "int4": pa.int32(),
    "int8": pa.int64(),
    "uint8": pa.uint8(),
    "uint64": pa.uint64(),
    "float4": pa.float32(),
    "float8": pa.float64(),
    "numeric(5,0)": pa.decimal128(5, 0),
    "numeric(9,2)": pa.decimal128(9, 2),
    "numeric(18,18)": pa.decimal128(18, 18),
    "numeric(18,5)": pa.decimal128(18, 5),
    "numeric(38,10)": pa.decimal128(38, 10),
    "numeric(38,0)": pa.decimal128(38, 0),
    "numeric(6,-3)": pa.decimal128(6, -3),
    "varchar": pa.string(),
    "large varchar": pa.large_string(),
    "string view": pa.string_view(),
    "dictionary": pa.dictionary(pa.int16(), pa.string()),
    "varbyte": pa.binary(),
    "fixed varbyte": pa.binary(3),
    "date": pa.date32(),
    "time": pa.time64("us"),
    "timestamp": pa.timestamp("us"),
    "timestamp seconds": pa.timestamp("s"),
    "timestamptz": pa.timestamp("us", "UTC"),
    "timestamptz New York": pa.timestamp("us", "America/New_York"),
    "timestamptz Kolkata": pa.timestamp("us", "Asia/Kolkata"),
    "interval": pa.month_day_nano_interval(),
    "duration": pa.duration("us"),
    "null": pa.null(),
    "list": pa.list_(pa.int32()),
    "struct": pa.struct([("a", pa.string()), ("b", pa.decimal128(5, 2)), ("c", pa.float64())]),
}


def array(name: str, rows: int, seed: int, nulls: float = 0.2) -> pa.Array:
    """A column of `rows` random values, some of them NULL, sliced off a longer one."""
    chance = random.Random(seed)
    arrow_type = TYPES[name]
    if arrow_type == pa.null():
        return pa.nulls(rows)
    make = _maker(arrow_type)
    values = [
        None if chance.random() < nulls else make(chance, arrow_type) for _ in range(rows + 2)
    ]
    return _array(values, arrow_type).slice(1, rows)


def _array(values: list[Any], arrow_type: pa.DataType) -> pa.Array:
    if pa.types.is_decimal(arrow_type):
        data = b"".join((v or 0).to_bytes(16, "little", signed=True) for v in values)
        validity = pa.array([v is not None for v in values]).buffers()[1]
        buffers = [validity, pa.py_buffer(data)]
        return pa.Array.from_buffers(arrow_type, len(values), buffers)
    if pa.types.is_dictionary(arrow_type):
        return pa.array(values, pa.string()).dictionary_encode().cast(arrow_type)
    if pa.types.is_date32(arrow_type):
        return pa.array(values, pa.int32()).cast(arrow_type)
    if pa.types.is_temporal(arrow_type) and arrow_type != pa.month_day_nano_interval():
        return pa.array(values, pa.int64()).cast(arrow_type)
    return pa.array(values, arrow_type)


Maker = Callable[[random.Random, pa.DataType], object]


def _maker(arrow_type: pa.DataType) -> Maker:
    for test, make in (
        (pa.types.is_boolean, lambda chance, _: chance.random() < 0.5),
        (pa.types.is_integer, _integer),
        (pa.types.is_float32, _float4),
        (pa.types.is_floating, _float8),
        (pa.types.is_decimal, _unscaled),
        (pa.types.is_fixed_size_binary, lambda chance, _: chance.randbytes(3)),
        (pa.types.is_binary, lambda chance, _: chance.randbytes(chance.randrange(6))),
        (pa.types.is_date, _day),
        (pa.types.is_time, lambda chance, _: _rounded(chance, chance.randrange(DAY))),
        (pa.types.is_timestamp, _timestamp),
        (pa.types.is_duration, lambda chance, _: chance.randrange(-(10**15), 10**15)),
        (pa.types.is_interval, _interval),
        (pa.types.is_list, lambda chance, _: [chance.randrange(9) for _ in range(2)]),
        (pa.types.is_struct, _struct),
    ):
        if test(arrow_type):
            return make
    return _text


def _integer(chance: random.Random, arrow_type: pa.DataType) -> int:
    signed = pa.types.is_signed_integer(arrow_type)
    width = int(arrow_type.bit_width)
    low, high = (-(2 ** (width - 1)), 2 ** (width - 1) - 1) if signed else (0, 2**width - 1)
    return chance.choice([low, high, 0, 7, chance.randint(low, high)])


def _float8(chance: random.Random, _: pa.DataType) -> float:
    return chance.choice(
        [
            0.0,
            -0.0,
            float("nan"),
            float("inf"),
            float("-inf"),
            float(chance.randrange(-(10**6), 10**6)),
            chance.randrange(-(10**9), 10**9) / 100,
            10.0 ** chance.randrange(-20, 25),
            2.0 ** chance.randrange(-1074, 1023),
            chance.gauss(0, 1),
            float(struct.unpack("!d", chance.randbytes(8))[0]),
        ]
    )


def _float4(chance: random.Random, _: pa.DataType) -> float:
    values = [
        struct.unpack("!f", chance.randbytes(4))[0],
        2.0 ** chance.randrange(-149, 127),
        10.0 ** chance.randrange(-20, 25),
        chance.randrange(-(10**7), 10**7) / 10,
        0.0,
        -0.0,
        float("inf"),
        float("nan"),
    ]
    return float(struct.unpack("!f", struct.pack("!f", chance.choice(values)))[0])


def _unscaled(chance: random.Random, arrow_type: pa.DataType) -> int:
    precision = int(arrow_type.precision)
    top = 10**precision - 1
    digits = chance.randrange(precision + 1)
    return chance.choice([0, top, -top, chance.randint(-(10**digits), 10**digits) % top])


def _text(chance: random.Random, _: pa.DataType) -> str:
    return "".join(
        chance.choice(["a", "ä", "€", "😀", "\\", '"', "E", "\n"])
        for _ in range(chance.randrange(6))
    )


def _rounded(chance: random.Random, micros: int) -> int:
    unit = chance.choice([1, 10, 1_000, 1_000_000, 60_000_000])
    return micros // unit * unit


def _day(chance: random.Random, _: pa.DataType) -> int:
    return chance.choice(
        [
            chance.randint(FIRST_DAY, LAST_DAY),
            chance.randint(-800_000, 3_000_000),
            chance.randint(0, 30_000),
            *(-719_163, -719_162, 2_932_896, 2_932_897, FIRST_DAY, LAST_DAY),
        ]
    )


def _timestamp(chance: random.Random, arrow_type: pa.DataType) -> int:
    days = chance.choice(
        [
            chance.randint(FIRST_DAY, LAST_TIMESTAMP_DAY),
            chance.randint(-800_000, 3_000_000),
            chance.randint(0, 30_000),
            *(-719_163, -719_162, 2_932_896, 2_932_897),
        ]
    )
    micros = days * DAY + _rounded(chance, chance.randrange(DAY))
    return micros if arrow_type.unit == "us" else micros // 1_000_000


def _interval(chance: random.Random, _: pa.DataType) -> pa.MonthDayNano:
    def part(limit: int) -> int:
        return chance.choice([0, 0, chance.randint(-limit, limit)])

    return pa.MonthDayNano((part(2000), part(400), _rounded(chance, part(10**12)) * 1000))


def _struct(chance: random.Random, _: pa.DataType) -> dict[str, object]:
    return {"a": _text(chance, pa.string()), "b": None, "c": chance.choice([1.5, None])}
