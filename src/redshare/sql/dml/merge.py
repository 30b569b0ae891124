"""MERGE, in its full form.

A row of the target that several rows of the source match is an error before anything is changed:
the source is read through a condition that looks for one.
https://docs.aws.amazon.com/redshift/latest/dg/r_MERGE.html
"""

from __future__ import annotations

from sqlglot import exp

from redshare.core.plan import WriteVerb
from redshare.core.privileges import Privilege
from redshare.core.relation import Relation
from redshare.core.sql_errors import SqlError
from redshare.sql.dml.assigned import assigned, assignments, check_assignable, default_of
from redshare.sql.dml.target import (
    columns_named,
    names_of,
    other_sources,
    require_updatable,
    require_whole,
    writable_source,
)
from redshare.sql.names import Resolved
from redshare.sql.query import binder
from redshare.sql.raised import raise_node
from redshare.sql.rewrite.rule import present
from redshare.sql.scope import Scope
from redshare.sql.types import stored_type
from redshare.sql.work import Env, Work, refuse, type_of

_SEVERAL = "Found multiple matches to update the same tuple."


def bind_merge(work: Work, node: exp.Merge) -> exp.Expr:
    """MERGE INTO t USING s ON … WHEN [NOT] MATCHED THEN …."""
    present(node, "this", "using", "on", "whens")
    scope = Scope(Env(work.session))
    found, table, using, on = merged(work, node, scope, _merge_needs(node))
    whens = [_when(work, item, scope, found.relation) for item in node.args["whens"].expressions]
    return exp.Merge(this=table, using=using, on=on, whens=exp.Whens(expressions=whens))


def merged(
    work: Work, node: exp.Merge, scope: Scope, needs: set[Privilege]
) -> tuple[Resolved, exp.Expr, exp.Expr, exp.Expr]:
    """Target, its table, the source and the condition, bound. Raises SqlError kinds."""
    found, table = writable_source(work, node.this, scope, needs)
    require_whole(work.session, found, "MERGE")
    for when in node.args["whens"].expressions:
        if isinstance(when.args.get("then"), exp.Update):
            require_updatable(work.session, found, when.args["then"].expressions)
    work.write(found, WriteVerb.MERGE)
    before = _times(work, found)
    using = other_sources(work, [node.args["using"]], scope)
    alias = None if using is None else using.args.get("alias")
    if using is None or alias is None:
        raise refuse("a join in the USING of a MERGE")
    if _times(work, found) > before:
        raise SqlError(
            "Source view/subquery in Merge statement cannot reference target table.", "0A000"
        )
    on = binder(work, scope).bind(node.args["on"])
    return found, table, _checked(work, table, using, on), on


def _times(work: Work, found: Resolved) -> int:
    """How often the statement names the table, be it inside a view."""
    return sum(table.name == found.relation.lake_table for table in work.tables)


def _checked(work: Work, table: exp.Expr, using: exp.Expr, on: exp.Expr) -> exp.Expr:
    """The source, under its alias, unless one row of the target has several matches in it."""
    row = exp.Column(
        this=exp.to_identifier("rowid", quoted=True),
        table=exp.to_identifier(table.args["alias"].name, quoted=True),
    )
    several = exp.Select(
        expressions=[exp.Literal.number(1)],
        from_=exp.From(this=work.again(table)),
        joins=[exp.Join(this=work.again(using), on=work.again(on))],
        group=exp.Group(expressions=[row]),
        having=exp.Having(
            this=exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1))
        ),
    )
    alias = exp.TableAlias(this=exp.to_identifier(work.fresh("several"), quoted=True))
    verdict = exp.Select(
        expressions=[
            exp.Case(
                ifs=[
                    exp.If(
                        this=exp.GT(
                            this=exp.Count(this=exp.Star()), expression=exp.Literal.number(0)
                        ),
                        true=raise_node("XX000", _SEVERAL),
                    )
                ],
                default=exp.Boolean(this=True),
            )
        ],
        from_=exp.From(this=exp.Subquery(this=several, alias=alias)),
    )
    outside = exp.TableAlias(this=using.args["alias"].this.copy())
    rows = exp.Select(
        expressions=[exp.Star()],
        from_=exp.From(this=using),
        where=exp.Where(this=exp.Subquery(this=verdict)),
    )
    return exp.Subquery(this=rows, alias=outside)


def _merge_needs(node: exp.Merge) -> set[Privilege]:
    needs = {Privilege.SELECT}
    for when in node.args["whens"].expressions:
        then = when.args.get("then")
        if isinstance(then, exp.Update):
            needs.add(Privilege.UPDATE)
        elif isinstance(then, exp.Insert):
            needs.add(Privilege.INSERT)
        else:
            needs.add(Privilege.DELETE)
    return needs


def _when(work: Work, node: exp.Expr, scope: Scope, relation: Relation) -> exp.Expr:
    present(node, "matched", "then")
    then, matched = node.args["then"], bool(node.args.get("matched"))
    bound: exp.Expr
    if isinstance(then, exp.Update) and matched:
        present(then, "expressions")
        bound = exp.Update(expressions=assignments(work, then.expressions, scope, relation))
    elif isinstance(then, exp.Var) and str(then.this).upper() == "DELETE" and matched:
        bound = exp.Var(this="DELETE")
    elif isinstance(then, exp.Insert) and not matched:
        bound = _merge_insert(work, then, scope, relation)
    else:
        raise refuse("this form of WHEN")
    return exp.When(matched=matched, then=bound)


def _listed(node: exp.Insert) -> tuple[list[str] | None, exp.Expr | None]:
    """The names and the values; the parser takes VALUES without names for a function in a list."""
    listed, values = node.this, node.args.get("expression")
    if not isinstance(listed, exp.Tuple):
        return None, values or None
    if not values and len(listed.expressions) == 1:
        (only,) = listed.expressions
        if isinstance(only, exp.Anonymous) and str(only.this).lower() == "values":
            return None, exp.Tuple(expressions=only.expressions)
    return [item.name for item in listed.expressions], values or None


def _merge_insert(work: Work, node: exp.Insert, scope: Scope, relation: Relation) -> exp.Expr:
    present(node, "this", "expression")
    names, source = _listed(node)
    columns = columns_named(relation, names)
    if not isinstance(source, exp.Tuple) or len(source.expressions) != len(columns):
        raise SqlError("INSERT has a wrong number of values", "42601")
    # What is inserted cannot refer to the row that was not matched.
    inner = Scope(scope.env)
    for beside in scope.sources[1:]:
        inner.add(beside)
    expressions = binder(work, inner)
    items = []
    for column in relation.columns:
        if column in columns:
            value = expressions.bind(source.expressions[columns.index(column)])
            work.infer(value, stored_type(column.type))
            check_assignable(type_of(value), column)
        else:
            value = default_of(work, scope.env, column)
        items.append(assigned(work, value, column))
    return exp.Insert(
        this=exp.Tuple(expressions=[exp.Column(this=n) for n in names_of(relation.columns)]),
        expression=exp.Tuple(expressions=items),
    )
