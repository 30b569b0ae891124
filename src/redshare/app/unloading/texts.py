"""A column's values as the texts that UNLOAD writes: COPY reads each back to the same value."""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from redshare.core.sql_errors import FeatureNotSupported

_ZERO_FRACTION: Final = r"\.?0+$"


def texts(array: Any) -> Any:  # noqa: ANN401 - pyarrow arrays
    """An array of strings; NULL stays NULL."""
    kind = array.type
    if pa.types.is_nested(kind):
        raise FeatureNotSupported("UNLOAD of a nested value is not supported; use JSON_SERIALIZE")
    if pa.types.is_string(kind):
        return array
    if pa.types.is_large_string(kind) or kind == pa.string_view():
        return array.cast(pa.string())
    if pa.types.is_boolean(kind):
        return pc.if_else(array, "t", "f")
    if pa.types.is_decimal(kind):
        return _decimals(array)
    if pa.types.is_floating(kind):
        return _floats(array)
    if pa.types.is_timestamp(kind):
        return _timestamps(array)
    if pa.types.is_time(kind):
        return _trimmed(array.cast(pa.string()))
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.array([None if v is None else v.hex() for v in array.to_pylist()], pa.string())
    return array.cast(pa.string())


def _decimals(array: Any) -> Any:  # noqa: ANN401
    made = array.cast(pa.string())
    if not pc.any(pc.match_substring(made, "E")).as_py():
        return made
    # Arrow writes what is close to zero with an exponent.
    values = array.to_pylist()
    return pa.array([None if v is None else format(v, "f") for v in values], pa.string())


def _floats(array: Any) -> Any:  # noqa: ANN401
    made = array.cast(pa.string())
    special = {"nan": "NaN", "-nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    for found, shown in special.items():
        made = pc.if_else(pc.equal(made, found), shown, made)
    return made


def _timestamps(array: Any) -> Any:  # noqa: ANN401
    zone = array.type.tz
    plain = array.cast(pa.timestamp("us", tz=zone)).cast(pa.timestamp("us"))
    made = _trimmed(plain.cast(pa.string()))
    return made if zone is None else pc.binary_join_element_wise(made, "+00", "")


def _trimmed(made: Any) -> Any:  # noqa: ANN401
    """Without a fraction that says nothing; a time always ends in its seconds or their fraction."""
    return pc.replace_substring_regex(
        pc.replace_substring_regex(made, r"(\.[0-9]*?)0+$", r"\1"), r"\.$", ""
    )
