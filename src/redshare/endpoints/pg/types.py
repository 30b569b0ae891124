"""Redshift's types as the wire names them: OID, size and modifier of every column we describe."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from redshare.app.sessions.described import modified
from redshare.sql.result import Origin, ResultColumn
from redshare.sql.types import has_engine_type
from redshare.wire.pg.arrow import column_formats
from redshare.wire.pg.backend import FieldDescription
from redshare.wire.pg.types import TYPES, Oid, TypmodRule, length_typmod, numeric_typmod

_OIDS: Final = {
    "smallint": Oid.INT2,
    "integer": Oid.INT4,
    "bigint": Oid.INT8,
    "real": Oid.FLOAT4,
    "double precision": Oid.FLOAT8,
    "numeric": Oid.NUMERIC,
    "boolean": Oid.BOOL,
    "character": Oid.BPCHAR,
    "character varying": Oid.VARCHAR,
    "date": Oid.DATE,
    "time without time zone": Oid.TIME,
    "time with time zone": Oid.TIMETZ,
    "timestamp without time zone": Oid.TIMESTAMP,
    "timestamp with time zone": Oid.TIMESTAMPTZ,
    "interval": Oid.INTERVAL,
    "interval year to month": Oid.INTERVALY2M,
    "interval day to second": Oid.INTERVALD2S,
    "binary varying": Oid.VARBYTE,
    "super": Oid.SUPER,
    "geometry": Oid.GEOMETRY,
    "geography": Oid.GEOGRAPHY,
    "hllsketch": Oid.HLLSKETCH,
}
#: What the system catalogue's columns are.
_CATALOGUE: Final = {
    "oid": Oid.OID,
    "name": Oid.NAME,
    "text": Oid.TEXT,
    '"char"': Oid.CHAR,
    "int2vector": Oid.INT2VECTOR,
    "aclitem": Oid.ACLITEM,
    "smallint[]": Oid.INT2_ARRAY,
    "integer[]": Oid.INT4_ARRAY,
    "real[]": Oid.FLOAT4_ARRAY,
    "text[]": Oid.TEXT_ARRAY,
    "character varying[]": Oid.VARCHAR_ARRAY,
    "oid[]": Oid.OID_ARRAY,
    "aclitem[]": Oid.ACLITEM_ARRAY,
}
#: What parameters may be declared as.
_NAMES: Final = {int(oid): name for name, oid in _OIDS.items() if has_engine_type(name)} | {
    int(Oid.TEXT): "character varying",
    int(Oid.INTERVALY2M): "interval",
    int(Oid.INTERVALD2S): "interval",
    int(Oid.BYTEA): "binary varying",
    int(Oid.OID): "bigint",
}
_UNDECLARED: Final = frozenset({Oid.UNSPECIFIED, Oid.UNKNOWN})


def oid_of(type_name: str) -> int:
    """The OID of a Redshift type; its modifiers do not matter."""
    name = modified(type_name)[0]
    return int(_OIDS.get(name) or _CATALOGUE.get(name, Oid.VARCHAR))


def declared_type(oid: int) -> str | None:
    """The Redshift type a client declared, or None where it leaves the choice to the server."""
    return _NAMES.get(oid)


def is_declared(oid: int) -> bool:
    """Whether a client said how it will encode a parameter."""
    return oid not in _UNDECLARED


def pg_type_name(type_name: str) -> str:
    """The type's name in pg_type: `int4` of `integer`."""
    return TYPES[oid_of(type_name)].name


@lru_cache(maxsize=4096)
def typmod_of(type_name: str) -> int:
    """The modifier as the wire has it; -1 where the type has none."""
    _, first, second = modified(type_name)
    rule = TYPES[oid_of(type_name)].typmod
    if rule is TypmodRule.PRECISION_AND_SCALE:
        return numeric_typmod(18 if first is None else first, second or 0)
    if rule is TypmodRule.LENGTH and first is not None:
        return length_typmod(first)
    return -1


def fields(columns: Sequence[ResultColumn], formats: Sequence[int]) -> list[FieldDescription]:
    """The columns as RowDescription has them; `formats` as in Bind."""
    codes = column_formats(formats, len(columns))
    return [_field(column, code) for column, code in zip(columns, codes, strict=True)]


@lru_cache(maxsize=4096)
def _field(column: ResultColumn, code: int) -> FieldDescription:
    oid = oid_of(column.type)
    origin = column.origin or Origin("", "", "", "")
    return FieldDescription(
        column.name,
        oid,
        TYPES[oid].size,
        typmod_of(column.type),
        code,
        schema_name=origin.schema,
        table_name=origin.table,
        column_name=origin.column,
        catalog_name=origin.database,
        nullable=origin.nullable,
        autoincrement=origin.identity,
    )
