"""TO_CHAR and TO_NUMBER with numeric patterns.

https://docs.aws.amazon.com/redshift/latest/dg/r_Numeric_formating.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.rewrite.rule import (
    Rule,
    call,
    literal_text,
    require_string,
    rule,
    wrong_arguments,
)
from redshare.sql.types import BIGINT, VARCHAR, engine_cast, numeric
from redshare.sql.work import Work, refuse, typed

_ITEM: Final = re.compile(
    r'"(?P<quoted>[^"]*)"|(?P<word>FM|MI|PL|SG|PR|RN|TH|EEEE|CC|[90.,DGSLVB])|(?P<other>.)',
    re.IGNORECASE | re.DOTALL,
)
_MOST_GROUPS: Final = 9
_SIGNS: Final = frozenset({"S", "MI", "PL", "SG", "PR"})


@dataclass(slots=True)
class NumberPattern:
    """A numeric pattern: digits before and after the point, sign and what stands around them."""

    whole: str = ""
    fraction: str = ""
    point: bool = False
    fill: bool = False
    sign: str = ""
    sign_first: bool = False
    before: str = ""
    after: str = ""
    roman: str = ""
    ordinal: str = ""
    seen: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, text: str) -> NumberPattern:
        """Raises FeatureNotSupported, SqlError 42601."""
        pattern = cls()
        for found in _ITEM.finditer(text):
            if found["word"] is None:
                pattern.literal(found["quoted"] if found["quoted"] is not None else found["other"])
            else:
                pattern.word(found["word"])
        if not pattern.roman and not pattern.digits:
            raise refuse(f"the numeric format {text!r}, without a digit before the point,")
        return pattern

    @property
    def digits(self) -> int:
        """Places before the point."""
        return len(self.whole.replace(",", ""))

    def groups(self) -> tuple[exp.Expr, exp.Expr]:
        """A regular expression of the digits between separators, and the groups put together."""
        sizes = [len(group) for group in self.whole.split(",")]
        found = "".join(f"(.{{{size}}})" for size in sizes)
        joined = ",".join(rf"\{number}" for number in range(1, len(sizes) + 1))
        if len(sizes) > _MOST_GROUPS:
            raise refuse("a numeric format with so many group separators")
        return exp.Literal.string(f"^{found}$"), exp.Literal.string(joined)

    def most_blanks(self) -> int:
        """Characters in front that may be blank: those before a 0, and never the only digit."""
        first = self.whole.find("0")
        last = len(self.whole) - (0 if self.fraction else 1)
        return last if first < 0 else min(first, last)

    def hashes(self) -> str:
        """What a number that is too large looks like."""
        point = "." if self.fraction else ""
        return re.sub("[90]", "#", self.whole) + point + "#" * len(self.fraction)

    def literal(self, text: str) -> None:
        """Text around the number."""
        if not self.whole and not self.fraction and not self.point:
            self.before += text
        else:
            self.after += text

    def word(self, written: str) -> None:
        """One element."""
        name = {"D": ".", "G": ","}.get(written.upper(), written.upper())
        self.seen.append(name)
        if name in {"9", "0"}:
            if self.after or (self.sign and not self.sign_first):
                raise refuse("a numeric format with text between digits")
            if self.point:
                self.fraction += name
            else:
                self.whole += name
        elif name == ",":
            if self.point:
                raise refuse("a group separator behind the decimal point")
            self.whole += ","
        elif name == ".":
            if self.point:
                raise SqlError("multiple decimal points", "42601")
            self.point = True
        elif name == "FM":
            self.fill = True
        elif name in _SIGNS:
            if self.sign:
                raise refuse("a numeric format with two signs")
            self.sign, self.sign_first = name, not self.whole and not self.point
            if name == "PR" and self.sign_first:
                raise SqlError('"9" must be ahead of "PR"', "42601")
        elif name == "L":
            self.literal("$")
        elif name == "RN":
            self.roman = written
        elif name == "TH":
            self.ordinal = written
        else:
            raise refuse(f"the numeric format element {written}")


def number_to_char(value: exp.Expr, text: str) -> exp.Expr:
    """TO_CHAR of a number."""
    pattern = NumberPattern.read(text)
    if pattern.roman:
        return typed(_roman(value, pattern), VARCHAR)
    places = len(pattern.fraction)
    rounded = engine_cast(value, numeric(38, places))
    digits = call(
        "rs_digits",
        engine_cast(call("abs", rounded), VARCHAR),
        _number(pattern.digits),
        *pattern.groups(),
        _number(pattern.most_blanks()),
        exp.Literal.string(pattern.hashes()),
        exp.Literal.string("." if places else ""),
    )
    if pattern.fill:
        kept = pattern.fraction.rfind("0") + 1
        digits = call("rs_filled", digits, _number(kept))
    body = _signed(digits, rounded, pattern)
    if pattern.ordinal and not places:
        body = exp.DPipe(this=body, expression=_ordinal(rounded, pattern))
    for side, other in ((pattern.before, None), (None, pattern.after)):
        if side:
            body = exp.DPipe(this=exp.Literal.string(side), expression=body)
        if other:
            body = exp.DPipe(this=body, expression=exp.Literal.string(other))
    return typed(exp.Paren(this=body), VARCHAR)


def _ordinal(rounded: exp.Expr, pattern: NumberPattern) -> exp.Expr:
    """The suffix of a number that is not negative and that the pattern has room for."""
    suffix = call("rs_ordinal", engine_cast(rounded.copy(), numeric(38, 0)))
    suffix = call("upper", suffix) if pattern.ordinal.isupper() else suffix
    limit = exp.Literal.number(10**pattern.digits)
    fits = exp.And(
        this=exp.GTE(this=rounded.copy(), expression=_number(0)),
        expression=exp.LT(this=rounded.copy(), expression=limit),
    )
    return exp.Case(ifs=[exp.If(this=fits, true=suffix)], default=exp.Literal.string(""))


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)


def _chosen(rounded: exp.Expr, negative: str, positive: str) -> exp.Expr:
    below = exp.LT(this=rounded.copy(), expression=_number(0))
    return exp.Case(
        ifs=[exp.If(this=below, true=exp.Literal.string(negative))],
        default=exp.Literal.string(positive),
    )


def _signed(digits: exp.Expr, rounded: exp.Expr, pattern: NumberPattern) -> exp.Expr:
    """S and no sign at all stand at the first digit; MI, PL and SG at their own place."""
    blank = "" if pattern.fill else " "
    match pattern.sign:
        case "":
            return call("rs_signed", _chosen(rounded, "-", blank), digits)
        case "PL":
            # The sign of a negative number stands where it always does.
            digits = call("rs_signed", _chosen(rounded, "-", blank), digits)
            sign = _chosen(rounded, blank, "+")
        case "PR":
            opened = call("rs_signed", _chosen(rounded, "<", blank), digits)
            return exp.DPipe(this=opened, expression=_chosen(rounded, ">", blank))
        case "S" if pattern.sign_first:
            return call("rs_signed", _chosen(rounded, "-", "+"), digits)
        case "S" | "SG":
            sign = _chosen(rounded, "-", "+")
        case _:
            sign = _chosen(rounded, "-", blank)
    if pattern.sign_first:
        return exp.DPipe(this=sign, expression=digits)
    return exp.DPipe(this=digits, expression=sign)


def _roman(value: exp.Expr, pattern: NumberPattern) -> exp.Expr:
    text = call("rs_roman", engine_cast(value, BIGINT))
    if pattern.roman.islower():
        text = call("lower", text)
    if pattern.fill:
        return text
    return call("lpad", text, _number(15), exp.Literal.string(" "))


def _to_number(_work: Work, node: exp.Expr) -> exp.Expr:
    """A decimal of as many digits as the pattern has."""
    if len(node.expressions) != 2:
        raise wrong_arguments(node)
    text, format_ = node.expressions
    pattern = NumberPattern.read(literal_text(format_, "a format"))
    if pattern.roman or pattern.ordinal:
        raise refuse("to_number with this format")
    places = len(pattern.fraction)
    kind = numeric(max(pattern.digits + places, 1), places)
    read = call("rs_to_number", require_string(text), _number(places))
    return typed(engine_cast(read, kind), kind)


NAMED: Final[dict[str, Rule]] = {
    "redshift_to_number": rule(_to_number, "expressions", flags=("this",)),
}
