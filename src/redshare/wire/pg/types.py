"""The SQL types a session speaks of: OID, name, size and what their typmod means.

OIDs are those of PostgreSQL's and Redshift's pg_type. It must not know how values are written:
`values` encodes them, `decode` reads parameters, `arrow` maps Arrow's types onto these.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from redshare.wire.pg.errors import ProtocolError
from redshare.wire.pg.sqlstate import SqlState

MAX_NUMERIC_PRECISION = 38
# Redshift keeps numerics of up to 18 digits in 8 bytes, longer ones in 16.
MAX_SHORT_NUMERIC_PRECISION = 18

_TYPMOD_HEADER = 4


class Oid(IntEnum):
    """Type OIDs by PostgreSQL's type names."""

    UNSPECIFIED = 0
    BOOL = 16
    BYTEA = 17
    CHAR = 18
    NAME = 19
    INT8 = 20
    INT2 = 21
    INT2VECTOR = 22
    INT4 = 23
    REGPROC = 24
    TEXT = 25
    OID = 26
    XID = 28
    JSON = 114
    FLOAT4 = 700
    FLOAT8 = 701
    ABSTIME = 702
    UNKNOWN = 705
    BOOL_ARRAY = 1000
    CHAR_ARRAY = 1002
    NAME_ARRAY = 1003
    INT2_ARRAY = 1005
    INT4_ARRAY = 1007
    TEXT_ARRAY = 1009
    BPCHAR_ARRAY = 1014
    VARCHAR_ARRAY = 1015
    INT8_ARRAY = 1016
    FLOAT4_ARRAY = 1021
    FLOAT8_ARRAY = 1022
    OID_ARRAY = 1028
    ACLITEM = 1033
    ACLITEM_ARRAY = 1034
    BPCHAR = 1042
    VARCHAR = 1043
    DATE = 1082
    TIME = 1083
    TIMESTAMP = 1114
    TIMESTAMP_ARRAY = 1115
    DATE_ARRAY = 1182
    TIME_ARRAY = 1183
    TIMESTAMPTZ = 1184
    TIMESTAMPTZ_ARRAY = 1185
    INTERVAL = 1186
    INTERVAL_ARRAY = 1187
    INTERVALY2M = 1188
    INTERVALD2S = 1190
    NUMERIC_ARRAY = 1231
    TIMETZ = 1266
    NUMERIC = 1700
    CSTRING = 2275
    HLLSKETCH = 2935
    UUID = 2950
    UUID_ARRAY = 2951
    GEOMETRY = 3000
    GEOGRAPHY = 3001
    JSONB = 3802
    GEOMETRYHEX = 3999
    SUPER = 4000
    VARBYTE = 6551


class TypmodRule(StrEnum):
    """What a type's modifier says; a modifier of -1 says nothing."""

    NONE = "none"
    LENGTH = "length"
    PRECISION_AND_SCALE = "precision and scale"
    FRACTIONAL_DIGITS = "fractional digits"


@dataclass(frozen=True, slots=True)
class TypeInfo:
    """One row of the type table; size -1 is variable."""

    name: str
    oid: Oid
    size: int
    typmod: TypmodRule = TypmodRule.NONE

    @property
    def is_array(self) -> bool:
        return self.name.startswith("_")


def _table(*rows: TypeInfo) -> dict[int, TypeInfo]:
    return {row.oid: row for row in rows}


TYPES = _table(
    TypeInfo("bool", Oid.BOOL, 1),
    TypeInfo("bytea", Oid.BYTEA, -1),
    TypeInfo("char", Oid.CHAR, 1),
    TypeInfo("name", Oid.NAME, 64),
    TypeInfo("int8", Oid.INT8, 8),
    TypeInfo("int2", Oid.INT2, 2),
    TypeInfo("int2vector", Oid.INT2VECTOR, -1),
    TypeInfo("int4", Oid.INT4, 4),
    TypeInfo("regproc", Oid.REGPROC, 4),
    TypeInfo("text", Oid.TEXT, -1),
    TypeInfo("oid", Oid.OID, 4),
    TypeInfo("xid", Oid.XID, 4),
    TypeInfo("json", Oid.JSON, -1),
    TypeInfo("float4", Oid.FLOAT4, 4),
    TypeInfo("float8", Oid.FLOAT8, 8),
    TypeInfo("abstime", Oid.ABSTIME, 4),
    TypeInfo("unknown", Oid.UNKNOWN, -1),
    TypeInfo("_bool", Oid.BOOL_ARRAY, -1),
    TypeInfo("_char", Oid.CHAR_ARRAY, -1),
    TypeInfo("_name", Oid.NAME_ARRAY, -1),
    TypeInfo("_int2", Oid.INT2_ARRAY, -1),
    TypeInfo("_int4", Oid.INT4_ARRAY, -1),
    TypeInfo("_text", Oid.TEXT_ARRAY, -1),
    TypeInfo("_bpchar", Oid.BPCHAR_ARRAY, -1),
    TypeInfo("_varchar", Oid.VARCHAR_ARRAY, -1),
    TypeInfo("_int8", Oid.INT8_ARRAY, -1),
    TypeInfo("_float4", Oid.FLOAT4_ARRAY, -1),
    TypeInfo("_float8", Oid.FLOAT8_ARRAY, -1),
    TypeInfo("_oid", Oid.OID_ARRAY, -1),
    TypeInfo("aclitem", Oid.ACLITEM, 12),
    TypeInfo("_aclitem", Oid.ACLITEM_ARRAY, -1),
    TypeInfo("bpchar", Oid.BPCHAR, -1, TypmodRule.LENGTH),
    TypeInfo("varchar", Oid.VARCHAR, -1, TypmodRule.LENGTH),
    TypeInfo("date", Oid.DATE, 4),
    TypeInfo("time", Oid.TIME, 8, TypmodRule.FRACTIONAL_DIGITS),
    TypeInfo("timestamp", Oid.TIMESTAMP, 8, TypmodRule.FRACTIONAL_DIGITS),
    TypeInfo("_timestamp", Oid.TIMESTAMP_ARRAY, -1),
    TypeInfo("_date", Oid.DATE_ARRAY, -1),
    TypeInfo("_time", Oid.TIME_ARRAY, -1),
    TypeInfo("timestamptz", Oid.TIMESTAMPTZ, 8, TypmodRule.FRACTIONAL_DIGITS),
    TypeInfo("_timestamptz", Oid.TIMESTAMPTZ_ARRAY, -1),
    TypeInfo("interval", Oid.INTERVAL, 16),
    TypeInfo("_interval", Oid.INTERVAL_ARRAY, -1),
    TypeInfo("intervaly2m", Oid.INTERVALY2M, 4),
    TypeInfo("intervald2s", Oid.INTERVALD2S, 8),
    TypeInfo("_numeric", Oid.NUMERIC_ARRAY, -1),
    TypeInfo("timetz", Oid.TIMETZ, 12, TypmodRule.FRACTIONAL_DIGITS),
    TypeInfo("numeric", Oid.NUMERIC, -1, TypmodRule.PRECISION_AND_SCALE),
    TypeInfo("cstring", Oid.CSTRING, -2),
    TypeInfo("hllsketch", Oid.HLLSKETCH, -1),
    TypeInfo("uuid", Oid.UUID, 16),
    TypeInfo("_uuid", Oid.UUID_ARRAY, -1),
    TypeInfo("geometry", Oid.GEOMETRY, -1),
    TypeInfo("geography", Oid.GEOGRAPHY, -1),
    TypeInfo("jsonb", Oid.JSONB, -1),
    TypeInfo("geometryhex", Oid.GEOMETRYHEX, -1),
    TypeInfo("super", Oid.SUPER, -1),
    TypeInfo("varbyte", Oid.VARBYTE, -1, TypmodRule.LENGTH),
)

# Types whose values are text and whose binary form is that text.
TEXT_OIDS = frozenset(
    {
        Oid.CHAR,
        Oid.NAME,
        Oid.TEXT,
        Oid.JSON,
        Oid.UNKNOWN,
        Oid.ACLITEM,
        Oid.BPCHAR,
        Oid.VARCHAR,
        Oid.CSTRING,
        Oid.HLLSKETCH,
        Oid.GEOMETRY,
        Oid.GEOGRAPHY,
        Oid.GEOMETRYHEX,
        Oid.SUPER,
        Oid.INT2VECTOR,
    }
)


def type_name(oid: int) -> str:
    """The name to show in a message."""
    info = TYPES.get(oid)
    return info.name if info is not None else f"with OID {oid}"


def length_typmod(length: int) -> int:
    """The modifier of char(n), varchar(n), varbyte(n)."""
    return length + _TYPMOD_HEADER


def numeric_typmod(precision: int, scale: int) -> int:
    """The modifier of numeric(p, s)."""
    if not 0 <= scale <= precision <= MAX_NUMERIC_PRECISION or precision == 0:
        raise ProtocolError(
            SqlState.INVALID_PARAMETER_VALUE,
            f"numeric({precision},{scale}): precision must be 1 to {MAX_NUMERIC_PRECISION}, "
            "scale between 0 and the precision",
        )
    return (precision << 16 | scale) + _TYPMOD_HEADER


def numeric_precision_and_scale(typmod: int) -> tuple[int, int] | None:
    """What a numeric's modifier says; None if it says nothing."""
    if typmod < _TYPMOD_HEADER:
        return None
    packed = typmod - _TYPMOD_HEADER
    return packed >> 16, packed & 0xFFFF
