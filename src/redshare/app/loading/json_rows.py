"""Rows of JSON: objects one behind the other, each a row, found in columns by name or by path.

`auto` takes the keys that are column names, `auto ignorecase` whatever their case; a jsonpaths file
gives one path a column. Numbers keep their digits, objects and arrays their text.
https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-json.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import msgspec

from redshare.app.loading.blocks import Plain
from redshare.app.loading.lines import MAX_LINE
from redshare.app.loading.problem import BadRow, Code, Problem, Row
from redshare.core.relation import Column
from redshare.core.sql_errors import SqlError

Object = dict[str, msgspec.Raw]
Find = Callable[[Object], list[str | None]]

_OBJECT: Final = msgspec.json.Decoder(Object)
_ARRAY: Final = msgspec.json.Decoder(list[msgspec.Raw])
_STRING: Final = msgspec.json.Decoder(str)
#: What matters when the end of an object is looked for; strings hide brackets.
_TOKENS: Final = re.compile(
    r'"(?:[^"\\]|\\.)*+(?P<end>"|\Z)|(?P<open>[{\[])|(?P<close>[}\]])', re.DOTALL
)
_STEP: Final = re.compile(r"\.([A-Za-z_][\w]*)|\['([^']*)'\]|\[\"([^\"]*)\"\]|\[(\d{1,9})\]")
Step = str | int
Read = Callable[[msgspec.Raw | None], str | None]


class Json:
    """Takes objects out of the lines of one file."""

    plain: Plain | None = None

    def __init__(self, find: Find | None) -> None:
        """`find` None keeps each object whole, in one field."""
        self._find = find

    def rows(self, lines: Iterable[str | BadRow]) -> Iterator[Row | BadRow]:
        """In the order of the file."""
        start, pending = 0, _Pending()
        for number, line in enumerate(lines, 1):
            if isinstance(line, BadRow):
                yield line
                pending = _Pending()
                continue
            if pending.empty:
                if not line.strip():
                    continue
                start = number
                row = self._row(start, line)
                if isinstance(row, Row):
                    yield row
                    continue
            for text in pending.add(line):
                yield self._row(start, text)
                start = number
            if pending.size > MAX_LINE:
                problem = Problem(Code.LINE, "JSON object is longer than 4 MB")
                yield BadRow(start, "", problem, last=True)
                return
        if not pending.empty:
            problem = Problem(Code.LINE, "Invalid JSON format: unexpected end of input")
            yield BadRow(start, pending.text[:1024], problem)

    def _row(self, number: int, text: str) -> Row | BadRow:
        raw = text.strip()
        try:
            found = _OBJECT.decode(raw.encode("utf-8"))
            return Row(number, raw, [raw] if self._find is None else self._find(found))
        except UnicodeEncodeError:
            code, reason = Code.UTF8, "String contains invalid or unsupported UTF8 codepoints"
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            code, reason = Code.LINE, "Invalid JSON format"
        return BadRow(number, raw, Problem(code, reason))


class _Pending:
    """What has come of an object that goes over several lines."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._depth = 0
        self.size = 0

    @property
    def empty(self) -> bool:
        return not self._parts

    @property
    def text(self) -> str:
        return "".join(self._parts)

    def add(self, line: str) -> Iterator[str]:
        """Give the objects that end in this line. A string does not go over its line's end."""
        begin = 0
        for found in _TOKENS.finditer(line):
            if found["open"]:
                self._depth += 1
            elif found["close"]:
                self._depth -= 1
                if self._depth <= 0:
                    self._parts.append(line[begin : found.end()])
                    begin = found.end()
                    whole = self.text
                    self._parts, self._depth, self.size = [], 0, 0
                    yield whole
        rest = line[begin:]
        if rest.strip() or self._parts:
            self._parts.append(rest)
            self.size += len(rest)


def by_name(columns: Sequence[Column], *, ignore_case: bool = False) -> Find:
    """The values of the keys that are the columns' names; a key that is not there is NULL."""
    wanted = [(c.name.lower() if ignore_case else c.name, _reader(c)) for c in columns]

    def find(found: Object) -> list[str | None]:
        if ignore_case:
            found = {key.lower(): value for key, value in found.items()}
        return [read(found.get(name)) for name, read in wanted]

    return find


def _reader(column: Column) -> Read:
    """A SUPER column takes JSON, any other what a JSON string says."""
    return json_of if column.type == "super" else text_of


def by_path(file: bytes, columns: Sequence[Column]) -> Find:
    """The values at the paths of a jsonpaths file. Raises SqlError."""
    try:
        given = msgspec.json.decode(file, type=dict[str, list[str]])
    except msgspec.DecodeError as error:
        raise SqlError("Invalid JSONPath format: the file is not valid", "22023") from error
    paths = given.get("jsonpaths", [])
    if len(paths) != len(columns):
        raise SqlError(
            "Number of jsonpaths and the number of columns should match. "
            f"JSONPath size: {len(paths)}, Number of columns in table or column list: "
            f"{len(columns)}",
            "22023",
        )
    steps = [(_steps(path), _reader(column)) for path, column in zip(paths, columns, strict=True)]
    return lambda found: [read(_at(found, path)) for path, read in steps]


def _steps(path: str) -> list[Step]:
    if not path.startswith("$"):
        raise _bad_path(path)
    steps: list[Step] = []
    at = 1
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None:
            raise _bad_path(path)
        name = next((n for n in found.groups()[:3] if n is not None), None)
        steps.append(int(found[4]) if name is None else name)
        at = found.end()
    if not steps or isinstance(steps[0], int):
        raise _bad_path(path)
    return steps


def _bad_path(path: str) -> SqlError:
    return SqlError(f"Invalid JSONPath format: {path[:200]}", "22023")


def _at(found: Object, path: list[Step]) -> msgspec.Raw | None:
    value: msgspec.Raw | None = found.get(str(path[0]))
    for step in path[1:]:
        if value is None:
            return None
        first = bytes(value)[:1]
        if isinstance(step, int):
            items = _ARRAY.decode(value) if first == b"[" else []
            value = items[step] if step < len(items) else None
        else:
            value = _OBJECT.decode(value).get(step) if first == b"{" else None
    return value


def json_of(value: msgspec.Raw | None) -> str | None:
    """A JSON value as it is written."""
    raw = b"null" if value is None else bytes(value)
    return None if raw == b"null" else raw.decode("utf-8")


def text_of(value: msgspec.Raw | None) -> str | None:
    """A JSON value as a field."""
    if value is None:
        return None
    raw = bytes(value)
    if raw[:1] == b'"':
        return _STRING.decode(raw)
    return None if raw == b"null" else raw.decode("utf-8")
