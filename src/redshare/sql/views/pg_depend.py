"""pg_depend, pg_rewrite, and the catalogues of what Redshift has none of.

A view depends on what it reads through its rule, as in PostgreSQL: tools walk from a table over
pg_depend and pg_rewrite to the views on it.
https://www.postgresql.org/docs/8.0/catalog-pg-depend.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from redshare.sql.context import SqlContext
from redshare.sql.views.definitions import view_query
from redshare.sql.views.model import Record, nothing, view
from redshare.sql.views.oids import PG_CLASS, PG_CONSTRAINT, PG_NAMESPACE, PG_REWRITE, oid
from redshare.sql.views.pg_constraint import keys_of, referred_key
from redshare.sql.views.reach import local


def rule_oid(relation_id: str) -> int:
    """Of a view's rule."""
    return oid(f"{relation_id}/rule")


def _depend(of: tuple[int, int], on: tuple[int, int], kind: str = "n", column: int = 0) -> Record:
    return {
        "classid": of[0],
        "objid": of[1],
        "objsubid": 0,
        "refclassid": on[0],
        "refobjid": on[1],
        "refobjsubid": column,
        "deptype": kind,
    }


def _dependencies(context: SqlContext) -> Iterator[Record]:
    for seen in local(context):
        relation = seen.relation
        number = oid(relation.relation_id)
        yield _depend((PG_CLASS, number), (PG_NAMESPACE, oid(relation.schema)))
        for key in keys_of(context, seen):
            yield _depend((PG_CONSTRAINT, key.oid), (PG_CLASS, number), "a")
            if key.target is not None:
                target = oid(key.target.relation.relation_id)
                yield _depend((PG_CONSTRAINT, key.oid), (PG_CLASS, target))
                unique = referred_key(context, key)
                if unique is not None:
                    yield _depend((PG_CONSTRAINT, key.oid), (PG_CLASS, unique.index_oid))
        if seen.is_table:
            continue
        rule = rule_oid(relation.relation_id)
        yield _depend((PG_REWRITE, rule), (PG_CLASS, number), "i")
        for read in relation.depends:
            # One row a column in PostgreSQL; tools look at the relations alone.
            yield _depend((PG_REWRITE, rule), (PG_CLASS, oid(read)), column=1)


def _rules(context: SqlContext) -> Iterator[Record]:
    for seen in local(context):
        query = view_query(seen.relation)
        if query is not None:
            yield {
                "oid": rule_oid(seen.relation.relation_id),
                "tableoid": PG_REWRITE,
                "rulename": "_RETURN",
                "ev_class": oid(seen.relation.relation_id),
                "ev_attr": -1,
                "ev_type": "1",
                "is_instead": True,
                "ev_qual": "<>",
                "ev_action": query,
                "ev_enabled": "O",
            }


VIEWS: Final = (
    view(
        "pg_depend",
        "classid oid, objid oid, objsubid int, refclassid oid, refobjid oid, refobjsubid int,"
        "deptype char",
        _dependencies,
    ),
    view(
        "pg_rewrite",
        "rulename name, ev_class oid, ev_attr smallint, ev_type char, is_instead bool,"
        "ev_qual text, ev_action text",
        _rules,
        "oid oid, tableoid oid, ev_enabled char",
    ),
    view(
        "pg_inherits", "inhrelid oid, inhparent oid, inhseqno int", nothing, "inhdetachpending bool"
    ),
    view(
        "pg_trigger",
        "tgrelid oid, tgname name, tgfoid oid, tgtype smallint, tgenabled bool,"
        "tgisconstraint bool, tgconstrname name, tgconstrrelid oid, tgdeferrable bool,"
        "tginitdeferred bool, tgnargs smallint, tgattr int2vector, tgargs text",
        nothing,
        "oid oid, tableoid oid, tgisinternal bool, tgparentid oid, tgconstraint oid",
    ),
    view(
        "pg_statistic_indicator",
        "stairelid oid, stairows real, staiins real, staidels real",
        nothing,
    ),
    view(
        "pg_default_acl",
        "defacluser int, defaclnamespace oid, defaclobjtype char, defaclacl aclitem[]",
        nothing,
        "oid oid",
    ),
    view("pg_external_schema", "esoid oid, eskind int, esdbname text, esoptions text", nothing),
    view(
        "pg_statistic",
        "starelid oid, staattnum smallint, stanullfrac real, stawidth int, stadistinct real",
        nothing,
    ),
    view(
        "pg_policy",
        "polname name, polrelid oid, polcmd char, polpermissive bool, polroles oid[],"
        "polqual text, polwithcheck text",
        nothing,
        "oid oid",
    ),
    view("pg_publication", "pubname name, pubowner oid, puballtables bool", nothing, "oid oid"),
    view("pg_publication_rel", "prpubid oid, prrelid oid", nothing, "oid oid"),
    view(
        "pg_statistic_ext",
        "stxrelid oid, stxname name, stxnamespace oid, stxkeys int2vector, stxkind char[]",
        nothing,
        "oid oid",
    ),
    view("pg_foreign_table", "ftrelid oid, ftserver oid, ftoptions text[]", nothing),
    view(
        "pg_foreign_server",
        "srvname name, srvowner oid, srvfdw oid, srvoptions text[]",
        nothing,
        "oid oid",
    ),
    view("pg_collation", "collname name, collnamespace oid, collowner oid", nothing, "oid oid"),
)
