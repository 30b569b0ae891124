"""LOCK, bound: a write of no row takes the lock that every write takes, and keeps it.

https://docs.aws.amazon.com/redshift/latest/dg/r_LOCK.html
"""

from __future__ import annotations

from collections.abc import Callable

from redshare.core.plan import WriteVerb
from redshare.core.privileges import Privilege
from redshare.core.relation import RelationKind
from redshare.core.sql_errors import SharedOperationNotSupported, SqlError
from redshare.sql.bound import Bound, engine_plan
from redshare.sql.context import SqlContext
from redshare.sql.ddl.definitions import lake_name
from redshare.sql.may import denied, may
from redshare.sql.names import resolve_relation
from redshare.sql.views.model import SystemView
from redshare.sql.work import Work


def bind_lock(
    tag: str, context: SqlContext, name: tuple[str, ...], new_id: Callable[[], str]
) -> Bound:
    """It is for who may write the table: UPDATE, DELETE or TRUNCATE, as in PostgreSQL."""
    found = resolve_relation(context, name)
    if isinstance(found, SystemView):
        raise SqlError(f"permission denied for relation {found.name}", "42501")
    if found.share is not None:
        raise SharedOperationNotSupported
    if found.relation.kind is not RelationKind.TABLE:
        raise SqlError(f'"{found.relation.name}" is not a table', "42809")
    writes = (Privilege.UPDATE, Privilege.DELETE, Privilege.TRUNCATE)
    if not any(may(context, found.relation, privilege) for privilege in writes):
        raise denied(found.relation)
    work = Work(context, new_id)
    work.use(found)
    work.write(found, WriteVerb.DELETE)
    sql = f"DELETE FROM {lake_name(found)} WHERE false"
    return Bound(tag, engine_plan(work, sql, returns_rows=False))
