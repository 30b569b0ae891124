"""Policies as values: where they are attached, and what they read."""

from __future__ import annotations

from datetime import UTC, datetime

from redshare.core.ids import DatabaseId, FunctionId, PolicyId, RelationId, UserId
from redshare.core.policy import Attachment, Lookup, Policy, PolicyKind, overlap
from redshare.core.privileges import PUBLIC

TABLE, LOOK = RelationId("t"), RelationId("l")
MADE = Attachment.of(
    TABLE, PUBLIC, UserId(100), (("p", "a", "b"), ("c",)), (("p", "a"),), priority=3
)
POLICY = Policy(
    PolicyId("p"),
    DatabaseId("d"),
    PolicyKind.MASKING,
    "mine",
    (("a", "integer"),),
    "a, a",
    UserId(100),
    datetime(2026, 1, 1, tzinfo=UTC),
    attachments=(MADE,),
    lookups=(Lookup(("s", "look"), LOOK, ("x",)),),
    functions=(FunctionId("f"),),
)


def test_places() -> None:
    """An attachment keeps its paths, and one without them is of whole columns."""
    assert MADE.outputs == (("p", "a", "b"), ("c",))
    assert MADE.sources == (("p", "a"),)
    assert Attachment(TABLE, PUBLIC, UserId(100), ("c",)).outputs == (("c",),)
    assert POLICY.uses(TABLE, "p")
    assert POLICY.detached([MADE]).attachments == ()


def test_overlap() -> None:
    """Places overlap where one leads to the other."""
    assert overlap(("p",), ("p", "a"))
    assert overlap(("p", "a"), ("p", "a"))
    assert not overlap(("p", "a"), ("p", "b"))
    assert not overlap(("p", "a"), ("q", "a"))


def test_what_is_read() -> None:
    """A grant counts once, and goes with its REVOKE; what is named is known by its id."""
    granted = POLICY.granting(LOOK).granting(LOOK)
    assert granted.granted == (LOOK,)
    assert granted.revoking(LOOK) == POLICY
    assert POLICY.names("l")
    assert POLICY.names("f")
    assert not POLICY.names("t")
