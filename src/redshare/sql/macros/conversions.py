"""Casts between text and other types, with Redshift's reading, writing and errors.

https://docs.aws.amazon.com/redshift/latest/dg/r_CAST_function.html
"""

from __future__ import annotations

from typing import Final

_FLOAT: Final = r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*"
_SPECIAL: Final = r"\s*([Nn][Aa][Nn]|[+-]?[Ii]nf(inity)?)\s*"
#: How dates are written beside the form the engine reads; the order is month, day, year.
_FORMATS: Final = ", ".join(
    f"'{date}{time}'"
    for date in (
        "%Y%m%d", "%Y-%m-%d", "%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y", "%Y.%m.%d", "%Y/%m/%d",
        "%b %d %Y", "%b %d, %Y", "%B %d %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y",
        "%b-%d-%Y", "%Y-%b-%d",
    )
    for time in ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %H%M%S", " %I:%M:%S %p", " %I:%M %p")
)  # fmt: skip


def _invalid(sqlstate: str, kind: str) -> str:
    return f"""error('#[{sqlstate}] invalid input syntax for {kind}: "' || v || '"]#')"""


def _checked(name: str, kind: str) -> str:
    return f"""
        list_transform([s], lambda v: CASE WHEN v IS NULL THEN NULL
            ELSE coalesce({name}(v), {_invalid("22P02", kind)}) END)[1]"""


def _datetime(kind: str, name: str) -> str:
    return f"""
        list_transform([s], lambda v: CASE WHEN v IS NULL THEN NULL ELSE coalesce({name}(v),
            CASE WHEN regexp_matches(v, '^\\s*[0-9]+[-/.:][0-9]+')
                THEN error('#[22008] date/time field value out of range: "' || v || '"]#')
                ELSE {_invalid("22007", f"type {kind}")} END) END)[1]"""


def _read(type_: str, *attempts: str) -> str:
    return f"list_transform([s], lambda v: coalesce({', '.join(attempts)})::{type_})[1]"


def _dated(type_: str, *attempts: str) -> str:
    """A date has a year of four digits: the engine would take two for one of the first century."""
    return f"""
        list_transform([s], lambda v: CASE WHEN regexp_matches(v, '[0-9]{{4}}|epoch|infinity')
            THEN coalesce({", ".join(attempts)})::{type_} END)[1]"""


#: A zone behind the time is read over, as PostgreSQL does for types without one.
_NO_ZONE: Final = (
    r"regexp_replace(trim(v), '(:\d\d(\.\d+)?)\s*(Z|UTC|GMT|[A-Z]{3,4}|[+-]\d\d(:?\d\d)?)$', '\1')"
)

#: Seconds may be left out before a zone as well.
_WITH_SECONDS: Final = (
    r"regexp_replace(rs_with_offset(trim(v)), '(^|[ T])(\d{1,2}:\d{2})($|[^:0-9])', '\1\2:00\3')"
)

CONVERSIONS: Final[dict[str, str]] = {
    # A zone's abbreviation behind a time as what it stands for.
    "rs_with_offset(s)": r"""
        list_transform([s], lambda w:
            CASE WHEN rs_zone_hours(regexp_extract(w, '[A-Za-z]+$')) IS NOT NULL
            THEN trim(regexp_replace(w, '[A-Za-z]+$', ''))
                || printf('%+03d', rs_zone_hours(regexp_extract(w, '[A-Za-z]+$'))::INTEGER)
            ELSE w END)[1]""",
    # The text if it spells such a value, or else NULL.
    "rs_integer_text(s)": r"CASE WHEN regexp_full_match(s, '\s*[+-]?[0-9]+\s*') THEN s END",
    "rs_numeric_text(s)": f"CASE WHEN regexp_full_match(s, '{_FLOAT}') THEN s END",
    "rs_double_text(s)": f"CASE WHEN regexp_full_match(s, '{_FLOAT}|{_SPECIAL}') THEN s END",
    "rs_read_boolean(s)": """
        CASE WHEN lower(trim(s)) IN ('t', 'tr', 'tru', 'true', 'y', 'ye', 'yes', '1', 'on')
                THEN true
            WHEN lower(trim(s)) IN ('f', 'fa', 'fal', 'fals', 'false', 'n', 'no', '0', 'of', 'off')
                THEN false END""",
    "rs_read_timestamp(s)": _dated(
        "TIMESTAMP",
        f"TRY_CAST({_NO_ZONE} AS TIMESTAMP)",
        f"try_strptime({_NO_ZONE}, [{_FORMATS}])",
    ),
    "rs_read_timestamptz(s)": _dated(
        "TIMESTAMPTZ",
        f"TRY_CAST({_WITH_SECONDS} AS TIMESTAMPTZ)",
        f"timezone('UTC', try_strptime(trim(v), [{_FORMATS}]))",
    ),
    "rs_read_date(s)": "rs_read_timestamp(s)::DATE",
    "rs_read_time(s)": _read(
        "TIME",
        f"TRY_CAST({_NO_ZONE} AS TIME)",
        f"TRY_CAST(TRY_CAST({_NO_ZONE} AS TIMESTAMP) AS TIME)",
        f"TRY_CAST(try_strptime({_NO_ZONE},"
        " ['%H%M%S', '%H%M', '%I:%M:%S %p', '%I:%M %p']) AS TIME)",
    ),
    # A time with a zone is kept at UTC.
    "rs_read_timetz(s)": _read(
        "TIMETZ",
        f"timezone('UTC', TRY_CAST('2000-01-01 ' || {_WITH_SECONDS} AS TIMESTAMPTZ))::TIME",
    ),
    # The same, or an error.
    "rs_text_integer(s)": _checked("rs_integer_text", "integer"),
    "rs_text_numeric(s)": _checked("rs_numeric_text", "type numeric"),
    "rs_text_double(s)": _checked("rs_double_text", "type double precision"),
    "rs_text_boolean(s)": _checked("rs_read_boolean", "type boolean"),
    "rs_text_timestamp(s)": _datetime("timestamp", "rs_read_timestamp"),
    "rs_text_timestamptz(s)": _datetime("timestamp with time zone", "rs_read_timestamptz"),
    "rs_text_date(s)": _datetime("date", "rs_read_date"),
    "rs_text_time(s)": _datetime("time", "rs_read_time"),
    "rs_text_timetz(s)": _datetime("time with time zone", "rs_read_timetz"),
    # As C's printf writes 15 or 6 digits, without an empty fraction.
    "rs_double_digits(x)": "CASE WHEN x IS NOT NULL THEN printf('%.15g', x) END",
    "rs_real_digits(x)": "CASE WHEN x IS NOT NULL THEN printf('%.6g', x) END",
    # The first n bytes, and no part of a character.
    "rs_cut(s, n)": """
        list_transform([s], lambda v: CASE WHEN v IS NULL OR strlen(v) <= n THEN v
            WHEN strlen(left(v, n)) <= n THEN left(v, n)
            ELSE left(v, list_max(list_filter(range(n // 4, n + 1),
                lambda k: strlen(left(v, k)) <= n))) END)[1]""",
}
