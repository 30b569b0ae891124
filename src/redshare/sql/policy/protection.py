"""ALTER TABLE … ROW LEVEL SECURITY and … MASKING: what of a relation its policies protect.

https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from redshare.core.relation import Relation
from redshare.core.sql_errors import InsufficientPrivilege
from redshare.sql.commands.table import RowLevelSecurity
from redshare.sql.context import SqlContext
from redshare.sql.ddl.materialized import require_not_materialized
from redshare.sql.policy.applied import require_no_lookup
from redshare.sql.work import refuse


def require_security_admin(context: SqlContext) -> None:
    """Raises InsufficientPrivilege for everybody but superusers and holders of sys:secadmin."""
    if not context.security_admin:
        raise InsufficientPrivilege("must be superuser or hold the role sys:secadmin")


def with_row_security(
    context: SqlContext, relation: Relation, action: RowLevelSecurity, new_id: Callable[[], str]
) -> Relation:
    """The relation with row-level security on or off; FOR DATASHARES is about consumers alone."""
    require_security_admin(context)
    if action.for_datashares:
        if action.conjunction is not None:
            raise refuse("CONJUNCTION TYPE … FOR DATASHARES")
        return replace(relation, row_security_for_datashares=action.on)
    if relation.temporary:
        raise refuse("row-level security of a temporary table")
    if action.on:
        require_not_materialized(relation, context, new_id)
        require_no_lookup(context.catalog, relation)
    return replace(relation, row_security=action.on, conjunction=action.conjunction or "AND")


def with_masking(context: SqlContext, relation: Relation, *, on: bool) -> Relation:
    """MASKING ON|OFF FOR DATASHARES."""
    require_security_admin(context)
    return replace(relation, masking_for_datashares=on)
