"""Query forms: what is not one is refused, and no name of a user's level reaches the engine."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from redshare.core.sql_errors import SqlError
from tests.sql.world import World

REFUSED = [
    # joins
    "select * from t semi join u on t.id = u.id",
    "select * from t anti join u using (id)",
    "select * from t asof join u on t.id >= u.id",
    "select * from t positional join u",
    "select * from t cross apply (select 1) x",
    "select * from t left join u",
    "select * from t, lateral (select t.id) x",
    "select * from t lateral view explode(id) x",
    "select * from t join u on t.id = v.id",
    "select * from (t, u)",
    "select * from (t join u on t.id = u.id, u)",
    "select * from t x, u x",
    "select t.id from t x",
    "select * from t for system_time as of 1",
    "select * from t tablesample bernoulli (1)",
    "select * from only t",
    "select * from t with ordinality",
    "select * from table(generate_series(1, 2))",
    # (+)
    "select id(+) from t",
    "select * from t, u where t.id = u.id(+) or true",
    "select * from t, u where u.id(+) in (1, 2)",
    "select * from t, u where u.id(+) = (select 1)",
    "select * from t, u where t.id(+) = u.id(+)",
    "select * from t, u where t.id = t.qty(+)",
    "select * from t where exists (select 1 from u where u.id = t.id(+))",
    # PIVOT and UNPIVOT
    "select * from t pivot (sum(qty) for name in (select 'a'))",
    "select * from t pivot (sum(qty) for name in (name))",
    "select * from t pivot (sum(qty) for name in any)",
    "select * from t pivot (sum(qty) + 1 for name in ('a'))",
    "select * from t pivot (listagg(name) for qty in (1))",
    "select * from t pivot (sum(qty) for name in ('a') for id in (1))",
    "select * from t pivot (sum(qty) for name in ('a')) pivot (sum(id) for big in (1))",
    "select * from t pivot (sum(qty) for name in ('a') group by id)",
    "select * from t pivot (sum(u.id) for name in ('a')), u",
    "select * from t unpivot (v for k in (id, nosuch))",
    "select * from t unpivot (v for k in (id + 1))",
    "select * from t unpivot ((v, w) for k in ((id, qty)))",
    "select * from t unpivot (v for k in (*))",
    "pivot t on name using sum(id)",
    "unpivot t on id into name n value v",
    # CONNECT BY
    "select id from t connect by nocycle prior id = qty",
    "select id from t connect by id = 1",
    "select prior id from t",
    "select id from t where prior id = 1",
    "select id from t start with id = 1",
    "select connect_by_root id from t connect by prior id = qty",
    "select level from t",
    # SELECT
    "select top 3 with ties id from t",
    "select top 10 percent id from t",
    "select distinct on (id) id from t",
    "select * exclude (id), name from t",
    "select * except (id), u.* from t, u",
    "select * replace (1 as id) from t",
    "select id, from t",
    "select id from t,",
    "select id from t where",
    "select id from t group by",
    "select id from t group by id, all",
    "select id from t order by all",
    "select id from t order by 7",
    "select id from t order by 'x'",
    "select id from t limit 1.5",
    "select id from t limit 'x'",
    "select id from t limit 5 percent",
    "select id from t limit (select 1)",
    "select id from t limit id",
    "select id from t fetch first 3 rows with ties",
    "select id from t for update",
    "select id from t into outfile 'x'",
    "select (id, name) from t",
    "select row(id, name) from t",
    "select 1 where (id, 1) < (2, 3)",
    "select 1 from t where (id, name) = (select id, name from t)",
    "select id from t qualify",
    "select id from t window w as (partition by id), w as (order by id) limit w",
    "select id from t sample 10",
    "from t select id",
    "from t",
    # WITH and set operations
    "with x as (select 1), x as (select 2) select * from x",
    "with x as (insert into t values (1) returning id) select * from x",
    "with x as (delete from t) select 1",
    "with x as materialized (select 1) select * from x",
    "with recursive r(n) as (select 1 union all select n from r) cycle n set c using p select 1",
    "with x(a, b) as (select 1) select * from x",
    "select 1 union by name select 2",
    "select 1 intersect all select 1",
    "select 1 except all select 1",
    "select 1, 2 union select 1",
    # DML
    "update t set id = 1 from u join d.public.sales s on s.id = t.id",
    "update t set id = 1 order by id limit 1",
    "update t, u set id = 1",
    "update t set (id, qty) = (select 1, 2)",
    "update only t set id = 1",
    "update t set id = 1 from t",
    "delete from t using t",
    "delete from t where current of c",
    "delete t, u from t join u using (id)",
    "delete from t order by id limit 1",
    "insert into t select * from t on conflict do nothing",
    "insert overwrite into t select * from t",
    "insert into t (select 1) (select 2)",
    "insert into t default values returning *",
    "insert into t partition (id = 1) values (1)",
    "insert all into t values (1) select 1",
    "replace into t values (1)",
]


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text: str) -> None:
    """A form that Redshift has not, or that is not translated, is an SQL error."""
    with pytest.raises(SqlError) as caught:
        World().bind(text)

    assert caught.value.sqlstate in {
        "0A000", "42601", "42702", "42703", "42712", "42804", "42883", "42P01", "42P10", "22023",
        "22P02",
    }  # fmt: skip


#: Queries in which the user names relations; {0} and {1} are those names.
NAMED = [
    "select {0}.id from t as {0}",
    "select {0}.id from t as {0} join u as {1} on {0}.id = {1}.id",
    "select {0}.id from (t as {0} left join u as {1} using (id))",
    "select * from (select id from t) as {0}, (select id from u) {1}",
    "with {0} as (select id from t), {1} as (select id from {0}) select id from {1}",
    "with recursive {0}(n) as (select 1 union all select n + 1 from {0} where n < 3) select n "
    "from {0} as {1}",
    'select * from (t as {0} join u as {1} on true) as "third"',
    "select {0}.id from t {0} where exists (select 1 from u {1} where {1}.id = {0}.id)",
    "select {1}.b from (values (1, 2)) as {1} (a, b)",
    "select {0}.one from (select id, name, qty from t) pivot (sum(qty) for name in ('a' as one)) "
    "as {0}",
    "select {0}.v from t unpivot (v for k in (id, qty)) as {0}",
    "select {0}.id from t {0}, u {1} where {0}.id = {1}.id(+)",
    "select {0}.id from t {0} start with id = 1 connect by prior {0}.id = {0}.qty",
    "update t as {0} set qty = {1}.id from u as {1} where {0}.id = {1}.id",
    "delete from t using u as {1} where t.id = {1}.id",
    "with {0} as (select 1 as id) delete from t using {0} where t.id = {0}.id",
    "select x from (select array(1) as a) {0}, {0}.a as x",
]  # fmt: skip
NAMES = st.text(
    st.characters(categories=("L", "N", "P", "S", "Zs"), exclude_characters='"\\'),
    min_size=3, max_size=12,
).map(str.lower).filter(lambda name: len(name.encode()) < 60)  # fmt: skip


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(NAMED), NAMES, NAMES)
def test_names_of_relations_stay_outside(form: str, first: str, second: str) -> None:
    """The engine is told no alias and no CTE's name, and what it is told is one statement."""
    first, second = f"q7{first}", f"q8{second}"
    plan = World().bind(form.format(f'"{first}"', f'"{second}"')).plan

    assert plan is not None
    assert first not in plan.sql
    assert second not in plan.sql
    assert len(duckdb.extract_statements(plan.sql)) == 1


def test_a_name_may_be_the_engines() -> None:
    """Aliases that are the engine's own names mean what the query says."""
    for name in ("duckdb_tables", "temp", "lake_b", "rowid", "excluded", "source"):
        plan = World().bind(f'select "{name}".id from t as "{name}"').plan
        assert plan is not None
        assert f'"{name}"' not in plan.sql
