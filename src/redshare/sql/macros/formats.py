"""Formats: numbers written and read by a pattern, dates read by one, ordinals, Roman numerals."""

from __future__ import annotations

from typing import Final

_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTH_CASES: Final = " ".join(
    f"WHEN '{name}' THEN {number}" for number, name in enumerate(_MONTHS.split(), start=1)
)


def _roman(place: str, one: str, five: str, ten: str) -> str:
    digits = ("", one, one * 2, one * 3, one + five, five, five + one, five + one * 2,
              five + one * 3, one + ten)  # fmt: skip
    listed = ", ".join(f"'{digit}'" for digit in digits)
    return f"([{listed}])[(v // {place}) % 10 + 1]"


FORMATS: Final[dict[str, str]] = {
    "rs_ordinal(n)": """
        list_transform([n::BIGINT], lambda v: CASE WHEN v % 100 BETWEEN 11 AND 13 THEN 'th'
            WHEN v % 10 = 1 THEN 'st' WHEN v % 10 = 2 THEN 'nd' WHEN v % 10 = 3 THEN 'rd'
            ELSE 'th' END)[1]""",
    "rs_roman(n)": f"""
        list_transform([n::BIGINT], lambda v: CASE WHEN v IS NULL THEN NULL
            WHEN v NOT BETWEEN 1 AND 3999 THEN repeat('#', 15)
            ELSE repeat('M', v // 1000) || {_roman("100", "C", "D", "M")}
                || {_roman("10", "X", "L", "C")} || {_roman("1", "I", "V", "X")} END)[1]""",
    # Blanks for zeros and separators in front, as many as the pattern lets go.
    "rs_blanked(s, most)": """
        list_transform([s], lambda v: list_transform(
            [least(most, length(v) - length(ltrim(v, '0,')))],
            lambda k: repeat(' ', k) || substring(v, k + 1))[1])[1]""",
    # A number without its sign: its digits in groups, or # where there are too many of them.
    "rs_digits(t, digits, groups, grouped, most, hashes, point)": """
        list_transform([{'n': split_part(t, '.', 1), 'f': split_part(t, '.', 2)}], lambda v:
            CASE WHEN length(v.n) > digits THEN CASE WHEN v.n IS NOT NULL THEN hashes END
            ELSE rs_blanked(regexp_replace(lpad(v.n, digits, '0'), groups, grouped), most)
                || point || v.f END)[1]""",
    # Without blanks, and without zeros at the end beyond those that a 0 asks for; never empty.
    "rs_filled(t, kept)": """
        list_transform([ltrim(t, ' ')], lambda v: CASE WHEN strpos(v, '.') = 0 THEN v
            ELSE CASE WHEN kept = 0 AND rtrim(v, '0') = '.' THEN '0' ELSE '' END
                || rpad(rtrim(v, '0'), greatest(length(rtrim(v, '0')),
                    strpos(v, '.') + kept)::INTEGER, '0') END)[1]""",
    # A sign at the number's first digit.
    "rs_signed(sign, t)": """
        list_transform([t], lambda v: lpad(sign || ltrim(v, ' '),
            (length(v) + length(sign))::INTEGER, ' '))[1]""",
    "rs_to_number(s, fraction)": r"""
        list_transform([regexp_replace(s, '[,$\s]', '', 'g')], lambda v:
            CASE WHEN v IS NULL THEN NULL
            WHEN NOT regexp_full_match(v, '[-+<]?([0-9]+\.?[0-9]*|\.[0-9]+)[-+>]?')
                THEN error('#[22P02] invalid input syntax for type numeric: "' || s || '"]#')
            ELSE CASE WHEN regexp_matches(v, '[-<]') THEN '-' ELSE '' END
                || CASE WHEN fraction > 0
                    THEN left(regexp_replace(v, '[^0-9.]', '', 'g'), CASE WHEN strpos(v, '.') > 0
                        THEN strpos(regexp_replace(v, '[^0-9.]', '', 'g'), '.') + fraction
                        ELSE 40 END)
                    ELSE split_part(regexp_replace(v, '[^0-9.]', '', 'g'), '.', 1) END END)[1]""",
    "rs_month_number(name)": f"CASE lower(left(name, 3)) {_MONTH_CASES} END",
    "rs_two_digit_year(y)": "y + CASE WHEN y < 70 THEN 2000 ELSE 1900 END",
    # What a text says under a pattern; parts that are too large go on to the next ones.
    "rs_moment(s, found, y, mon, d, day_of_year, h, mi, sec, us)": """
        CASE WHEN s IS NULL THEN NULL
            WHEN NOT found
                THEN error('#[22007] invalid value "' || s || '" for this format]#')
            ELSE make_timestamp(y, 1, 1, 0, 0, 0)
                + to_months((CASE WHEN day_of_year > 0 THEN 0 ELSE mon - 1 END)::INTEGER)
                + to_days((CASE WHEN day_of_year > 0 THEN day_of_year - 1 ELSE d - 1 END)::INTEGER)
                + to_microseconds(((h * 60 + mi) * 60 + sec) * 1000000 + us) END""",
    "rs_strict_moment(s, found, y, mon, d, day_of_year, h, mi, sec, us)": """
        CASE WHEN found AND (mon NOT BETWEEN 1 AND 12 OR d < 1 OR day_of_year > 366
                OR (day_of_year = 0 AND d > date_part('day',
                    last_day(make_date(y, least(greatest(mon, 1), 12), 1))))
                OR h > 24 OR mi > 59 OR sec > 59)
            THEN error('#[22008] date/time field date value out of range: '
                || y::VARCHAR || '-' || mon::VARCHAR || '-' || d::VARCHAR || ']#')
            ELSE rs_moment(s, found, y, mon, d, day_of_year, h, mi, sec, us) END""",
}
