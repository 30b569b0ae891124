"""What is remembered of a statement, and everything that makes it be bound anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from redshare.app.sessions.plans import MAX_TEXT, Plans
from redshare.core.sql_errors import SqlError
from redshare.sql.bind import bind
from redshare.sql.bound import Bound
from redshare.sql.context import SqlContext
from redshare.sql.lex import split
from tests.sql.world import NOW, World


class Binding:
    """Binds through Plans in a world."""

    def __init__(self) -> None:
        self.world = World()
        self.plans = Plans()

    def bind(
        self,
        text: str,
        change: Callable[[SqlContext], SqlContext] = lambda context: context,
        values: Sequence[object] = (),
        types: Sequence[str | None] = (),
    ) -> Bound:
        """The statement bound, or remembered."""
        (statement,) = self.plans.statements(text)
        context = change(self.world.context)

        def anew() -> Bound:
            return bind(
                statement, context, new_id=self.world.ids, now=NOW, parameter_types=types,
                values=values,
            )  # fmt: skip

        return self.plans.bound(statement, context, self.world.catalog, types, values, anew)

    def hits(self, *arguments: object, **named: object) -> bool:
        """Whether binding that was remembered."""
        before = self.plans.hits
        self.bind(*arguments, **named)  # type: ignore[arg-type]
        return self.plans.hits > before


QUERY = "select id, name from t where id = $1"


def test_remembered() -> None:
    """The same text in the same session is bound once, whatever the values."""
    binding = Binding()
    first = binding.bind(QUERY, values=(1,))
    assert binding.bind(QUERY, values=(2,)) is first
    assert (binding.plans.hits, binding.plans.misses) == (1, 1)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: replace(c, search_path=("other",)),
        lambda c: replace(c, settings={"timezone": "CET"}),
        lambda c: replace(c, session_id=7),
        lambda c: replace(c, case_sensitive=True),
        lambda c: replace(c, user=replace(c.user, superuser=not c.user.superuser)),
    ],
)
def test_another_view_of_the_world(change: Callable[[SqlContext], SqlContext]) -> None:
    """Another search path, setting, session or user is another binding."""
    binding = Binding()
    binding.bind("select 1")
    assert binding.hits("select 1")
    assert not binding.hits("select 1", change)
    assert binding.hits("select 1")


def test_another_catalogue() -> None:
    """Any commit has everything bound anew: what is gone is not found."""
    binding = Binding()
    binding.bind(QUERY)
    relation = next(r for r in binding.world.catalog.tables[_relation()].values() if r.name == "t")
    binding.world.put(replace(relation, name="moved"))
    with pytest.raises(SqlError, match="does not exist"):
        binding.bind(QUERY)


def _relation() -> type:
    from redshare.core.relation import Relation  # noqa: PLC0415 - for one look

    return Relation


def test_a_transactions_own_changes() -> None:
    """A catalogue with changes of its own laid over is neither remembered nor remembered from."""
    binding = Binding()
    binding.bind("select 1")
    assert not binding.hits("select 1", lambda c: replace(c, catalog=c.catalog.after(())))
    assert binding.hits("select 1")


def test_types_of_parameters() -> None:
    """Declared types are part of the key; digits are where a parameter is numeric."""
    binding = Binding()
    binding.bind(QUERY)
    assert not binding.hits(QUERY, types=("bigint",))
    priced = "select id from t where price > $1"
    for value in ("1.5", "2.5", "1.25"):
        binding.bind(priced, values=(Decimal(value),))
    assert binding.bind(priced, values=(Decimal("9.9"),)).parameters == ("numeric(2,1)",)
    assert binding.bind(priced, values=(Decimal("9.99"),)).parameters == ("numeric(3,2)",)


@pytest.mark.parametrize(
    "text", ["select * from svv_all_tables", "create table n (a int)", "create view v as select 1"]
)
def test_not_remembered(text: str) -> None:
    """Rows of the node and things that are made belong to one execution."""
    binding = Binding()
    binding.bind(text)
    assert not binding.hits(text)


def test_secrets_and_long_texts_are_not_kept() -> None:
    """A text with a password, or one of a size seldom sent twice, leaves nothing behind."""
    plans = Plans()
    for text in ("select 'my password'", "select '" + "x" * MAX_TEXT + "'"):
        assert plans.statements(text) is not plans.statements(text)
    assert plans.statements("select 1") is plans.statements("select 1")


def test_bounded() -> None:
    """What was not used for longest is forgotten."""
    plans = Plans(most=20 * 1024)
    first = plans.statements("select 0")
    for number in range(100):
        plans.statements(f"select {number}")
        assert plans.statements("select 0") is first
    assert plans.statements("select 1") == tuple(split("select 1"))
    assert len(plans._texts._kept) < 20
