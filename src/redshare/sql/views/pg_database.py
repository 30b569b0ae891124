"""pg_database and pg_tablespace.

https://www.postgresql.org/docs/8.0/catalog-pg-database.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from redshare.sql.context import SqlContext
from redshare.sql.views.acl import acl_array
from redshare.sql.views.model import Record, view
from redshare.sql.views.oids import PG_DATABASE, oid
from redshare.sql.views.reach import SYSTEM_USER, databases

#: pg_encoding_to_char() of it is UTF8.
UTF8: Final = 6
_DEFAULT_TABLESPACE: Final = 1663


def _databases(context: SqlContext) -> Iterator[Record]:
    for database in databases(context):
        yield {
            "oid": oid(database.database_id),
            "tableoid": PG_DATABASE,
            "datname": database.name,
            "datdba": database.owner,
            "encoding": UTF8,
            "datistemplate": False,
            "datallowconn": True,
            "datlastsysoid": 0,
            "datvacuumxid": 0,
            "datfrozenxid": 0,
            "dattablespace": _DEFAULT_TABLESPACE,
            "datacl": acl_array(context, database),
            "datcollate": "C",
            "datctype": "C",
            "datconnlimit": -1 if database.connection_limit is None else database.connection_limit,
        }


def _info(context: SqlContext) -> Iterator[Record]:
    for row in _databases(context):
        limit = row["datconnlimit"]
        yield {**row, "datid": row["oid"], "datconnlimit": "UNLIMITED" if limit == -1 else limit}


def _tablespaces(_context: SqlContext) -> Iterator[Record]:
    for number, name in ((_DEFAULT_TABLESPACE, "pg_default"), (1664, "pg_global")):
        yield {"oid": number, "spcname": name, "spcowner": SYSTEM_USER, "spclocation": ""}


_PG_DATABASE: Final = (
    "datname name, datdba int, encoding int, datistemplate bool, datallowconn bool,"
    "datlastsysoid oid, datvacuumxid xid, datfrozenxid xid, dattablespace oid, datconfig text[],"
    "datacl aclitem[]"
)

VIEWS: Final = (
    view(
        "pg_database",
        _PG_DATABASE,
        _databases,
        "oid oid, tableoid oid, datcollate name, datctype name, datconnlimit int",
    ),
    view("pg_database_info", f"datid oid, {_PG_DATABASE}, datconnlimit text", _info),
    view(
        "pg_tablespace",
        "spcname name, spcowner int, spclocation text, spcacl aclitem[]",
        _tablespaces,
        "oid oid, spcoptions text[]",
    ),
)
