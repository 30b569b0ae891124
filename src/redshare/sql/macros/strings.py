"""Strings: what the engine has no function for, or another idea of."""

from __future__ import annotations

from typing import Final

_SOUNDS: Final = "translate(v, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '01230120022455012623010202')"

STRINGS: Final[dict[str, str]] = {
    # Positions before the first are counted, then cut away.
    "rs_substring(s, start, size)": """
        list_transform([{'a': start::BIGINT, 'n': size::BIGINT}], lambda v:
            CASE WHEN v.n < 0 THEN error('#[22011] negative substring length not allowed]#')
            ELSE substring(s, greatest(v.a, 1),
                greatest(v.n + least(v.a - 1, 0), 0)) END)[1]""",
    "rs_substring_from(s, start)": "substring(s, greatest(start::BIGINT, 1))",
    # What a column of n bytes takes: blanks beyond its end are no error.
    "rs_fit(s, n, name)": """
        CASE WHEN s IS NULL OR strlen(s) <= n THEN s
            WHEN strlen(rtrim(s, ' ')) <= n THEN rs_cut(s, n)
            ELSE error('#[22001] value too long for type ' || name || ']#') END""",
    "rs_listed(s)": """
        CASE WHEN strlen(s) > 65535 THEN error('#[22001] Result size exceeds LISTAGG limit]#')
            ELSE s END""",
    # What a NOT NULL column takes, of whatever type.
    "rs_required(v, name)": """
        CASE WHEN v IS NULL
            THEN error('#[23502] Cannot insert a NULL value into column ' || name || ']#')
            ELSE v END""",
    "rs_lpad(s, size, fill)": """
        CASE WHEN s IS NULL OR size IS NULL OR fill IS NULL THEN NULL WHEN size <= 0 THEN ''
            WHEN fill = '' THEN left(s, size) ELSE lpad(s, size, fill) END""",
    "rs_rpad(s, size, fill)": """
        CASE WHEN s IS NULL OR size IS NULL OR fill IS NULL THEN NULL WHEN size <= 0 THEN ''
            WHEN fill = '' THEN left(s, size) ELSE rpad(s, size, fill) END""",
    "rs_left(s, n)": "left(s, greatest(n::BIGINT, 0))",
    "rs_right(s, n)": "right(s, greatest(n::BIGINT, 0))",
    "rs_split_part(s, d, n)": """
        list_transform([n::BIGINT], lambda v: CASE
            WHEN v = 0 THEN error('#[22023] field position must not be zero]#')
            WHEN d = '' THEN CASE WHEN v IN (1, -1) THEN s WHEN v IS NOT NULL THEN '' END
            ELSE split_part(s, d, v) END)[1]""",
    "rs_chr(n)": """
        list_transform([n::BIGINT], lambda v: CASE WHEN v BETWEEN 0 AND 1114111 THEN chr(v::INTEGER)
            WHEN v IS NOT NULL THEN error('#[22023] requested character too large]#') END)[1]""",
    "rs_octetindex(part, s)": """
        list_transform([{'p': strpos(s, part), 's': s}], lambda v:
            CASE WHEN v.p = 0 THEN 0 ELSE strlen(left(v.s, v.p - 1)) + 1 END)[1]""",
    "rs_quote_ident(s)": """
        list_transform([s], lambda v:
            CASE WHEN v IS NULL OR regexp_full_match(v, '[a-z_][a-z0-9_$]*') THEN v
                ELSE '"' || replace(v, '"', '""') || '"' END)[1]""",
    "rs_quote_literal(s)": """
        '''' || replace(replace(s, chr(92), chr(92) || chr(92)), '''', '''''') || ''''""",
    # Letters with the same sound beside each other count once; H and W do not part them.
    "rs_soundex(s)": f"""
        list_transform([regexp_replace(upper(s), '[^A-Z]', '', 'g')], lambda v:
            CASE WHEN v IS NULL THEN NULL WHEN v = '' THEN ''
            ELSE left(v, 1) || rpad(left(replace(array_to_string(list_transform(
                range(2, length(v) + 1),
                lambda i: CASE WHEN v[i] NOT IN ('H', 'W')
                    AND ({_SOUNDS})[i] <> coalesce(({_SOUNDS})[list_max(list_filter(range(1, i),
                        lambda j: v[j] NOT IN ('H', 'W') OR j = 1))], '')
                    THEN ({_SOUNDS})[i] ELSE '' END), ''), '0', ''), 3), 3, '0') END)[1]""",
    "rs_difference(a, b)": """
        list_transform([{'a': rs_soundex(a), 'b': rs_soundex(b)}], lambda v:
            CASE WHEN v.a = '' AND v.b = '' THEN 1 WHEN v.a = '' OR v.b = '' THEN 0
            ELSE (v.a[1] = v.b[1])::INTEGER + (v.a[2] = v.b[2])::INTEGER
            + (v.a[3] = v.b[3])::INTEGER + (v.a[4] = v.b[4])::INTEGER END)[1]""",
    # Words are what stands between characters other than letters and digits.
    "rs_initcap(s)": r"""
        list_transform([regexp_extract_all(lower(s), '[\p{L}\p{N}]+|[^\p{L}\p{N}]+')], lambda v:
            array_to_string(list_transform(v, lambda w: upper(w[1]) || w[2:]), ''))[1]""",
    # The nth match of a pattern from a position on; NULL where there is none.
    "rs_regexp_matches(s, pattern, start, grp, flags)": """
        regexp_extract_all(substring(s, greatest(start::BIGINT, 1)), pattern, grp, flags)""",
    "rs_regexp_substr(s, pattern, start, nth, grp, flags)": """
        CASE WHEN nth < 1 OR nth > greatest(length(s), 1) THEN NULL WHEN s IS NULL THEN NULL
            ELSE coalesce(rs_regexp_matches(s, pattern, start, grp, flags)[nth], '') END""",
    "rs_regexp_count(s, pattern, start, flags)": """
        CASE WHEN start > length(s) THEN 0
            ELSE len(rs_regexp_matches(s, pattern, start, 0, flags)) END""",
    # Where the nth match is, from the text cut at its matches and the matches themselves.
    "rs_regexp_place(parts, matches, nth, start, after)": """
        CASE WHEN nth < 1 OR len(matches) < nth THEN 0
            ELSE greatest(start::BIGINT, 1)
                + length(array_to_string(list_resize(parts, nth::BIGINT), ''))
                + CASE WHEN after = 1 THEN length(matches[nth]) ELSE 0 END
                - 0 END""",
    "rs_regexp_replace(s, pattern, replacement, start, flags)": """
        CASE WHEN start > length(s) AND length(s) > 0 THEN s
            ELSE left(s, greatest(start::BIGINT, 1) - 1)
            || regexp_replace(substring(s, greatest(start::BIGINT, 1)), pattern, replacement, flags)
            END""",
}
