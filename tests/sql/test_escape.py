"""What must never reach the engine, and what must be harmless when it does."""

from __future__ import annotations

import pytest

from redshare.core.sql_errors import SqlError
from redshare.sql.lex import split
from tests.sql.world import Engine, World

REFUSED = [
    # functions that read files, the network, the environment, the engine's state
    "select * from read_csv('/etc/passwd')",
    "select * from read_parquet('s3://bucket/x')",
    "select * from read_json('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from read_blob('/etc/passwd')",
    "select * from parquet_scan('x')",
    "select * from parquet_metadata('x')",
    "select * from glob('/*')",
    "select * from sniff_csv('x')",
    "select read_csv('x')",
    "select read_text('/etc/passwd')",
    "select getenv('HOME')",
    "select current_setting('secret_directory')",
    "select nextval('s')",
    "select * from duckdb_secrets()",
    "select * from duckdb_tables()",
    "select * from duckdb_settings()",
    "select * from pragma_database_list()",
    "select * from pragma_table_info('t_t')",
    "select * from query('select 1')",
    "select * from query_table('t_t')",
    "select query('select 1')",
    "select * from postgres_query('meta', 'select 1')",
    "select * from postgres_execute('meta', 'select 1')",
    "select * from ducklake_snapshots('lake_b')",
    "select * from ducklake_table_info('lake_b')",
    "select * from range(10)",
    "select * from unnest([1, 2])",
    "select unnest([1, 2])",
    "select * from json_execute_serialized_sql('x')",
    "select json_serialize_sql('select 1')",
    "select getvariable('x')",
    "select write_log('x')",
    "select error('#[42501] x]#')",
    "select list_transform([1], x -> x)",
    "select struct_pack(a := 1)",
    "select {'a': 1}",
    "select [1, 2]",
    "select map([1], [2])",
    "select columns('x') from t",
    "select columns(*) from t",
    "select * from t where columns(*) > 1",
    "select add(1, 2)",
    "select sleep(10)",
    "select redshift_to_char(sysdate, 'YYYY')",
    "select pg_catalog.read_text('x')",
    "select main.abs(1)",
    "select system.main.abs(1)",
    # the engine's own tables, by every name
    "select * from duckdb_tables",
    "select * from sqlite_master",
    "select * from pragma_database_list",
    "select * from information_schema.schemata_of_engine",
    "select * from __ducklake_metadata_lake_b.ducklake_table",
    'select * from "__ducklake_metadata_lake_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb".ducklake_table',
    "select * from lake_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.main.t_t",
    'select * from "lake_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"."main"."t_hidden"',
    "select * from main.t_t",
    "select * from t_t",
    "select * from system.main.duckdb_tables",
    "select * from temp.main.x",
    "select * from memory.main.x",
    # files as relations
    "select * from 'file.csv'",
    "select * from '/etc/passwd'",
    'select * from "/etc/passwd"',
    'select * from "file.parquet"',
    'select * from "s3://bucket/x.parquet"',
    "select * from $1",
    "select * from ?",
    "select * from :name",
    # statements
    "attach 'x.db' as y",
    "detach lake_b",
    "copy t to 'x.csv'",
    "copy (select 1) to 'x.csv'",
    "install httpfs",
    "load httpfs",
    "set memory_limit = '1GB'",
    "pragma version",
    "pragma_version()",
    "call pragma_version()",
    "checkpoint",
    "export database 'x'",
    "import database 'x'",
    "use lake_b",
    "describe t",
    "summarize t",
    "create macro f(a) as a",
    "create schema s",
    "create sequence s",
    "create type x as enum ('a')",
    "create index i on t (id)",
    "create secret (type s3)",
    "drop table t",
    "alter table t add column x int",
    "vacuum",
    "explain select 1",
    "kill 1",
    "with x as (select 1) set a = 1",
    # forms of the engine's dialect
    "select * replace (1 as id) from t",
    "select * rename (id as x) from t",
    "select * ilike 'a%' from t",
    "select * exclude (nosuch) from t",
    "select * like 'a%' from t",
    "select #1 from t",
    "select t.#1 from t",
    "select t from t",
    "select t.t from t",
    "select t.id.x from t",
    "select id.x from t",
    "select id[1] from t",
    "select name[1:2] from t",
    "select rowid from t",
    "select 1 as rowid from t where rowid = 0",
    "select t.rowid from t",
    "select filename from t",
    "select snapshot_id from t",
    "select distinct on (id) id from t",
    "select id from t order by all",
    "select * from t using sample 10",
    "select * from t tablesample (10)",
    "pivot t on name using sum(id)",
    "unpivot t on id into name n value v",
    "select * from t at (version => 1)",
    "select * from t for update",
    "select id into x.y.z from t",
    "select * from t asof join u on t.id >= u.id",
    "select * from t semi join u using (id)",
    "select * from t anti join u using (id)",
    "select * from t, lateral (select t.id) x",
    "select try_cast('a' as json)",
    "select cast(id as json) from t",
    "select cast(1 as struct(a int))",
    "select cast(1 as int[])",
    "select cast(1 as hugeint)",
    "select 'x'::regclass",
    "select a.id from t a where a.id = b.id(+)",
    "select id from t limit (select 1)",
    "select id from t limit 10 percent",
    "select 1 union all by name select 2",
    "select 1 intersect all select 1",
    "insert into t by name select 1 as id",
    "insert or replace into t (id) values (1)",
    "insert into t (id) values (1) on conflict do nothing",
    "insert into t (id) values (1) returning id",
    "insert into svv_datashares values ('x')",
    "update t set id = 1 returning id",
    "update t set (id, name) = (1, 'a')",
    "update t set t.id = 1",
    "delete from t returning id",
    "delete from t, u",
    "delete from t limit 1",
    "merge into t using u on t.id = u.id when not matched by source then delete",
    "truncate t",
    "values (1)",
]


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text: str) -> None:
    """A way around the catalogue is refused with an SQL error."""
    with pytest.raises(SqlError) as caught:
        World().bind(text)

    assert caught.value.sqlstate in {
        "0A000", "42601", "42P01", "42703", "3F000", "3D000", "42501", "42704", "42809", "42883",
    }  # fmt: skip


def test_one_statement_only() -> None:
    """A second statement behind a semicolon is a statement of its own, never part of the first."""
    assert len(split("select 1; drop table t")) == 2


HARMLESS = [
    ("select 'x''; drop table t; --'", "x'; drop table t; --"),
    ("select '\\'; drop table t; --'", "'; drop table t; --"),
    ("select 1 /* ; attach 'x' */", 1),
    ("select 1 -- ; attach 'x'", 1),
    ('select 1 as "a""; drop table t; --"', 1),
    ('select x."a""b" from (select 1 as "a""b") x', 1),
    ("select $$it's ; attach$$", "it's ; attach"),
    ("select 'read_csv(''/etc/passwd'')'", "read_csv('/etc/passwd')"),
    ("with duckdb_tables as (select 7 as x) select x from duckdb_tables", 7),
    ("with read_csv as (select 7 as x) select x from read_csv", 7),
    ("with t as (select 7 as id) select id from t", 7),
    ("with sqlite_master(x) as (select 7) select x from sqlite_master", 7),
    ('select "lake_b"."x" from (select 7 as x) lake_b', 7),
    ("select 'ünï' || '\u202e'", "ünï\u202e"),
]


@pytest.mark.parametrize(("text", "expected"), HARMLESS)
def test_harmless(text: str, expected: object) -> None:
    """Text that looks dangerous inside strings, names and comments is only text."""
    world = World()
    engine = Engine(world.catalog)

    rows = engine.run(world.bind(text).plan)

    assert [(expected,)] == rows
    engine.close()


def test_user_text_is_not_in_the_plan() -> None:
    """Comments of the user do not reach the engine."""
    plan = World().bind("select /* hint */ id -- tail\nfrom t /* x */").plan

    assert plan is not None
    assert "hint" not in plan.sql
    assert "tail" not in plan.sql


def test_every_table_is_made_by_the_binder() -> None:
    """A CTE gets a name no user chose, so that it can never fall through to a table."""
    plan = World().bind("with t_hidden as (select 1 as x) select * from t_hidden").plan

    assert plan is not None
    assert 'FROM "t_hidden"' not in plan.sql


@pytest.mark.parametrize(
    "text",
    [
        "select " + "(" * 60 + "1" + ")" * 60,
        "select " + " + ".join(["1"] * 2000),
        "select 1 where " + " and ".join(["1 = 1"] * 3000),
        "select 1 where 1 in (" + ", ".join(str(n) for n in range(5000)) + ")",
        "select " + "-".join([" "] + ["1"] * 1) + "1",
        "select " + "case when 1 = 1 then " * 50 + "1" + " end" * 50,
        "select 1 from " + "(select 1 from " * 40 + "t" + ") x" * 40,
        " union all ".join(["select 1"] * 400),
    ],
)
def test_big_statements(text: str) -> None:
    """A huge or deep statement is bound, or refused with an SQL error; nothing else happens."""
    try:
        World().bind(text)
    except SqlError as error:
        assert error.sqlstate in {"54001", "42601"}
