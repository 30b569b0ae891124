"""Errors that generated engine SQL raises itself, with the SQLSTATE carried in the text.

The engine prefixes the text of its `error()` function with words of its own; `parse_raised` finds
our part in whatever it says.
"""

from __future__ import annotations

import re

from sqlglot import exp

from redshare.core.sql_errors import SqlError

_FORM = re.compile(r"#\[([0-9A-Z]{5})\] (.*?)\]#", re.DOTALL)


def raise_node(sqlstate: str, message: str) -> exp.Expr:
    """An expression that fails with this error when it is evaluated."""
    text = f"#[{sqlstate}] {message}]#"
    return exp.Anonymous(this="error", expressions=[exp.Literal.string(text)])


def parse_raised(text: str) -> SqlError | None:
    """The error in an engine's message, if our SQL raised it."""
    found = _FORM.search(text)
    return None if found is None else SqlError(found.group(2), found.group(1))
