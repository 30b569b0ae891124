"""NOT, brackets, LIKE, concatenation, tuples."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.rewrite.regexp import similar
from redshare.sql.rewrite.rule import Rule, as_long_as, require_string, rule
from redshare.sql.types import BOOLEAN, UNKNOWN, VARBYTE, VARCHAR, engine_cast
from redshare.sql.work import Work, refuse, type_of, typed


def _not(work: Work, node: exp.Expr) -> exp.Expr:
    work.infer(node.this, BOOLEAN)
    return typed(node, BOOLEAN)


def _same(_work: Work, node: exp.Expr) -> exp.Expr:
    return typed(node, type_of(node.this))


def _like(_work: Work, node: exp.Expr) -> exp.Expr:
    """A backslash escapes in a pattern unless ESCAPE says otherwise."""
    bare = _bare_like(node)
    return _negated(node, exp.Escape(this=bare, expression=exp.Literal.string("\\")))


def _bare_like(node: exp.Expr) -> exp.Expr:
    return type(node)(this=require_string(node.this), expression=require_string(node.expression))


def _negated(node: exp.Expr, like: exp.Expr) -> exp.Expr:
    if node.args.get("negate"):
        return typed(exp.Not(this=exp.Paren(this=like)), BOOLEAN)
    return typed(like, BOOLEAN)


def _escape(_work: Work, node: exp.Expr) -> exp.Expr:
    # The LIKE inside is bound already, with the backslash as its escape: that one is replaced.
    if not isinstance(node.expression, exp.Literal) or len(str(node.expression.this)) > 1:
        raise SqlError("invalid escape string", "22019")
    inner = node.this
    if "similar" in inner.meta:
        return similar(inner.meta["similar"], str(node.expression.this))
    negated = isinstance(inner, exp.Not)
    while isinstance(inner, (exp.Not, exp.Paren)):
        inner = inner.this
    if not isinstance(inner, exp.Escape):
        raise refuse("ESCAPE without LIKE")
    like = exp.Escape(this=inner.this, expression=node.expression)
    return typed(exp.Not(this=exp.Paren(this=like)) if negated else like, BOOLEAN)


def _concatenate(_work: Work, node: exp.Expr) -> exp.Expr:
    """`||`, and CONCAT, which is NULL as soon as one part is."""
    parts = node.expressions if isinstance(node, exp.Concat) else [node.this, node.expression]
    if all(type_of(part).name == VARBYTE.name for part in parts):
        joined = exp.DPipe(this=parts[0], expression=parts[1])
        return typed(exp.Paren(this=joined), VARBYTE)
    bound = require_string(parts[0])
    for part in parts[1:]:
        bound = exp.DPipe(this=bound, expression=require_string(part))
    bound = exp.Paren(this=bound)
    if any(isinstance(p.this if isinstance(p, exp.Cast) else p, exp.Null) for p in parts):
        # The engine would forget that it is a string.
        bound = engine_cast(bound, VARCHAR)
    return typed(bound, as_long_as(*parts))


def _tuple(_work: Work, node: exp.Expr) -> exp.Expr:
    return typed(exp.Tuple(expressions=node.expressions), UNKNOWN)


_TWO: Final = ("this", "expression")
RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.Not: rule(_not, "this"),
    exp.Paren: rule(_same, "this"),
    exp.Like: rule(_like, *_TWO, flags=("negate",)),
    exp.ILike: rule(_like, *_TWO, flags=("negate",)),
    exp.Escape: rule(_escape, *_TWO),
    exp.DPipe: rule(_concatenate, *_TWO, flags=("safe",)),
    exp.Concat: rule(_concatenate, "expressions", flags=("safe", "coalesce")),
    exp.Tuple: rule(_tuple, "expressions"),
}
