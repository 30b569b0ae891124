"""A SUPER value with another one in the place of an attribute.

What is in the way of the path, be it an array or a string, gives way to objects; the other
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


def put(work: Work, whole: exp.Expr, path: Sequence[str], value: exp.Expr) -> exp.Expr:
    """`whole` with `value` at the end of the path; a NULL stays one.

    The engine's merging drops what is null, so it merges a string that nobody knows, which gives
    way to the value.
    """
    if type_of(whole) != SUPER:
        raise refuse(f"an attribute of a value of type {type_of(whole)}")
    holder = work.fresh("put")
    patch: Any = holder
    for step in reversed(path):
        patch = {step: patch}
    merged = exactly(whole.copy(), lambda v: call("json_merge_patch", v, text(json.dumps(patch))))
    filled = call(
        "replace", merged, text(json.dumps(holder)), call("coalesce", value, text("null"))
    )
    there = exp.Not(this=exp.Is(this=whole.copy(), expression=exp.Null()))
    return typed(choose((there, filled), default=engine_cast(exp.Null(), SUPER)), SUPER)
