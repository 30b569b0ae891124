"""Entities, records and changes as text, and back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redshare.adapters.store import codec
from redshare.core.catalog import KINDS, Drop, Entity, Put
from redshare.core.policy import Policy
from tests.core.test_policy import POLICY
from tests.core.values import entities
from tests.kits.store_kit import account, audit


@given(entities())
def test_every_entity_comes_back_equal(entity: Entity) -> None:
    """Whatever an entity holds, its text gives the same entity."""
    assert entity == codec.decode_entity(type(entity), codec.encode_entity(entity))


@settings(max_examples=25)
@given(
    st.lists(
        st.builds(lambda verb, e: verb(e), st.sampled_from([Put, Drop]), entities()), max_size=4
    )
)
def test_changes_come_back_equal(changes: list[Put | Drop]) -> None:
    """A snapshot's text gives the changes it was made of, in order."""
    assert (tuple(changes), ()) == codec.decode_changes(codec.encode_changes(changes))


def test_each_kind_has_one_name() -> None:
    """Every kind of entity has a name, and no two the same."""
    assert set(KINDS) == set(codec.NAMES)
    assert len(set(codec.NAMES.values())) == len(KINDS)


def test_records_come_back_equal() -> None:
    """Audit rows come back as they were."""
    assert audit("x") == codec.decode_audit(codec.encode_record(audit("x")))


ACCOUNT = '"entity":{"account_id":"111111111111","alias":"","version":0}'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"format":1}',
        '{"format":2,"changes":[]}',
        '{"format":1,"changes":[],"more":1}',
        '{"format":1,"changes":[{"change":"put","kind":"role","version":0,"entity":{}}]}',
        f'{{"format":1,"changes":[{{"change":"merge","kind":"account","version":0,{ACCOUNT}}}]}}',
        f'{{"format":1,"changes":[{{"change":"put","kind":"account","version":1,{ACCOUNT}}}]}}',
        '{"format":1,"changes":[{"change":"put","kind":"account","version":0,"entity":{}}]}',
    ],
)
def test_what_is_not_understood_is_refused(text: str) -> None:
    """An unknown format, kind or verb, a contradiction or a half entity is an error."""
    with pytest.raises(codec.UnreadableChanges):
        codec.decode_changes(text)


def test_the_text_names_kind_version_and_body() -> None:
    """The text's form is fixed: older snapshots hold it."""
    expected = (
        '{"format":1,"changes":[{"change":"put","kind":"account","version":0,' + ACCOUNT + "}]}"
    )
    assert expected == codec.encode_changes([Put(account())])


def test_a_policy_from_before_it_had_lookups() -> None:
    """A policy comes back as it was stored, and one without lookups and paths is read."""
    text = codec.encode_entity(POLICY)
    assert codec.decode_entity(Policy, text) == POLICY
    old = json.loads(text)
    for field in ("lookups", "functions", "granted"):
        old.pop(field)
    for field in ("paths", "input_paths"):
        old["attachments"][0].pop(field)
    found = codec.decode_entity(Policy, json.dumps(old))
    assert isinstance(found, Policy)
    assert found.attachments[0].outputs == (("p",), ("c",))
