"""The values any command may capture, each read by one small function.

A reader answers the value and the index behind it, or None after noting how far it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from redshare.sql.commands.lexemes import Kind
from redshare.sql.commands.match import Matching, Reader
from redshare.sql.commands.reserved import RESERVED
from redshare.sql.commands.values import FunctionName, Parameter, Password
from redshare.sql.errors import SqlSyntaxError
from redshare.sql.lex import identifier

_MAX_PARTS: Final = 3
#: Attributes behind a column.
_MAX_STEPS: Final = 32


def read_name(m: Matching, index: int) -> tuple[str, int] | None:
    """An identifier; reserved words only in quotes."""
    word = m.words[index]
    if word.kind == Kind.WORD and word.word in RESERVED:
        m.fail(index)
        return None
    return read_label(m, index)


def read_label(m: Matching, index: int) -> tuple[str, int] | None:
    """An identifier where any word will do, as behind a dot."""
    word = m.words[index]
    match word.kind:
        case Kind.PARAMETER:
            return Parameter(int(word.value), is_name=True), index + 1
        case Kind.QUOTED if not word.value:
            position = m.statement.position(word.start)
            raise SqlSyntaxError('zero-length delimited identifier at or near """"', position)
        case Kind.WORD | Kind.QUOTED:
            return identifier(word.value, fold=m.fold or word.kind == Kind.WORD), index + 1
        case _:
            m.fail(index)
            return None


def read_qname(m: Matching, index: int) -> tuple[tuple[str, ...], int] | None:
    """A name of one to three parts."""
    return _read_parts(m, index, _MAX_PARTS)


def read_column(m: Matching, index: int) -> tuple[tuple[str, ...], int] | None:
    """A column's name, which may have its table's before it."""
    return _read_parts(m, index, _MAX_PARTS + 1)


def read_path(m: Matching, index: int) -> tuple[tuple[str, ...], int] | None:
    """A column, which may have attributes of its SUPER value behind it."""
    return _read_parts(m, index, _MAX_STEPS)


def _read_parts(m: Matching, index: int, most: int) -> tuple[tuple[str, ...], int] | None:
    first = read_name(m, index)
    if first is None:
        return None
    parts, index = [first[0]], first[1]
    while m.is_word(index, "."):
        part = read_label(m, index + 1)
        if part is None:
            return None
        parts.append(part[0])
        index = part[1]
    if len(parts) > most:
        joined = ".".join(parts)
        raise SqlSyntaxError(f"improper qualified name (too many dotted names): {joined}")
    return tuple(parts), index


def read_string(m: Matching, index: int) -> tuple[str, int] | None:
    """A string constant."""
    word = m.words[index]
    match word.kind:
        case Kind.PARAMETER:
            return Parameter(int(word.value)), index + 1
        case Kind.STRING:
            return word.value, index + 1
        case _:
            m.fail(index)
            return None


def read_password(m: Matching, index: int) -> tuple[Password, int] | None:
    """A string nobody sees again."""
    found = read_string(m, index)
    return None if found is None else (Password(found[0]), found[1])


def read_text(m: Matching, index: int) -> tuple[str, int] | None:
    """A string, or a name for it: `DATABASE 'd'` and `DATABASE "d"`."""
    return read_string(m, index) or read_name(m, index)


def read_integer(m: Matching, index: int) -> tuple[int, int] | None:
    """A whole number without a sign."""
    word = m.words[index]
    if word.kind == Kind.NUMBER and word.value.isdigit() and len(word.value) < 20:
        return int(word.value), index + 1
    m.fail(index)
    return None


def read_number(m: Matching, index: int) -> tuple[str, int] | None:
    """A whole number, or a placeholder for one."""
    if m.words[index].kind == Kind.PARAMETER:
        return Parameter(int(m.words[index].value)), index + 1
    found = read_integer(m, index)
    return None if found is None else (str(found[0]), found[1])


def read_type(m: Matching, index: int) -> tuple[str, int] | None:
    """A type's name as written, in lower case: `character varying(10)`, `numeric(5, 2)`."""
    if m.words[index].kind == Kind.PARAMETER:
        return Parameter(int(m.words[index].value)), index + 1
    start = index
    while m.words[index].kind in {Kind.WORD, Kind.QUOTED} and m.words[index].word != "AS":
        index += 1
    if index == start:
        m.fail(index)
        return None
    if m.words[index].word == "(":
        closing = _closing(m, index)
        if closing is None:
            return None
        index = closing
    text = m.statement.clean[m.words[start].start : m.words[index - 1].end]
    return " ".join(text.lower().split()), index


def _closing(m: Matching, index: int) -> int | None:
    """Behind the parenthesis that closes the one at `index`."""
    depth = 0
    while m.words[index].kind != Kind.END:
        depth += {"(": 1, ")": -1}.get(m.words[index].word, 0)
        index += 1
        if not depth:
            return index
    m.fail(index)
    return None


def read_function(m: Matching, index: int) -> tuple[FunctionName, int] | None:
    """A function's name, with or without the types of its arguments."""
    name = read_qname(m, index)
    if name is None:
        return None
    if not m.is_word(name[1], "("):
        return FunctionName(name[0]), name[1]
    index = name[1] + 1
    types: list[str] = []
    while not m.is_word(index, ")"):
        if types:
            if not m.is_word(index, ","):
                return None
            index += 1
        found = read_type(m, index)
        if found is None:
            return None
        types.append(found[0])
        index = found[1]
    return FunctionName(name[0], tuple(types)), index + 1


def read_part(m: Matching, index: int) -> tuple[str, int] | None:
    """Text as written up to the next comma outside parentheses, or the end."""
    start = index
    while m.words[index].kind != Kind.END and m.words[index].word != ",":
        if m.words[index].word == ")":
            break
        closing = _closing(m, index) if m.words[index].word == "(" else index + 1
        if closing is None:
            return None
        index = closing
    if index == start:
        m.fail(index)
        return None
    return m.statement.clean[m.words[start].start : m.words[index - 1].end], index


def read_constraint(m: Matching, index: int) -> tuple[str, int] | None:
    """A table constraint as written."""
    if m.words[index].word in {"CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN"}:
        return read_part(m, index)
    m.fail(index)
    return None


def read_quota(m: Matching, index: int) -> tuple[str, int] | None:
    """A number with MB, GB or TB, or UNLIMITED."""
    if m.words[index].word == "UNLIMITED":
        return "UNLIMITED", index + 1
    number = read_integer(m, index)
    if number is None:
        return None
    unit = m.words[number[1]].word
    if unit in {"MB", "GB", "TB"}:
        return f"{number[0]} {unit}", number[1] + 1
    return f"{number[0]} MB", number[1]


def read_statement(m: Matching, index: int) -> tuple[object, int] | None:
    """The rest, a statement of its own."""
    word = m.words[index]
    if word.kind == Kind.END:
        m.fail(index)
        return None
    return m.statement.tail(word.start), len(m.words) - 1


def read_rest(m: Matching, index: int) -> tuple[str, int] | None:
    """The rest as text, which may be empty."""
    return m.statement.clean[m.words[index].start :], len(m.words) - 1


def read_setting(m: Matching, index: int) -> tuple[str, int] | None:
    """A configuration parameter's name; those are folded whatever the session says."""
    if m.words[index].kind == Kind.PARAMETER:
        m.fail(index)
        return None
    first = read_name(m, index)
    if first is None or not m.is_word(first[1], "."):
        return None if first is None else (first[0].lower(), first[1])
    second = read_label(m, first[1] + 1)
    return None if second is None else (f"{first[0]}.{second[0]}".lower(), second[1])


def read_value(m: Matching, index: int) -> tuple[str, int] | None:
    """What a parameter can be set to: a string, a number or a word."""
    word = m.words[index]
    if word.word in {"-", "+"}:
        found = _read_amount(m, index + 1)
        sign = word.word if word.word == "-" else ""
        return None if found is None else (sign + found[0], found[1])
    if word.word == ".":
        return _read_amount(m, index)
    match word.kind:
        case Kind.NUMBER | Kind.QUOTED:
            return word.value, index + 1
        case Kind.WORD if word.word != "DEFAULT":
            return word.value.lower(), index + 1
        case _:
            return read_string(m, index)


def _read_amount(m: Matching, index: int) -> tuple[str, int] | None:
    """A number that may begin with its point."""
    point = m.is_word(index, ".")
    number = m.words[index + point]
    if number.kind != Kind.NUMBER:
        m.fail(index)
        return None
    return ("0." if point else "") + number.value, index + point + 1


READERS: Final[Mapping[str, Reader]] = {
    "name": read_name,
    "qname": read_qname,
    "string": read_string,
    "password": read_password,
    "text": read_text,
    "integer": read_integer,
    "number": read_number,
    "label": read_label,
    "column": read_column,
    "constraint": read_constraint,
    "quota": read_quota,
    "type": read_type,
    "function": read_function,
    "part": read_part,
    "statement": read_statement,
    "rest": read_rest,
    "setting": read_setting,
    "value": read_value,
}
