"""Object ids: of users' objects drawn from their own ids, of the system's fixed as in PostgreSQL.

They are the same in every node; the catalogues join on them and clients compare them.
"""

from __future__ import annotations

import zlib
from typing import Final

#: PostgreSQL gives users' objects ids from here on.
FIRST: Final = 16_384
PG_CATALOG: Final = 11
INFORMATION_SCHEMA: Final = 11_000
SYSTEM_SCHEMAS: Final = {"pg_catalog": PG_CATALOG, "information_schema": INFORMATION_SCHEMA}

#: The catalogues whose ids stand in others: pg_description.classoid, pg_depend.classid.
PG_TYPE, PG_ATTRIBUTE, PG_PROC, PG_CLASS = 1247, 1249, 1255, 1259
PG_DATABASE, PG_CONSTRAINT, PG_NAMESPACE, PG_REWRITE = 1262, 2606, 2615, 2618
CATALOGUES: Final = {
    "pg_type": PG_TYPE,
    "pg_attribute": PG_ATTRIBUTE,
    "pg_proc": PG_PROC,
    "pg_class": PG_CLASS,
    "pg_shadow": 1260,
    "pg_group": 1261,
    "pg_database": PG_DATABASE,
    "pg_attrdef": 2604,
    "pg_constraint": PG_CONSTRAINT,
    "pg_depend": 2608,
    "pg_description": 2609,
    "pg_index": 2610,
    "pg_language": 2612,
    "pg_namespace": PG_NAMESPACE,
    "pg_rewrite": PG_REWRITE,
    "pg_trigger": 2620,
}


def support_routine(name: str) -> int:
    """The object id of a function that belongs to a type, such as `int4in`; `-` is none."""
    return 0 if name == "-" else oid(f"support routine {name}")


def oid(key: str) -> int:
    """A stable object id of an entity."""
    return FIRST + zlib.crc32(key.encode()) % (2**31 - FIRST)
