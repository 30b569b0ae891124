"""The owner of a view or a function, in whose name and surroundings what it says is read."""

from __future__ import annotations

from dataclasses import replace

from redshare.core.function import Function
from redshare.core.relation import Relation
from redshare.core.sql_errors import SqlError
from redshare.sql.context import SqlContext
from redshare.sql.definition import ViewDefinition
from redshare.sql.work import refuse


def owners_context(
    context: SqlContext, made: Relation | Function, definition: ViewDefinition
) -> SqlContext:
    """Names in a definition are those of its database, its owner and its making.

    Raises SqlError 42704 where the owner is gone.
    """
    what = "function" if isinstance(made, Function) else "view"
    storage = context.catalog.database(made.database)
    namespace = None if storage is None else context.catalog.namespace(storage.namespace)
    if storage is None or namespace is None:
        raise refuse(f"a {what} whose database is gone")
    owner = context.catalog.user_by_id(namespace.namespace_id, made.owner)
    if owner is None:
        raise SqlError(f"the owner of {what} {made.name} does not exist", "42704")
    return replace(
        context,
        namespace=namespace,
        database=storage,
        use=None,
        user=owner,
        search_path=definition.search_path,
        temporary=None,
        fixed=definition.relations,
        lookups=None,
        functions=None,
        case_sensitive=definition.case_sensitive,
    )
