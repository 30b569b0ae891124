"""Texts of a policy with wildcards and variables: `arn:…:dbuser:*/${aws:username}`.

Variables exist in documents of version 2012-10-17 alone; in older ones `${` is text. A variable
whose key the request does not have, or has with several values, and that has no default, is not
resolved: what holds it matches nothing.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from redshare.core.iam.request import Context
from redshare.core.iam.wildcard import Pattern, Wild, matches


@dataclass(frozen=True, slots=True)
class Variable:
    """`${key}`, `${key, 'default'}`; the key in lower case."""

    key: str
    default: str | None = None


Template = tuple[str | Wild | Variable, ...]

_VARIABLE: Final = re.compile(r"\$\{(\$|[^${}]*)\}")
_KEY: Final = re.compile(r"\s*([^\s,']+)\s*(?:,\s*'([^']*)'\s*)?")
#: The escapes of the characters that mean something.
_ESCAPED: Final = frozenset({"*", "?", "$"})


class MalformedVariable(ValueError):
    """`${…}` that is no variable."""


def template(text: str, *, variables: bool, wildcards: bool = True) -> Template:
    """A policy's text. Raises MalformedVariable."""
    pieces: list[str | Wild | Variable] = []
    start = 0
    if variables:
        for found in _VARIABLE.finditer(text):
            pieces += _plain(text[start : found.start()], wildcards=wildcards)
            pieces.append(_variable(found[1]))
            start = found.end()
    pieces += _plain(text[start:], wildcards=wildcards)
    return tuple(pieces)


def resolved(written: Template, context: Context) -> Pattern | None:
    """The pattern with the request's values; None where a variable has none."""
    pattern: list[str | Wild] = []
    for piece in written:
        if not isinstance(piece, Variable):
            pattern.append(piece)
            continue
        value = context.single(piece.key)
        if value is None:
            value = piece.default
        if value is None:
            return None
        pattern += value
    return tuple(pattern)


def text_of(pattern: Pattern) -> str:
    """A pattern without wildcards as the text it is."""
    return "".join(str(piece) for piece in pattern)


def segments(written: Template, parts: int = 6) -> tuple[Template, ...]:
    """An ARN's parts; a colon within a variable or behind the fifth separates nothing."""
    found: list[list[str | Wild | Variable]] = [[]]
    for piece in written:
        if piece == ":" and len(found) < parts:
            found.append([])
        else:
            found[-1].append(piece)
    return tuple(tuple(part) for part in found)


def arn_matches(written: Template, arn: str, context: Context) -> bool:
    """Whether each part of the ARN is of its part of the pattern; `*` alone is everything."""
    if written == (Wild.STAR,):
        return True
    wanted, given = segments(written), arn.split(":", 5)
    if len(wanted) != len(given):
        return False
    for part, text in zip(wanted, given, strict=True):
        pattern = resolved(part, context)
        if pattern is None or not matches(pattern, text):
            return False
    return True


def _plain(text: str, *, wildcards: bool) -> list[str | Wild]:
    if not wildcards:
        return list(text)
    return [{"*": Wild.STAR, "?": Wild.ONE}.get(c, c) for c in text]


def _variable(inside: str) -> str | Variable:
    if inside in _ESCAPED:
        return inside
    found = _KEY.fullmatch(inside)
    if found is None:
        raise MalformedVariable(f"${{{inside}}}")
    return Variable(found[1].lower(), found[2])
