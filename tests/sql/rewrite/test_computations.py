"""Computations with numerics agree, digit for digit, with the formulas of the documentation.

https://docs.aws.amazon.com/redshift/latest/dg/r_numeric_computations201.html
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_DOWN, Context, Decimal, localcontext

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sql.world import Engine, World, engines

WORLD = World()


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """An engine without rows."""
    yield from engines(WORLD)


@st.composite
def numerics(draw: st.DrawFn) -> tuple[Decimal, int, int]:
    """A value with the precision and scale it is declared with; not zero."""
    precision = draw(st.integers(1, 18))
    scale = draw(st.integers(0, precision))
    digits = draw(st.integers(1, 10**precision - 1))
    sign = draw(st.sampled_from((1, -1)))
    return Decimal(sign * digits).scaleb(-scale), precision, scale


Numeric = tuple[Decimal, int, int]
_SETTINGS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _answer(engine: Engine, left: Numeric, sign: str, right: Numeric) -> tuple[Decimal, str]:
    a, b = (f"({value:f})::numeric({p},{s})" for value, p, s in (left, right))
    plan = WORLD.bind(f"select {a} {sign} {b}").plan
    assert plan is not None
    cursor = engine.connection.execute(plan.sql)
    return cursor.fetchall()[0][0], str(cursor.description[0][1])


@_SETTINGS
@given(numerics(), numerics())
def test_a_quotient_is_cut_off(engine: Engine, left: Numeric, right: Numeric) -> None:
    """Digits beyond the scale of a division are dropped, and the type follows the formula."""
    (x, p1, s1), (y, p2, s2) = left, right
    scale = max(4, s1 + p2 - s2 + 1)
    precision = p1 - s1 + s2 + scale
    if precision > 38:
        precision, scale = 38, max(38 + scale - precision, 4)
    with localcontext(Context(prec=100)):
        expected = (x / y).quantize(Decimal(1).scaleb(-scale), rounding=ROUND_DOWN)

    assert _answer(engine, left, "/", right) == (expected, f"DECIMAL({precision},{scale})")


@_SETTINGS
@given(numerics(), numerics(), st.sampled_from("+-*"))
def test_sums_and_products_are_exact(
    engine: Engine, left: Numeric, right: Numeric, sign: str
) -> None:
    """A sum, a difference and a product have all their digits, and the type of the formula."""
    (x, p1, s1), (y, p2, s2) = left, right
    scale = s1 + s2 if sign == "*" else max(s1, s2)
    precision = p1 + p2 + 1 if sign == "*" else max(p1 - s1, p2 - s2) + 1 + scale
    with localcontext(Context(prec=100)):
        expected = {"+": x + y, "-": x - y, "*": x * y}[sign]

    assert _answer(engine, left, sign, right) == (expected, f"DECIMAL({precision},{scale})")
