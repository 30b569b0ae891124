"""ALTER TABLE … APPEND FROM, bound: the source's rows go to the target and the source is empty.

https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE_APPEND.html
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from redshare.core.plan import WriteVerb
from redshare.core.privileges import Privilege
from redshare.core.relation import Column, RelationKind
from redshare.core.sql_errors import FeatureNotSupported, SqlError
from redshare.sql.bound import Bound, engine_plan, generate
from redshare.sql.commands.table import AppendFrom
from redshare.sql.context import SqlContext
from redshare.sql.ddl.definitions import emptied, lake_name
from redshare.sql.ddl.drop import resolved
from redshare.sql.dml import assigned, default_of
from redshare.sql.dml.target import require_whole
from redshare.sql.names import Resolved
from redshare.sql.policy.applied import require_reachable
from redshare.sql.types import engine_cast, stored_type
from redshare.sql.work import Env, Work, refuse


def bind_append(command: AppendFrom, context: SqlContext, work: Work) -> Bound:
    """Move the rows. Columns are matched by name and must be of the same type."""
    if command.ignore_extra and command.fill_target:
        raise FeatureNotSupported("IGNOREEXTRA and FILLTARGET cannot be given together")
    target = _table(context, command.name, Privilege.INSERT)
    source = _table(context, command.source, Privilege.DELETE)
    # Policies of the target do not matter: nothing of it is seen.
    require_whole(context, source, "ALTER TABLE APPEND")
    if target.relation.relation_id == source.relation.relation_id:
        raise SqlError("cannot append a table to itself", "0A000")
    _check_columns(command, target, source)
    items = [_value(work, context, column, source) for column in target.relation.columns]
    into = exp.Schema(this=work.use(target), expressions=_names(target.relation.columns))
    select = exp.Select(expressions=items, from_=exp.From(this=work.use(source)))
    work.write(target, WriteVerb.INSERT)
    work.write(source, WriteVerb.TRUNCATE)
    insert = generate(exp.Insert(this=into, expression=select), work)
    sql = f"{insert}; DELETE FROM {lake_name(source)}"
    plan = engine_plan(work, sql, returns_rows=False)
    return Bound(command.tag, plan, changes=tuple(emptied(context, source)))


def _table(context: SqlContext, name: tuple[str, ...], privilege: Privilege) -> Resolved:
    found = resolved(context, name, privilege, shareable=False)
    if found.relation.kind is not RelationKind.TABLE:
        raise SqlError(f'"{found.relation.name}" is not a table', "42809")
    require_reachable(context, context, found)
    if found.relation.temporary:
        raise refuse("ALTER TABLE APPEND of a temporary table")
    if any(column.identity is not None for column in found.relation.columns):
        raise refuse("ALTER TABLE APPEND of a table with an IDENTITY column")
    return found


def _check_columns(command: AppendFrom, target: Resolved, source: Resolved) -> None:
    for column in source.relation.columns:
        same = target.relation.column(column.name)
        if same is None and not command.ignore_extra:
            raise SqlError(
                f'column "{column.name}" of the source is not in the target; use IGNOREEXTRA',
                "0A000",
            )
        if same is not None and same.type != column.type:
            raise SqlError(f'column "{column.name}" has another type in the target', "42804")
    for column in target.relation.columns:
        if source.relation.column(column.name) is None and not command.fill_target:
            raise SqlError(
                f'column "{column.name}" of the target is not in the source; use FILLTARGET',
                "0A000",
            )


def _value(work: Work, context: SqlContext, column: Column, source: Resolved) -> exp.Expr:
    if source.relation.column(column.name) is None:
        return assigned(work, default_of(work, Env(context), column), column)
    name = exp.to_identifier(column.name, quoted=True)
    return engine_cast(exp.Column(this=name), stored_type(column.type))


def _names(columns: Iterable[Column]) -> list[exp.Expr]:
    return [exp.to_identifier(column.name, quoted=True) for column in columns]
