"""CREATE TABLE, CREATE VIEW, ALTER, DROP and TRUNCATE: the catalogue and the lake together."""
# ruff: noqa: E501 - tables of cases have long rows

from __future__ import annotations

from dataclasses import replace

import pytest

from redshare.core.catalog import Put
from redshare.core.ids import RelationId, SchemaId
from redshare.core.plan import WriteVerb
from redshare.core.privileges import Privilege
from redshare.core.relation import Constraint, Relation, RelationKind
from redshare.core.sql_errors import SqlError
from redshare.sql.bound import Bound
from redshare.sql.commands import parse_command
from redshare.sql.ddl.commands import bind_table_command
from redshare.sql.lex import split
from tests.sql.world import ANNA, PRODUCER, SHARE, Engine, World, granted, table, user_grantee


def command(world: World, text: str) -> Bound:
    """Bind a command of the table family."""
    found = parse_command(split(text)[0])
    return bind_table_command(found, world.context, new_id=world.ids)  # type: ignore[arg-type]


def run(world: World, engine: Engine, text: str) -> None:
    """Run a statement or table command with its changes, as a session does."""
    bound = command(world, text) if parse_command(split(text)[0]) else world.bind(text)
    if bound.plan is not None:
        engine.run(bound.plan)
    world.apply(bound)


def rows(world: World, engine: Engine, text: str) -> list[object]:
    """A query's rows."""
    return engine.run(world.bind(text).plan)


def made(bound: Bound) -> Relation:
    """The relation a statement makes."""
    (change,) = bound.changes
    assert isinstance(change, Put)
    assert isinstance(change.entity, Relation)
    return change.entity


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("int", "integer"), ("int2", "smallint"), ("int8", "bigint"), ("float4", "real"),
        ("float", "double precision"), ("double precision", "double precision"),
        ("decimal", "numeric(18,0)"), ("decimal(10,2)", "numeric(10,2)"), ("numeric(5)", "numeric(5,0)"),
        ("varchar", "character varying(256)"), ("varchar(max)", "character varying(65535)"),
        ("character varying(7)", "character varying(7)"), ("char", "character(1)"),
        ("char(10)", "character(10)"), ("text", "character varying(256)"), ("bool", "boolean"),
        ("date", "date"), ("timestamp", "timestamp without time zone"),
        ("timestamptz", "timestamp with time zone"),
        ("timestamp with time zone", "timestamp with time zone"),
        ("timestamp without time zone", "timestamp without time zone"),
        ("time", "time without time zone"), ("varbyte(10)", "binary varying(10)"),
    ],
)  # fmt: skip
def test_types(written: str, kept: str) -> None:
    """A type is kept in Redshift's canonical spelling."""
    assert made(World().bind(f"create table n (a {written})")).columns[0].type == kept


def test_physical_design_is_kept() -> None:
    """Distribution, sort keys, encodings, constraints and identity stand in the catalogue."""
    relation = made(
        World().bind(
            "create table if not exists public.n (id int identity(1,2) not null distkey, "
            "name varchar(20) default 'x' encode zstd references u (id), v decimal(10,2) unique, "
            "constraint pk primary key (id), foreign key (name) references u) "
            "backup no diststyle key compound sortkey (name, id)"
        )
    )

    assert [(c.name, c.distkey, c.sortkey, c.nullable) for c in relation.columns] == [
        ("id", True, 2, False),
        ("name", False, 1, True),
        ("v", False, 0, True),
    ]
    assert relation.columns[0].identity == (1, 2)
    assert relation.columns[1].default == "'x'"
    assert relation.columns[1].encoding == "zstd"
    assert (relation.diststyle, relation.sortstyle, relation.backup) == ("KEY", "COMPOUND", False)
    assert set(relation.constraints) == {
        Constraint("FOREIGN KEY", ("name",), "", "u(id)"),
        Constraint("UNIQUE", ("v",)),
        Constraint("PRIMARY KEY", ("id",), "pk"),
        Constraint("FOREIGN KEY", ("name",), "", "u"),
    }


@pytest.mark.parametrize(
    ("text", "sqlstate"),
    [
        ("create table t (a int)", "42P07"),
        ("create table n (a int, a int)", "42701"),
        ("create table n (a nosuch)", "42704"),
        ("create table n (a super) sortkey (a)", "0A000"),
        ("create table n (a super) distkey (a)", "0A000"),
        ("create table n ()", "42601"),
        ("create table n", "42601"),
        ("create table n (a int) sortkey (b)", "42703"),
        ("create table n (a int) distkey (b)", "42703"),
        ("create table n (a decimal(50,2))", "22023"),
        ("create table n (a decimal(5,6))", "22023"),
        ("create table n (a varchar(70000))", "22023"),
        ("create table n (a int) nonsense", "42601"),
        ("create table n (a int default b)", "0A000"),
        ("create table n (a int default (select 1))", "0A000"),
        ("create table n (a int default nosuch())", "0A000"),
        ("create table n (a varchar default read_text('x'))", "0A000"),
        ("create temp table n (a int)", "3D000"),
        ("create table #n (a int)", "3D000"),
        ("create table nosuch.n (a int)", "3F000"),
        ("create table nosuch.public.n (a int)", "3D000"),
        ("create table n as select 1", "42601"),
        ("create table n as select * from nosuch", "42P01"),
        ("create table n (like nosuch)", "42P01"),
        ("create materialized view v as select 1", "42601"),
        ("create external table x (a int)", "0A000"),
        ("create function f() returns int stable as $$ select 1 $$ language plpythonu", "0A000"),
    ],
)
def test_refused(text: str, sqlstate: str) -> None:
    """A wrong definition is refused with its SQLSTATE."""
    with pytest.raises(SqlError) as caught:
        World().bind(text)

    assert caught.value.sqlstate in {sqlstate, "42601"}


def test_if_not_exists() -> None:
    """IF NOT EXISTS of what exists does nothing."""
    bound = World().bind("create table if not exists t (a int)")

    assert (bound.plan, bound.changes) == (None, ())


def test_create_needs_the_privilege() -> None:
    """A user makes tables in `public` by default, elsewhere only with CREATE."""
    world = World(user="anna")

    assert made(world.bind("create table n (a int)")).owner == ANNA
    with pytest.raises(SqlError) as caught:
        world.bind("create table priv.n (a int)")
    assert caught.value.message == "permission denied for schema priv"


def test_a_table_lives() -> None:
    """Create, fill with defaults and identity, alter, copy, truncate, drop."""
    world = World()
    engine = Engine(world.catalog)
    run(world, engine,
        "create table n (id int identity(10, 5), a varchar(5) default 'dd', b int default 1+1)")  # fmt: skip

    run(world, engine, "insert into n (a) values ('x'), (default)")
    run(world, engine, "insert into n (b) select 7 from u")
    run(world, engine, "insert into n default values")

    assert rows(world, engine, "select * from n order by id") == [
        (10, "x", 2),
        (15, "dd", 2),
        (20, "dd", 2),
    ]
    run(world, engine, "alter table n add column c int default 3")
    run(world, engine, "alter table n rename column b to bb")
    run(world, engine, "alter table n drop column a")
    run(world, engine, "alter table n rename to nn")
    assert rows(world, engine, "select id, bb, c from nn where id = 10") == [(10, 2, 3)]
    run(world, engine, "create table copy as select id as k, count(*) as n from nn group by 1")
    run(world, engine, "create table same (like copy)")
    assert rows(world, engine, "select count(*), sum(n) from copy") == [(3, 3)]
    run(world, engine, "truncate nn")
    assert rows(world, engine, "select count(*) from nn") == [(0,)]
    run(world, engine, "drop table nn, copy")
    run(world, engine, "drop table if exists nn")
    with pytest.raises(SqlError):
        world.bind("select * from nn")
    engine.close()


def test_not_null_is_enforced() -> None:
    """NOT NULL and PRIMARY KEY columns refuse NULL; uniqueness is only informational."""
    world = World()
    engine = Engine(world.catalog)
    run(world, engine, "create table n (id int primary key)")

    run(world, engine, "insert into n values (1), (1)")

    assert rows(world, engine, "select count(*) from n") == [(2,)]
    with pytest.raises(Exception, match="Cannot insert a NULL value into column id"):
        run(world, engine, "insert into n values (null)")
    engine.close()


def test_widening() -> None:
    """ALTER COLUMN TYPE makes a VARCHAR longer, nothing else."""
    world = World()

    bound = command(world, "alter table t alter column name type varchar(50)")

    assert bound.plan is None
    assert made(bound).columns[1].type == "character varying(50)"
    for text in ("name type varchar(5)", "id type bigint", "name type int", "nosuch type int"):
        with pytest.raises(SqlError):
            command(world, f"alter table t alter column {text}")


@pytest.mark.parametrize(
    "text",
    ["alter table t rename to u", "alter table t rename column id to name",
     "alter table t add column id int", "alter table t drop column nosuch",
     "alter table t add column x int not null", "alter table t add column x int default getdate()",
     "alter table t owner to nobody", "alter table t set schema priv", "drop view t",
     "drop table nosuch", "alter view t rename to x", "truncate svv_datashares",
     "drop table svv_datashares"],
)  # fmt: skip
def test_refused_commands(text: str) -> None:
    """A command that does not fit the catalogue is refused."""
    with pytest.raises(SqlError):
        command(World(), text)


def test_truncate_is_a_write() -> None:
    """TRUNCATE is planned as a removal of all rows, transactional where the session wants it."""
    plan = command(World(), "truncate table t").plan

    assert plan is not None
    assert [t.verb for t in plan.targets] == [WriteVerb.TRUNCATE]


# --- views ------------------------------------------------------------------------------------


def test_a_view_lives() -> None:
    """A view answers with its owner's rights; later columns of its table stay out of sight."""
    world = World()
    engine = Engine(world.catalog)
    run(world, engine, "insert into u values (1, 'a'), (2, 'b')")
    run(world, engine, "create view v as select * from u where id > 1")
    run(world, engine, "create view w (x, y) as select id, current_user from v")
    run(world, engine, "alter table u add column extra int")

    assert rows(world, engine, "select * from v") == [(2, "b")]
    assert rows(world, engine, "select 7 as extra from v where extra = 7") == [(7,)]
    assert rows(world, engine, "select w.x, y from w") == [(2, "admin")]
    view = world.catalog.relation_named(SchemaId("cp"), "w")
    assert view is not None
    assert [c.type for c in view.columns] == ["integer", "character varying(65535)"]
    world.put(replace(view, acl=granted(user_grantee(ANNA), Privilege.SELECT)))
    world.user = "anna"
    assert rows(world, engine, "select x, y from public.w") == [(2, "anna")]
    with pytest.raises(SqlError) as caught:
        world.bind("select * from v")
    assert caught.value.sqlstate == "42501"
    world.user = "admin"
    run(world, engine, "create or replace view w as select 5 as x, current_user as y")
    assert rows(world, engine, "select * from w") == [(5, "admin")]
    run(world, engine, "drop view w")
    engine.close()


def test_late_binding() -> None:
    """WITH NO SCHEMA BINDING looks at nothing until it is used, and may reach a share."""
    world = World()
    relation = made(world.bind("create view v as select * from nosuch with no schema binding"))
    world.put(relation)

    assert relation.kind is RelationKind.LATE_BINDING_VIEW
    with pytest.raises(SqlError) as caught:
        world.bind("select * from v")
    assert caught.value.sqlstate == "42P01"
    world.apply(world.bind("create view s as select id from d.public.sales with no schema binding"))
    assert {use.share for use in world.bind("select * from s").uses} == {SHARE}


def test_a_view_that_reads_itself() -> None:
    """Views in a circle are an error, not an endless loop."""
    world = World()
    world.apply(world.bind("create view v as select * from v with no schema binding"))

    with pytest.raises(SqlError) as caught:
        world.bind("select * from v")

    assert caught.value.sqlstate == "42P17"


@pytest.mark.parametrize(
    ("text", "sqlstate"),
    [
        ("create view v as select * from d.public.sales", "0A000"),
        ("create view v as select * from other.public.o", "0A000"),
        ("create view t as select 1 as a", "42P07"),
        ("create or replace view t as select 1 as a", "42809"),
        ("create view v as insert into t (id) values (1)", "42601"),
        ("create view v as select $1 as a", "42P02"),
        ("create view v as", "42601"),
        ("create view v as select read_text('x') as a", "0A000"),
        ("create view v (a, b, c) as select 1 as a", "42P10"),
        ("create view v", "42601"),
        ("insert into w values (1)", "42809"),
    ],
)
def test_refused_views(text: str, sqlstate: str) -> None:
    """A view that cannot be made is refused."""
    world = World()
    world.apply(world.bind("create view w as select 1 as a"))

    with pytest.raises(SqlError) as caught:
        world.bind(text)

    assert caught.value.sqlstate == sqlstate


def test_a_shared_view_keeps_its_tables_hidden() -> None:
    """A consumer reads a shared view over a table that is not shared, as itself."""
    producer = World(namespace=PRODUCER)
    producer.apply(
        producer.bind(
            "create view public.mine as select id, current_namespace as who from public.hidden"
        )
    )
    consumer = World(catalog=producer.catalog)
    view = producer.catalog.relation_named(SchemaId("sp"), "mine")
    assert view is not None
    consumer.allow(view.relation_id, Privilege.SELECT)
    engine = Engine(consumer.catalog)
    engine.connection.execute(
        'INSERT INTO "lake_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"."main"."t_hidden" (id) VALUES (1)'
    )

    bound = consumer.bind("select * from d.public.mine")

    assert engine.run(bound.plan) == [(1, consumer.namespace)]
    assert {use.share for use in bound.uses} == {SHARE}
    assert bound.plan is not None
    (use,) = bound.plan.lakes
    assert (use.may_write, use.tables) == (False, frozenset({"t_hidden"}))
    with pytest.raises(SqlError):
        consumer.bind("select * from d.public.hidden")
    engine.close()


def test_a_shared_view_does_not_pass_a_share_on() -> None:
    """A producer's view over what was shared with the producer is refused to its consumers."""
    world = World()
    world.apply(
        world.bind("create view public.relay as select id from d.public.sales "
                   "with no schema binding")
    )  # fmt: skip
    relay = world.catalog.relation_named(SchemaId("cp"), "relay")
    assert relay is not None
    world.put(table("x", relay.database, "cp", "x"))

    foreign = World(catalog=world.catalog, namespace=PRODUCER)
    assert foreign.catalog.relation(RelationId(relay.relation_id)) is relay
    with pytest.raises(SqlError):
        foreign.bind("select * from dev.public.relay")
