"""The catalogue as a value: any changes of it equal a catalogue built from scratch."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redshare.core.account import AccessKey, Account
from redshare.core.catalog import KINDS, Catalog, Change, Drop, Entity, Put, key_of, name_of
from redshare.core.changes import fold
from redshare.core.database import Database, DatabaseKind, Schema, ShareSource
from redshare.core.iam.identity import IamRole, IamUser, ManagedPolicy, PolicyVersion
from redshare.core.ids import (
    AccountId,
    DatabaseId,
    LakeId,
    NamespaceId,
    NamespaceKind,
    PolicyId,
    Region,
    RelationId,
    SchemaId,
    ShareKey,
    UserId,
    WarehouseId,
)
from redshare.core.namespace import Namespace
from redshare.core.policy import Policy, PolicyKind
from redshare.core.relation import Column, Relation, RelationKind
from redshare.core.share import Datashare
from redshare.core.user import User
from redshare.core.warehouse import Warehouse, WarehouseKind
from tests.core.test_share import G1, G2, OTHER, OWN, REGION, SHARE, T0
from tests.core.values import entities

SOURCE = ShareSource(ShareKey("k"), "sales", OWN, G2)
ONE_OF_EACH: dict[type[Entity], Entity] = {
    Account: Account(OWN),
    AccessKey: AccessKey("AKIA", OWN, b"sealed"),
    IamUser: IamUser("AIDA", OWN, "Ana", T0, "/team/"),
    IamRole: IamRole("AROA", OWN, "Analyst", T0, "{}", "/team/"),
    ManagedPolicy: ManagedPolicy(
        "ANPA", OWN, "Read", T0, T0, (PolicyVersion(1, "old", T0), PolicyVersion(2, "new", T0)), 2
    ),
    Namespace: Namespace(G1, OWN, REGION, NamespaceKind.SERVERLESS, "n", "admin", "dev", T0),
    Warehouse: Warehouse(
        WarehouseId("w"), WarehouseKind.WORKGROUP, "wg", OWN, REGION, G1, 5439, T0
    ),
    User: User(G1, UserId(100), "ann"),
    Database: Database(DatabaseId("d"), G1, "dev", UserId(100), T0),
    Schema: Schema(SchemaId("s"), DatabaseId("d"), "public", UserId(100)),
    Relation: Relation(
        RelationId("r"),
        DatabaseId("d"),
        SchemaId("s"),
        "t",
        RelationKind.TABLE,
        UserId(100),
        T0,
        (Column("a", "integer"), Column("b", "integer")),
    ),
    Policy: Policy(
        PolicyId("p"), DatabaseId("d"), PolicyKind.RLS, "mine", (), "true", UserId(100), T0
    ),
    Datashare: SHARE,
}
FULL = Catalog().after([Put(entity) for entity in ONE_OF_EACH.values()], 1)


def share(key: str, name: str) -> Datashare:
    return replace(SHARE, share_key=ShareKey(key), name=name)


#: Few keys and names, so that changes meet; a catalogue never holds two of one name.
changes = st.builds(
    lambda verb, key, name: verb(share(key, name)),
    st.sampled_from([Put, Put, Drop]),
    st.sampled_from("abc"),
    st.sampled_from("xyz"),
)


def scratch(held: dict[str, Datashare], version: int) -> Catalog:
    names = {(s.namespace, s.name): key for key, s in held.items()}
    assert len(names) == len(held)
    tables: dict[type[Entity], dict[str, Datashare]] = {kind: {} for kind in KINDS}
    index: dict[type[Entity], dict[str, dict[tuple[str, ...], str]]] = {kind: {} for kind in KINDS}
    tables[Datashare] = held
    for (parent, name), key in names.items():
        index[Datashare].setdefault(parent, {})[name,] = key
    return Catalog(version, tables, index)


#: A set of changes as a commit has it: one an entity.
sets = st.lists(changes, max_size=5, unique_by=lambda change: key_of(change.entity))


@given(st.lists(sets, max_size=6))
def test_after_equals_building_from_scratch(batches: list[list[Change]]) -> None:
    """Whatever is put, renamed, exchanged and dropped, what is left has its key and its name."""
    catalog, held = Catalog(), dict[str, Datashare]()
    for version, batch in enumerate(batches, start=1):
        after = dict(held)
        for change in batch:
            entity = change.entity
            assert isinstance(entity, Datashare)
            if isinstance(change, Put):
                after[entity.share_key] = entity
            else:
                after.pop(entity.share_key, None)
        if len({s.name for s in after.values()}) < len(after):
            continue  # two of a name: the store refuses it
        before = scratch(held, catalog.version)
        older, catalog, held = catalog, catalog.after(batch, version), after
        assert before == older
        assert scratch(held, version) == catalog


@given(st.lists(entities(), max_size=8, unique_by=lambda e: (type(e), name_of(e))))
def test_every_entity_is_found_by_key_and_name(found: list[Entity]) -> None:
    """Each entity that was put last under its key is found by its key and by its name."""
    last = {(type(e), key_of(e)): e for e in found}
    catalog = Catalog().after([Put(e) for e in found])
    for (kind, key), entity in last.items():
        assert entity == catalog.get(kind, key)
        assert entity == catalog.named(kind, *name_of(entity))
    assert len(last) == sum(map(len, catalog.tables.values()))
    assert Catalog() == catalog.after([Drop(e) for e in last.values()])


def test_a_replaced_entity_keeps_its_place() -> None:
    """Changing an entity leaves it where it was among its siblings; a new name is the last."""
    catalog = Catalog().after([Put(share("a", "x")), Put(share("b", "y"))])
    changed = catalog.after([Put(replace(share("a", "x"), publicly_accessible=True))])
    assert [s.name for s in changed.datashares_of(SHARE.namespace)] == ["x", "y"]
    renamed = catalog.after([Put(share("a", "z"))])
    assert [s.name for s in renamed.datashares_of(SHARE.namespace)] == ["y", "z"]


def test_the_version_is_kept_or_given() -> None:
    """A transaction's own view keeps the version it lies on; a commit gives the next."""
    assert FULL.after([]).version == 1
    assert FULL.after([], 2).version == 2


def test_look_ups_find_each_kind() -> None:
    """Every look-up of the catalogue finds its entity and answers None for another's key."""
    e = ONE_OF_EACH
    guid, nobody = G1, NamespaceId("nobody")
    found = [
        (FULL.account(OWN), FULL.account(OTHER), e[Account]),
        (FULL.access_key("AKIA"), FULL.access_key("x"), e[AccessKey]),
        (FULL.iam_user(OWN, "ANA"), FULL.iam_user(OTHER, "Ana"), e[IamUser]),
        (FULL.iam_user_by_id("AIDA"), FULL.iam_user_by_id("AROA"), e[IamUser]),
        (FULL.iam_role(OWN, "analyst"), FULL.iam_role(OWN, "ana"), e[IamRole]),
        (FULL.iam_role_by_id("AROA"), FULL.iam_role_by_id("AIDA"), e[IamRole]),
        (FULL.managed_policy(OWN, "read"), FULL.managed_policy(OTHER, "read"), e[ManagedPolicy]),
        (FULL.namespace(guid), FULL.namespace(nobody), e[Namespace]),
        (FULL.warehouse(WarehouseId("w")), FULL.warehouse(WarehouseId("x")), e[Warehouse]),
        (FULL.user(guid, "ann"), FULL.user(guid, "bob"), e[User]),
        (FULL.user_by_id(guid, UserId(100)), FULL.user_by_id(nobody, UserId(100)), e[User]),
        (FULL.database(DatabaseId("d")), FULL.database(DatabaseId("x")), e[Database]),
        (FULL.database_named(guid, "dev"), FULL.database_named(nobody, "dev"), e[Database]),
        (FULL.schema(SchemaId("s")), FULL.schema(SchemaId("x")), e[Schema]),
        (
            FULL.schema_named(DatabaseId("d"), "public"),
            FULL.schema_named(DatabaseId("d"), "x"),
            e[Schema],
        ),
        (FULL.relation(RelationId("r")), FULL.relation(RelationId("x")), e[Relation]),
        (
            FULL.relation_named(SchemaId("s"), "t"),
            FULL.relation_named(SchemaId("x"), "t"),
            e[Relation],
        ),
        (FULL.datashare(SHARE.share_key), FULL.datashare(ShareKey("x")), SHARE),
        (
            FULL.datashare_named(SHARE.namespace, "sales"),
            FULL.datashare_named(guid, "sales"),
            SHARE,
        ),
    ]
    for here, elsewhere, expected in found:
        assert expected == here
        assert elsewhere is None


def test_lists_hold_the_children_alone() -> None:
    """Every list holds what stands under that parent and nothing else."""
    e = ONE_OF_EACH
    lists = [
        (FULL.access_keys, OWN, OTHER, AccessKey),
        (FULL.iam_users, OWN, OTHER, IamUser),
        (FULL.iam_roles, OWN, OTHER, IamRole),
        (FULL.managed_policies, OWN, OTHER, ManagedPolicy),
        (FULL.namespaces, OWN, OTHER, Namespace),
        (FULL.warehouses, OWN, OTHER, Warehouse),
        (FULL.users, G1, G2, User),
        (FULL.databases, G1, G2, Database),
        (FULL.schemas, DatabaseId("d"), DatabaseId("x"), Schema),
        (FULL.relations, SchemaId("s"), SchemaId("x"), Relation),
        (FULL.datashares_of, SHARE.namespace, G1, Datashare),
    ]
    for children, parent, other, kind in lists:
        assert [e[kind]] == list(children(parent))  # type: ignore[operator]
        assert list(children(other)) == []  # type: ignore[operator]
    assert list(FULL.datashares()) == [SHARE]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, True),
        ({"account": OTHER}, False),
        ({"region": Region("us-west-2")}, False),
        ({"namespace": G1}, False),
        ({"name": "x"}, False),
    ],
)
def test_an_arn_means_a_share_with_all_its_parts(change: dict[str, str], found: bool) -> None:
    """A share is found by its ARN only if account, Region, namespace and name fit."""
    arn = replace(SHARE.arn, **change)
    assert (SHARE if found else None) == FULL.datashare_of(arn)


def test_a_recreated_share_is_another() -> None:
    """A share of the same name has another key: the old key finds nothing."""
    again = FULL.after([Drop(SHARE), Put(share("k2", "sales"))])
    assert again.datashare(SHARE.share_key) is None
    found = again.datashare_of(SHARE.arn)
    assert found is not None
    assert found.share_key == "k2"


# --- folding ----------------------------------------------------------------------------------


def test_folding_keeps_the_last_word() -> None:
    """Of several changes of an entity the last counts; drops come before puts."""
    old = replace(share("a", "x"), version=3)
    assert fold([Put(share("b", "y")), Put(share("b", "z")), Put(old), Drop(old)]) == (
        Drop(old),
        Put(share("b", "z")),
    )


def test_what_was_made_and_dropped_never_was() -> None:
    """An entity made and dropped in one transaction leaves no change."""
    assert fold([Put(share("a", "x")), Drop(share("a", "x"))]) == ()


# --- what entities say of themselves ----------------------------------------------------------


def test_entities_know_their_arns_and_lakes() -> None:
    """Derived names follow from the fields."""
    database = Database(DatabaseId("d" * 32), G1, "dev", UserId(1), T0)
    shared = replace(database, source=SOURCE)
    assert (database.kind, shared.kind) == (DatabaseKind.LOCAL, DatabaseKind.SHARED)
    assert database.lake == LakeId("d" * 32)
    with pytest.raises(ValueError, match="no storage of its own"):
        _ = shared.lake
    user, role, policy = (ONE_OF_EACH[kind] for kind in (IamUser, IamRole, ManagedPolicy))
    assert isinstance(user, IamUser)
    assert user.arn == "arn:aws:iam::111111111111:user/team/Ana"
    assert isinstance(role, IamRole)
    assert role.arn == "arn:aws:iam::111111111111:role/team/Analyst"
    assert role.session_arn("s") == "arn:aws:sts::111111111111:assumed-role/Analyst/s"
    assert isinstance(policy, ManagedPolicy)
    assert (policy.arn, policy.text) == ("arn:aws:iam::111111111111:policy/Read", "new")
    relation = ONE_OF_EACH[Relation]
    assert isinstance(relation, Relation)
    assert relation.lake_table == "t_r"
    assert relation.column("b") == Column("b", "integer")
    assert relation.column("c") is None
    namespace = ONE_OF_EACH[Namespace]
    assert isinstance(namespace, Namespace)
    assert (
        str(namespace.arn) == f"arn:aws:redshift-serverless:us-east-1:111111111111:namespace/{G1}"
    )


def test_a_users_verifiers_are_not_shown() -> None:
    """A user in a log or a traceback shows no form of its password."""
    assert repr(User(G1, UserId(100), "ann", verifiers=("SCRAM-secret",))) == "User('ann', 100)"
    assert AccountId("1") not in repr(User(G1, UserId(100), "bob"))[:4]
