"""A SUPER value with others in the place of attributes.

What is in the way of a path, be it an array or a string, gives way to objects; the other
attributes stay as they are.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from redshare.sql.rewrite.rule import call
from redshare.sql.super.text import choose, exactly, text
from redshare.sql.types import SUPER, engine_cast
from redshare.sql.work import Work, refuse, type_of, typed


def put(work: Work, whole: exp.Expr, values: Sequence[tuple[Sequence[str], exp.Expr]]) -> exp.Expr:
    """`whole` with SUPER values at the ends of these paths; a NULL stays one.

    The engine's merging drops what is null, so it merges strings that nobody knows, which give
    way to the values.
    """
    if type_of(whole) != SUPER:
        raise refuse(f"an attribute of a value of type {type_of(whole)}")
    patch: dict[str, Any] = {}
    holders = []
    for path, _ in values:
        holders.append(work.fresh("put"))
        inner = patch
        for step in path[:-1]:
            inner = inner.setdefault(step, {})
        inner[path[-1]] = holders[-1]
    merged = text(json.dumps(patch))
    filled = exactly(whole.copy(), lambda v: call("json_merge_patch", v, merged.copy()))
    for holder, (_, value) in zip(holders, values, strict=True):
        shown = call("coalesce", value, text("null"))
        filled = call("replace", filled, text(json.dumps(holder)), shown)
    there = exp.Not(this=exp.Is(this=whole.copy(), expression=exp.Null()))
    return typed(choose((there, filled), default=engine_cast(exp.Null(), SUPER)), SUPER)
