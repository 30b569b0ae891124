r"""A SUPER value as the engine holds it: forms over its JSON text.

The engine's JSON functions rewrite numbers through doubles: 1.50 becomes 1.5. Where a result has
such a number, it is computed again from a text in which these numbers are strings that begin with
U+0001 (`_shielded`), and turned back (`_bare`). No SUPER string has that character: it is refused
on its way in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlglot import exp

from redshare.sql.raised import raise_node
from redshare.sql.rewrite.rule import call
from redshare.sql.types import BOOLEAN, DOUBLE, SUPER, VARCHAR, SqlType, engine_cast
from redshare.sql.work import refuse, typed

Form = Callable[[exp.Expr], exp.Expr]

#: A value is written several times; beyond this size nesting could grow without bound.
_MAX_SIZE: Final = 2000
#: Larger ones are computed once and given a name.
_SMALL: Final = 30
_STRING: Final = r'"(?:[^"\\]|\\.)*"'
_NUMBER: Final = r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
_TOKENS: Final = rf'{_STRING}|{_NUMBER}|[^"0-9-]+'
_FRACTION: Final = r"[0-9][.eE]"
#: The character that marks numbers, escaped; behind an even number of backslashes it is one.
_MARK: Final = r"(?:^|[^\\])(?:\\\\)*\\u0001|\x01"
#: The engine's JSON reader takes these, which are no JSON.
_LENIENT: Final = r"(?i),\s*[\]}]|nan|inf"


def text(value: str) -> exp.Expr:
    """A string literal."""
    return exp.Literal.string(value)


def paren(node: exp.Expr) -> exp.Expr:
    """In brackets, where an operator may stand around it."""
    return exp.Paren(this=node)


def both(*conditions: exp.Expr) -> exp.Expr:
    """All of these."""
    first, *others = conditions
    for other in others:
        first = exp.And(this=first, expression=other)
    return paren(first)


def choose(*branches: tuple[exp.Expr, exp.Expr], default: exp.Expr | None = None) -> exp.Expr:
    """CASE."""
    ifs = [exp.If(this=test, true=value) for test, value in branches]
    return exp.Case(ifs=ifs, default=default)


def concat(*parts: exp.Expr) -> exp.Expr:
    """Texts behind each other; NULL where one is."""
    first, *others = parts
    for other in others:
        first = exp.DPipe(this=first, expression=other)
    return paren(first)


def each(items: exp.Expr, form: Form, function: str = "list_transform") -> exp.Expr:
    """A form of every item of a list."""
    name = f"item_{_size(items)}"
    item = exp.Column(this=exp.to_identifier(name, quoted=True))
    parameter = exp.to_identifier(name, quoted=True)
    return call(function, items, exp.Lambda(this=form(item), expressions=[parameter]))


def shared(value: exp.Expr, form: Form) -> exp.Expr:
    """A form that writes its value several times: of a large one, over a list of just that."""
    if _size(value) <= _SMALL and value.find(exp.Query) is None:
        return form(value)
    return call("list_extract", each(call("list_value", value), form), exp.Literal.number(1))


def _size(node: exp.Expr) -> int:
    return sum(1 for _ in node.walk())


def once(value: exp.Expr) -> exp.Expr:
    """The value, fit to be written several times."""
    if _size(value) > _MAX_SIZE:
        raise refuse("an expression of SUPER values of this size; name parts of it in a subquery")
    if value.find(exp.Query) is not None:
        raise refuse("a subquery in an expression of SUPER values; cast it, or name it in FROM")
    return value


# --- kinds of values ----------------------------------------------------------------------------


def starts(value: exp.Expr, *signs: str) -> exp.Expr:
    """Whether the text begins with one of these."""
    first = call("left", value.copy(), exp.Literal.number(1))
    return exp.In(this=first, expressions=[text(sign) for sign in signs])


def is_number(value: exp.Expr) -> exp.Expr:
    """Whether it is a number."""
    return starts(value, *"-0123456789")


def is_whole(value: exp.Expr) -> exp.Expr:
    """Whether it is a number of scale 0."""
    return call("regexp_full_match", value.copy(), text("-?[0-9]+"))


def is_string(value: exp.Expr) -> exp.Expr:
    """Whether it is a string."""
    return starts(value, '"')


def is_boolean(value: exp.Expr) -> exp.Expr:
    """Whether it is true or false."""
    return starts(value, "t", "f")


def is_array(value: exp.Expr) -> exp.Expr:
    """Whether it is an array."""
    return starts(value, "[")


def is_object(value: exp.Expr) -> exp.Expr:
    """Whether it is an object."""
    return starts(value, "{")


def string(value: exp.Expr) -> exp.Expr:
    """The characters of a string."""
    return call("json_extract_string", value.copy(), text("$"))


# --- exact JSON ---------------------------------------------------------------------------------


def plain(node: exp.Expr) -> exp.Expr:
    """The engine's JSON as text."""
    return engine_cast(node, VARCHAR)


def has_fraction(value: exp.Expr) -> exp.Expr:
    """Whether a number may be in the text that the engine's functions would change."""
    return call("regexp_matches", value, text(_FRACTION))


def shielded(value: exp.Expr) -> exp.Expr:
    """The text with all such numbers as strings."""
    tokens = call("regexp_extract_all", value.copy(), text(_TOKENS))

    def token(item: exp.Expr) -> exp.Expr:
        fraction = call("regexp_full_match", item.copy(), text("-?[0-9]+[.eE].*"))
        inside = concat(text(r'"\u0001'), item.copy(), text('"'))
        return choose((fraction, inside), default=item.copy())

    whole = call("array_to_string", each(tokens, token), text(""))
    return choose((has_fraction(value.copy()), whole), default=value.copy())


def bare(value: exp.Expr) -> exp.Expr:
    """The text with the numbers turned back."""
    pattern = text(r'"\\u0001([^"]*)"')
    return call("regexp_replace", value, pattern, text(r"\1"), text("g"))


def exactly(value: exp.Expr, form: Form) -> exp.Expr:
    """A JSON function's result as text, its numbers as they were."""

    def result(v: exp.Expr) -> exp.Expr:
        quick = plain(form(v.copy()))
        slow = bare(plain(form(shielded(v))))
        return choose((has_fraction(quick.copy()), slow), default=quick)

    return shared(value, result)


def elements(value: exp.Expr) -> exp.Expr:
    """The texts of an array's elements, as a list."""
    return _members(value, "$[*]")


def members(value: exp.Expr) -> exp.Expr:
    """The texts of an object's values, as a list."""
    return _members(value, "$.*")


def _members(value: exp.Expr, path: str) -> exp.Expr:
    found = shared(value, lambda v: call("json_extract", shielded(v), text(path)))
    return each(found, lambda item: bare(plain(item)))


def not_null(value: exp.Expr) -> exp.Expr:
    """A JSON null as the NULL that it is for SQL."""
    return typed(call("nullif", value, text("null")), SUPER)


def is_valid(value: exp.Expr) -> exp.Expr:
    """Whether a text is JSON."""
    stripped = call("regexp_replace", value.copy(), text(_STRING), text('""'), text("g"))
    lenient = call("regexp_matches", stripped, text(_LENIENT))
    valid = call("json_valid", value.copy())
    return typed(both(valid, exp.Not(this=lenient)), BOOLEAN)


def parsed(value: exp.Expr) -> exp.Expr:
    """A valid text in compact form. Fails for what Redshift does not take, or we would lose."""
    return not_null(shared(value, _parsed))


def _parsed(value: exp.Expr) -> exp.Expr:
    control = call("regexp_matches", value.copy(), text(_MARK))
    keys = call("json_keys", value.copy())
    distinct = call("list_distinct", keys.copy())
    twice = exp.NEQ(this=call("len", keys), expression=call("len", distinct))
    compact = exactly(value, lambda v: call("json", v))
    return choose(
        (exp.Not(this=is_valid(value)), raise_node("22P02", "JSON parsing error")),
        (control, raise_node("0A000", "the character U+0001 in a SUPER value is not supported")),
        (
            both(exp.EQ(this=call("json_type", value.copy()), expression=text("OBJECT")), twice),
            raise_node("22P02", "JSON parsing error, duplicate attribute name"),
        ),
        default=compact,
    )


def number(value: exp.Expr) -> exp.Expr:
    """A number as a double."""
    return attempt(value.copy(), DOUBLE)


def attempt(value: exp.Expr, kind: SqlType) -> exp.Expr:
    """A cast that answers NULL where it fails."""
    return exp.TryCast(this=value, to=engine_cast(exp.Null(), kind).args["to"])
