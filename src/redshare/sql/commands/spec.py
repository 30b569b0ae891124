"""The language the command tables are written in, and its compiler.

    WORD ( ) , = *      stand for themselves
    [ x ]               optional
    { x | y }           either; followed by `...` any number of times, by `+...` at least once
    <field:reader>      a value, by the reader of that name; `<field:reader,...>` a list of them
    @field  @field=v    the field is True, or v (true, false, none, a number, or a text)

A spec makes one dataclass; a field that is not captured keeps its default.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Generic, NoReturn, TypeVar

from redshare.sql.commands import match as matching
from redshare.sql.commands.match import Matching, Node, Reader
from redshare.sql.commands.readers import READERS
from redshare.sql.errors import UnsupportedStatement

_C = TypeVar("_C")

_PIECE: Final = re.compile(
    r"\s*(?:(?P<capture><\w+:\w+(?:,\.\.\.)?>)|(?P<constant>@\w+(?:=\w+)?)"
    r"|(?P<loop>\}\+?\.\.\.)|(?P<sign>[\[\]{}|])|(?P<literal>\w+|[^\s\w]))\s*"
)


@dataclass(frozen=True, slots=True)
class Spec(Generic[_C]):
    """A form of statement and what is made of it."""

    text: str
    make: Callable[..., _C]
    #: The fields whose `@field=v` are members of an enumeration.
    enums: Mapping[str, type[StrEnum]] = field(default_factory=dict)
    #: Readers only this family knows.
    readers: Mapping[str, Reader] = field(default_factory=dict)
    node: Node = field(init=False, repr=False)
    #: The words it starts with.
    head: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        compiler = _Compiler(self.text, self.enums, {**READERS, **self.readers})
        object.__setattr__(self, "node", compiler.whole())
        object.__setattr__(self, "head", tuple(_head(self.text)))

    def match(self, m: Matching) -> _C | None:
        """The command, if all of the statement fits."""
        found = matching.fields(m, self.node)
        return None if found is None else self.make(**found)


def refuse(feature: str) -> Callable[..., NoReturn]:
    """What makes nothing of a statement but its refusal by name."""

    def refused(**_found: object) -> NoReturn:
        raise UnsupportedStatement(feature)

    return refused


def _head(text: str) -> Iterator[str]:
    for word in text.split():
        if not word.replace("_", "").isalpha():
            return
        yield word


class _Compiler:
    def __init__(
        self, text: str, enums: Mapping[str, type[StrEnum]], readers: Mapping[str, Reader]
    ) -> None:
        self._text = text
        self._enums = enums
        self._readers = readers
        self._at = 0

    def whole(self) -> Node:
        node = self._ways("")
        assert self._at == len(self._text), f"unbalanced at {self._at}: {self._text}"
        return node

    def _next(self) -> re.Match[str] | None:
        found = _PIECE.match(self._text, self._at)
        if found is not None:
            self._at = found.end()
        return found

    def _ways(self, closing: str) -> Node:
        """Alternatives up to the closing sign."""
        ways: list[Node] = []
        nodes: list[Node] = []
        while (piece := self._next()) is not None:
            text = piece.group().strip()
            if piece.lastgroup == "loop" or (piece.lastgroup == "sign" and text in "]}"):
                assert text[0] == closing, f"unexpected {text}: {self._text}"
                return _looped(matching.choice([*ways, matching.sequence(nodes)]), text)
            if piece.lastgroup == "sign" and text == "|":
                ways.append(matching.sequence(nodes))
                nodes = []
            else:
                nodes.append(self._node(piece, text))
        assert not closing, f"missing {closing}: {self._text}"
        return (
            matching.choice([*ways, matching.sequence(nodes)]) if ways else matching.sequence(nodes)
        )

    def _node(self, piece: re.Match[str], text: str) -> Node:
        match piece.lastgroup:
            case "capture":
                return self._capture(text[1:-1])
            case "constant":
                return self._constant(text[1:])
            case "sign":
                return matching.optional(self._ways("]")) if text == "[" else self._ways("}")
            case _:
                return matching.literal(text)

    def _capture(self, text: str) -> Node:
        name, _, reader = text.partition(":")
        if reader.endswith(",..."):
            return matching.capture(name, matching.listed(self._readers[reader[:-4]]))
        return matching.capture(name, self._readers[reader])

    def _constant(self, text: str) -> Node:
        name, _, value = text.partition("=")
        return matching.constant(name, self._value(name, value))

    def _value(self, name: str, value: str) -> object:
        if name in self._enums:
            return self._enums[name](value)
        if value.isdigit():
            return int(value)
        return {"": True, "true": True, "false": False, "none": None}.get(value, value)


def _looped(node: Node, closing: str) -> Node:
    if not closing.endswith("..."):
        return node
    return matching.many(node, 1 if closing.startswith("}+") else 0)
