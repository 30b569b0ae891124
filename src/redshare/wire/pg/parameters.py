"""The settings a server reports when a session starts, as real Redshift's traces show them.

It must not know how they are sent or who asks for them later. Reasons for the values that look
odd: psql and pgjdbc choose their catalog queries by `server_version`; psycopg and pgjdbc break on
any `client_encoding` but UTF8; Amazon's drivers look across databases only when
`datashare_enabled` and `external_database` are on, and use SHOW statements instead of large
catalog queries from a `show_discovery` of 4 (JDBC, ODBC) or 5 (Python) on.
By `padb_revision` asyncpg knows Redshift, and resets a pooled connection without advisory locks.
`standard_conforming_strings` is left out, as Redshift does: backslashes escape in its strings, and
a client that was told otherwise would quote text so that it ends early.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

SERVER_VERSION = "8.0.2"
# Redshift's own number, as version() has it, and the revision of a build.
PADB_VERSION = "1.0.100000"
PADB_REVISION = "0"
# 1: extended RowDescription; 2: Redshift's binary formats as well.
NEWEST_PROTOCOL_VERSION = 2
SHOW_DISCOVERY = 5

_SMALL_NUMBER = re.compile("[0-9]{1,9}")
# PostgreSQL's process_postgres_switches: `-c name=value`, `-cname=value`, `--name=value`.
_OPTION = re.compile(r"(?:-c\s*|--)(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)=(?P<value>(?:\\.|\S)*)\s*")


def startup_options(startup_parameters: Mapping[str, str]) -> list[tuple[str, str]] | None:
    """Name and value of each setting in `options`; None where it cannot be read.

    psycopg2, dlt and Django choose their search_path there.
    """
    found = []
    options, at = startup_parameters.get("options", "").strip(), 0
    while at < len(options):
        match = _OPTION.match(options, at)
        if match is None:
            return None
        value = re.sub(r"\\(.)", r"\1", match["value"])
        found.append((match["name"].replace("-", "_"), value))
        at = match.end()
    return found


def negotiated_protocol_version(
    startup_parameters: Mapping[str, str], newest: int = NEWEST_PROTOCOL_VERSION
) -> int | None:
    """Redshift's protocol version for this session; None for clients that do not know of any."""
    asked = startup_parameters.get("client_protocol_version")
    if asked is None:
        return None
    # A version we cannot read asks for nothing beyond the first one.
    return min(int(asked), newest) if _SMALL_NUMBER.fullmatch(asked) else 0


def parameter_statuses(
    user: str,
    startup_parameters: Mapping[str, str],
    *,
    is_superuser: bool,
    session_id: int,
    newest_protocol_version: int = NEWEST_PROTOCOL_VERSION,
) -> list[tuple[str, str]]:
    """Name and value of each ParameterStatus to send after AuthenticationOk, in order."""
    statuses = [
        ("server_version", SERVER_VERSION),
        ("server_encoding", "UNICODE"),
        ("client_encoding", "UTF8"),
        ("DateStyle", "ISO, MDY"),
        ("TimeZone", startup_parameters.get("TimeZone") or "UTC"),
        ("integer_datetimes", "on"),
        ("case_sensitive", "on"),
        ("is_superuser", "on" if is_superuser else "off"),
        ("session_authorization", user),
        ("application_name", startup_parameters.get("application_name", "")),
        ("session_id", str(session_id)),
        ("padb_version", PADB_VERSION),
        ("padb_revision", PADB_REVISION),
        ("max_numeric_precision", "38"),
        ("max_varchar_size", "65535"),
        ("datashare_enabled", "on"),
        ("external_database", "on"),
        ("show_discovery", str(SHOW_DISCOVERY)),
    ]
    version = negotiated_protocol_version(startup_parameters, newest_protocol_version)
    if version is not None:
        statuses.append(("server_protocol_version", str(version)))
    return statuses
