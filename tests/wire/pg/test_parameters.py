"""The settings reported when a session starts."""

from __future__ import annotations

import pytest

from redshare.wire.pg.parameters import (
    negotiated_protocol_version,
    parameter_statuses,
    startup_options,
)


def statuses(newest: int = 2, **startup: str) -> dict[str, str]:
    found = parameter_statuses(
        "ann", startup, is_superuser=False, session_id=7, newest_protocol_version=newest
    )

    assert len(found) == len(dict(found))

    return dict(found)


def test_what_drivers_rely_on() -> None:
    """The values that decide how drivers behave are the ones they were tried with."""
    found = statuses(application_name="psql")

    expected = {
        "server_version": "8.0.2",
        "client_encoding": "UTF8",
        "server_encoding": "UNICODE",
        "DateStyle": "ISO, MDY",
        "integer_datetimes": "on",
        "TimeZone": "UTC",
        "application_name": "psql",
        "session_authorization": "ann",
        "is_superuser": "off",
        "session_id": "7",
        "datashare_enabled": "on",
        "external_database": "on",
        "show_discovery": "5",
        "padb_version": "1.0.100000",
        "padb_revision": "0",
    }
    assert expected.items() <= found.items()
    assert "server_protocol_version" not in found
    assert "driver_token" not in found


def test_client_encoding_is_always_utf8() -> None:
    """Whatever a client asks for: asyncpg even sends its value in quotes."""
    assert statuses(client_encoding="'utf-8'")["client_encoding"] == "UTF8"


def test_time_zone_of_the_startup_packet() -> None:
    """A zone asked for at the start is the session's."""
    assert statuses(TimeZone="Europe/Rome")["TimeZone"] == "Europe/Rome"


@pytest.mark.parametrize(
    ("asked", "newest", "expected"),
    [
        (None, 2, None),
        ("0", 2, 0),
        ("1", 2, 1),
        ("2", 2, 2),
        ("3", 2, 2),
        ("2", 1, 1),
        ("2", 0, 0),
        ("", 2, 0),
        ("two", 2, 0),
        ("-1", 2, 0),
        ("٢", 2, 0),
        ("9" * 5000, 2, 0),
    ],
)
def test_protocol_version(asked: str | None, newest: int, expected: int | None) -> None:
    """The smaller of both sides' versions, only for a client that named its own."""
    startup = {} if asked is None else {"client_protocol_version": asked}

    assert expected == negotiated_protocol_version(startup, newest)
    assert (None if expected is None else str(expected)) == statuses(newest, **startup).get(
        "server_protocol_version"
    )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", []),
        (" -csearch_path=a,public", [("search_path", "a,public")]),
        ("-c search_path=a  --query-group=etl", [("search_path", "a"), ("query_group", "etl")]),
        (r"-c application_name=a\ b\\c -c x.y=", [("application_name", r"a b\c"), ("x.y", "")]),
        ("-h", None),
        ("-c novalue", None),
    ],
)
def test_options(options: str, expected: list[tuple[str, str]] | None) -> None:
    """`options` is read as PostgreSQL reads its command line, or not at all."""
    assert startup_options({"options": options}) == expected
