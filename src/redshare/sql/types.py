"""Redshift's types: their spellings, what the engine stores them as, and the way back.

https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sqlglot import exp

from redshare.core.sql_errors import FeatureNotSupported, SqlError

MAX_VARCHAR: Final = 65535
MAX_CHAR: Final = 4096
MAX_VARBYTE: Final = 16_777_216
MAX_PRECISION: Final = 38


@dataclass(frozen=True, slots=True)
class SqlType:
    """`name` in Redshift's canonical spelling; `a`, `b` are length, or precision and scale."""

    name: str
    a: int | None = None
    b: int | None = None

    def __str__(self) -> str:
        if self.name == "numeric" and self.a is not None:
            return f"numeric({self.a},{self.b or 0})"
        if self.a is not None:
            return f"{self.name}({self.a})"
        return self.name


UNKNOWN: Final = SqlType("unknown")
SMALLINT: Final = SqlType("smallint")
INTEGER: Final = SqlType("integer")
BIGINT: Final = SqlType("bigint")
REAL: Final = SqlType("real")
DOUBLE: Final = SqlType("double precision")
BOOLEAN: Final = SqlType("boolean")
VARCHAR: Final = SqlType("character varying")
TEXT: Final = SqlType("character varying", 256)
DATE: Final = SqlType("date")
TIME: Final = SqlType("time without time zone")
TIMETZ: Final = SqlType("time with time zone")
TIMESTAMP: Final = SqlType("timestamp without time zone")
TIMESTAMPTZ: Final = SqlType("timestamp with time zone")
INTERVAL: Final = SqlType("interval")
INTERVAL_YM: Final = SqlType("interval year to month")
INTERVAL_DS: Final = SqlType("interval day to second")
SUPER: Final = SqlType("super")
VARBYTE: Final = SqlType("binary varying")

INTEGERS: Final = frozenset({"smallint", "integer", "bigint"})
FLOATS: Final = frozenset({"real", "double precision"})
STRINGS: Final = frozenset({"character varying", "character"})
INTERVALS: Final = frozenset({INTERVAL, INTERVAL_YM, INTERVAL_DS})
DATETIMES: Final = frozenset({DATE.name, TIMESTAMP.name, TIMESTAMPTZ.name})


#: What the system catalogue's own types are beside others.
_PLAIN: Final = {
    "oid": BIGINT, "regclass": BIGINT, "regtype": BIGINT, "regproc": BIGINT,
    "name": SqlType("character varying", 128), "text": VARCHAR, "aclitem": VARCHAR,
    '"char"': SqlType("character varying", 1), "int2vector": VARCHAR, "oidvector": VARCHAR,
}  # fmt: skip


def plain(kind: SqlType) -> SqlType:
    """The ordinary type that holds a value of the system catalogue's; any other is itself."""
    return _PLAIN.get(kind.name, kind)


def numeric(precision: int, scale: int) -> SqlType:
    """A numeric, its precision held within 38 digits."""
    return SqlType("numeric", min(precision, MAX_PRECISION), min(scale, MAX_PRECISION))


#: A parameter's digits before its value is known: as many before the point as after it.
OPEN_NUMERIC: Final = numeric(38, 18)

#: Every spelling that DDL and casts accept.
_NAMES: Final = {
    "smallint": SMALLINT, "int2": SMALLINT,
    "integer": INTEGER, "int": INTEGER, "int4": INTEGER,
    "bigint": BIGINT, "int8": BIGINT,
    "real": REAL, "float4": REAL,
    "double precision": DOUBLE, "float8": DOUBLE, "float": DOUBLE, "double": DOUBLE,
    "boolean": BOOLEAN, "bool": BOOLEAN,
    "date": DATE,
    "time": TIME, "time without time zone": TIME,
    "timetz": TIMETZ, "time with time zone": TIMETZ,
    "timestamp": TIMESTAMP, "timestamp without time zone": TIMESTAMP,
    "timestamptz": TIMESTAMPTZ, "timestamp with time zone": TIMESTAMPTZ,
    "super": SUPER,
    "interval": INTERVAL,
    "interval year to month": INTERVAL_YM, "interval day to second": INTERVAL_DS,
}  # fmt: skip
_STRINGS: Final = {
    "character varying", "char varying", "varchar", "nvarchar", "text", "character", "char",
    "nchar", "bpchar",
}  # fmt: skip
_VARBYTE: Final = {"varbyte", "varbinary", "binary varying"}
_ENGINE: Final = {
    "smallint": "SMALLINT", "integer": "INTEGER", "bigint": "BIGINT",
    "real": "REAL", "double precision": "DOUBLE", "boolean": "BOOLEAN",
    "character varying": "VARCHAR", "character": "VARCHAR", "unknown": "VARCHAR",
    "date": "DATE", "time without time zone": "TIME", "time with time zone": "TIMETZ",
    "timestamp without time zone": "TIMESTAMP", "timestamp with time zone": "TIMESTAMPTZ",
    "interval": "INTERVAL", "interval year to month": "INTERVAL",
    "interval day to second": "INTERVAL", "binary varying": "BLOB", "super": "VARCHAR",
    # Of the system catalogue alone.
    "oid": "UINTEGER", "regclass": "UINTEGER", "regtype": "UINTEGER", "regproc": "UINTEGER",
    "name": "VARCHAR", "text": "VARCHAR", '"char"': "VARCHAR", "aclitem": "VARCHAR",
    "int2vector": "VARCHAR", "oidvector": "VARCHAR",
}  # fmt: skip


def parse_type(words: str, arguments: tuple[str, ...] = ()) -> SqlType:
    """A type from its words and the arguments in its brackets. Raises SqlError kinds."""
    name = " ".join(words.lower().split())
    if name in _STRINGS:
        return _string(name, arguments)
    if name in {"decimal", "numeric"}:
        return _numeric(arguments)
    if name in _VARBYTE:
        return SqlType(VARBYTE.name, _length(arguments, 64000, MAX_VARBYTE))
    if name == "float" and arguments:
        return REAL if int(arguments[0]) <= 24 else DOUBLE
    found = _NAMES.get(name)
    if found is None or (arguments and found.name in INTEGERS | {"date", "boolean"}):
        raise SqlError(f'type "{name}" does not exist', "42704")
    return found


def _string(name: str, arguments: tuple[str, ...]) -> SqlType:
    if name in {"text", "bpchar"}:
        return TEXT
    if name in {"character", "char", "nchar"}:
        return SqlType("character", _length(arguments, 1, MAX_CHAR))
    return SqlType("character varying", _length(arguments, 256, MAX_VARCHAR))


def _length(arguments: tuple[str, ...], default: int, most: int) -> int:
    if not arguments:
        return default
    if arguments[0].lower() == "max":
        return most
    length = int(arguments[0]) if arguments[0].isdecimal() else 0
    if not 1 <= length <= most:
        raise SqlError(f"length for type must be between 1 and {most}", "22023")
    return length


def _numeric(arguments: tuple[str, ...]) -> SqlType:
    if not all(a.isdecimal() for a in arguments):
        raise SqlError("invalid NUMERIC precision or scale", "22023")
    precision, scale = (*map(int, arguments), 0)[:2] if arguments else (18, 0)
    if not 1 <= precision <= MAX_PRECISION:
        raise SqlError(f"NUMERIC precision {precision} must be between 1 and 38", "22023")
    if scale > precision:
        raise SqlError(f"NUMERIC scale {scale} must be between 0 and precision", "22023")
    return numeric(precision, scale)


_SPELLED: Final = re.compile(r"([a-z0-9 \"]+?(?:\[\])?)(?:\((\d+)(?:,\s*(\d+))?\))?")


def stored_type(text: str) -> SqlType:
    """A type as `Column.type` spells it."""
    match = _SPELLED.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a stored type")
    name, a, b = match.groups()
    return SqlType(name, int(a) if a else None, int(b) if b else None)


def engine_type(kind: SqlType) -> str:
    """The engine's spelling of a type."""
    if kind.name == "numeric":
        return f"DECIMAL({kind.a or 18},{kind.b or 0})"
    if kind.name.endswith("[]"):
        return f"{_ENGINE[kind.name.removesuffix('[]')]}[]"
    return _ENGINE[kind.name]


def has_engine_type(name: str) -> bool:
    """Whether the engine has values of the type."""
    return name == "numeric" or name in _ENGINE


def engine_cast(node: exp.Expr, kind: SqlType) -> exp.Expr:
    """`node` cast to the engine's form of `kind`."""
    cast = exp.Cast(this=node, to=_engine_node(kind).copy())
    if kind == TIMETZ:
        # Kept in UTC, as in Redshift: the engine would forget the offset where it sends it.
        return exp.Anonymous(this="timezone", expressions=[exp.Literal.string("UTC"), cast])
    return cast


@lru_cache(maxsize=1024)
def _engine_node(kind: SqlType) -> exp.Expr:
    """Reading a type's text is dear in a long VALUES list."""
    return exp.DataType.build(engine_type(kind), dialect="duckdb")


_CAST: Final = {
    exp.DType.SMALLINT: "smallint", exp.DType.INT: "integer", exp.DType.BIGINT: "bigint",
    exp.DType.FLOAT: "real", exp.DType.DOUBLE: "double precision", exp.DType.BOOLEAN: "boolean",
    exp.DType.VARCHAR: "varchar", exp.DType.NVARCHAR: "varchar", exp.DType.TEXT: "text",
    exp.DType.CHAR: "char", exp.DType.NCHAR: "char", exp.DType.BPCHAR: "bpchar",
    exp.DType.DATE: "date", exp.DType.TIME: "time", exp.DType.TIMETZ: "timetz",
    exp.DType.TIMESTAMP: "timestamp", exp.DType.TIMESTAMPTZ: "timestamptz",
    exp.DType.DECIMAL: "decimal", exp.DType.INTERVAL: "interval",
    exp.DType.VARBINARY: "varbyte", exp.DType.SUPER: "super", exp.DType.NAME: "varchar",
}  # fmt: skip


def cast_type(node: exp.Expr) -> SqlType:
    """The type of a CAST as the parser read it. Raises FeatureNotSupported."""
    if isinstance(node, exp.DataType) and isinstance(node.this, exp.Interval):
        return _interval(node.this)
    name = _CAST.get(node.this) if isinstance(node, exp.DataType) else None
    if name is None or node.args.get("values"):
        raise FeatureNotSupported(f"a cast to {node.sql('redshift')} is not supported")
    arguments = tuple(p.name for p in node.expressions)
    if name in {"varchar", "char"} and not arguments:
        return VARCHAR if name == "varchar" else SqlType("character", 1)
    if name in {"time", "timetz", "timestamp", "timestamptz", "text", "bpchar"}:
        arguments = ()
    return parse_type(name, arguments)


def _interval(node: exp.Interval) -> SqlType:
    """INTERVAL with its qualifier."""
    unit = node.args.get("unit")
    if isinstance(unit, exp.IntervalSpan):
        first, last = unit.this.name.upper(), unit.expression.name.upper()
    else:
        first = last = unit.name.upper() if isinstance(unit, exp.Var) else ""
    fields = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
    if first not in fields or last not in fields:
        raise FeatureNotSupported("this interval qualifier is not supported")
    return INTERVAL_YM if first in {"YEAR", "MONTH"} else INTERVAL_DS
