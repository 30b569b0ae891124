"""A page of a result as the Data API sends it: typed records, or lines of CSV.

Whole numbers, floating-point numbers, truth values and bytes have types of their own; everything
else, numerics and times among it, is the text that SQL clients see.
https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-calling-considerations.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from redshare.app.sessions.described import modified
from redshare.endpoints.pg.types import fields, pg_type_name
from redshare.sql.result import Origin, ResultColumn
from redshare.wire.pg.rows import text_columns

Params = Mapping[str, Any]

_PRECISIONS: Final = {
    "bool": 1, "int2": 5, "int4": 10, "int8": 19, "oid": 10, "float4": 8, "float8": 17,
    "numeric": 18, "date": 13, "time": 15, "timetz": 21, "timestamp": 29, "timestamptz": 35,
}  # fmt: skip
#: Digits behind the point of a second, and of numbers that have no scale of their own.
_SCALES: Final = {
    "float4": 8, "float8": 17, "time": 6, "timetz": 6, "timestamp": 6, "timestamptz": 6,
}  # fmt: skip
_SIGNED: Final = frozenset({"int2", "int4", "int8", "float4", "float8", "numeric"})
_TEXTS: Final = frozenset({"varchar", "bpchar", "text", "name", "char"})
_LONGS: Final = frozenset({"int2", "int4", "int8", "oid"})
_DOUBLES: Final = frozenset({"float4", "float8"})

Field = Callable[[str], Params]


def records(page: Any, columns: Sequence[ResultColumn]) -> list[list[Params]]:  # noqa: ANN401
    """The rows of a page (a pyarrow.RecordBatch), value by value."""
    shown = [
        [{"isNull": True} if text is None else field(text) for text in values]
        for values, field in zip(_texts(page, columns), map(_field_of, columns), strict=True)
    ]
    return [list(row) for row in zip(*shown, strict=True)]


def csv(page: Any, columns: Sequence[ResultColumn]) -> str:  # noqa: ANN401 - a pyarrow.RecordBatch
    """The rows of a page in the form of RFC 4180, no line of names; NULL is an empty field."""
    texts = _texts(page, columns)
    return "".join(f"{','.join(map(_quoted, row))}\r\n" for row in zip(*texts, strict=True))


def column_metadata(column: ResultColumn) -> Params:
    """Precision and scale are JDBC's: digits of a number, characters of a text."""
    origin = column.origin or Origin("", "", "", "")
    return {
        **type_metadata(column.type),
        "name": column.name,
        "label": column.name,
        "nullable": int(origin.nullable),
        "schemaName": origin.schema,
        "tableName": origin.table,
        "length": 0,
    }


def type_metadata(kind: str) -> dict[str, Any]:
    """What a Redshift type says of a column."""
    name = pg_type_name(kind)
    _, length, scale = modified(kind)
    return {
        "typeName": name,
        "precision": _PRECISIONS.get(name, 0) if length is None else length,
        "scale": _SCALES.get(name, 0) if scale is None else scale,
        "isCaseSensitive": name in _TEXTS,
        "isCurrency": False,
        "isSigned": name in _SIGNED,
    }


def _texts(page: Any, columns: Sequence[ResultColumn]) -> list[list[str | None]]:  # noqa: ANN401
    texts = text_columns(page, fields(columns, ()))
    return [_spelled(values, column) for values, column in zip(texts, columns, strict=True)]


def _spelled(values: list[str | None], column: ResultColumn) -> list[str | None]:
    """Truth values in words: PostgreSQL's text format has letters."""
    if column.type != "boolean":
        return values
    return [None if value is None else str(value == "t").lower() for value in values]


def _field_of(column: ResultColumn) -> Field:
    name = pg_type_name(column.type)
    if name in _LONGS:
        return lambda text: {"longValue": int(text)}
    if name in _DOUBLES:
        return lambda text: {"doubleValue": float(text)}
    if name == "bool":
        return lambda text: {"booleanValue": text == "true"}
    if column.type.startswith("binary varying"):
        return lambda text: {"blobValue": bytes.fromhex(text)}
    return lambda text: {"stringValue": text}


def _quoted(text: str | None) -> str:
    if text is None:
        return ""
    if text and not _needs_quotes(text):
        return text
    return '"' + text.replace('"', '""') + '"'


def _needs_quotes(text: str) -> bool:
    marks: Iterable[str] = (",", '"', "\r", "\n")
    return any(mark in text for mark in marks)
