"""Temporary tables: which names make one, where it stands, and how a session's are dropped.

A temporary table is a table of the lake of the session's local database that no store knows: see
docs/decisions/0014. Its schema is searched before all others.
https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html
"""

from __future__ import annotations

from collections.abc import Iterable

from redshare.core.ids import LakeId
from redshare.core.plan import EnginePlan, LakeUse, WriteTarget, WriteVerb
from redshare.core.privileges import Privilege
from redshare.core.relation import Relation
from redshare.core.sql_errors import InsufficientPrivilege, SqlError
from redshare.sql.context import SqlContext
from redshare.sql.may import may
from redshare.sql.names import ResolvedSchema, temporary_schema


def is_marked(name: str) -> bool:
    """Whether the name alone makes a table temporary."""
    return name.startswith("#")


def temporary_place(context: SqlContext, qualifier: tuple[str, ...]) -> ResolvedSchema:
    """Where a new temporary table goes; a schema cannot be named. Raises SqlError."""
    place = temporary_schema(context)
    if place is None:
        raise SqlError("there is no local database for temporary tables", "3D000")
    if not may(context, place.place.database, Privilege.TEMP):
        name = place.place.database.name
        raise InsufficientPrivilege(
            f"permission denied to create temporary tables in database {name}"
        )
    if qualifier and qualifier not in {("pg_temp",), (place.schema.name,)}:
        raise SqlError("cannot create temporary relation in non-temporary schema", "42P16")
    return place


def drop_plan(relations: Iterable[Relation]) -> EnginePlan:
    """All of a session's temporary tables, which are in one lake, dropped."""
    found = list(relations)
    lakes = {LakeId(relation.database) for relation in found}
    names = [f'"lake_{r.database}"."main"."{r.lake_table}"' for r in found]
    return EnginePlan(
        "; ".join(f"DROP TABLE {name}" for name in names),
        tuple(LakeUse(lake, may_write=True) for lake in lakes),
        tuple(WriteTarget(LakeId(r.database), r.lake_table, WriteVerb.DDL) for r in found),
        returns_rows=False,
    )
