"""Laws of the binder: whatever text comes, it answers a plan or an SQL error."""

from __future__ import annotations

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from redshare.core.sql_errors import SqlError
from redshare.sql.bind import bind
from redshare.sql.lex import split
from tests.sql.world import NOW, World

WORDS = [
    "select", "from", "where", "t", "u", "id", "name", "*", ",", "(", ")", "d.public.sales", ".",
    "join", "on", "=", "1", "'x'", '"q"', "as", "group by", "order by", "limit", "union", "all",
    "with", "insert into", "values", "update", "set", "delete", "merge", "using", "when",
    "matched", "then", "case", "end", "cast", "::", "int", "over", "partition by", "count",
    "null", "not", "in", "exists", "$1", "||", "/", "%", "like", "create", "table", "default",
    "interval", "distinct", "having", "lateral", "read_csv", "svv_datashares", "current_user",
    "nosuch", "d", "public", "extract", "date_part", "identity", "sortkey", "is", "true", "->",
    "[", "]", "{", "}", ":=", "=>", "#", "@", "?", "values (", "between", "and", "any",
    "top 3", "qualify", "exclude (id)", "natural", "full join", "left join", "using (id)", "(+)",
    "pivot (", "unpivot", "unpivot include nulls (", "for", "connect by", "prior", "level",
    "start with", "minus", "intersect", "offset", "rollup (", "with recursive", "delete from",
    "json_parse(", "array(", "object(", "is_integer(", "[0]", "at i", "cross join", "window",
]  # fmt: skip


def _binds_or_refuses(text: str) -> None:
    world = World()
    try:
        for statement in split(text):
            plan = bind(statement, world.context, new_id=world.ids, now=NOW).plan
            if plan is not None:
                assert len(duckdb.extract_statements(plan.sql)) == 1
    except SqlError as error:
        assert len(error.sqlstate) == 5
        assert error.message


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join))
def test_any_words(text: str) -> None:
    """Words of the language in any order give a plan or an SQL error."""
    _binds_or_refuses(text)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
def test_any_expression(text: str) -> None:
    """The same behind a SELECT, where more of it is reached."""
    _binds_or_refuses(f"select {text} from t")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    """Any text at all gives a plan or an SQL error."""
    _binds_or_refuses(text)
    _binds_or_refuses(f"select {text}")
