"""A table's physical design as Redshift shows it: encodings, distribution and sort keys."""

from __future__ import annotations

from typing import Final

from redshare.core.relation import Column, Relation
from redshare.sql.types import stored_type

#: pg_class.reldiststyle.
DISTSTYLES: Final = {"EVEN": 0, "KEY": 1, "ALL": 8, "AUTO": 9}
#: pg_attribute.attencodingtype, as format_encoding() reads it.
ENCODINGS: Final = (
    "none", "bytedict", "delta", "delta32k", "lzo", "mostly8", "mostly16", "mostly32",
    "runlength", "text255", "text32k", "zstd", "az64",
)  # fmt: skip
#: What ENCODE AUTO begins with; every other type is not compressed.
#: https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html
_AUTOMATIC: Final = {
    "smallint": "az64",
    "integer": "az64",
    "bigint": "az64",
    "numeric": "az64",
    "date": "az64",
    "time without time zone": "az64",
    "time with time zone": "az64",
    "timestamp without time zone": "az64",
    "timestamp with time zone": "az64",
    "character": "lzo",
    "character varying": "lzo",
    "binary varying": "lzo",
    "super": "lzo",
}


def encoding(column: Column) -> str:
    """A table column's compression: what was said, or what AUTO chooses."""
    if column.encoding:
        return "none" if column.encoding == "raw" else column.encoding
    if column.sortkey:
        return "none"
    return _AUTOMATIC.get(stored_type(column.type).name, "none")


def encoding_number(column: Column) -> int:
    """The encoding as pg_attribute has it."""
    found = encoding(column)
    return ENCODINGS.index(found) if found in ENCODINGS else 0


def diststyle(relation: Relation) -> str:
    """SVV_TABLE_INFO.diststyle: EVEN, KEY(column), ALL, AUTO(ALL) ..."""
    if relation.diststyle == "KEY":
        key = next((c.name for c in relation.columns if c.distkey), "")
        return f"KEY({key})"
    return "AUTO(ALL)" if relation.diststyle == "AUTO" else relation.diststyle


def sort_columns(relation: Relation) -> list[Column]:
    """The sort key's columns in order."""
    return sorted((c for c in relation.columns if c.sortkey), key=lambda c: abs(c.sortkey))


def default_text(column: Column) -> str | None:
    """A column's default; an identity's in Redshift's words."""
    if column.identity is not None:
        seed, step = column.identity
        return f"\"identity\"(0, 0, '{seed},{step}'::text)"
    return column.default
