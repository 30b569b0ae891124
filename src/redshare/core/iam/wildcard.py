"""Matching text against a pattern of `*` and `?`, in time that no pattern can blow up.

A pattern is a nondeterministic automaton whose states are the bits of one integer: bit i says that
the first i items are matched. Each character of the text is one step on the integer, so a hostile
pattern costs what an honest one of its length costs; a regular expression or a matcher that tries
again would not keep that.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final


class Wild(Enum):
    """What is not itself."""

    STAR = "*"
    ONE = "?"


#: One character, or a wildcard. `${*}` in a policy is the character and not the wildcard.
Piece = str | Wild
Pattern = tuple[Piece, ...]

_COMPILED: Final = 4096


@dataclass(frozen=True, slots=True)
class _Automaton:
    """`steps` are the states each character leads on from; `loops` those it may stay in."""

    steps: dict[str, int]
    any_step: int
    loops: int
    accepting: int


def matches(pattern: Pattern, text: str) -> bool:
    """Whether the whole text is of the pattern."""
    automaton = _compiled(pattern)
    states = 1
    for character in text:
        onward = states & automaton.steps.get(character, automaton.any_step)
        states = (onward << 1) | (states & automaton.loops)
        if not states:
            return False
    return bool(states & automaton.accepting)


def plain(text: str) -> Pattern:
    """The pattern of a text in which `*` and `?` are wildcards."""
    return tuple({"*": Wild.STAR, "?": Wild.ONE}.get(c, c) for c in text)


@lru_cache(maxsize=_COMPILED)
def _compiled(pattern: Pattern) -> _Automaton:
    steps: dict[str, int] = {}
    any_step = loops = 0
    state = 1
    for piece in pattern:
        if piece is Wild.STAR:
            loops |= state
            continue
        if piece is Wild.ONE:
            any_step |= state
        else:
            steps[piece] = steps.get(piece, 0) | state
        state <<= 1
    return _Automaton({c: s | any_step for c, s in steps.items()}, any_step, loops, state)
