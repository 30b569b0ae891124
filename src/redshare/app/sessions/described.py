"""Rows in the types that were described: the engine's Arrow types are not always the binder's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from redshare.core.sql_errors import SqlError
from redshare.sql.result import ResultColumn

_MODIFIED: Final = re.compile(r"([^(]+)(?:\((\d+)(?:,(\d+))?\))?(.*)")
_MICROS: Final = "us"
_INTERVAL: Final = pa.month_day_nano_interval()
_ARROW: Final = {
    "smallint": pa.int16(), "integer": pa.int32(), "bigint": pa.int64(), "oid": pa.uint32(),
    "real": pa.float32(), "double precision": pa.float64(), "boolean": pa.bool_(),
    "date": pa.date32(), "time without time zone": pa.time64(_MICROS),
    "time with time zone": pa.time64(_MICROS),
    "timestamp without time zone": pa.timestamp(_MICROS),
    "timestamp with time zone": pa.timestamp(_MICROS, tz="UTC"),
    "interval": _INTERVAL, "interval year to month": _INTERVAL, "interval day to second": _INTERVAL,
    "binary varying": pa.binary(),
}  # fmt: skip
_OVERFLOW: Final = {
    "smallint": "smallint out of range",
    "integer": "integer out of range",
    "bigint": "bigint out of range",
    "numeric": "Numeric data overflow (result precision)",
}

_TEXTS: Final = frozenset({pa.string(), pa.large_string(), pa.string_view()})

Convert = Callable[[Any], Any]


def modified(kind: str) -> tuple[str, int | None, int | None]:
    """A type's name, with its length, or its precision and scale."""
    match = _MODIFIED.fullmatch(kind)
    assert match is not None, kind
    name, a, b, rest = match.groups()
    return name + rest, int(a) if a else None, int(b) if b else None


def arrow_type(kind: str) -> Any:  # noqa: ANN401 - pyarrow has no types
    """What values of a Redshift type travel as inside the node; whatever is text is a string."""
    name, precision, scale = modified(kind)
    if name == "numeric":
        return pa.decimal128(precision or 18, scale or 0)
    if name.endswith("[]"):
        return pa.list_(arrow_type(name.removesuffix("[]")))
    return _ARROW.get(name, pa.string())


def as_described(schema: Any, columns: Sequence[ResultColumn]) -> tuple[Any, Convert | None]:  # noqa: ANN401
    """The schema that was described, and what makes batches of `schema` be of it, if they are not.

    Raises SqlError where the engine answers something else than was described.
    """
    if len(schema) != len(columns):
        raise SqlError(f"a result of {len(schema)} columns, not the {len(columns)} described")
    pairs = list(zip(columns, schema, strict=True))
    described = pa.schema([(column.name, _wanted(column.type, f.type)) for column, f in pairs])
    converts = [
        _convert(column.type, field.type, wanted)
        for (column, field), wanted in zip(pairs, described.types, strict=True)
    ]
    if not any(converts):
        return described, None

    def convert(batch: Any) -> Any:  # noqa: ANN401 - a pyarrow.RecordBatch
        arrays = [
            array if change is None else change(array)
            for array, change in zip(batch.columns, converts, strict=True)
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=described)

    return described, convert


def converted(batches: Iterator[Any], convert: Convert | None) -> Iterator[Any]:
    """The batches in the types that were described."""
    return batches if convert is None else map(convert, batches)


def _wanted(kind: str, given: Any) -> Any:  # noqa: ANN401
    wanted = arrow_type(kind)
    if kind.startswith("character(") and given in _TEXTS:
        return wanted
    if wanted == pa.string() and (_is_text(given) or pa.types.is_nested(given)):
        return given  # nested values are SUPER's: whoever shows them writes their JSON
    if pa.types.is_timestamp(wanted) and pa.types.is_timestamp(given) and wanted.tz and given.tz:
        return pa.timestamp(_MICROS, tz=given.tz)
    if wanted == pa.binary() and pa.types.is_large_binary(given):
        return given
    return wanted


def _convert(kind: str, given: Any, wanted: Any) -> Convert | None:  # noqa: ANN401
    name, length, _ = modified(kind)
    if name == "character" and length and length > 1 and wanted in _TEXTS:
        # Kept without its trailing blanks, shown with them.
        return lambda array: pc.utf8_rpad(_cast(array, pa.string(), kind), length)
    return None if given == wanted else lambda array: _cast(array, wanted, kind)


def _is_text(given: Any) -> bool:  # noqa: ANN401
    return given in _TEXTS


def _cast(array: Any, wanted: Any, kind: str) -> Any:  # noqa: ANN401
    """Exactly, but that digits beyond a numeric's scale round away from zero, as in SQL."""
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    try:
        if pa.types.is_decimal(wanted):
            return _to_decimal(array, wanted)
        if pa.types.is_decimal(array.type) and pa.types.is_integer(wanted):
            array = _rounded(array, 0)
        options = pc.CastOptions(target_type=wanted, allow_time_truncate=True)
        return array.cast(options=options)
    except pa.ArrowInvalid as error:
        name = modified(kind)[0]
        raise SqlError(_OVERFLOW.get(name, f"value is not of type {kind}"), "22003") from error
    except pa.ArrowNotImplementedError as error:
        shown = f"a value of the engine's type {array.type} as {kind}"
        raise SqlError(f"{shown} is not supported", "0A000") from error


def _to_decimal(array: Any, wanted: Any) -> Any:  # noqa: ANN401
    if pa.types.is_integer(array.type):
        # Straight to a scale, Arrow asks for digits that the values do not have.
        array = array.cast(pa.decimal128(20, 0))
    elif pa.types.is_decimal(array.type) and array.type.scale > wanted.scale:
        array = _rounded(array, wanted.scale)
    return array.cast(wanted)


def _rounded(array: Any, digits: int) -> Any:  # noqa: ANN401
    # With room for a carry: in the array's own precision Arrow makes 0.00 of 9.99.
    roomy = array.cast(pa.decimal256(76, array.type.scale))
    return pc.round(roomy, digits, round_mode="half_towards_infinity")
