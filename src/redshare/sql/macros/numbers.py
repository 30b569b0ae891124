"""Numbers: exact division, results that must be finite, bits, numbers in bases."""

from __future__ import annotations

from typing import Final

_OVERFLOW: Final = "error('#[22003] value out of range: overflow]#')"
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"

NUMBERS: Final[dict[str, str]] = {
    # A divisor that is not zero.
    "rs_divisor(x)": """
        list_transform([x], lambda v: CASE WHEN v = 0
            THEN error('#[22012] Divide by zero]#') ELSE v END)[1]""",
    # Whole numbers of 10^-s; the quotient is cut off, not rounded.
    "rs_quotient(a, b, unit)": """
        ((a // rs_divisor(b))::DECIMAL(38, 0)) * unit""",
    "rs_without_point(s)": "replace(s, '.', '')",
    "rs_finite(x)": f"""
        list_transform([x], lambda v: CASE WHEN isinf(v) THEN {_OVERFLOW} ELSE v END)[1]""",
    # The engine's cube root is a step beside the nearest double.
    "rs_cbrt(x)": """
        list_transform([{'x': x, 'r': cbrt(x)}], lambda v: CASE WHEN v.r = 0 OR isinf(v.r) THEN v.r
            ELSE v.r - (v.r * v.r * v.r - v.x) / (3 * v.r * v.r) END)[1]""",
    "rs_cmp(a, b)": """
        CASE WHEN a < b THEN -1 WHEN a > b THEN 1 WHEN a = b THEN 0 END""",
    # As strtol(3): blanks, a sign, 0x, then digits as far as they go; all of it must be digits.
    "rs_strtol(s, base)": f"""
        list_transform([{{'b': base::INTEGER, 's': lower(ltrim(s, ' \t\n'))}}], lambda v:
            CASE WHEN v.s IS NULL OR v.b IS NULL THEN NULL
            WHEN v.b < 2 OR v.b > 36
                THEN error('#[22023] The base must be between 2 and 36]#')
            WHEN v.s = '' OR v.s[1] = chr(0) THEN 0
            ELSE list_reduce(list_prepend(0::HUGEINT, list_transform(
                string_split(CASE WHEN v.b = 16
                    THEN regexp_replace(v.s, '^([+-]?)0x', '\\1') ELSE v.s END, '')[
                    CASE WHEN v.s[1] IN ('-', '+') THEN 2 ELSE 1 END:],
                lambda c: CASE WHEN strpos('{_DIGITS}', c) BETWEEN 1 AND v.b
                    THEN strpos('{_DIGITS}', c)::HUGEINT - 1
                    ELSE error('#[22P02] The input ' || s
                        || ' is not valid to be converted to base ' || v.b::VARCHAR || ']#') END)),
                lambda acc, d: acc * v.b + d) * CASE WHEN v.s[1] = '-' THEN -1 ELSE 1 END
            END)[1]::BIGINT""",
    "rs_to_hex(n)": "lower(to_hex(n))",
}
