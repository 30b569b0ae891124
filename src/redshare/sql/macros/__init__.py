"""Functions of ours for the engine: macros that a worker defines before it runs anything.

An argument that a macro needs more than once is bound to `v` by a lambda over a list of one, so
that nesting them does not multiply the text. Names begin with `rs_`, and no user can call them:
the binder's list of functions is closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from redshare.sql.macros.arrays import ARRAYS
from redshare.sql.macros.conversions import CONVERSIONS
from redshare.sql.macros.datetimes import DATETIMES
from redshare.sql.macros.formats import FORMATS
from redshare.sql.macros.hashes import HASHES
from redshare.sql.macros.numbers import NUMBERS
from redshare.sql.macros.strings import STRINGS

#: Head, as in `rs_name(a, b)`, → body. A macro may use those before it.
MACROS: Final[dict[str, str]] = {
    **NUMBERS, **DATETIMES, **CONVERSIONS, **STRINGS, **HASHES, **FORMATS, **ARRAYS,
}  # fmt: skip
NAMES: Final = frozenset(head.partition("(")[0] for head in MACROS)


def definitions() -> Iterator[str]:
    """The statements that define them."""
    for head, body in MACROS.items():
        yield f"CREATE MACRO {head} AS ({body})"


__all__ = ["MACROS", "NAMES", "definitions"]
