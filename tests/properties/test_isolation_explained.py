"""EXPLAIN ACCESS over the isolation table: it holds exactly where the model lets the cell work."""

from __future__ import annotations

import contextlib

import pytest

from tests.node.explaining import holds
from tests.node.running import RunningNode
from tests.properties.isolation_model import IDENTITIES, OBJECTS, STATES, allowed
from tests.properties.test_isolation import Parties

pytestmark = pytest.mark.server

ACTIONS = {
    "SELECT": "SELECT",
    "INSERT": "INSERT",
    "DELETE": "DELETE",
    "TRUNCATE": "TRUNCATE",
    "DROP TABLE": "DROP",
}
CONSUMERS = [identity for identity in IDENTITIES if "consumer" in identity]


def test_what_is_explained_is_what_works(node: RunningNode) -> None:
    """Each consumer's own question, in each state of the share, for each object and action."""
    wrong = []
    with contextlib.closing(Parties(node, "explained", permissions=True)) as parties:
        for state in STATES:
            parties.enter(state)
            for identity in CONSUMERS:
                for kind in OBJECTS:
                    for operation, action in ACTIONS.items():
                        if kind == "function":
                            continue
                        place = f"explained.explained{parties.places[kind]}"
                        question = f"EXPLAIN ACCESS TO {place} ACTION {action}"
                        explained = holds(parties.sql[identity], question)
                        if explained != allowed(identity, state, kind, operation, permissions=True):
                            wrong.append((state, identity, kind, action, explained))
    assert wrong == []
