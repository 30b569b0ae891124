"""PartiQL navigation, `a.b[0].c`. It is lax: what is not there is NULL.

https://docs.aws.amazon.com/redshift/latest/dg/query-super.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sqlglot import exp

from redshare.sql.rewrite.rule import call
from redshare.sql.super.text import exactly, not_null, text
from redshare.sql.types import SUPER, engine_cast
from redshare.sql.work import refuse, type_of, typed

#: An attribute, or the place in an array.
Step = str | int

#: What the engine's paths cannot say between quotes.
_UNSAYABLE: Final = re.compile(r'["\\\x00-\x1f]')
_PATH = "super_path"


def navigate(value: exp.Expr, steps: Sequence[Step]) -> exp.Expr:
    """The value at the end of a path. A path that goes on from another becomes one."""
    if type_of(value) != SUPER:
        raise refuse(f"navigation into a value of type {type_of(value)}")
    base, path = value.meta.get(_PATH) or (value, ())
    path = (*path, *steps)
    if any(isinstance(step, int) and step < 0 for step in path):
        return typed(engine_cast(exp.Null(), SUPER), SUPER)
    spelled = path_of(path)
    found = exactly(base, lambda v: call("json_extract", v, text(spelled)))
    bound = not_null(found)
    bound.meta[_PATH] = (base, path)
    return bound


def path_of(steps: Sequence[Step]) -> str:
    """Steps as the engine writes a path."""
    return "$" + "".join(_spelled(step) for step in steps)


def before_null(value: exp.Expr) -> exp.Expr | None:
    """What a path led to, a JSON null as such; None for other values."""
    if _PATH not in value.meta:
        return None
    found: exp.Expr = value.expressions[0].copy()
    return found


def _spelled(step: Step) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if _UNSAYABLE.search(step) or step in {"*", ""}:
        raise refuse("an attribute name of this form in navigation")
    return f'."{step}"'


def index(node: exp.Expr) -> int:
    """The subscript between brackets."""
    sign = 1
    if isinstance(node, exp.Neg):
        sign, node = -1, node.this
    if isinstance(node, exp.Literal) and not node.args.get("is_string"):
        digits = str(node.this)
        if digits.isdecimal() and len(digits) < 10:
            return sign * int(digits)
    raise refuse("a subscript that is not an integer literal")
