"""pg_type: every type a column can have, with PostgreSQL's and Redshift's object ids.

Also what pg_attribute says of a column's type: its id, length and modifier.
https://www.postgresql.org/docs/8.0/catalog-pg-type.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from redshare.sql.context import SqlContext
from redshare.sql.types import SqlType, stored_type
from redshare.sql.views.model import Record, view
from redshare.sql.views.oids import PG_CATALOG, support_routine
from redshare.sql.views.reach import SYSTEM_USER

#: A modifier counts from here, PostgreSQL's length of a header.
HEADER: Final = 4


@dataclass(frozen=True, slots=True)
class PgType:
    """A row; `shown` is what format_type() answers, `element` an array's, `kind` p for pseudo."""

    oid: int
    name: str
    length: int
    shown: str
    element: int = 0
    kind: str = "b"

    @property
    def by_value(self) -> bool:
        """Whether it is handed over by value."""
        return self.length in {1, 2, 4, 8} and self.name != "name"


_BASE: Final = (
    (16, "bool", 1, "boolean"), (17, "bytea", -1, "bytea"), (18, "char", 1, '"char"'),
    (19, "name", 128, "name"), (20, "int8", 8, "bigint"), (21, "int2", 2, "smallint"),
    (22, "int2vector", -1, "int2vector"), (23, "int4", 4, "integer"),
    (24, "regproc", 4, "regproc"), (25, "text", -1, "text"), (26, "oid", 4, "oid"),
    (27, "tid", 6, "tid"), (28, "xid", 8, "xid"), (29, "cid", 4, "cid"),
    (30, "oidvector", -1, "oidvector"), (700, "float4", 4, "real"),
    (701, "float8", 8, "double precision"), (702, "abstime", 4, "abstime"),
    (703, "reltime", 4, "reltime"), (705, "unknown", -1, "unknown"), (790, "money", 4, "money"),
    (829, "macaddr", 6, "macaddr"), (869, "inet", -1, "inet"), (650, "cidr", -1, "cidr"),
    (1033, "aclitem", 12, "aclitem"), (1042, "bpchar", -1, "character"),
    (1043, "varchar", -1, "character varying"), (1082, "date", 4, "date"),
    (1083, "time", 8, "time without time zone"),
    (1114, "timestamp", 8, "timestamp without time zone"),
    (1184, "timestamptz", 8, "timestamp with time zone"), (1186, "interval", 16, "interval"),
    (1188, "intervaly2m", 4, "interval year to month"),
    (1190, "intervald2s", 8, "interval day to second"),
    (1266, "timetz", 12, "time with time zone"), (1560, "bit", -1, "bit"),
    (1562, "varbit", -1, "bit varying"), (1700, "numeric", -1, "numeric"),
    (1790, "refcursor", -1, "refcursor"), (2202, "regprocedure", 4, "regprocedure"),
    (2203, "regoper", 4, "regoper"), (2205, "regclass", 4, "regclass"),
    (2206, "regtype", 4, "regtype"), (2935, "hllsketch", -1, "hllsketch"),
    (2950, "uuid", 16, "uuid"), (3000, "geometry", -1, "geometry"),
    (3001, "geography", -1, "geography"), (3999, "geometryhex", -1, "geometryhex"),
    (4000, "super", -1, "super"), (6551, "varbyte", -1, "binary varying"),
)  # fmt: skip
_ARRAYS: Final = (
    (1000, 16), (1001, 17), (1002, 18), (1003, 19), (1005, 21), (1006, 22), (1007, 23),
    (1008, 24), (1009, 25), (1013, 30), (1014, 1042), (1015, 1043), (1016, 20), (1021, 700),
    (1022, 701), (1028, 26), (1034, 1033), (1115, 1114), (1182, 1082), (1183, 1083),
    (1185, 1184), (1187, 1186), (1231, 1700), (1270, 1266), (2951, 2950),
)  # fmt: skip
_PSEUDO: Final = (
    (2249, "record", -1), (2275, "cstring", -2), (2276, "any", 4), (2277, "anyarray", -1),
    (2278, "void", 4), (2279, "trigger", 4), (2280, "language_handler", 4), (2281, "internal", 4),
    (2282, "opaque", 4), (2283, "anyelement", 4),
)  # fmt: skip


def _all() -> Iterator[PgType]:
    base = {oid: PgType(oid, name, length, shown) for oid, name, length, shown in _BASE}
    yield from base.values()
    for oid, element in _ARRAYS:
        of = base[element]
        yield PgType(oid, f"_{of.name}", -1, f"{of.shown}[]", element)
    for oid, name, length in _PSEUDO:
        yield PgType(oid, name, length, f'"{name}"' if name == "any" else name, kind="p")


TYPES: Final = {found.oid: found for found in _all()}
_ARRAY_OF: Final = {found.element: found.oid for found in TYPES.values() if found.element}
BY_NAME: Final = {found.name: found for found in TYPES.values()}
_BY_SHOWN: Final = {found.shown: found for found in TYPES.values()}


def pg_type(kind: SqlType) -> PgType:
    """The row of a type of ours."""
    found = _BY_SHOWN.get(kind.name)
    return BY_NAME["varchar"] if found is None else found


def type_oid(text: str) -> int:
    """The object id of a type as a column spells it, or of its PostgreSQL name; 0 for no type."""
    name = text.strip().lower()
    known = BY_NAME.get(name)
    if known is not None:
        return known.oid
    try:
        found = _BY_SHOWN.get(stored_type(name).name)
    except ValueError:
        return 0
    return 0 if found is None else found.oid


def modifier(kind: SqlType) -> int:
    """atttypmod: the length, or precision and scale, behind PostgreSQL's header; -1 for none."""
    if kind.name == "numeric":
        precision, scale = (18, 0) if kind.a is None else (kind.a, kind.b or 0)
        return (precision << 16 | scale) + HEADER
    return -1 if kind.a is None else kind.a + HEADER


_ROUTINES: Final = ("typinput", "typoutput", "typreceive", "typsend", "typanalyze")


#: The types of PostgreSQL whose routines have a space in their names.
_SPACED: Final = frozenset({
    "date", "time", "timetz", "timestamp", "timestamptz", "interval", "numeric", "record",
    "cstring", "any", "anyarray", "anyelement", "void", "trigger",
})  # fmt: skip


def support_routines(found: PgType) -> tuple[str, ...]:
    """The names of the functions that read and write a type's values, as `_ROUTINES` has them."""
    io = "array_" if found.element else found.name
    if found.name in _SPACED:
        io += "_"
    return f"{io}in", f"{io}out", f"{io}recv", f"{io}send", "-"


def _rows(_context: SqlContext) -> Iterator[Record]:
    for found in TYPES.values():
        yield {
            "oid": found.oid,
            "typname": found.name,
            "typnamespace": PG_CATALOG,
            "typowner": SYSTEM_USER,
            "typlen": found.length,
            "typbyval": found.by_value,
            "typtype": found.kind,
            "typisdefined": True,
            "typdelim": ",",
            "typrelid": 0,
            "typelem": found.element or _VECTORS.get(found.name, 0),
            **dict(zip(_ROUTINES, map(support_routine, support_routines(found)), strict=True)),
            "typalign": "d" if found.length == 8 else "i",
            "typstorage": "x" if found.length < 0 else "p",
            "typnotnull": False,
            "typbasetype": 0,
            "typtypmod": -1,
            "typndims": 0,
            "typarray": _ARRAY_OF.get(found.oid, 0),
            "typcategory": "A" if found.element else "P" if found.kind == "p" else "U",
            "typcollation": 0,
            "typispreferred": False,
        }


_VECTORS: Final = {"int2vector": 21, "oidvector": 26, "name": 18}

VIEWS: Final = (
    view(
        "pg_type",
        "typname name, typnamespace oid, typowner int, typlen smallint, typbyval bool,"
        "typtype char, typisdefined bool, typdelim char, typrelid oid, typelem oid,"
        "typinput regproc, typoutput regproc, typreceive regproc, typsend regproc,"
        "typanalyze regproc,"
        "typalign char, typstorage char, typnotnull bool, typbasetype oid, typtypmod int,"
        "typndims int, typdefaultbin text, typdefault text",
        _rows,
        "oid oid, typarray oid, typcategory char, typcollation oid, typispreferred bool",
    ),
)
