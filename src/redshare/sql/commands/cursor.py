"""DECLARE, FETCH, CLOSE. Redshift's cursors only go forward; MOVE is not in it.

https://docs.aws.amazon.com/redshift/latest/dg/declare.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from redshare.sql.commands.spec import Spec, refuse
from redshare.sql.lex import Statement


@dataclass(frozen=True, slots=True)
class DeclareCursor:
    """`hold` outlives the transaction. `types` and `values` are of the body's placeholders."""

    tag: ClassVar[str] = "DECLARE CURSOR"
    name: str
    body: Statement
    binary: bool = False
    hold: bool = False
    types: tuple[str | None, ...] = ()
    values: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Fetch:
    """`count` is None for ALL."""

    tag: ClassVar[str] = "FETCH"
    name: str
    count: int | None = 1


@dataclass(frozen=True, slots=True)
class CloseCursor:
    """`name` is None for ALL."""

    tag: ClassVar[str] = "CLOSE CURSOR"
    name: str | None = None


CursorCommand = DeclareCursor | Fetch | CloseCursor

SPECS: Final[tuple[Spec[CursorCommand], ...]] = (
    Spec(
        "DECLARE <name:name> { BINARY @binary | INSENSITIVE | NO SCROLL }... CURSOR"
        " [ WITH HOLD @hold | WITHOUT HOLD ] FOR <body:statement>",
        DeclareCursor,
    ),
    Spec(
        "DECLARE <name:name> { BINARY | INSENSITIVE }... SCROLL <rest:rest>",
        refuse("SCROLL CURSOR"),
    ),
    Spec(
        "FETCH [ NEXT | FORWARD ALL @count=none | FORWARD <count:integer> | FORWARD"
        " | ALL @count=none | <count:integer> ] [ FROM | IN ] <name:name>",
        Fetch,
    ),
    Spec(
        "FETCH { PRIOR | FIRST | LAST | BACKWARD | ABSOLUTE | RELATIVE } <rest:rest>",
        refuse("FETCH other than forward"),
    ),
    Spec("CLOSE ALL", CloseCursor),
    Spec("CLOSE <name:name>", CloseCursor),
    Spec("MOVE <rest:rest>", refuse("MOVE")),
)
