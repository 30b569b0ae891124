"""SQL functions: bound when made, written in the place of their calls, reaching nothing else."""

from __future__ import annotations

import pytest

from redshare.core.catalog import Put
from redshare.core.function import Function
from redshare.core.sql_errors import SqlError
from tests.sql.world import Engine, World


def make(world: World, text: str) -> None:
    """CREATE FUNCTION, applied."""
    world.apply(world.bind(text))


def function(name: str, arguments: str, returns: str, body: str) -> str:
    """A CREATE FUNCTION."""
    return (
        f"create function {name}({arguments}) returns {returns} stable as $$ {body} $$ language sql"
    )


def test_an_argument_written_twice_is_the_binders_own() -> None:
    """A subquery or a parameter as an argument may stand in the body more than once."""
    world = World()
    engine = Engine(world.catalog)
    make(world, function("f_square", "int", "int", "select $1 * $1"))

    assert engine.run(world.bind("select f_square((select count(*)::int + 3 from t))").plan) == [
        (9,)
    ]
    bound = world.bind("select f_square($1)")
    assert bound.parameters == ("integer",)
    engine.close()


@pytest.mark.parametrize(
    ("body", "sqlstate"),
    [
        ("select id from t", "0A000"),
        ("select (select max(id) from t)", "0A000"),
        ("select $1 where true", "0A000"),
        ("select $1, $1", "42P13"),
        ("insert into t (id) values (1)", "42P13"),
        ("select $2", "42P02"),
        ("select read_text('/etc/passwd')", "0A000"),
        ("select id", "42703"),
        ("select date '2024-01-01'", "42P13"),
        ("select 1; select 2", "42P13"),
    ],
)
def test_a_body_is_one_expression(body: str, sqlstate: str) -> None:
    """What a body must not be is refused when the function is made."""
    with pytest.raises(SqlError) as caught:
        World().bind(function("f", "int", "int", body))

    assert caught.value.sqlstate == sqlstate


def test_the_nearest_types_win() -> None:
    """Overloads are told apart by their arguments' types, a bare string being a string first."""
    world = World()
    engine = Engine(world.catalog)
    for kind in ("int", "bigint", "varchar", "date"):
        make(world, function("f", kind, "varchar", f"select '{kind}'"))

    asked = "select f(1), f(1::smallint), f(1::bigint), f('x'), f(date '2024-01-01')"
    assert engine.run(world.bind(asked).plan) == [("int", "int", "bigint", "varchar", "date")]
    with pytest.raises(SqlError) as caught:
        world.bind("select f(true)")
    assert caught.value.sqlstate == "42883"
    engine.close()


def test_execute_is_needed() -> None:
    """Everybody may execute a new function, nobody one without a grant."""
    world = World()
    bound = world.bind(function("f", "int", "int", "select $1"))
    world.apply(bound)
    world.user = "anna"
    world.bind("select public.f(1)")
    (change,) = bound.changes
    assert isinstance(change, Put)
    assert isinstance(change.entity, Function)
    made = change.entity
    grantee = made.acl.grants[0].grantee
    revoked = made.acl.revoke(grantee, made.acl.grants[0].privileges)
    world.catalog = world.catalog.after(
        [Put(Function(**{n: getattr(made, n) for n in made.__slots__ if n != "acl"}, acl=revoked))]
    )

    with pytest.raises(SqlError) as caught:
        world.bind("select public.f(1)")

    assert caught.value.message == "permission denied for function f"
