"""pg_proc, pg_proc_info and what belongs to them: languages, access methods, operators, casts.

Functions are those users made; built-in ones, which no client needs to look up, are not listed.
https://www.postgresql.org/docs/8.0/catalog-pg-proc.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from redshare.sql.context import SqlContext
from redshare.sql.views.model import Record, nothing, vector, view
from redshare.sql.views.oids import PG_PROC, oid
from redshare.sql.views.pg_type import type_oid
from redshare.sql.views.reach import SYSTEM_USER
from redshare.sql.views.routines import local_functions

_PROC: Final = (
    "proname name, pronamespace oid, proowner int, prolang oid, proisagg bool, prosecdef bool,"
    "proisstrict bool, proretset bool, provolatile char, pronargs smallint, prorettype oid,"
    "proargtypes oidvector, proargnames text[], prosrc text, probin text, proacl aclitem[]"
)
#: pg_language.oid of sql.
SQL_LANGUAGE: Final = 14
_LANGUAGES: Final = (
    (12, "internal", False, False),
    (13, "c", False, False),
    (SQL_LANGUAGE, "sql", False, True),
    (100_017, "plpgsql", True, True),
    (100_053, "plpythonu", True, False),
    (100_055, "exfunc", True, False),
)
_ACCESS_METHODS: Final = ((403, "btree", 5, 1), (405, "hash", 1, 1))
_CLASSES: Final = (
    (1978, "int4_ops", 23), (1976, "int2_ops", 21), (1980, "int8_ops", 20), (1994, "text_ops", 25),
    (2003, "varchar_ops", 1043), (426, "bpchar_ops", 1042), (434, "date_ops", 1082),
    (1981, "oid_ops", 26), (1986, "name_ops", 19), (1988, "numeric_ops", 1700),
)  # fmt: skip


def _functions(context: SqlContext) -> Iterator[Record]:
    for seen in local_functions(context):
        kinds = [type_oid(kind.partition("(")[0]) for kind in seen.function.arguments]
        yield {
            "oid": seen.oid,
            "prooid": seen.oid,
            "tableoid": PG_PROC,
            "proname": seen.function.name,
            "pronamespace": oid(seen.schema.schema_id),
            "proowner": seen.function.owner,
            "prolang": SQL_LANGUAGE,
            "proisagg": False,
            "prosecdef": False,
            "proisstrict": False,
            "proretset": False,
            "provolatile": seen.function.volatility[:1].lower(),
            "pronargs": len(kinds),
            "prorettype": type_oid(seen.function.returns.partition("(")[0]),
            "proargtypes": vector(kinds),
            "prosrc": seen.source,
            "proiswindow": False,
            "prokind": "f",
            "provariadic": 0,
            "pronargdefaults": 0,
        }


def _languages(_context: SqlContext) -> Iterator[Record]:
    for number, name, procedural, trusted in _LANGUAGES:
        yield {
            "oid": number,
            "lanname": name,
            "lanispl": procedural,
            "lanpltrusted": trusted,
            "lanplcallfoid": 0,
            "lanvalidator": 0,
        }


def _access_methods(_context: SqlContext) -> Iterator[Record]:
    for number, name, strategies, support in _ACCESS_METHODS:
        yield {
            "oid": number,
            "amname": name,
            "amowner": SYSTEM_USER,
            "amstrategies": strategies,
            "amsupport": support,
            "amorderstrategy": 1 if name == "btree" else 0,
            "amcanunique": name == "btree",
            "amcanmulticol": name == "btree",
            "amindexnulls": name == "btree",
            "amconcurrent": True,
        }


def _operator_classes(_context: SqlContext) -> Iterator[Record]:
    for number, name, kind in _CLASSES:
        yield {
            "oid": number,
            "opcamid": 403,
            "opcname": name,
            "opcnamespace": 11,
            "opcowner": SYSTEM_USER,
            "opcintype": kind,
            "opcdefault": name != "varchar_ops",
            "opckeytype": 0,
            "opcmethod": 403,
        }


VIEWS: Final = (
    view(
        "pg_proc",
        _PROC,
        _functions,
        "oid oid, tableoid oid, proiswindow bool, prokind char, proargmodes char[],"
        "proallargtypes oid[], provariadic oid, pronargdefaults smallint",
    ),
    view(
        "pg_proc_info",
        f"prooid oid, {_PROC}, prokind char, proargmodes char[], proallargtypes oid[]",
        _functions,
    ),
    view(
        "pg_language",
        "lanname name, lanispl bool, lanpltrusted bool, lanplcallfoid oid, lanvalidator oid,"
        "lanacl aclitem[]",
        _languages,
        "oid oid",
    ),
    view(
        "pg_am",
        "amname name, amowner int, amstrategies smallint, amsupport smallint,"
        "amorderstrategy smallint, amcanunique bool, amcanmulticol bool, amindexnulls bool,"
        "amconcurrent bool, amgettuple name, aminsert name, ambeginscan name, amrescan name,"
        "amendscan name, ammarkpos name, amrestrpos name, ambuild name, ambulkdelete name,"
        "amvacuumcleanup name, amcostestimate name",
        _access_methods,
        "oid oid",
    ),
    view(
        "pg_opclass",
        "opcamid oid, opcname name, opcnamespace oid, opcowner int, opcintype oid,"
        "opcdefault bool, opckeytype oid",
        _operator_classes,
        "oid oid, tableoid oid, opcmethod oid",
    ),
    view(
        "pg_opfamily",
        "opfmethod oid, opfname name, opfnamespace oid, opfowner int",
        nothing,
        "oid oid, tableoid oid",
    ),
    view(
        "pg_operator",
        "oprname name, oprnamespace oid, oprowner int, oprkind char, oprcanhash bool,"
        "oprleft oid, oprright oid, oprresult oid, oprcom oid, oprnegate oid, oprlsortop oid,"
        "oprrsortop oid, oprltcmpop oid, oprgtcmpop oid, oprcode oid, oprrest oid, oprjoin oid",
        nothing,
        "oid oid, tableoid oid",
    ),
    view(
        "pg_aggregate",
        "aggfnoid oid, aggtransfn oid, aggfinalfn oid, aggtranstype oid, agginitval text",
        nothing,
    ),
    view(
        "pg_cast",
        "castsource oid, casttarget oid, castfunc oid, castcontext char",
        nothing,
        "oid oid, castmethod char",
    ),
    view("pg_library", "name name, language_oid oid, file_store_id int, owner int", nothing),
)
