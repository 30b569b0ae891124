"""Dates and times: what the engine has no function for, or another idea of."""

from __future__ import annotations

from typing import Final

_ROMAN: Final = "['I', 'II', 'III', 'IV', 'V', 'VI', 'VII', 'VIII', 'IX', 'X', 'XI', 'XII']"
_DAYS: Final = {
    1: ("m", "mo", "mon", "monday"), 2: ("tu", "tue", "tues", "tuesday"),
    3: ("w", "we", "wed", "wednesday"), 4: ("th", "thu", "thurs", "thursday"),
    5: ("f", "fr", "fri", "friday"), 6: ("sa", "sat", "saturday"), 7: ("su", "sun", "sunday"),
}  # fmt: skip
_DAY_CASES: Final = " ".join(
    f"WHEN lower(v) IN ({', '.join(repr(n) for n in names)}) THEN {number}"
    for number, names in _DAYS.items()
)

#: Hours east of Greenwich. An abbreviation is that difference in summer and winter alike.
_ZONES: Final = {
    "UTC": 0, "GMT": 0, "UCT": 0, "Z": 0, "ZULU": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1,
    "CEST": 2, "EET": 2, "EEST": 3, "MET": 1, "MSK": 3, "WAT": 1, "CAT": 2, "EAT": 3, "IST": 2,
    "IDT": 3, "PKT": 5, "ICT": 7, "PHT": 8, "SGT": 8, "HKT": 8, "AWST": 8, "JST": 9, "KST": 9,
    "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "HST": -10, "SST": -11, "AKST": -9,
    "AKDT": -8, "PST": -8, "PDT": -7, "MST": -7, "MDT": -6, "CST": -6, "CDT": -5, "EST": -5,
    "EDT": -4, "AST": -4, "ADT": -3, "ART": -3, "BRT": -3,
}  # fmt: skip
#: Names of the engine's that are no abbreviation, or not that one, in Redshift.
_FOREIGN_ZONES: Final = (
    "ACT", "AET", "AGT", "BET", "CNT", "CTT", "ECT", "IET", "MIT", "NET", "NST", "PLT", "PNT",
    "PRT", "VST",
)  # fmt: skip
_ZONE_CASES: Final = " ".join(f"WHEN '{name}' THEN {hours}" for name, hours in _ZONES.items())

DATETIMES: Final[dict[str, str]] = {
    "rs_zone_hours(name)": f"""
        CASE WHEN upper(name) IN {_FOREIGN_ZONES}
            THEN error('#[22023] time zone "' || name || '" not recognized]#')
            ELSE CASE upper(name) {_ZONE_CASES} END END""",
    # Signs are POSIX's: hours to the west are positive.
    "rs_zone(name)": r"""
        list_transform([trim(name)], lambda v: CASE WHEN rs_zone_hours(v) IS NOT NULL
                THEN 'Etc/GMT' || printf('%+d', (-rs_zone_hours(v))::INTEGER)
            WHEN regexp_full_match(v, '[A-Za-z]{3,4}[+-]?\d{1,2}')
                THEN 'Etc/GMT' || printf('%+d', regexp_extract(v, '[+-]?\d+$')::INTEGER)
            ELSE v END)[1]""",
    # From 29 February, years lead to 1 March where there is no 29th; months lead to the 28th.
    "rs_add_years(t, n)": """
        list_transform([{'t': t, 'n': n}], lambda v:
            CASE WHEN date_part('day', v.t) = 29 AND date_part('month', v.t) = 2
                AND date_part('day', v.t + to_months(v.n)) = 28
            THEN v.t + to_months(v.n) + to_days(1) ELSE v.t + to_months(v.n) END)[1]""",
    # The last day of a month leads to the last day of a month.
    "rs_add_months(t, n)": """
        list_transform([{'t': t, 'n': n}], lambda v:
            CASE WHEN v.t::DATE = last_day(v.t)
            THEN last_day(v.t + to_months(v.n)) + (v.t - date_trunc('day', v.t))
            ELSE v.t + to_months(v.n) END)[1]""",
    "rs_months_between(a, b)": """
        list_transform([{'a': a, 'b': b}], lambda v:
            (date_part('year', v.a) - date_part('year', v.b)) * 12.0::DOUBLE
            + date_part('month', v.a) - date_part('month', v.b)
            + CASE WHEN date_part('day', v.a) = date_part('day', v.b)
                OR (v.a::DATE = last_day(v.a) AND v.b::DATE = last_day(v.b)) THEN 0
            ELSE (date_part('day', v.a) - date_part('day', v.b)
                + (epoch_us(v.a - date_trunc('day', v.a)) - epoch_us(v.b - date_trunc('day', v.b)))
                    / 86400000000.0::DOUBLE) / 31.0::DOUBLE END)[1]""",
    # Weeks since one that began on this day.
    "rs_weeks_since(day, t)": "floor(date_diff('day', day, t::DATE) / 7.0)::BIGINT",
    # Weeks begin on Sunday or on Monday: which, is documented nowhere, so both must agree.
    "rs_weeks_between(a, b)": """
        list_transform([{'s': rs_weeks_since(DATE '1970-01-04', b)
                    - rs_weeks_since(DATE '1970-01-04', a),
                'm': rs_weeks_since(DATE '1970-01-05', b)
                    - rs_weeks_since(DATE '1970-01-05', a)}], lambda v:
            CASE WHEN v.s IS NULL THEN NULL WHEN v.s = v.m THEN v.m
            ELSE error('#[0A000] datediff in weeks to or from a Sunday is not supported]#')
            END)[1]""",
    "rs_weekday(name)": f"""
        list_transform([name], lambda v: CASE {_DAY_CASES} WHEN v IS NULL THEN NULL
            ELSE error('#[22023] invalid day of week: "' || v || '"]#') END)[1]""",
    "rs_next_day(d, name)": """
        list_transform([d::DATE], lambda t:
            t + ((rs_weekday(name) - date_part('isodow', t) + 6) % 7 + 1)::INTEGER)[1]""",
    # Centuries and millennia begin with the year 1.
    "rs_trunc_years(t, n)": """
        list_transform([t], lambda v:
            make_timestamp(((date_part('year', v) - 1) // n) * n + 1, 1, 1, 0, 0, 0))[1]""",
    "rs_interval_months(i)": "date_part('year', i) * 12 + date_part('month', i)",
    "rs_interval_us(i)": """
        list_transform([i], lambda v: (date_part('year', v) * 12 + date_part('month', v))
            * 2592000000000 + date_part('day', v) * 86400000000
            + date_part('hour', v) * 3600000000 + date_part('minute', v) * 60000000
            + date_part('microsecond', v))[1]""",
    # PostgreSQL's text of an interval: behind a negative part a positive one says its sign.
    "rs_interval_part(v, before, name)": """
        CASE WHEN v <> 0 THEN CASE WHEN v > 0 AND before < 0 THEN '+' ELSE '' END
            || v::VARCHAR || ' ' || name || CASE WHEN v = 1 THEN '' ELSE 's' END END""",
    "rs_interval_digits(i)": """
        list_transform([{'y': date_part('year', i), 'm': date_part('month', i),
                'd': date_part('day', i), 't': date_part('hour', i) * 3600000000
                    + date_part('minute', i) * 60000000 + date_part('microsecond', i)}], lambda v:
            CASE WHEN v.y IS NOT NULL THEN concat_ws(' ',
                rs_interval_part(v.y, 0, 'year'), rs_interval_part(v.m, v.y, 'mon'),
                rs_interval_part(v.d, CASE WHEN v.m <> 0 THEN v.m ELSE v.y END, 'day'),
                CASE WHEN v.t <> 0 OR (v.y = 0 AND v.m = 0 AND v.d = 0) THEN
                    CASE WHEN v.t < 0 THEN '-'
                        WHEN CASE WHEN v.d <> 0 THEN v.d WHEN v.m <> 0 THEN v.m ELSE v.y END < 0
                        THEN '+' ELSE '' END
                    || lpad((abs(v.t) // 3600000000)::VARCHAR,
                        greatest(2, length((abs(v.t) // 3600000000)::VARCHAR))::INTEGER, '0')
                    || printf(':%02d:%02d', (abs(v.t) // 60000000 % 60)::INTEGER,
                        (abs(v.t) // 1000000 % 60)::INTEGER)
                    || CASE WHEN abs(v.t) % 1000000 = 0 THEN ''
                        ELSE '.' || rtrim(printf('%06d', (abs(v.t) % 1000000)::INTEGER), '0') END
                END) END)[1]""",
    "rs_month_roman(t)": f"({_ROMAN})[date_part('month', t)]",
    "rs_julian(t)": "date_diff('day', DATE '1970-01-01', t::DATE) + 2440588",
    "rs_century(t)": "date_part('century', t)",
}
