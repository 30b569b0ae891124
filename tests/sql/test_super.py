"""SUPER values in the engine: what goes in comes out, and what comes out of them is exact."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from redshare.core.sql_errors import SqlError
from redshare.sql.raised import parse_raised
from tests.sql.world import CONSUMER, Engine, World, engines, table

NUMBERS = st.one_of(
    st.integers(-(10**38) + 1, 10**38 - 1).map(str),
    st.decimals(-(10**18), 10**18, places=6).map(lambda d: format(d, "f")),
    st.sampled_from(["0.10", "1.50", "-2.00", "1e5", "3.0E-2", "12345678901234567890.10"]),
)
STRINGS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00\x01"))
SCALARS = st.one_of(
    NUMBERS, STRINGS.map(lambda s: json.dumps(s, ensure_ascii=False)),
    st.sampled_from(["true", "false", "null"]),
)  # fmt: skip


def _object(items: list[tuple[str, str]]) -> str:
    members = (f"{json.dumps(name, ensure_ascii=False)}:{value}" for name, value in items)
    return "{" + ",".join(members) + "}"


DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda items: f"[{','.join(items)}]"),
        st.lists(st.tuples(STRINGS, inner), max_size=4, unique_by=lambda item: item[0]).map(
            _object
        ),
    ),
    max_leaves=12,
)
EXACT = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def loaded(text: str) -> Any:
    """A document with the digits of its numbers."""
    return json.loads(text, parse_float=lambda t: ("float", t), parse_int=int)


@pytest.fixture(name="world", scope="module")
def _world() -> World:
    world = World()
    world.put(table("s", _dev(world), "cp", "s", (("id", "integer"), ("v", "super"))))
    return world


def _dev(world: World) -> Any:
    database = world.catalog.database_named(CONSUMER, "dev")
    assert database is not None
    return database.database_id


@pytest.fixture(name="engine", scope="module")
def _engine(world: World) -> Iterator[Engine]:
    yield from engines(world)


def answer(world: World, engine: Engine, sql: str) -> Any:
    """The one value of a query."""
    ((value,),) = engine.run(world.bind(sql).plan)
    return value


def quoted(text: str) -> str:
    """A string literal, in which a backslash escapes."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


@EXACT
@given(DOCUMENTS)
def test_a_document_keeps_its_digits(world: World, engine: Engine, text: str) -> None:
    """JSON_PARSE answers the same document, each number as it was written."""
    found = answer(world, engine, f"select json_parse({quoted(text)})")

    assert loaded(text) == (None if found is None else loaded(found))


@EXACT
@given(st.lists(st.tuples(st.from_regex(r"[a-z_ ]{1,6}", fullmatch=True), DOCUMENTS), min_size=1,
                max_size=4, unique_by=lambda item: item[0]))  # fmt: skip
def test_navigation_is_exact(world: World, engine: Engine, items: list[tuple[str, str]]) -> None:
    """An attribute is what stands in the document; a JSON null is NULL."""
    for name, value in items:
        sql = f'select json_parse({quoted(_object(items))})."{name}"'
        found = answer(world, engine, sql)
        assert loaded(value) == (None if found is None else loaded(found))


@EXACT
@given(st.lists(DOCUMENTS, max_size=5))
def test_unnesting_is_exact(world: World, engine: Engine, items: list[str]) -> None:
    """The members of an array come as they are, each with its place."""
    text = quoted(f"[{','.join(items)}]")
    sql = f"select i, x from (select json_parse({text}) as a) t, t.a as x at i order by i"
    rows = engine.run(world.bind(sql).plan)

    expected = [(place, loaded(item)) for place, item in enumerate(items)]
    assert expected == [(i, None if x is None else loaded(x)) for i, x in rows]


@EXACT
@given(st.decimals(-(10**15), 10**15, places=3), st.integers(-(10**15), 10**15))
def test_numbers_compare_as_numbers(
    world: World, engine: Engine, left: Decimal, right: int
) -> None:
    """Whatever their scale, numbers are ordered by value."""
    sql = f"select ({left:f})::super < ({right})::super, ({right})::super = {right}"
    assert [(left < right, True)] == engine.run(world.bind(sql).plan)


REFUSED = [
    "select upper(v) from s",
    "select v || 'x' from s",
    "select v + 1 from s",
    "select -v from s",
    "select sum(v) from s",
    "select max(v) from s",
    "select listagg(v) from s",
    "select substring(v, 1, 2) from s",
    "select greatest(v, 1) from s",
    "select nullif(v, 1) from s",
    "select decode(v, 1, 2) from s",
    "select nvl2(v, 1, 2) from s",
    "select v::interval from s",
    "select v::varbyte from s",
    "select v = date '2020-01-01' from s",
    "select v in (select v from s) from s",
    "select v = any (select v from s) from s",
    "select v = any (select 1) from s",
    "select v <> all (select 1) from s",
    "select (v, 1) in (select v, 1 from s) from s where v + 1 = 2",
    "select v from s union select v from s",
    "select v from s intersect select v from s",
    "select * from s join s u using (v)",
    "select v['a'] from s",
    "select v[1:2] from s",
    "select v[id] from s",
    'select v."*" from s',
    'select v."a\\\\b" from s',
    'select v."a""b" from s',
    "select v.* from s",
    "select v -> 'a' from s",
    "select v:a from s",
    "select json_extract(v, '$') from s",
    "select json_extract_string(v, '$') from s",
    "select to_json(id) from s",
    "select list_transform(v, 1) from s",
    "select unnest(v) from s",
    "select array_to_string(v, ',') from s",
    "select json_extract_path_text(v, 'a') from s",
    "select is_valid_json(v) from s",
    "select json_parse(v) from s",
    "select json_parse(id) from s",
    "select object('a') from s",
    "select object(1, 2)",
    "select subarray(v, 1) from s",
    "select subarray(v, 'a', 1) from s",
    "select array_concat(v) from s",
    "select * from s t, t.v.a x right join s u on true",
    "select * from s t, t.id x",
    "select * from s t, unpivot t.id as a at b",
    "select * from s t left join t.v.a x on x = 1",
    "select * from json_each('{}')",
    "select * from unnest([1])",
]


@pytest.mark.parametrize("text", REFUSED)
def test_refused(world: World, text: str) -> None:
    """What is not known of a SUPER value is refused, and never sees its text."""
    with pytest.raises(SqlError) as caught:
        world.bind(text)

    assert caught.value.sqlstate in {"0A000", "42601", "42883", "42703", "42P01", "42804"}


BROKEN = [
    "{", "}", "[1,]", '{"a":1,}', "NaN", "[Infinity]", "nul", "'a'", "{a:1}", "1 2", "01", ".5",
    '"a', "// x", '{"a":1,"a":2}', "", " ", "[1 2]", '{"a" 1}', '{"a":}', "\\x00", "[nan]",
]  # fmt: skip


@pytest.mark.parametrize("text", BROKEN)
def test_what_is_not_json(world: World, engine: Engine, text: str) -> None:
    """A text that is no JSON is Redshift's parsing error, and CAN_JSON_PARSE says so before."""
    with pytest.raises(duckdb.Error) as caught:
        engine.run(world.bind(f"select json_parse({quoted(text)})").plan)

    raised = parse_raised(str(caught.value))
    assert raised is not None
    assert raised.sqlstate == "22P02"


@pytest.mark.parametrize("text", ["'\\\\u0001 1.5'", "chr(1) || 'x'"])
def test_the_mark_cannot_be_forged(world: World, engine: Engine, text: str) -> None:
    """The character that marks numbers inside is refused wherever it would come in."""
    for sql in (f"select json_parse('\"' || {text} || '\"')", f"select array({text})"):
        try:
            rows = engine.run(world.bind(sql).plan)
        except duckdb.Error as error:
            raised = parse_raised(str(error))
            assert raised is not None
            assert raised.sqlstate in {"0A000", "22P02"}
        else:
            assert "\\\\u0001" in rows[0][0]


def test_attribute_names_are_only_names(world: World) -> None:
    """A path is a literal of the engine's, whatever an attribute is called."""
    plan = world.bind('select v."\'); drop table x; --" from s').plan

    assert plan is not None
    assert "'$.\"''); drop table x; --\"'" in plan.sql
