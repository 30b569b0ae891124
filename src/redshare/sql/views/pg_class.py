r"""pg_namespace, pg_class, pg_class_info: schemas and relations of the connected database.

The system's own relations are listed too, as in PostgreSQL: `\dS` and joins by name find them.
https://www.postgresql.org/docs/8.0/catalog-pg-class.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from redshare.core.relation import RelationKind
from redshare.sql.context import SqlContext
from redshare.sql.views.acl import acl_array
from redshare.sql.views.model import Record, SystemView, view
from redshare.sql.views.oids import PG_CLASS, PG_NAMESPACE, SYSTEM_SCHEMAS, oid
from redshare.sql.views.pg_constraint import Key, keys_of
from redshare.sql.views.physical import DISTSTYLES, diststyle
from redshare.sql.views.reach import SYSTEM_USER, Seen, local, local_schemas
from redshare.sql.views.system import Registry, SystemRelation, system_relations

_CLASS: Final = (
    "relname name, relnamespace oid, reltype oid, relowner int, relam oid, relfilenode oid,"
    "reltablespace oid, relpages int, reltuples real, reltoastrelid oid, reltoastidxid oid,"
    "relhasindex bool, relisshared bool, relkind char, relnatts smallint, relexternid oid,"
    "relisreplicated bool, relispinned bool, reldiststyle smallint, relprojbaseid oid,"
    "relchecks smallint, reltriggers smallint, relukeys smallint, relfkeys smallint,"
    "relrefs smallint, relhasoids bool, relhaspkey bool, relhasrules bool, relhassubclass bool,"
    "relacl aclitem[]"
)
#: pg_am.oid of btree.
BTREE: Final = 403
#: What psql 15 and drivers that take us for a newer server ask for.
_NEWER: Final = (
    "relhastriggers bool, relrowsecurity bool, relforcerowsecurity bool, relpersistence char,"
    "reloftype oid, relreplident char, relispartition bool, reloptions text[]"
)
_ENTITY: Final[dict[str, object]] = {
    "tableoid": PG_CLASS,
    "relam": 0,
    "reltablespace": 0,
    "relpages": 1,
    "reltuples": 0.001,
    "reltoastrelid": 0,
    "reltoastidxid": 0,
    "relhasindex": False,
    "relisshared": False,
    "relexternid": 0,
    "relisreplicated": False,
    "relispinned": False,
    "relprojbaseid": 0,
    "relchecks": 0,
    "reltriggers": 0,
    "relrefs": 0,
    "relhasoids": False,
    "relhassubclass": False,
    "relhastriggers": False,
    "relrowsecurity": False,
    "relforcerowsecurity": False,
    "relpersistence": "p",
    "reloftype": 0,
    "relreplident": "n",
    "relispartition": False,
}


def family(registry: Registry) -> tuple[SystemView, ...]:
    """The views, given the registry whose views pg_class lists."""

    def classes(context: SqlContext) -> Iterator[Record]:
        for found in system_relations(registry):
            yield _system(found)
        for seen in local(context):
            yield _relation(context, seen)
            for key in keys_of(context, seen):
                if key.kind != "FOREIGN KEY":
                    yield _index(key)

    return (
        view(
            "pg_namespace",
            "nspname name, nspowner int, nspacl aclitem[]",
            _namespaces,
            "oid oid, tableoid oid",
        ),
        view("pg_class", _CLASS, classes, f"oid oid, tableoid oid, {_NEWER}"),
        view(
            "pg_class_info",
            f"reloid oid, {_CLASS}, relcreationtime timestamp, releffectivediststyle int,"
            "relispartial bool",
            classes,
        ),
    )


def _namespaces(context: SqlContext) -> Iterator[Record]:
    for name, number in SYSTEM_SCHEMAS.items():
        yield {
            "oid": number,
            "tableoid": PG_NAMESPACE,
            "nspname": name,
            "nspowner": SYSTEM_USER,
            "nspacl": ["rdsdb=UC/rdsdb", "=U/rdsdb"],
        }
    for schema in local_schemas(context):
        yield {
            "oid": oid(schema.schema_id),
            "tableoid": PG_NAMESPACE,
            "nspname": schema.name,
            "nspowner": schema.owner,
            "nspacl": acl_array(context, schema),
        }


def _system(found: SystemRelation) -> Record:
    table = found.is_table
    return _ENTITY | {
        "oid": found.oid,
        "reloid": found.oid,
        "relname": found.view.name,
        "relnamespace": found.schema_oid,
        "reltype": 0,
        "relowner": SYSTEM_USER,
        "relfilenode": found.oid if table else 0,
        "relkind": "r" if table else "v",
        "relnatts": len(found.view.columns),
        "reldiststyle": 0,
        "relukeys": 0,
        "relfkeys": 0,
        "relhaspkey": False,
        "relhasrules": not table,
        "relacl": ["rdsdb=arwdRxt/rdsdb", "=r/rdsdb"],
        "releffectivediststyle": 0,
        "relispartial": False,
    }


def _relation(context: SqlContext, seen: Seen) -> Record:
    relation = seen.relation
    number = oid(relation.relation_id)
    kinds = [constraint.kind for constraint in relation.constraints]
    table = relation.kind is RelationKind.TABLE
    style = DISTSTYLES.get(relation.diststyle, 9) if table else 0
    return _ENTITY | {
        "oid": number,
        "reloid": number,
        "relname": relation.name,
        "relnamespace": oid(seen.schema.schema_id),
        "reltype": 0,
        "relowner": relation.owner,
        "relfilenode": number if table else 0,
        "relkind": "r" if table else "v",
        "relnatts": len(relation.columns),
        "reldiststyle": style,
        "relukeys": kinds.count("UNIQUE"),
        "relfkeys": kinds.count("FOREIGN KEY"),
        # PostgreSQL keeps a foreign key by triggers; psql looks for one only where there are any.
        "relhastriggers": "FOREIGN KEY" in kinds,
        "relhasindex": "PRIMARY KEY" in kinds or "UNIQUE" in kinds,
        "relhaspkey": "PRIMARY KEY" in kinds,
        "relhasrules": not table,
        "relacl": acl_array(context, relation),
        "relcreationtime": relation.created.replace(tzinfo=None),
        "releffectivediststyle": 10 if diststyle(relation) == "AUTO(ALL)" and table else style,
        "relispartial": False,
        "relpersistence": "t" if relation.temporary else "p",
    }


def _index(key: Key) -> Record:
    """What PostgreSQL would keep of a primary or unique key; clients join on it."""
    relation = key.seen.relation
    return _ENTITY | {
        "oid": key.index_oid,
        "reloid": key.index_oid,
        "relname": key.name,
        "relnamespace": oid(relation.schema),
        "reltype": 0,
        "relowner": relation.owner,
        "relam": BTREE,
        "relfilenode": key.index_oid,
        "relkind": "i",
        "relnatts": len(key.constraint.columns),
        "reldiststyle": 0,
        "relukeys": 0,
        "relfkeys": 0,
        "relhaspkey": False,
        "relhasrules": False,
        "releffectivediststyle": 0,
        "relispartial": False,
    }
