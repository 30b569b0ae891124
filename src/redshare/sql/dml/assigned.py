"""Written values: each gets its column's type.

A string that does not fit is Redshift's error 22001, unless only blanks are too many.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from redshare.core.relation import Column, Relation
from redshare.core.sql_errors import SqlError, UndefinedColumn
from redshare.sql.lex import split
from redshare.sql.parse import parse
from redshare.sql.query import binder
from redshare.sql.rewrite.casts import convert
from redshare.sql.rewrite.rule import call, is_string, written
from redshare.sql.scope import Scope
from redshare.sql.super.casts import from_super, to_super
from redshare.sql.types import STRINGS, SUPER, SqlType, engine_cast, stored_type
from redshare.sql.work import Env, Work, refuse, type_of, typed


def assigned(work: Work, node: exp.Expr, column: Column) -> exp.Expr:
    """A value as the column stores it."""
    kind = stored_type(column.type)
    bound = as_column(work, node, column)
    if kind.name in STRINGS and kind.a is not None:
        if kind.name == "character":
            bound = call("rtrim", bound, exp.Literal.string(" "))
        size, name = exp.Literal.number(kind.a), exp.Literal.string(str(kind))
        bound = call("rs_fit", bound, size, name)
    if not column.nullable and not isinstance(node, exp.Literal):
        bound = call("rs_required", bound, exp.Literal.string(column.name))
    return typed(bound, kind)


def refused_identity() -> SqlError:
    """A column that is IDENTITY and not BY DEFAULT takes no value."""
    return SqlError("cannot set an identity column to a value", "0A000")


def as_column(work: Work, node: exp.Expr, column: Column) -> exp.Expr:
    """A value in the type of its column, a string not measured yet."""
    kind = stored_type(column.type)
    if kind == SUPER:
        return to_super(node)
    if type_of(node) == SUPER:
        return from_super(node, SqlType(kind.name) if kind.name in STRINGS else kind)
    if isinstance(node, exp.Null):
        return engine_cast(node, kind)
    if kind.name in STRINGS:
        return engine_cast(node if is_string(type_of(node)) else written(node), kind)
    return convert(work, node, kind) if is_string(type_of(node)) else engine_cast(node, kind)


def default_of(work: Work, env: Env, column: Column) -> exp.Expr:
    """A column's default as an expression; NULL without one."""
    if column.identity is not None:
        raise refuse("an IDENTITY value here")
    if column.default is None:
        return exp.Null()
    tree = parse(split(f"SELECT {column.default}")[0])
    assert isinstance(tree, exp.Select)
    return binder(work, Scope(env)).bind(tree.expressions[0])


def is_default(item: exp.Expr) -> bool:
    if isinstance(item, exp.Var):
        return str(item.this).upper() == "DEFAULT"
    return (
        isinstance(item, exp.Column)
        and len(item.parts) == 1
        and isinstance(item.this, exp.Identifier)
        and not item.this.args.get("quoted")
        and item.name == "default"
    )


def check_assignable(kind: SqlType, column: Column) -> None:
    """A string column does not become a number by itself; bare literals may become anything."""
    wanted = stored_type(column.type)
    known = kind.name not in {"unknown", wanted.name} and wanted != SUPER
    if known and kind.name in STRINGS and wanted.name not in STRINGS:
        raise SqlError(
            f'column "{column.name}" is of type {wanted.name} but expression is of type '
            f"{kind.name}",
            "42804",
        )


def assignments(
    work: Work, items: Sequence[exp.Expr], scope: Scope, relation: Relation
) -> list[exp.Expr]:
    found: list[exp.Expr] = []
    seen: set[str] = set()
    expressions = binder(work, scope)
    for item in items:
        if type(item) is not exp.EQ or not isinstance(item.this, exp.Column):
            raise refuse("this form of SET")
        name = item.this.name
        column = relation.column(name)
        if column is None or len(item.this.parts) != 1:
            raise UndefinedColumn(f'column "{name}" of relation "{relation.name}" does not exist')
        if name in seen:
            raise SqlError(f'multiple assignments to same column "{name}"', "42601")
        seen.add(name)
        if column.identity is not None and not column.identity_by_default:
            raise refused_identity()
        if is_default(item.expression):
            value = default_of(work, scope.env, column)
        else:
            value = expressions.bind(item.expression)
            work.infer(value, stored_type(column.type))
            check_assignable(type_of(value), column)
        left = exp.Column(this=exp.to_identifier(name, quoted=True))
        found.append(exp.EQ(this=left, expression=assigned(work, value, column)))
    return found
