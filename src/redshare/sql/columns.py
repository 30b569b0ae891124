"""Column privileges: a column that is not granted may be in sight, but not in what is run.

Its node carries a mark that every copy keeps. A reference refuses it with the name at hand; the
last check of a tree (sql/shapes.py) refuses whatever way it came in.
https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT-usage-notes.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlglot import exp

from redshare.core.privileges import Privilege
from redshare.core.relation import Relation
from redshare.core.sql_errors import InsufficientPrivilege
from redshare.sql.context import SqlContext
from redshare.sql.may import denied, permitted_columns

_MARK: Final = "not_granted_of"


def require_columns(
    context: SqlContext, relation: Relation, privilege: Privilege
) -> frozenset[str] | None:
    """The columns the user may use, None for all. Raises InsufficientPrivilege where none."""
    permitted = permitted_columns(context, relation, privilege)
    if permitted is not None and not permitted:
        raise denied(relation)
    return permitted


def mark(nodes: Iterable[exp.Expr], relation: Relation, permitted: frozenset[str] | None) -> None:
    """Mark those of the relation's columns, in its order, that are not granted."""
    if permitted is None:
        return
    for node, column in zip(nodes, relation.columns, strict=False):
        if column.name not in permitted:
            node.meta[_MARK] = relation.name


def require_granted(node: exp.Expr) -> None:
    """Raises InsufficientPrivilege for a column that is marked."""
    relation = node.meta.get(_MARK)
    if relation is not None:
        raise InsufficientPrivilege(f"permission denied for relation {relation}")
