"""Numbers: what Redshift reads of a text, where it stops reading, what it cuts off."""

from __future__ import annotations

import math
import re
import struct
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Final

from redshare.app.loading.problem import Code, Invalid

_INTEGER: Final = re.compile(r"[+-]?[0-9]+")
_DECIMAL: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_FLOAT: Final = re.compile(
    r"[+-]?(([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,9})?|nan|inf|infinity)", re.IGNORECASE
)
#: Longer texts are no numbers of any type.
_LONGEST: Final = 400
_CONTEXT: Final = Context(prec=1000)


def integer_value(text: str, bits: int, shown: str) -> int:
    """Blanks around it are passed over. Raises Invalid."""
    body = text.strip(" ")
    if len(body) > _LONGEST or not _INTEGER.fullmatch(body):
        raise _bad_digit(text, shown)
    number = int(body)
    if not -(1 << (bits - 1)) <= number < 1 << (bits - 1):
        raise Invalid(
            Code.OVERFLOW, f"Overflow, Value '{body[-1]}', Pos {len(body) - 1}, Type: {shown}"
        )
    return number


def _bad_digit(text: str, shown: str) -> Invalid:
    """At the first character that cannot belong to a number."""
    start = len(text) - len(text.lstrip(" "))
    at = start + (text[start : start + 1] in {"+", "-"})
    while at < len(text) and "0" <= text[at] <= "9":
        at += 1
    at = min(at, len(text) - 1)
    character = text[at].encode("utf-8", "replace").decode("utf-8")
    return Invalid(Code.DIGIT, f"Invalid digit, Value '{character}', Pos {at}, Type: {shown}")


def decimal_value(text: str, precision: int, scale: int, *, half_up: bool) -> Decimal:
    """Digits beyond the scale are cut off, or rounded with ROUNDEC. Raises Invalid."""
    body = text.strip(" ")
    if len(body) > _LONGEST or not _DECIMAL.fullmatch(body):
        raise _bad_decimal(text)
    rounding = ROUND_HALF_UP if half_up else ROUND_DOWN
    try:
        number = Decimal(body).quantize(Decimal(1).scaleb(-scale), rounding, _CONTEXT)
    except InvalidOperation as error:
        raise _too_large(precision, scale) from error
    if number and number.adjusted() >= precision - scale:
        raise _too_large(precision, scale)
    return number


def _too_large(precision: int, scale: int) -> Invalid:
    return Invalid(Code.OUT_OF_RANGE, f"Numeric data overflow for NUMERIC({precision},{scale})")


def _bad_decimal(text: str) -> Invalid:
    found = re.match(r" *[+-]?[0-9]*\.?[0-9]*", text)
    at = min(found.end() if found else 0, len(text) - 1)
    character = text[at].encode("utf-8", "replace").decode("utf-8")
    return Invalid(Code.DIGIT, f"Invalid digit, Value '{character}', Pos {at}, Type: Decimal")


def float_value(text: str, *, single: bool) -> float:
    """Raises Invalid, also for what is too large or too small to be told from zero."""
    body = text.strip(" ")
    if len(body) > _LONGEST or not _FLOAT.fullmatch(body):
        raise Invalid(Code.FLOAT, "Invalid floating point value")
    number = float(body)
    if math.isinf(number) and "inf" not in body.lower():
        raise Invalid(Code.OUT_OF_RANGE, "Floating point value out of range")
    if single and math.isfinite(number):
        try:
            struct.pack("<f", number)
        except OverflowError as error:
            raise Invalid(Code.OUT_OF_RANGE, "Floating point value out of range") from error
    return number
