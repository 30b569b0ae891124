"""Configuration parameters: names, values, and what a session has for them."""

from __future__ import annotations

import pytest

from redshare.core.sql_errors import SqlError
from redshare.sql.settings import SETTINGS, checked, is_variable, search_path, value_of


@pytest.mark.parametrize(
    ("name", "values", "kept"),
    [
        ("enable_case_sensitive_identifier", ("TRUE",), "on"),
        ("enable_case_sensitive_identifier", ("0",), "off"),
        ("statement_timeout", (" 10 ",), "10"),
        ("extra_float_digits", ("-15",), "-15"),
        ("client_min_messages", ("WARNING",), "warning"),
        ("datestyle", ("ISO", "YMD"), "ISO, YMD"),
        ("datestyle", ("european",), "ISO, DMY"),
        ("timezone", ("Etc/UTC",), "UTC"),
        ("client_encoding", ("unicode",), "UTF8"),
        ("search_path", ("a", "b"), "a, b"),
        ("app.user", ("x",), "x"),
        ("intervalstyle", ("postgres",), "postgres"),
        ("standard_conforming_strings", ("yes",), "on"),
    ],
)
def test_values_are_kept_in_one_form(name: str, values: tuple[str, ...], kept: str) -> None:
    """What SHOW answers is the parameter's own spelling."""
    assert checked(name, values) == kept


@pytest.mark.parametrize(
    ("name", "value", "sqlstate"),
    [
        ("nonsense", "1", "42704"),
        ("1.x", "1", "42704"),
        ("server_version", "9", "55P02"),
        ("enable_result_cache_for_session", "2", "22023"),
        ("statement_timeout", "1.5", "22023"),
        ("statement_timeout", "99999999999", "22023"),
        ("stored_proc_log_min_messages", "loud", "22023"),
        ("datestyle", "ISO, sideways", "22023"),
        ("datestyle", "German", "0A000"),
        ("timezone", "Europe/Berlin", "0A000"),
        ("client_encoding", "latin1", "22023"),
        ("default_geometry_encoding", "2", "0A000"),
        ("default_geometry_encoding", "7", "22023"),
    ],
)
def test_other_values_are_refused(name: str, value: str, sqlstate: str) -> None:
    """A name or value that is none is an error; one that would change answers, by name."""
    with pytest.raises(SqlError) as refused:
        checked(name, (value,))
    assert refused.value.sqlstate == sqlstate


def test_every_default_is_a_value() -> None:
    """A parameter can be set to what it is where nobody set it."""
    markers = {"seed", "query_group", "search_path"}
    for name, setting in SETTINGS.items():
        if setting.check is not None and name not in markers:
            assert setting.check(name, setting.default).lower() == setting.default.lower()


def test_the_search_path_is_a_list() -> None:
    """Names are separated by commas, quotes around them are not part of them."""
    assert search_path({}) == ("$user", "public")
    assert search_path({"search_path": '"$user", a ,b'}) == ("$user", "a", "b")
    assert search_path({"search_path": ""}) == ()


def test_what_a_session_has() -> None:
    """What was set, or the default; nothing for what is no parameter."""
    assert value_of({"query_group": "x"}, "query_group") == "x"
    assert value_of({}, "query_group") == "unset"
    assert value_of({}, "app.user") is None
    assert is_variable("app.user")
    assert not is_variable("app")
