"""What a consumer reaches through a datashare, and what it is told of the rest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from redshare.core.access import ShareUse
from redshare.core.catalog import Drop
from redshare.core.consumer import NamespaceConsumer
from redshare.core.database import Database, ShareSource
from redshare.core.ids import AccountId, RelationId, SchemaId
from redshare.core.lifecycle import Status
from redshare.core.privileges import TABLE_PRIVILEGES, Privilege
from redshare.core.relation import Relation
from redshare.core.share import Datashare
from redshare.core.sql_errors import SharedOperationNotSupported, SqlError
from redshare.sql.commands import table as commands
from redshare.sql.ddl.commands import bind_table_command
from tests.sql.world import (
    ACCOUNT,
    ANNA,
    CONSUMER,
    PRODUCER,
    SHARE,
    World,
    database_id,
    granted,
    user_grantee,
)

PRODUCER_LAKE = database_id("a")


def used(world: World) -> World:
    """The same session after USE d."""
    world.more["use"] = world.catalog.database_named(CONSUMER, "d")
    return world


def refused(world: World, text: str) -> tuple[str, str]:
    """SQLSTATE and text of the refusal."""
    with pytest.raises(SqlError) as caught:
        world.bind(text)
    return caught.value.sqlstate, caught.value.message


def test_reading() -> None:
    """A read lists the shared tables alone, writes nothing, and names the share."""
    bound = World().bind("select s.id from d.public.sales s join t on s.id = t.id")

    assert bound.plan is not None
    uses = {use.lake: use for use in bound.plan.lakes}
    shared = uses[PRODUCER_LAKE]  # type: ignore[index] # a lake's id is its database's
    # Within one account no consent to write exists: privileges TO DATASHARE decide alone.
    assert (shared.may_write, shared.tables) == (True, frozenset({"t_sales"}))
    assert bound.uses == frozenset({ShareUse(SHARE, RelationId("sales"))})
    assert not bound.wrote_share
    assert bound.plan.targets == ()


@pytest.mark.parametrize(
    "text",
    ["select * from sales", "select * from public.sales", "select * from d.public.sales",
     "select sales.id, public.sales.id, d.public.sales.id from sales"],
)  # fmt: skip
def test_names_after_use(text: str) -> None:
    """After USE one-, two- and three-part names mean the shared database."""
    assert {use.share for use in used(World()).bind(text).uses} == {SHARE}


@pytest.mark.parametrize("text", ["select * from sales", "select * from public.sales"])
def test_names_on_direct_connection(text: str) -> None:
    """Connected to the shared database the same names work."""
    assert {use.share for use in World(database="d").bind(text).uses} == {SHARE}


@pytest.mark.parametrize("name", ["hidden", "nosuch"])
def test_a_non_member_is_what_does_not_exist(name: str) -> None:
    """An object outside the share cannot be told from one that is not there."""
    assert refused(World(), f"select * from d.public.{name}") == (
        "42P01",
        f'relation "d.public.{name}" does not exist',
    )
    assert refused(used(World()), f"select * from {name}") == (
        "XX000",
        f"Relation {name} does not exist in the database.",
    )


@pytest.mark.parametrize("name", ["secret", "nosuch"])
def test_a_non_member_schema(name: str) -> None:
    """Nor can a schema."""
    assert refused(World(), f"select * from d.{name}.plans") == (
        "3F000",
        f'schema "{name}" does not exist',
    )


def _revoked(world: World) -> None:
    share = world.catalog.datashare(SHARE)
    assert share is not None
    world.put(share.revoke(NamespaceConsumer(CONSUMER)))


def _dropped(world: World) -> None:
    share = world.catalog.datashare(SHARE)
    assert share is not None
    world.catalog = world.catalog.after([Drop(share)])


def _recreated(world: World) -> None:
    share = world.catalog.datashare(SHARE)
    assert share is not None
    world.catalog = world.catalog.after([Drop(share)])
    world.put(replace(share, share_key="share-2"))


@pytest.mark.parametrize("change", [_revoked, _dropped, _recreated])
@pytest.mark.parametrize(
    "text", ["select * from d.public.sales", "select * from d.public.nosuch",
             "insert into d.public.sales (id) values (1)", "create table d.public.x (i int)"],
)  # fmt: skip
def test_without_the_share(change: Any, text: str) -> None:
    """Revoked, dropped or made anew: the next statement is refused, whatever it names."""
    world = World()
    change(world)

    assert refused(world, text) == (
        "XX000",
        "The requested data share doesn't exist or is not accessible.",
    )


def _cross_account(world: World, *, allowed: bool, accepted: bool) -> None:
    """The consumer in another account, associated, with these consents to write."""
    from redshare.core.consumer import AccountConsumer  # noqa: PLC0415
    from redshare.core.share import Scope, ScopeKind  # noqa: PLC0415
    from tests.sql.world import NOW  # noqa: PLC0415

    other = AccountId("222222222222")
    namespace = world.catalog.namespace(CONSUMER)
    share = world.catalog.datashare(SHARE)
    assert namespace is not None
    assert share is not None
    world.put(replace(namespace, account=other))
    consumer = AccountConsumer(other)
    share = share.revoke(NamespaceConsumer(CONSUMER)).grant(consumer, NOW)
    share = share.authorize(consumer, NOW, writes=allowed)
    scope = Scope(ScopeKind.NAMESPACE, CONSUMER)
    world.put(share.associate(consumer, other, scope, NOW, writes=accepted))


@pytest.mark.parametrize(("allowed", "accepted"), [(True, False), (False, True), (False, False)])
def test_writes_need_both_consents(*, allowed: bool, accepted: bool) -> None:
    """Without one consent to write, reading works and writing names the consent."""
    world = World()
    world.allow("sales", *TABLE_PRIVILEGES)
    _cross_account(world, allowed=allowed, accepted=accepted)

    assert {use.share for use in world.bind("select * from d.public.sales").uses} == {SHARE}
    assert refused(world, "insert into d.public.sales (id) values (1)") == (
        "42501",
        "Datashare writes are not authorized by producer or associated by consumer",
    )


def test_writes_with_both_consents() -> None:
    """Both consents and the privilege: the plan writes the producer's lake."""
    world = World()
    world.allow("sales", Privilege.INSERT)
    _cross_account(world, allowed=True, accepted=True)

    bound = world.bind("insert into d.public.sales (id) values (1)")

    assert bound.plan is not None
    assert [(t.lake, t.table) for t in bound.plan.targets] == [(PRODUCER_LAKE, "t_sales")]
    assert bound.plan.lakes[0].may_write
    assert bound.wrote_share


@pytest.mark.parametrize(
    ("text", "privilege"),
    [
        ("insert into d.public.sales (id) values (1)", Privilege.INSERT),
        ("update d.public.sales set id = 1", Privilege.UPDATE),
        ("delete from d.public.sales", Privilege.DELETE),
    ],
)
def test_writes_need_the_privilege(text: str, privilege: Privilege) -> None:
    """Each write needs its own privilege TO DATASHARE."""
    world = World()
    assert refused(world, text) == ("42501", "permission denied for relation sales")

    world.allow("sales", privilege)

    assert world.bind(text).wrote_share


def test_a_user_needs_usage_on_the_database() -> None:
    """A user who is no superuser reads with USAGE ON DATABASE, then everything in it."""
    world = World(user="anna")
    assert refused(world, "select * from d.public.sales") == (
        "42501",
        "permission denied for database d",
    )

    database = world.catalog.database_named(CONSUMER, "d")
    assert database is not None
    world.put(replace(database, acl=granted(user_grantee(ANNA), Privilege.USAGE)))

    assert {use.share for use in world.bind("select * from d.public.sales").uses} == {SHARE}


def test_with_permissions_only_for_superusers() -> None:
    """WITH PERMISSIONS: USAGE ON DATABASE alone gives nothing."""
    world = World(user="anna")
    database = world.catalog.database_named(CONSUMER, "d")
    assert database is not None
    assert database.source is not None
    source = replace(database.source, with_permissions=True)
    world.put(replace(database, source=source, acl=granted(user_grantee(ANNA), Privilege.USAGE)))

    assert refused(world, "select * from d.public.sales")[0] == "42501"


def test_create_table_needs_create_on_the_schema() -> None:
    """Without CREATE on the shared schema a consumer makes no table in it."""
    assert refused(World(), "create table d.public.made (i int)") == (
        "42501",
        "permission denied for schema public",
    )


def test_create_table_through_a_share() -> None:
    """A new table belongs to the producer and the share's owner, and is in the share at once."""
    world = World()
    share = world.catalog.datashare(SHARE)
    assert share is not None
    contents = share.contents.grant_schema(SchemaId("sp"), frozenset({Privilege.CREATE}))
    world.share(contents=contents)

    bound = world.bind("create table d.public.made (i int)")
    world.apply(bound)

    made, changed = (change.entity for change in bound.changes)
    assert isinstance(made, Relation)
    assert isinstance(changed, Datashare)
    assert (made.database, made.owner) == (PRODUCER_LAKE, share.owner)
    member = changed.contents.relation(made.relation_id)
    assert member is not None
    assert member.privileges == TABLE_PRIVILEGES
    assert bound.wrote_share
    assert bound.plan is not None
    assert [(t.lake, t.table) for t in bound.plan.targets] == [(PRODUCER_LAKE, made.lake_table)]
    assert world.bind("insert into d.public.made values (1)").wrote_share


def test_include_new() -> None:
    """With INCLUDENEW a producer's new table joins the share for reading."""
    world = World(namespace=PRODUCER)
    share = world.catalog.datashare(SHARE)
    assert share is not None
    contents = share.contents.set_include_new(SchemaId("sp"), include_new=True)
    world.share(contents=contents)

    made, changed = (c.entity for c in world.bind("create table public.fresh (i int)").changes)

    assert isinstance(made, Relation)
    assert isinstance(changed, Datashare)
    member = changed.contents.relation(made.relation_id)
    assert member is not None
    assert member.privileges == frozenset({Privilege.SELECT})


@pytest.mark.parametrize(
    "action",
    [commands.AlterColumnType("name", "varchar(50)"), commands.OwnerTo("anna"),
     commands.AlterDistStyle("ALL"), commands.AddConstraint("primary key (id)")],
)  # fmt: skip
def test_unsupported_alter(action: commands.TableAction) -> None:
    """What Redshift does not do through a share is refused with its text."""
    world = World()
    world.allow("sales", Privilege.ALTER)
    command = commands.AlterRelation(("d", "public", "sales"), action)

    with pytest.raises(SharedOperationNotSupported):
        bind_table_command(command, world.context, new_id=world.ids)


def test_create_view_in_a_share() -> None:
    """No view is made inside a shared database."""
    world = World()
    share = world.catalog.datashare(SHARE)
    assert share is not None
    contents = share.contents.grant_schema(SchemaId("sp"), frozenset({Privilege.CREATE}))
    world.share(contents=contents)

    assert refused(world, "create view d.public.v as select 1 as a") == (
        "0A000",
        "Operation is not supported through datashares",
    )


def test_deauthorized() -> None:
    """A share that is no longer authorized is neither read nor listed."""
    world = World()
    share = world.catalog.datashare(SHARE)
    assert share is not None
    entries = tuple(replace(a, status=Status.DEAUTHORIZED) for a in share.authorizations)
    world.share(authorizations=entries)

    assert refused(world, "select * from d.public.sales")[0] == "XX000"
    assert [row for row in _rows(world, "svv_datashares") if row[0] == "salesshare"] == []


def _rows(world: World, view: str) -> list[tuple[object, ...]]:
    plan = world.bind(f"select * from {view}").plan
    assert plan is not None
    return list(plan.inputs[0].rows)


def test_two_databases_of_two_shares() -> None:
    """Each shared database answers for its own share alone."""
    world = World()
    share = world.catalog.datashare(SHARE)
    assert share is not None
    world.put(replace(share, share_key="share-2", name="second", contents=type(share.contents)()))
    source = ShareSource("share-2", "second", ACCOUNT, PRODUCER)  # type: ignore[arg-type]
    world.put(Database(database_id("e"), CONSUMER, "e", ANNA, share.created, source))

    assert refused(world, "select * from e.public.sales")[0] == "3F000"
    assert {use.share for use in world.bind("select * from d.public.sales").uses} == {SHARE}


def test_dropped_relation_leaves_the_share() -> None:
    """DROP TABLE takes the relation out of every share that holds it."""
    world = World(namespace=PRODUCER)
    command = commands.DropRelations(commands.RelationKind.TABLE, (("public", "sales"),))

    world.apply(bind_table_command(command, world.context, new_id=world.ids))

    share = world.catalog.datashare(SHARE)
    assert share is not None
    assert share.contents.relation(RelationId("sales")) is None
    assert world.catalog.relation(RelationId("sales")) is None
