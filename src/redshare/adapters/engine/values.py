"""Python values of parameters and supplied rows as messages carry them.

MessagePack has null, booleans, 64-bit integers, floats, text and bytes; every other type travels as
a list of its tag and its text.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

_INT64 = 1 << 63

_DECODERS: dict[str, Callable[[str], object]] = {
    "int": int,
    "decimal": Decimal,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timestamp": datetime.fromisoformat,
    "uuid": UUID,
    "interval": lambda text: timedelta(microseconds=int(text)),
}


def encode(value: object) -> object:
    """Raises TypeError for a type that no parameter has."""
    match value:
        case None | bool() | float() | str() | bytes():
            return value
        case int():
            return value if -_INT64 <= value < _INT64 else ["int", str(value)]
        case Decimal():
            return ["decimal", str(value)]
        case datetime():
            return ["timestamp", value.isoformat()]
        case date():
            return ["date", value.isoformat()]
        case time():
            return ["time", value.isoformat()]
        case timedelta():
            return ["interval", str(value // timedelta(microseconds=1))]
        case UUID():
            return ["uuid", str(value)]
        case list() | tuple():
            return ["list", [encode(item) for item in value]]
        case _:
            raise TypeError(f"no parameter has the type {type(value).__name__}")


def decode(value: object) -> object:
    """The value that encode() was given."""
    match value:
        case ["list", list(items)]:
            return [decode(item) for item in items]
        case [str(tag), str(text)]:
            return _DECODERS[tag](text)
        case _:
            return value
