"""DuckDB's and PostgreSQL's exceptions as answers: kind, SQLSTATE, a text without secrets.

DuckDB has no SQLSTATE: its exception classes and what its messages say decide, most telling first.
The codes are those of PostgreSQL's appendix A.
"""

from __future__ import annotations

import re

import duckdb
import psycopg

from redshare.adapters.engine.failure import Kind, Refused
from redshare.adapters.engine.worker.value_errors import value_error

#: Pattern of DuckDB's text → SQLSTATE.
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), sqlstate)
    for pattern, sqlstate in (
        (r"division by zero|divide by zero", "22012"),
        (r"more than one row returned by a subquery", "21000"),
        (r"must appear in the GROUP BY clause|cannot contain aggregates", "42803"),
        (r"NOT NULL constraint", "23502"),
        (r"CHECK constraint", "23514"),
        (r"(duplicate key|unique constraint|primary key)", "23505"),
        (r"(date|time|timestamp|timestamptz) field value out of range", "22008"),
        (r"invalid (date|time|timestamp|interval)", "22007"),
        (r"could not parse string|could not convert string", "22P02"),
        (r"out of range|overflow|could not cast value", "22003"),
        (r"invalid input syntax|invalid unicode|invalid byte", "22P02"),
        (r"no space left|failed to offload|max_temp_directory_size", "53100"),
        (r"(scalar|aggregate|table|macro) function with name .* does not exist", "42883"),
        (r"no function matches|could not choose a best candidate function", "42883"),
        (r"table with name .* does not exist", "42P01"),
        (r"schema with name .* does not exist", "3F000"),
        (r"column .* (not found|does not exist)", "42703"),
        (r"already exists", "42P07"),
        (r"ambiguous", "42702"),
    )
)

_CLASSES: tuple[tuple[type[BaseException], str], ...] = (
    (duckdb.OutOfMemoryException, "53200"),
    (duckdb.OutOfRangeException, "22003"),
    (duckdb.ConversionException, "22P02"),
    (duckdb.ConstraintException, "23000"),
    (duckdb.ParserException, "42601"),
    (duckdb.BinderException, "42804"),
    (duckdb.CatalogException, "42704"),
    (duckdb.NotImplementedException, "0A000"),
    (duckdb.IOException, "58030"),
    (duckdb.InvalidInputException, "22023"),
)

_CONFLICT = re.compile(
    r"transaction conflict|exceeded the maximum retry count|conflict on (update|tuple deletion)"
    r"|could not serialize access",
    re.IGNORECASE,
)
#: What the node's own SQL raised, with its SQLSTATE: the node takes it apart again.
_OURS = re.compile(r"#\[([0-9A-Z]{5})\] .*?\]#", re.DOTALL)
#: Its text holds a connection string in quotes of quotes.
_METADATA = re.compile(r"attach DuckLake MetaData|connect to Postgres|connection to server")
_SECRETS = re.compile(r"(password|passfile|host|user|dbname|port)\s*=\s*('[^']*'|\S+)")
_PATHS = re.compile(r"(?:s3://|/)[\w.\-]+(?:/[\w.\-=%]+)+/?")
_LAKES = re.compile(r'"?\blake_[0-9a-f]{32}\b"?(\."?main"?)?\.?')
_LINE = re.compile(r"\n+LINE \d+:.*", re.DOTALL)
_HINT = re.compile(
    r"\n+(Did you mean|Candidate bindings|Use \"SET|Possible solutions|\* ).*", re.DOTALL
)


def refused(error: BaseException, lake: str | None = None) -> Refused:
    """What the session is told of an engine's error."""
    text = str(error)
    if isinstance(error, Refused):
        return error
    if isinstance(error, duckdb.InterruptException) or text.startswith("INTERRUPT"):
        return Refused(Kind.CANCELED, "", "57014")
    if isinstance(error, duckdb.FatalException | duckdb.InternalException):
        return Refused(Kind.UNAVAILABLE, scrubbed(text))
    if _CONFLICT.search(text):
        return Refused(
            Kind.SERIALIZATION, "a table was changed by another transaction", "40001", lake
        )
    if isinstance(error, psycopg.errors.LockNotAvailable):
        return Refused(Kind.LOCK, "canceling statement due to lock timeout", "55P03", lake)
    if isinstance(error, psycopg.errors.QueryCanceled):
        return Refused(Kind.CANCELED, "", "57014")
    if isinstance(error, psycopg.Error) or _METADATA.search(text):
        return Refused(Kind.EXECUTION, "the database's storage cannot be reached", "58030")
    ours = _OURS.search(text)
    if ours is not None:
        return Refused(Kind.EXECUTION, ours[0], ours[1])
    known = value_error(text)
    if known is not None:
        return Refused(Kind.EXECUTION, known[1], known[0])
    return Refused(Kind.EXECUTION, scrubbed(text), _sqlstate(error, text))


def scrubbed(text: str) -> str:
    """The message without its class, position, hints about the engine, files, names and secrets."""
    text = _HINT.sub("", _LINE.sub("", text))
    _, separator, rest = text.partition(" Error: ")
    text = rest if separator and len(text) - len(rest) < 40 else text
    return _PATHS.sub("a file", _LAKES.sub("", _SECRETS.sub("", text))).strip()


def _sqlstate(error: BaseException, text: str) -> str:
    if isinstance(error, duckdb.OutOfMemoryException):
        return "53100" if "temp" in text and "directory" in text and "max_temp" in text else "53200"
    for pattern, sqlstate in _PATTERNS:
        if pattern.search(text):
            return sqlstate
    return next((code for kind, code in _CLASSES if isinstance(error, kind)), "XX000")
