"""Names and privileges within a namespace's own databases."""
# ruff: noqa: E501 - tables of cases have long rows

from __future__ import annotations

from dataclasses import replace

import pytest

from redshare.core.ids import RelationId, SchemaId
from redshare.core.privileges import PUBLIC, Privilege
from redshare.core.relation import Relation
from redshare.core.sql_errors import SqlError
from tests.sql.world import ANNA, World, granted, user_grantee

REFUSALS = [
    ("select * from nosuch", "42P01", 'relation "nosuch" does not exist'),
    ("select * from public.nosuch", "42P01", 'relation "public.nosuch" does not exist'),
    ("select * from nosuch.t", "3F000", 'schema "nosuch" does not exist'),
    ("select * from nosuch.public.t", "3D000", 'database "nosuch" does not exist'),
    ("select * from a.b.c.d", "0A000", None),
    ("select nosuch from t", "42703", 'column "nosuch" does not exist'),
    ("select t.nosuch from t", "42703", 'column "t.nosuch" does not exist'),
    ("select x.id from t", "42P01", 'missing FROM-clause entry for table "x"'),
    ("select t.id from t as x", "42P01", 'missing FROM-clause entry for table "t"'),
    ("select id from t, u", "42702", 'column reference "id" is ambiguous'),
    ("select * from t, t", "42712", 'table name "t" specified more than once'),
    ("select * from t join u using (note)", "42703", None),
    ("insert into t (nosuch) values (1)", "42703",
     'column "nosuch" of relation "t" does not exist'),
    ("insert into t (id, id) values (1, 2)", "42701", 'column "id" specified more than once'),
    ("insert into u values (1, 'a', 3)", "42601", "INSERT has more expressions than target columns"),
    ("insert into u values (1), (1, 'a')", "42601", "VALUES lists must all be the same length"),
    ("insert into t (id) select name from t", "42804", None),
    ("update t set nosuch = 1", "42703", 'column "nosuch" of relation "t" does not exist'),
    ("update t set id = 1, id = 2", "42601", 'multiple assignments to same column "id"'),
    ("with a as (select 1), a as (select 2) select 1", "42712", None),
    ("with a as (select 1 as x) select * from (with b as (select 1) select 1) c, b", "42P01", None),
    ("with a as (select * from a) select 1", "42P01", 'relation "a" does not exist'),
    ("select (select 1, 2)", "42601", None),
    ("select 1 union select 1, 2", "42601", None),
    ("select from", "42601", None),
    ("select *", "42601", None),
    ("select sum(id) over w from t", "42704", 'window "w" does not exist'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sqlstate", "message"), REFUSALS)
def test_refused(text: str, sqlstate: str, message: str | None) -> None:
    """What a name does not mean is an error with PostgreSQL's SQLSTATE and text."""
    with pytest.raises(SqlError) as caught:
        World().bind(text)

    assert caught.value.sqlstate == sqlstate
    if message is not None:
        assert caught.value.message == message


ACCEPTED = [
    "select T.ID from T", 'select "T"."ID" from "T"', "select id from public.t",
    "select id from dev.public.t", "select public.t.id from public.t",
    "select dev.public.t.id from dev.public.t", "select x.id from t x",
    "select id from other.public.o", "select t.id from t where exists (select 1 from u where note = name)",
    "with t as (select 1 as only_here) select only_here from t",
    "with a as (select 1 as x) select * from public.t, a",
    "select a.id from t a join t b on a.id = b.id",
    "select * from (t join u using (id)) join priv.p using (id)",
    "select id, id + 1 as next from t where next > 2 order by next",
    "select name, count(*) from t group by name having count(*) > 1 order by 2 desc",
]  # fmt: skip


@pytest.mark.parametrize("text", ACCEPTED)
def test_accepted(text: str) -> None:
    """Names of one to three parts, aliases, scopes and letter case resolve."""
    assert World().bind(text).tag == "SELECT"


def test_case_sensitive_identifiers() -> None:
    """With enable_case_sensitive_identifier a quoted name keeps its case."""
    world = World(more={"case_sensitive": True})

    assert world.bind("select ID from T").tag == "SELECT"
    with pytest.raises(SqlError):
        world.bind('select "ID" from t')


def test_search_path() -> None:
    """One-part names are looked up along the search path; $user is the user's own schema."""
    world = World(more={"search_path": ("priv", "public")})

    assert world.bind("select * from p, t").tag == "SELECT"
    with pytest.raises(SqlError):
        World(more={"search_path": ("priv",)}).bind("select * from t")


@pytest.mark.parametrize(
    ("text", "privileges"),
    [
        ("select * from t", {Privilege.SELECT}),
        ("insert into t (id) values (1)", {Privilege.INSERT}),
        ("update t set id = 1", {Privilege.UPDATE}),
        ("update t set id = 1 where id = 2", {Privilege.UPDATE, Privilege.SELECT}),
        ("delete from t", {Privilege.DELETE}),
        ("delete from t where id = 1", {Privilege.DELETE, Privilege.SELECT}),
        ("merge into t using (select 1 as k) s on t.id = s.k when matched then delete",
         {Privilege.SELECT, Privilege.DELETE}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("everyone", [True, False])
def test_privileges(text: str, privileges: set[Privilege], *, everyone: bool) -> None:
    """Each verb needs its privileges, held by the user or by PUBLIC; one less is refused."""
    world = World(user="anna")
    relation = world.catalog.relation(RelationId("t"))
    assert relation is not None
    grantee = PUBLIC if everyone else user_grantee(ANNA)
    for missing in privileges:
        rest = privileges - {missing}
        world.put(replace(relation, acl=granted(grantee, *rest)))
        with pytest.raises(SqlError) as caught:
            world.bind(text)
        assert caught.value.message == "permission denied for relation t"
        assert caught.value.sqlstate == "42501"

    world.put(replace(relation, acl=granted(grantee, *privileges)))

    assert world.bind(text).plan is not None


def test_schema_usage() -> None:
    """A schema without USAGE is refused by name, and skipped on the search path."""
    world = World(user="anna")
    relation = world.catalog.relation(RelationId("p"))
    assert isinstance(relation, Relation)
    world.put(replace(relation, acl=granted(PUBLIC, Privilege.SELECT)))

    with pytest.raises(SqlError) as caught:
        world.bind("select * from priv.p")
    assert caught.value.message == "permission denied for schema priv"
    world.more["search_path"] = ("priv", "public")
    with pytest.raises(SqlError) as caught:
        world.bind("select * from p")
    assert caught.value.sqlstate == "42P01"

    schema = world.catalog.schema(SchemaId("cq"))
    assert schema is not None
    world.put(replace(schema, acl=granted(user_grantee(ANNA), Privilege.USAGE)))

    assert world.bind("select * from p").tag == "SELECT"


def test_plan_of_a_local_statement() -> None:
    """Local lakes may be written, and are not narrowed to tables."""
    plan = World().bind("insert into t (id) select id from u").plan

    assert plan is not None
    (use,) = plan.lakes
    assert (use.lake, use.may_write, use.tables) == ("b" * 32, True, None)
    assert [(t.lake, t.table) for t in plan.targets] == [("b" * 32, "t_t")]
    assert not plan.returns_rows
