"""SVV_EXTERNAL_SCHEMAS: external schemas are names for schemas of other databases.

Tables of S3 there are none; what is seen through the Data Catalog is in data_catalog.
https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_EXTERNAL_SCHEMAS.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from redshare.sql.context import SqlContext
from redshare.sql.views.model import Record, nothing, view
from redshare.sql.views.oids import oid
from redshare.sql.views.reach import local_schemas

#: SVV_EXTERNAL_SCHEMAS.eskind: a schema of a local database, of a shared one.
_LOCAL, _SHARED = 4, 5


def _schemas(context: SqlContext) -> Iterator[Record]:
    for schema in local_schemas(context):
        source = schema.external
        if source is None:
            continue
        named = context.catalog.database_named(context.namespace.namespace_id, source.database)
        shared = named is not None and named.source is not None
        yield {
            "esoid": oid(schema.schema_id),
            "eskind": _SHARED if shared else _LOCAL,
            "schemaname": schema.name,
            "esowner": schema.owner,
            "databasename": source.database,
            "esoptions": json.dumps({"SCHEMA": source.schema}, separators=(",", ":")),
        }


VIEWS: Final = (
    view(
        "svv_external_schemas",
        "esoid oid, eskind smallint, schemaname name, esowner int, databasename text,"
        "esoptions text",
        _schemas,
    ),
    view(
        "svv_external_partitions",
        "schemaname text, tablename text, values text, location text, input_format text,"
        "output_format text, serialization_lib text, serde_parameters text, compressed int,"
        "parameters text",
        nothing,
    ),
)
