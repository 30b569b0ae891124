"""What a datashare holds, and who holds which privilege."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redshare.core.contents import Contents, SharedRelation, SharedSchema
from redshare.core.ids import RelationId, SchemaId
from redshare.core.privileges import PUBLIC, Acl, Grant, Grantee, GranteeKind, ObjectKind, Privilege
from tests.core.values import of

P = Privilege
S1, S2 = SchemaId("s1"), SchemaId("s2")
R1, R2 = RelationId("r1"), RelationId("r2")
USAGE, SELECT, INSERT = frozenset({P.USAGE}), frozenset({P.SELECT}), frozenset({P.INSERT})
ANN = Grantee(GranteeKind.USER, 100)

FULL = (
    Contents()
    .grant_schema(S1, USAGE)
    .grant_schema(S2, USAGE)
    .grant_relation(R1, S1, SELECT)
    .grant_relation(R2, S2, SELECT)
)


def test_a_privilege_makes_a_member() -> None:
    """The first privilege on an object makes it a member, others are added to it."""
    contents = FULL.grant_relation(R1, S1, INSERT).grant_schema(S1, frozenset({P.CREATE}))
    assert contents.relation(R1) == SharedRelation(R1, S1, SELECT | INSERT)
    assert contents.schema(S1) == SharedSchema(S1, frozenset({P.USAGE, P.CREATE}))
    assert contents.relation(RelationId("x")) is None
    assert contents.schema(SchemaId("x")) is None


def test_the_last_privilege_takes_the_member_along() -> None:
    """An object without privileges leaves; revoking what is not there changes nothing."""
    both = FULL.grant_relation(R1, S1, INSERT)
    assert both.revoke_relation(R1, INSERT) == FULL
    assert FULL.revoke_relation(R1, SELECT | INSERT).relations == FULL.relations[1:]
    assert FULL.revoke_schema(S1, USAGE).schemas == FULL.schemas[1:]
    assert FULL.revoke_schema(S1, SELECT) == FULL
    assert FULL.revoke_relation(RelationId("x"), SELECT) == FULL


def test_a_schema_leaves_with_its_relations() -> None:
    """Removing a schema removes what stands in it; removing a relation leaves its schema."""
    left = FULL.remove_schema(S1)
    assert ([s.schema for s in left.schemas], [r.relation for r in left.relations]) == ([S2], [R2])
    assert FULL.remove_relation(R1).schemas == FULL.schemas
    assert FULL.remove_relation(R1).relation(R1) is None


def test_a_schemas_future_is_its_own() -> None:
    """INCLUDENEW is kept for one schema and outlives other changes of it."""
    contents = FULL.set_include_new(S1, include_new=True).grant_schema(S1, frozenset({P.CREATE}))
    assert [s.include_new for s in contents.schemas] == [True, False]
    assert not any(s.include_new for s in contents.set_include_new(S1, include_new=False).schemas)


@given(of(frozenset[Privilege]), of(frozenset[Privilege]))
def test_granting_and_revoking_are_sets(
    granted: frozenset[Privilege], revoked: frozenset[Privilege]
) -> None:
    """What is left of an object's privileges is the difference; nothing left is no member."""
    left = granted - revoked
    relations = Contents().grant_relation(R1, S1, granted).revoke_relation(R1, revoked).relations
    acl = Acl().grant(ANN, granted, option=False).revoke(ANN, revoked)
    assert relations == ((SharedRelation(R1, S1, left),) if left else ())
    assert acl.grants == ((Grant(ANN, left),) if left else ())


def test_a_user_holds_what_its_grantees_hold() -> None:
    """A user's own privileges, its roles' and PUBLIC's count together."""
    role = Grantee(GranteeKind.ROLE, 100)
    acl = Acl().grant(ANN, SELECT, option=False).grant(PUBLIC, USAGE, option=False)
    assert acl.granted_to([ANN, PUBLIC]) == SELECT | USAGE
    assert acl.granted_to([role]) == frozenset()
    assert acl.grant(role, INSERT, option=True).granted_to([ANN, role]) == SELECT | INSERT


def test_the_grant_option_is_kept_apart() -> None:
    """GRANT OPTION FOR takes only the right to pass on; a plain revoke takes both."""
    acl = Acl().grant(ANN, SELECT, option=True).grant(ANN, INSERT, option=False)
    assert acl.grants == (Grant(ANN, SELECT | INSERT, SELECT),)
    assert acl.revoke(ANN, SELECT, option_only=True).grants == (Grant(ANN, SELECT | INSERT),)
    assert acl.revoke(ANN, SELECT).grants == (Grant(ANN, INSERT),)
    assert acl.revoke(PUBLIC, SELECT) == acl


@pytest.mark.parametrize("option", [True, False])
@given(st.lists(st.tuples(of(Grantee), of(frozenset[Privilege])), max_size=6))
def test_nobody_passes_on_what_he_lacks(
    option: bool, grants: list[tuple[Grantee, frozenset[Privilege]]]
) -> None:
    """Each grantee stands once, with some privilege, and may pass on only what it holds."""
    acl = Acl()
    for grantee, privileges in grants:
        acl = acl.grant(grantee, privileges, option=option)
    for grantee, privileges in grants[:2]:
        acl = acl.revoke(grantee, privileges, option_only=not option)
    assert len({g.grantee for g in acl.grants}) == len(acl.grants)
    assert all(g.privileges and g.grantable <= g.privileges for g in acl.grants)


def test_scopes_are_by_kind_and_schema() -> None:
    """What a scope gives is kept by its kind and schema, and goes with the schema."""
    contents = Contents().grant_schema(S1, USAGE).with_scope(ObjectKind.TABLES, S1, SELECT)
    contents = contents.with_scope(ObjectKind.TABLES, None, INSERT)
    assert contents.scope(ObjectKind.TABLES, S1) == SELECT
    assert contents.scope(ObjectKind.TABLES) == INSERT
    assert contents.scope(ObjectKind.SCHEMAS) == frozenset()
    assert contents.remove_schema(S1).scope(ObjectKind.TABLES, S1) == frozenset()
    assert contents.with_scope(ObjectKind.TABLES, None, frozenset()).scopes == contents.scopes[:1]
