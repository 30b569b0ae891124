"""Regular expressions: POSIX patterns on the engine's RE2; SIMILAR TO by translation.

https://docs.aws.amazon.com/redshift/latest/dg/pattern-matching-conditions-posix.html
"""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.rewrite.casts import convert
from redshare.sql.rewrite.rule import (
    Rule,
    call,
    integer_of,
    literal_text,
    require_string,
    rule,
)
from redshare.sql.types import BOOLEAN, INTEGER, VARCHAR, engine_cast
from redshare.sql.work import Work, refuse, typed

#: In POSIX a dot matches a line's end too.
_DOTALL: Final = "s"
#: Stands before each match in a text that is then cut there; no text has this character.
_MARK: Final = "\U0010ffff"
#: What Perl's patterns have, and the engine's have not.
_PERL_ONLY: Final = re.compile(r"\(\?(?:[=!>]|<[=!])|\\[1-9]|[*+?}]\+")


class _Options:
    """What a parameter string asks for."""

    def __init__(self, node: exp.Expr | None) -> None:
        text = "" if node is None else literal_text(node, "a parameter string")
        if not set(text) <= set("icep"):
            raise SqlError(f"invalid regular expression parameter: {text!r}", "22023")
        self.perl = "p" in text
        self.group = "e" in text
        cases = [letter for letter in text if letter in "ic"]
        self.flags = _DOTALL + ("i" if cases[-1:] == ["i"] else "")

    def node(self, more: str = "") -> exp.Expr:
        """The engine's options."""
        return exp.Literal.string(more + self.flags)


def _pattern(node: exp.Expr, options: _Options | None = None) -> exp.Expr:
    """The pattern, if both engines read it alike."""
    if isinstance(node, exp.Literal):
        text = str(node.this)
        if _PERL_ONLY.search(text):
            raise refuse("a regular expression with look-around, back references or possession")
        return exp.Literal.string(_posix(text))
    if options is not None and options.perl:
        raise refuse("a Perl regular expression that is not a literal")
    return require_string(node)


def _posix(text: str) -> str:
    r"""Word edges are `\<` and `\>` in POSIX; the rest is the same for the engine."""
    return text.replace(r"\<", r"\b").replace(r"\>", r"\b")


def _number(work: Work, node: exp.Expr | None, default: int) -> exp.Expr:
    if node is None:
        return exp.Literal.number(default)
    return convert(work, node, INTEGER)


def _replace(work: Work, node: exp.Expr) -> exp.Expr:
    """All matches are replaced, not only the first."""
    options = _Options(node.args.get("modifiers"))
    replacement = node.args.get("replacement") or exp.Literal.string("")
    if not isinstance(replacement, exp.Literal):
        slash, double = exp.Literal.string("\\"), exp.Literal.string("\\\\")
        replacement = call("replace", require_string(replacement), slash, double)
    else:
        written = str(replacement.this)
        if re.search(r"\$\d", written) or re.search(r"\\\d", written):
            raise refuse("a group in the replacement of regexp_replace")
    text = require_string(node.this)
    pattern = _pattern(node.expression, options)
    position = node.args.get("position")
    if position is None or integer_of(position) == 1:
        return typed(call("regexp_replace", text, pattern, replacement, options.node("g")), VARCHAR)
    start = convert(work, position, INTEGER)
    replaced = call("rs_regexp_replace", text, pattern, replacement, start, options.node("g"))
    return typed(replaced, VARCHAR)


def _substr(work: Work, node: exp.Expr) -> exp.Expr:
    options = _Options(node.args.get("parameters"))
    pattern = _pattern(node.expression, options)
    group = 1 if options.group and _has_group(node.expression) else 0
    found = call(
        "rs_regexp_substr",
        require_string(node.this),
        pattern,
        _number(work, node.args.get("position"), 1),
        _number(work, node.args.get("occurrence"), 1),
        exp.Literal.number(group),
        options.node(),
    )
    return typed(found, VARCHAR)


def _has_group(node: exp.Expr) -> bool:
    text = literal_text(node, "a pattern with the parameter e")
    return re.search(r"(?<!\\)\((?!\?)", text) is not None


def _count(work: Work, node: exp.Expr) -> exp.Expr:
    options = _Options(node.args.get("parameters"))
    found = call(
        "rs_regexp_count",
        require_string(node.this),
        _pattern(node.expression, options),
        _number(work, node.args.get("position"), 1),
        options.node(),
    )
    return typed(engine_cast(found, INTEGER), INTEGER)


def _instr(work: Work, node: exp.Expr) -> exp.Expr:
    """Where a match begins, or with option 1 what stands behind it."""
    options = _Options(node.args.get("parameters"))
    if options.group and _has_group(node.expression):
        raise refuse("regexp_instr with the parameter e")
    pattern = _pattern(node.expression, options)
    start = _number(work, node.args.get("position"), 1)
    first = exp.Literal.number(1)
    rest = call("substring", require_string(node.this), call("greatest", start.copy(), first))
    marked = call(
        "regexp_replace", rest, pattern, exp.Literal.string(rf"{_MARK}\0"), options.node("g")
    )
    found = call(
        "rs_regexp_place",
        call("string_split", marked, exp.Literal.string(_MARK)),
        call(
            "regexp_extract_all", rest.copy(), pattern.copy(), exp.Literal.number(0), options.node()
        ),
        _number(work, node.args.get("occurrence"), 1),
        start,
        _number(work, node.args.get("option"), 0),
    )
    return typed(engine_cast(found, INTEGER), INTEGER)


def _matches(_work: Work, node: exp.Expr) -> exp.Expr:
    flags = _DOTALL + ("i" if isinstance(node, exp.RegexpILike) else "")
    arguments = [require_string(node.this), _pattern(node.expression), exp.Literal.string(flags)]
    return typed(call("regexp_matches", *arguments), BOOLEAN)


def _similar(_work: Work, node: exp.Expr) -> exp.Expr:
    return similar(node, "\\")


def similar(node: exp.Expr, escape: str) -> exp.Expr:
    """SIMILAR TO of a bound node, with its ESCAPE."""
    text = literal_text(node.expression, "a SIMILAR TO pattern")
    pattern = exp.Literal.string(similar_pattern(text, escape))
    arguments = [require_string(node.this), pattern, exp.Literal.string(_DOTALL)]
    bound = typed(call("regexp_full_match", *arguments), BOOLEAN)
    bound.meta["similar"] = node
    return bound


def similar_pattern(pattern: str, escape: str = "\\") -> str:
    """An SQL pattern as a regular expression: `%` and `_` are its wildcards, `.^$` are not."""
    parts, escaped, bracket = [], False, False
    for character in pattern:
        if escaped:
            parts.append(re.escape(character))
            escaped = False
        elif character == escape:
            escaped = True
        elif bracket:
            parts.append(character)
            bracket = character != "]"
        elif character == "[":
            parts.append(character)
            bracket = True
        else:
            parts.append({"%": ".*", "_": "."}.get(character) or _plain(character))
    return f"(?:{''.join(parts)})"


def _plain(character: str) -> str:
    return character if character in "|*+?{}()" else re.escape(character)


_PLACES: Final = ("position", "occurrence", "parameters")
RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.RegexpReplace: rule(
        _replace,
        "this",
        "expression",
        "replacement",
        "position",
        "modifiers",
        flags=("single_replace",),
    ),
    exp.RegexpExtract: rule(_substr, "this", "expression", *_PLACES, flags=("group",)),
    exp.RegexpCount: rule(_count, "this", "expression", "position", "parameters"),
    exp.RegexpInstr: rule(_instr, "this", "expression", *_PLACES, "option"),
    exp.RegexpLike: rule(_matches, "this", "expression"),
    exp.RegexpILike: rule(_matches, "this", "expression"),
    exp.SimilarTo: rule(_similar, "this", "expression"),
}
