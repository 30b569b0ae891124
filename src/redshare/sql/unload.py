"""UNLOAD bound: the query in its quotes, with the session's rights like any SELECT.

With PARTITION BY the rows come in the order of the partitions, and within one in the query's own.
https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from redshare.core.sql_errors import FeatureNotSupported, SqlError
from redshare.sql.bound import Bound, finished
from redshare.sql.commands import parse_command
from redshare.sql.commands.unload import Unload
from redshare.sql.context import SqlContext
from redshare.sql.lex import split
from redshare.sql.parse import parse, syntax_error
from redshare.sql.query import BoundQuery, bind_query, table_alias
from redshare.sql.result import ResultColumn, result_columns
from redshare.sql.types import stored_type
from redshare.sql.work import Env, Work

_ALIAS = "unloaded"


@dataclass(frozen=True, slots=True)
class BoundUnload:
    """`partitions` are the places of PARTITION BY's columns among `columns`."""

    bound: Bound
    columns: tuple[ResultColumn, ...]
    partitions: tuple[int, ...] = ()


def bind_unload(command: Unload, context: SqlContext, *, new_id: Callable[[], str]) -> BoundUnload:
    """Raises what binding a query raises."""
    statements = split(command.query)
    if len(statements) != 1:
        raise syntax_error(": UNLOAD takes one query")
    if parse_command(statements[0], fold=not context.case_sensitive) is not None:
        raise syntax_error(": UNLOAD takes a query")
    tree = parse(statements[0], case_sensitive=context.case_sensitive)
    if not isinstance(tree, exp.Query):
        raise syntax_error(": UNLOAD takes a query")
    if tree.args.get("limit") or tree.args.get("offset"):
        raise FeatureNotSupported("Limit clause is not supported in the outer SELECT of UNLOAD")
    work = Work(context, new_id)
    query = bind_query(work, tree, Env(context))
    columns = result_columns(query.columns, query.origins)
    _check(columns)
    partitions = _partitions(command, columns)
    node = _in_order(work, query, partitions) if partitions else query.node
    bound = finished(work, command.tag, node, columns)
    if bound.parameters:
        raise SqlError("there is no parameter $1", "42P02")
    return BoundUnload(bound, columns, partitions)


def _check(columns: tuple[ResultColumn, ...]) -> None:
    for column in columns:
        if column.type.startswith("interval") or column.type.endswith("[]"):
            raise FeatureNotSupported(f"UNLOAD of a column of type {column.type} is not supported")


def _partitions(command: Unload, columns: tuple[ResultColumn, ...]) -> tuple[int, ...]:
    names = [column.name for column in columns]
    wanted = command.options.partition_by
    for name in wanted:
        if names.count(name) != 1:
            raise SqlError(f'column "{name}" of PARTITION BY is not in the query once', "42703")
    if len(set(wanted)) != len(wanted):
        raise SqlError("a column stands twice in PARTITION BY", "42701")
    if wanted and len(wanted) == len(names) and not command.options.include:
        raise SqlError("PARTITION BY leaves no column to unload; use INCLUDE", "42601")
    return tuple(names.index(name) for name in wanted)


def _in_order(work: Work, query: BoundQuery, partitions: tuple[int, ...]) -> exp.Expr:
    """The same rows, partition after partition: numbered first, for sorting forgets their order."""
    del work
    names = [(f"c{at}", stored_type("bigint")) for at in range(len(query.columns))]
    numbered = exp.Select(
        expressions=[
            *(_column(name) for name, _ in names),
            exp.Alias(
                this=exp.Window(this=exp.RowNumber(), over="OVER"),
                alias=exp.to_identifier("n", quoted=True),
            ),
        ],
        from_=exp.From(this=exp.Subquery(this=query.node, alias=table_alias(_ALIAS, names))),
    )
    keys = [*(f"c{at}" for at in partitions), "n"]
    return exp.Select(
        expressions=[
            exp.Alias(this=_column(inner), alias=exp.to_identifier(shown, quoted=True))
            for (inner, _), (shown, _) in zip(names, query.columns, strict=True)
        ],
        from_=exp.From(this=exp.Subquery(this=numbered, alias=table_alias(_ALIAS))),
        order=exp.Order(expressions=[exp.Ordered(this=_column(key)) for key in keys]),
    )


def _column(name: str) -> exp.Column:
    return exp.Column(
        this=exp.to_identifier(name, quoted=True), table=exp.to_identifier(_ALIAS, quoted=True)
    )
