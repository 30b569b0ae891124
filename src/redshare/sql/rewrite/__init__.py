"""Rewrite rules: what each known expression becomes for the engine. One family of rules a file.

`RULES` is keyed by the parser's class, `NAMED` by the name of a function the parser has no class
for. What stands in neither is refused by name.
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from redshare.sql.rewrite import (
    aggregates,
    arithmetic,
    arrays,
    casts,
    catalog,
    comparisons,
    conditionals,
    date_parts,
    dates,
    division,
    formats,
    hashes,
    intervals,
    mathematics,
    number_formats,
    operators,
    parse_formats,
    percentiles,
    privileges,
    regexp,
    session,
    strings,
    windows,
    zones,
)
from redshare.sql.rewrite.rule import Rule

_FAMILIES: Final = (
    operators, arithmetic, division, comparisons, mathematics, strings, hashes, regexp,
    date_parts, dates, zones, conditionals, casts, aggregates, percentiles, windows, session,
    arrays,
)  # fmt: skip
_NAMED_FAMILIES: Final = (
    mathematics, strings, hashes, comparisons, date_parts, dates, intervals, zones, conditionals,
    formats,
    parse_formats, number_formats, windows, privileges, session, arrays, catalog,
)  # fmt: skip
RULES: Final[dict[type[exp.Expr], Rule]] = {
    kind: rule for family in _FAMILIES for kind, rule in family.RULES.items()
}
NAMED: Final[dict[str, Rule]] = {
    name: rule for family in _NAMED_FAMILIES for name, rule in family.NAMED.items()
}
