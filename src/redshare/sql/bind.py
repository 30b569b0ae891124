"""A statement → a plan for the engine: the security boundary of the product.

No text of a user reaches the engine. The tree is resolved and checked, rebuilt from a closed list
of forms, checked once more (sql/shapes.py), and only then written out as engine SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlglot import exp

from redshare.sql.bound import Bound, finished
from redshare.sql.context import SqlContext
from redshare.sql.ddl.function import bind_create_function, creates_function
from redshare.sql.ddl.materialized import bind_create_materialized, creates_materialized
from redshare.sql.ddl.table import bind_create_table, bind_select_into, into_of
from redshare.sql.ddl.table_syntax import creates_table
from redshare.sql.ddl.view import bind_create_view, creates_view
from redshare.sql.dml import bind_delete, bind_insert, bind_merge, bind_update
from redshare.sql.dml.remove_duplicates import bind_remove_duplicates, removes_duplicates
from redshare.sql.inference import numeric_types
from redshare.sql.lex import Statement
from redshare.sql.parse import parse, too_deep
from redshare.sql.query import bind_query
from redshare.sql.result import result_columns
from redshare.sql.types import stored_type
from redshare.sql.work import Env, Work, refuse

_TWO_WORDS: Final = {"CREATE", "ALTER", "DROP"}


def new_work(
    context: SqlContext,
    new_id: Callable[[], str],
    parameter_types: Sequence[str | None] = (),
    values: Sequence[object] = (),
) -> Work:
    """A fresh binding of a session; `values` are the parameters' where they are known."""
    work = Work(context, new_id, numerics=numeric_types(values))
    for number, name in enumerate(parameter_types, start=1):
        if name:
            work.expect(number, stored_type(name))
    return work


def bind(
    statement: Statement,
    context: SqlContext,
    *,
    new_id: Callable[[], str],
    now: datetime,
    parameter_types: Sequence[str | None] = (),
    values: Sequence[object] = (),
) -> Bound:
    """Bind one statement. Raises SqlError kinds only."""
    try:
        return _bind(statement, new_work(context, new_id, parameter_types, values), now)
    except RecursionError as error:
        raise too_deep() from error


def _bind(
    statement: Statement,
    work: Work,
    now: datetime,
) -> Bound:
    context, new_id = work.session, work.new_id
    if creates_table(statement):
        return bind_create_table(statement, context, work, new_id, now)
    if creates_materialized(statement):
        return bind_create_materialized(statement, context, work, new_id, now)
    if creates_function(statement):
        return bind_create_function(statement, context, work, new_id, now)
    if creates_view(statement):
        return bind_create_view(statement, context, work, new_id, now)
    if removes_duplicates(statement):
        return bind_remove_duplicates(work, statement)
    tree = parse(statement, case_sensitive=context.case_sensitive)
    match tree:
        case exp.Insert():
            return finished(work, "INSERT", bind_insert(work, tree))
        case exp.Update():
            return finished(work, "UPDATE", bind_update(work, tree))
        case exp.Delete():
            return finished(work, "DELETE", bind_delete(work, tree))
        case exp.Merge():
            return finished(work, "MERGE", bind_merge(work, tree))
        case exp.Query():
            into = into_of(tree)
            if into is not None:
                return bind_select_into(tree, into, context, work, new_id, now)
            query = bind_query(work, tree, Env(context))
            columns = result_columns(query.columns, query.origins)
            return finished(work, "SELECT", query.node, columns)
    words = [token.text.upper() for token in statement.tokens[:5]]
    if words[0] in _TWO_WORDS:
        words = [word for word in words if word not in {"OR", "REPLACE"}][:2]
    else:
        words = words[:1]
    raise refuse(f"the statement {' '.join(words)}")
