"""How PostgreSQL and Redshift write floating-point and exact numbers, one value at a time.

Floats: the shortest digits that read back as the same value, fixed notation while the exponent
lies between -4 and 14 (float8) or 5 (float4), as PostgreSQL does from version 12 on. Numerics:
text, PostgreSQL's base-10000 digits, and Redshift's plain two's complement integers whose scale
stands in the typmod. It must not know rows or messages.
"""

from __future__ import annotations

import math
import re
import struct
from decimal import Context, Decimal, InvalidOperation
from fractions import Fraction

from redshare.wire.pg.errors import ProtocolError
from redshare.wire.pg.sqlstate import SqlState
from redshare.wire.pg.types import MAX_SHORT_NUMERIC_PRECISION, numeric_precision_and_scale

FLOAT8_DIGITS = 15
FLOAT4_DIGITS = 6
# From here on a short decimal may lie half-way between two floats: they are two or more apart.
FLOAT8_TIES = 2.0**53
FLOAT4_TIES = 2.0**24

_SMALLEST_FIXED_EXPONENT = -4
_MAX_DIGITS = 17

_POSITIVE, _NEGATIVE, _NAN = 0x0000, 0x4000, 0xC000
_SIGNS = (_POSITIVE, _NEGATIVE, _NAN)
_BASE = 10_000
_BASE_DIGITS = 4
# Wide enough for every numeric PostgreSQL can send; no rounding may happen while reading.
_BLANKS = " \t\n\r\v\f"
_NUMERIC_LITERAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_MAX_EXPONENT = 1_000
_EXACT = Context(prec=200_000, Emax=999_999, Emin=-999_999)


def float8_text(value: float) -> str:
    size = abs(value)
    if size < FLOAT8_TIES or not math.isfinite(value):
        return float_layout(repr(value), FLOAT8_DIGITS)
    down, up = math.nextafter(size, 0), math.nextafter(size, math.inf)
    text = float_layout(_untied(size, repr(size), down, up), FLOAT8_DIGITS)
    return "-" + text if value < 0 else text


def float4_text(value: float) -> str:
    return float_layout(_shortest_float4(value), FLOAT4_DIGITS)


def float_layout(shortest: str, fixed_digits: int) -> str:
    """Lay a float's shortest text (of whatever notation) out as PostgreSQL does."""
    match shortest.lower():
        case "nan" | "-nan":
            return "NaN"
        case "inf":
            return "Infinity"
        case "-inf":
            return "-Infinity"
    sign, digits, exponent = Decimal(shortest).as_tuple()
    assert isinstance(exponent, int)
    figures = "".join(map(str, digits)).lstrip("0")
    minus = "-" if sign else ""
    if not figures:
        return minus + "0"
    point = len(figures) + exponent
    figures = figures.rstrip("0")
    return minus + _place(figures, point, fixed_digits)


def _place(figures: str, point: int, fixed_digits: int) -> str:
    """Write 0.FIGURES x 10^point."""
    exponent = point - 1
    if not _SMALLEST_FIXED_EXPONENT <= exponent < fixed_digits:
        fraction = "." + figures[1:] if len(figures) > 1 else ""
        return f"{figures[0]}{fraction}e{exponent:+03d}"
    if point <= 0:
        return "0." + "0" * -point + figures
    if point >= len(figures):
        return figures + "0" * (point - len(figures))
    return figures[:point] + "." + figures[point:]


def _shortest_float4(value: float) -> str:
    """The shortest digits that read back as this float4 (repr() knows only of float8)."""
    if not math.isfinite(value):
        return repr(value)
    (bits,) = struct.unpack("!I", struct.pack("!f", abs(value)))
    exact, up = _float4(bits), _float4(bits + 1)
    down = _float4(bits - 1) if bits else -up
    # The gap above the greatest float4 is the one below it.
    magnitude = _untied(exact, "", down, up if math.isfinite(up) else 2 * exact - down)
    return "-" + magnitude if math.copysign(1, value) < 0 else magnitude


def _float4(bits: int) -> float:
    return float(struct.unpack("!f", struct.pack("!I", bits))[0])


def _untied(value: float, shortest: str, down: float, up: float) -> str:
    """The shortest digits nearer to `value` than to its neighbours.

    A decimal half-way between two floats reads back as the even one, so others take it where it
    is short; PostgreSQL does not. It only happens where floats lie two or more apart.
    """
    exact = Fraction(value)
    low = (exact + Fraction(down)) / 2
    high = (exact + Fraction(up)) / 2 if math.isfinite(up) else 2 * exact - low
    if shortest and low < Fraction(shortest) < high:
        return shortest
    for digits in range(1, _MAX_DIGITS):
        near = f"{value:.{digits - 1}e}"
        # Above a power of two the gap to the next float is twice the gap below: the nearest
        # decimal of so many digits may lie outside while its neighbour reads back.
        for text in (near, *_neighbours(near, digits)):
            if low < Fraction(text) < high:
                return text
    return f"{value:.{_MAX_DIGITS - 1}e}"


def _neighbours(text: str, digits: int) -> tuple[str, str]:
    value = Decimal(text)
    unit = Decimal(1).scaleb(value.adjusted() - digits + 1)
    return str(value + unit), str(value - unit)


def numeric_text(value: Decimal) -> str:
    """Plain digits, never an exponent."""
    if value.is_nan():
        return "NaN"
    _check_finite(value)
    return f"{value:f}"


def numeric_binary(value: Decimal) -> bytes:
    """PostgreSQL's form: base-10000 digits without zeros at the ends, weight, sign, scale."""
    if value.is_nan():
        return struct.pack("!hhHh", 0, 0, _NAN, 0)
    _check_finite(value)
    sign, _, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    scale = max(-exponent, 0)
    whole, _, fraction = f"{value.copy_abs():f}".partition(".")
    whole = whole.lstrip("0")
    aligned = whole.rjust(-(-len(whole) // _BASE_DIGITS) * _BASE_DIGITS, "0")
    weight = len(aligned) // _BASE_DIGITS - 1
    aligned += fraction.ljust(-(-len(fraction) // _BASE_DIGITS) * _BASE_DIGITS, "0")
    groups = [int(aligned[at : at + _BASE_DIGITS]) for at in range(0, len(aligned), _BASE_DIGITS)]
    while groups and not groups[-1]:
        groups.pop()
    leading = next((index for index, group in enumerate(groups) if group), 0)
    groups = groups[leading:]
    if not groups:
        return struct.pack("!hhHh", 0, 0, _POSITIVE, scale)
    head = struct.pack(
        "!hhHh", len(groups), weight - leading, _NEGATIVE if sign else _POSITIVE, scale
    )
    return head + struct.pack(f"!{len(groups)}h", *groups)


def numeric_from_binary(data: bytes) -> Decimal:
    """Read PostgreSQL's form. Raises: ProtocolError."""
    if len(data) < 8 or len(data) % 2:
        raise _bad_binary()
    count, weight, sign, scale = struct.unpack_from("!hhHh", data)
    groups = struct.unpack(f"!{len(data) // 2 - 4}H", data[8:])
    if count != len(groups) or sign not in _SIGNS or scale < 0:
        raise _bad_binary()
    if any(group >= _BASE for group in groups):
        raise _bad_binary()
    if sign == _NAN:
        return Decimal("NaN")
    figures = "".join(f"{group:04d}" for group in groups) or "0"
    magnitude = Decimal(f"{figures}E{(weight - count + 1) * _BASE_DIGITS}")
    try:
        # The scale may have trailing zeros that the groups leave out, or fewer digits than the
        # last group: those are zeros in what a correct sender sends.
        value = magnitude.quantize(Decimal(1).scaleb(-scale, _EXACT), context=_EXACT)
    except InvalidOperation as error:
        raise _bad_binary() from error
    return value.copy_negate() if sign == _NEGATIVE else value


def numeric_from_text(text: str) -> Decimal:
    """Read a numeric literal; Redshift has no infinite numerics. Raises: ProtocolError."""
    stripped = text.strip(_BLANKS)
    if stripped.lower() == "nan":
        return Decimal("NaN")
    # Decimal() by itself would also take underscores and digits of other scripts.
    if _NUMERIC_LITERAL.fullmatch(stripped) is None:
        raise ProtocolError(
            SqlState.INVALID_TEXT_REPRESENTATION,
            f'invalid input syntax for type numeric: "{text}"',
        )
    try:
        value = Decimal(stripped)
    except InvalidOperation as error:
        raise _overflow() from error
    if abs(value.adjusted()) > _MAX_EXPONENT:
        raise _overflow()
    return value


def redshift_numeric_binary(value: Decimal, typmod: int) -> bytes:
    """Redshift's form: the unscaled integer in 8 bytes, or 16 from 19 digits of precision on."""
    known = numeric_precision_and_scale(typmod)
    if known is None or value.is_nan():
        raise ProtocolError(
            SqlState.FEATURE_NOT_SUPPORTED,
            "this numeric has no form in Redshift's binary protocol",
        )
    _check_finite(value)
    precision, scale = known
    unscaled = int(value.scaleb(scale, _EXACT).to_integral_value(context=_EXACT))
    length = 8 if precision <= MAX_SHORT_NUMERIC_PRECISION else 16
    try:
        return unscaled.to_bytes(length, "big", signed=True)
    except OverflowError as error:
        raise ProtocolError(SqlState.NUMERIC_VALUE_OUT_OF_RANGE, "numeric overflow") from error


def _check_finite(value: Decimal) -> None:
    if not value.is_finite():
        raise ProtocolError(SqlState.NUMERIC_VALUE_OUT_OF_RANGE, "numeric values must be finite")


def _overflow() -> ProtocolError:
    return ProtocolError(SqlState.NUMERIC_VALUE_OUT_OF_RANGE, "value overflows numeric format")


def _bad_binary() -> ProtocolError:
    return ProtocolError(
        SqlState.INVALID_BINARY_REPRESENTATION, "invalid binary representation of type numeric"
    )
