"""Configuration parameters: which there are, what each may be, and what it is where nobody set it.

A value that would change answers in a way this product does not is refused by name, never ignored.
A name with a dot is a variable of the session's own.
https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_ConfigurationRef.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from redshare.core.sql_errors import FeatureNotSupported, SqlError

DEFAULT_SEARCH_PATH: Final = ("$user", "public")
_TRUE: Final = frozenset({"on", "true", "yes", "1", "t", "y", "tr", "tru", "ye"})
_FALSE: Final = frozenset({"off", "false", "no", "0", "f", "n", "of", "fa", "fal", "fals"})
_VARIABLE: Final = re.compile(r"[a-z_][a-z0-9_$]*(\.[a-z_][a-z0-9_$]*)+")
_MAX_INTEGER: Final = 2_147_483_647

#: A value as it is kept. Raises SqlError.
Check = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Setting:
    """`check` is None for what nobody may set."""

    default: str
    check: Check | None


def invalid(name: str, value: str) -> SqlError:
    """A value the parameter cannot have."""
    return SqlError(f'invalid value for parameter "{name}": "{value}"', "22023")


def _boolean(name: str, value: str) -> str:
    folded = value.strip().lower()
    if folded in _TRUE:
        return "on"
    if folded in _FALSE:
        return "off"
    raise SqlError(f'parameter "{name}" requires a Boolean value', "22023")


def _integer(least: int, most: int) -> Check:
    def check(name: str, value: str) -> str:
        try:
            number = int(value.strip())
        except ValueError as error:
            raise SqlError(f'parameter "{name}" requires an integer value', "22023") from error
        if not least <= number <= most:
            raise SqlError(
                f'{number} is outside the valid range for parameter "{name}" ({least} .. {most})',
                "22023",
            )
        return str(number)

    return check


def _choice(*choices: str) -> Check:
    def check(name: str, value: str) -> str:
        folded = value.strip().lower()
        if folded not in choices:
            raise invalid(name, value)
        return folded

    return check


def _text(_name: str, value: str) -> str:
    return value


def _only(kept: str, check: Check) -> Check:
    """A parameter of which only one value is what this product does."""

    def checked_(name: str, value: str) -> str:
        found = check(name, value)
        if found != kept:
            raise FeatureNotSupported(f"SET {name} TO {value} is not supported")
        return found

    return checked_


def _timeout(name: str, value: str) -> str:
    return _integer(0, _MAX_INTEGER)(name, value)


def _zone(name: str, value: str) -> str:
    """Instants are shown in UTC."""
    if value.strip().lower() in {"utc", "gmt", "etc/utc", "etc/gmt", "zulu", "0", "default"}:
        return "UTC"
    raise FeatureNotSupported(f"SET {name} TO {value} is not supported: instants are shown in UTC")


_STYLES: Final = frozenset({"iso", "postgres", "sql", "german"})
_ORDERS: Final = {"mdy": "MDY", "us": "MDY", "dmy": "DMY", "european": "DMY", "ymd": "YMD"}


def _datestyle(name: str, value: str) -> str:
    order = "MDY"
    for word in (part.strip().lower() for part in value.split(",")):
        if word in _STYLES - {"iso"}:
            raise FeatureNotSupported(f"SET {name} TO {value} is not supported: dates are ISO")
        if word in _ORDERS:
            order = _ORDERS[word]
        elif word != "iso":
            raise invalid(name, value)
    return f"ISO, {order}"


def _encoding(name: str, value: str) -> str:
    if value.strip().lower().replace("-", "").replace("_", "") in {"utf8", "unicode"}:
        return "UTF8"
    raise invalid(name, value)


_ISOLATION: Final = _choice("serializable", "repeatable read", "read committed", "read uncommitted")


def _on() -> Setting:
    return Setting("on", _boolean)


def _off() -> Setting:
    return Setting("off", _boolean)


def _stays(value: str) -> Setting:
    """A Boolean that changes answers."""
    return Setting(value, _only(value, _boolean))


#: Those of Redshift's reference, then what drivers and tools ask for.
SETTINGS: Final[Mapping[str, Setting]] = {
    "analyze_threshold_percent": Setting("10", _integer(0, 100)),
    "auto_analyze": _on(),
    "auto_mv": _on(),
    "cast_super_null_on_error": _stays("on"),
    "datashare_break_glass_session_var": Setting("", _text),
    "datestyle": Setting("ISO, MDY", _datestyle),
    "default_geometry_encoding": Setting("1", _only("1", _integer(1, 2))),
    "describe_field_name_in_uppercase": _off(),
    "downcase_delimited_identifier": _stays("on"),
    "enable_case_sensitive_identifier": _off(),
    "enable_case_sensitive_super_attribute": _off(),
    "enable_numeric_rounding": _stays("on"),
    "enable_result_cache_for_session": _on(),
    "enable_user_activity_logging": Setting("off", None),
    "enable_vacuum_boost": _off(),
    "error_on_nondeterministic_update": _stays("off"),
    "extra_float_digits": Setting("0", _integer(-15, 3)),
    "interval_forbid_composite_literals": _stays("off"),
    "json_serialization_enable": _off(),
    "json_serialization_parse_nested_strings": _off(),
    "max_concurrency_scaling_clusters": Setting("1", None),
    "max_cursor_result_set_size": Setting("default", None),
    "mv_enable_aqmv_for_session": _on(),
    "navigate_super_null_on_error": _stays("on"),
    "parse_super_null_on_error": _stays("off"),
    "pg_federation_repeatable_read": _on(),
    "query_group": Setting("unset", _text),
    "require_ssl": Setting("off", None),
    "search_path": Setting(", ".join(DEFAULT_SEARCH_PATH), _text),
    "spectrum_enable_pseudo_columns": _on(),
    "spectrum_query_maxerror": Setting("-1", _integer(-1, _MAX_INTEGER)),
    "statement_timeout": Setting("0", _timeout),
    "stored_proc_log_min_messages": Setting(
        "log", _choice("exception", "warning", "notice", "info", "log")
    ),
    "timezone": Setting("UTC", _zone),
    "use_fips_ssl": Setting("off", None),
    "wlm_query_slot_count": Setting("1", _integer(1, 50)),
    # What PostgreSQL 8.0 has beside them and clients set or read.
    "application_name": Setting("", _text),
    "bytea_output": Setting("hex", _choice("hex", "escape")),
    "client_encoding": Setting("UTF8", _encoding),
    "client_min_messages": Setting(
        "notice",
        _choice(
            "debug", "debug5", "debug4", "debug3", "debug2", "debug1", "log", "info", "notice",
            "warning", "error",
        ),
    ),
    "default_transaction_isolation": Setting("serializable", _ISOLATION),
    "default_transaction_read_only": Setting("off", _boolean),
    "enable_hashagg": _on(),
    "enable_hashjoin": _on(),
    "enable_indexscan": _on(),
    "enable_mergejoin": _on(),
    "enable_nestloop": _on(),
    "enable_seqscan": _on(),
    "enable_sort": _on(),
    "geqo": _on(),
    "integer_datetimes": Setting("on", None),
    "intervalstyle": Setting("postgres", _only("postgres", _text)),
    "is_superuser": Setting("off", None),
    "lc_collate": Setting("C", None),
    "lc_ctype": Setting("C", None),
    "max_identifier_length": Setting("127", None),
    "max_index_keys": Setting("32", None),
    "max_numeric_precision": Setting("38", None),
    "max_varchar_size": Setting("65535", None),
    "seed": Setting("unavailable", None),
    "server_encoding": Setting("UTF8", None),
    "server_version": Setting("8.0.2", None),
    "session_authorization": Setting("", None),
    "standard_conforming_strings": Setting("on", _only("on", _boolean)),
    "synchronous_commit": Setting("on", _boolean),
    "transaction_isolation": Setting("Serializable", _ISOLATION),
    "transaction_read_only": Setting("off", _boolean),
}  # fmt: skip


def unrecognized(name: str) -> SqlError:
    """A parameter that is not there."""
    return SqlError(f'unrecognized configuration parameter "{name}"', "42704")


def is_variable(name: str) -> bool:
    """Whether the name is of a session's own variable: `app.user_id`."""
    return _VARIABLE.fullmatch(name) is not None


def checked(name: str, values: Iterable[str]) -> str:
    """The values of a SET as they are kept. Raises SqlError for a name or a value that is none."""
    value = ", ".join(values)
    setting = SETTINGS.get(name)
    if setting is None:
        if is_variable(name):
            return value
        raise unrecognized(name)
    if setting.check is None:
        raise SqlError(f'parameter "{name}" cannot be changed', "55P02")
    return setting.check(name, value)


def search_path(settings: Mapping[str, str]) -> tuple[str, ...]:
    """`'a, b'` is one string in which names are separated by commas."""
    text = settings.get("search_path")
    if text is None:
        return DEFAULT_SEARCH_PATH
    return tuple(part.strip().strip('"') for part in text.split(",") if part.strip())


def value_of(settings: Mapping[str, str], name: str) -> str | None:
    """What a session has for a parameter, set or not; None where there is no such thing."""
    if name in settings:
        return settings[name]
    setting = SETTINGS.get(name)
    return None if setting is None else setting.default
