"""The matcher: small functions over a statement's lexemes, joined by continuations.

A node tries to match at an index and hands on where it ended and what it captured; when what
follows fails, it tries its next way. Repetitions do not go back: each takes what it can. Depth is
that of the spec, never that of the statement.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from redshare.sql.commands.lexemes import Kind, Lexeme, lexemes
from redshare.sql.errors import SqlSyntaxError
from redshare.sql.lex import Statement


@dataclass(frozen=True, slots=True)
class Captured:
    """One captured field, and those before it."""

    name: str
    value: object
    before: Captured | None


Captures = Captured | None
Reached = tuple[int, Captures]
Then = Callable[[int, Captures], Reached | None]


@dataclass(slots=True)
class Matching:
    """One statement being matched; `furthest` is where the best attempt failed."""

    statement: Statement
    fold: bool
    words: list[Lexeme] = field(init=False)
    furthest: int = 0

    def __post_init__(self) -> None:
        self.words = lexemes(self.statement)

    def fail(self, index: int) -> None:
        """Remembers how far an attempt came."""
        self.furthest = max(self.furthest, index)

    def error(self, index: int | None = None) -> SqlSyntaxError:
        """The syntax error at a lexeme, by default the furthest."""
        word = self.words[self.furthest if index is None else index]
        return self.statement.error_at(word.start, word.end)

    def is_word(self, index: int, word: str) -> bool:
        """Whether that literal stands there."""
        if self.words[index].word == word:
            return True
        self.fail(index)
        return False


Node = Callable[[Matching, int, Captures, Then], Reached | None]
#: A capture's type: the value at an index and the index behind it.
Reader = Callable[[Matching, int], tuple[object, int] | None]


def stop(index: int, captures: Captures) -> Reached:
    """The continuation that ends."""
    return index, captures


def literal(word: str) -> Node:
    """A keyword or sign."""

    def node(m: Matching, index: int, captures: Captures, then: Then) -> Reached | None:
        return then(index + 1, captures) if m.is_word(index, word) else None

    return node


def capture(name: str, reader: Reader) -> Node:
    """A value of the statement."""

    def node(m: Matching, index: int, captures: Captures, then: Then) -> Reached | None:
        found = reader(m, index)
        if found is None:
            return None
        return then(found[1], Captured(name, found[0], captures))

    return node


def constant(name: str, value: object) -> Node:
    """A value that follows from having come here."""

    def node(_m: Matching, index: int, captures: Captures, then: Then) -> Reached | None:
        return then(index, Captured(name, value, captures))

    return node


def sequence(nodes: Sequence[Node]) -> Node:
    """One after the other."""

    def nothing(_m: Matching, index: int, captures: Captures, then: Then) -> Reached | None:
        return then(index, captures)

    joined: Node = nothing
    for node in reversed(nodes):
        joined = node if joined is nothing else _pair(node, joined)
    return joined


def _pair(first: Node, second: Node) -> Node:
    def node(m: Matching, index: int, captures: Captures, then: Then) -> Reached | None:
        return first(m, index, captures, lambda i, c: second(m, i, c, then))

    return node


def choice(nodes: Sequence[Node]) -> Node:
    """The first way that fits."""

    def node(m: Matching, index: int, captures: Captures, then: Then) -> Reached | None:
        for way in nodes:
            reached = way(m, index, captures, then)
            if reached is not None:
                return reached
        return None

    return node


def optional(inner: Node) -> Node:
    """Once or not at all."""

    def node(m: Matching, index: int, captures: Captures, then: Then) -> Reached | None:
        reached = inner(m, index, captures, then)
        return then(index, captures) if reached is None else reached

    return node


def many(inner: Node, least: int) -> Node:
    """As often as it fits, at least so often."""

    def node(m: Matching, index: int, captures: Captures, then: Then) -> Reached | None:
        times = 0
        while (reached := inner(m, index, captures, stop)) is not None and reached[0] > index:
            index, captures = reached
            times += 1
        return then(index, captures) if times >= least else None

    return node


def listed(reader: Reader) -> Reader:
    """One or more, with commas between, as a tuple."""

    def read(m: Matching, index: int) -> tuple[object, int] | None:
        values: list[object] = []
        while True:
            found = reader(m, index)
            if found is None:
                return None
            values.append(found[0])
            index = found[1]
            if not m.is_word(index, ","):
                return tuple(values), index
            index += 1

    return read


def fields(m: Matching, node: Node) -> dict[str, object] | None:
    """What the whole statement's fields are, if all of it fits."""

    def end(index: int, captures: Captures) -> Reached | None:
        if m.words[index].kind == Kind.END:
            return index, captures
        m.fail(index)
        return None

    reached = node(m, 0, None, end)
    if reached is None:
        return None
    found: dict[str, object] = {}
    captured = reached[1]
    while captured is not None:
        if captured.name in found:
            raise SqlSyntaxError("conflicting or redundant options")
        found[captured.name] = captured.value
        captured = captured.before
    return found
