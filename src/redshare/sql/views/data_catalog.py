"""The Data Catalog of a namespace's account: what is in it without a Glue service, and its views.

Each datashare that is associated with the catalogue is one database there, under the datashare's
name, as if Lake Formation had registered it at once. Its tables are seen in SVV_EXTERNAL_* by
whoever made a database of it.
https://docs.aws.amazon.com/redshift/latest/dg/lake-formation-datashare.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from redshare.core.access import Allowed, may_use_share
from redshare.core.database import Database
from redshare.core.ids import AccountId, GlueDatabaseArn
from redshare.core.share import Datashare
from redshare.sql.context import SqlContext
from redshare.sql.views.definitions import columns_of
from redshare.sql.views.model import Record, view
from redshare.sql.views.reach import Seen, databases, everything, is_external

#: SVV_EXTERNAL_*.eskind: of the Data Catalog.
_CATALOG: Final = 1
_TABLE: Final = "redshift_database_name varchar(128), schemaname text, tablename text"


def shares(context: SqlContext) -> Iterator[Datashare]:
    """The datashares that are databases of the catalogue now."""
    consumer = context.namespace
    for share in context.catalog.datashares():
        decision = may_use_share(share, consumer, catalog=True)
        if share.region == consumer.region and isinstance(decision, Allowed):
            yield share


def database_arn(share: Datashare, account: AccountId) -> GlueDatabaseArn:
    """What the catalogue of an account calls a datashare."""
    return GlueDatabaseArn(share.region, account, share.name)


def listed(context: SqlContext) -> Iterator[Record]:
    """SHOW DATABASES FROM DATA CATALOG, for those who may make databases of them."""
    account = context.namespace.account
    if not (context.user.superuser or context.user.createdb):
        return
    for share in shares(context):
        arns = {"database_arn": database_arn(share, account), "datashare_arn": share.arn}
        yield {
            "database_name": share.name,
            "database_type": "data catalog",
            "parameters": json.dumps({k: str(v) for k, v in arns.items()}, separators=(",", ":")),
        }


def _databases(context: SqlContext) -> Iterator[Record]:
    for database in databases(context):
        if is_external(database):
            yield {
                "eskind": _CATALOG,
                "databasename": database.name,
                "esoptions": json.dumps({"ARN": _arn(database, context)}, separators=(",", ":")),
            }


def _arn(database: Database, context: SqlContext) -> str:
    assert database.source is not None
    namespace = context.namespace
    return str(GlueDatabaseArn(namespace.region, namespace.account, database.source.share_name))


def _external(context: SqlContext) -> Iterator[tuple[Seen, Record]]:
    for seen in everything(context):
        if seen.external:
            database, schema, table = seen.path
            names = ("redshift_database_name", "schemaname", "tablename")
            yield seen, dict(zip(names, (database, schema, table), strict=True))


def _tables(context: SqlContext) -> Iterator[Record]:
    for seen, named in _external(context):
        yield {**named, "tabletype": "TABLE" if seen.is_table else "VIEW"}


def _columns(context: SqlContext) -> Iterator[Record]:
    for seen, named in _external(context):
        for place, column in enumerate(columns_of(context, seen), start=1):
            yield {
                **named,
                "columnname": column.name,
                "external_type": column.type,
                "columnnum": place,
                "part_key": 0,
                "is_nullable": str(column.nullable).lower(),
            }


VIEWS: Final = (
    view("svv_external_databases", "eskind int, databasename text, esoptions text", _databases),
    view(
        "svv_external_tables",
        f"{_TABLE}, tabletype text, location text, input_format text, output_format text,"
        "serialization_lib text, serde_parameters text, compressed int, parameters text",
        _tables,
    ),
    view(
        "svv_external_columns",
        f"{_TABLE}, columnname text, external_type text, columnnum int, part_key int,"
        "is_nullable text",
        _columns,
    ),
)
