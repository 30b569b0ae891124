"""What commands are made of: names, parameters, passwords, functions.

A placeholder stands as a `Parameter` where its text will be. It is a `str` so that a command has
one shape before and after `bind`; nobody runs a command that `bind` has not been over.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self, TypeVar

from redshare.sql.errors import UndefinedParameter
from redshare.sql.lex import identifier

#: One to three parts: database, schema, object.
QName = tuple[str, ...]


class Parameter(str):
    """`$1` or the first `?`; `is_name` when what is bound will be an identifier."""

    __slots__ = ("is_name", "number")

    number: int
    is_name: bool

    def __new__(cls, number: int, *, is_name: bool = False) -> Self:
        made = super().__new__(cls, f"${number}")
        made.number = number
        made.is_name = is_name
        return made

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Parameter):
            return False
        return (self.number, self.is_name) == (other.number, other.is_name)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((self.number, self.is_name))

    def __repr__(self) -> str:
        return f"Parameter({self.number}, is_name={self.is_name})"


@dataclass(frozen=True, slots=True)
class Password:
    """The text between the quotes: plain, `md5...` or `sha256|...`. Never shown."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FunctionName:
    """`arguments` are the types as written, in lower case; None when no list was given."""

    name: QName
    arguments: tuple[str, ...] | None = None


_T = TypeVar("_T")


def parameters(command: object) -> frozenset[int]:
    """The indexes of a command's placeholders."""
    match command:
        case Parameter():
            return frozenset({command.number})
        case tuple():
            parts: Sequence[object] = command
        case _ if dataclasses.is_dataclass(command):
            parts = [getattr(command, f.name) for f in dataclasses.fields(command)]
        case _:
            return frozenset()
    return frozenset(index for part in parts for index in parameters(part))


def bind(command: _T, values: Sequence[str], *, fold: bool = True) -> _T:
    """The command with its placeholders filled in. Raises UndefinedParameter, NameTooLong."""
    if not parameters(command):
        return command
    return _bound(command, values, fold=fold)


def _bound(part: _T, values: Sequence[str], *, fold: bool) -> _T:
    if isinstance(part, Parameter):
        if not 0 < part.number <= len(values):
            raise UndefinedParameter(part.number)
        value = values[part.number - 1]
        return identifier(value, fold=fold) if part.is_name else value  # type: ignore[return-value]
    if isinstance(part, tuple):
        return tuple(_bound(item, values, fold=fold) for item in part)  # type: ignore[return-value]
    if dataclasses.is_dataclass(part) and not isinstance(part, type):
        changed = {
            f.name: _bound(getattr(part, f.name), values, fold=fold)
            for f in dataclasses.fields(part)
        }
        return dataclasses.replace(part, **changed)
    return part
