"""A type's bare name and sizes as information_schema, SVV_* and SHOW COLUMNS print them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from redshare.sql.types import INTEGERS, STRINGS, stored_type

_BITS: Final = {"smallint": 16, "integer": 32, "bigint": 64, "real": 24, "double precision": 53}
_FRACTIONS: Final = {
    "time without time zone": 6,
    "time with time zone": 6,
    "timestamp without time zone": 6,
    "timestamp with time zone": 6,
}


@dataclass(frozen=True, slots=True)
class Measures:
    """`fraction` is the number of digits of a second."""

    name: str
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    radix: int | None = None
    fraction: int | None = None


def measures(text: str) -> Measures:
    """What a column's type says."""
    kind = stored_type(text)
    if kind.name == "numeric":
        return Measures(kind.name, precision=kind.a or 18, scale=kind.b or 0, radix=10)
    if kind.name in _BITS:
        scale = 0 if kind.name in INTEGERS else None
        return Measures(kind.name, precision=_BITS[kind.name], scale=scale, radix=2)
    length = kind.a if kind.name in STRINGS or kind.name == "binary varying" else None
    return Measures(kind.name, length, fraction=_FRACTIONS.get(kind.name))
