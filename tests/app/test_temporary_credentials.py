"""Temporary credentials are kept one-way, end by themselves, and go with their user."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from redshare.adapters.ids import RandomIds
from redshare.adapters.store.memory import MemoryStore
from redshare.app.sessions.running import Running
from redshare.app.warehouses.temporary_credentials import (
    MOST,
    TemporaryCredentials,
    Wanted,
    live_credentials,
)
from redshare.app.work import Work
from redshare.core.catalog import Put
from redshare.core.credential import identity_login, users_of_login
from redshare.core.ids import AccountId, NamespaceId, NamespaceKind, Region, UserId
from redshare.core.namespace import Namespace
from redshare.core.user import User
from redshare.endpoints.passwords import PasswordForms
from redshare.ports import Commit
from redshare.wire.pg.verifiers import verify_cleartext

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NAMESPACE = NamespaceId("13b8833d-17c6-4f16-8fe4-1a018f5ed00d")
ACCOUNT = AccountId("111111111111")
ROOT = f"arn:aws:iam::{ACCOUNT}:root"


class Moment:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at


class Place:
    """A store with one namespace and one user, alice."""

    def __init__(self) -> None:
        self.clock = Moment()
        self.store = MemoryStore()
        namespace = Namespace(
            NAMESPACE,
            ACCOUNT,
            Region("us-east-1"),
            NamespaceKind.PROVISIONED,
            "c",
            "admin",
            "dev",
            START,
            next_user_id=102,
        )
        self.store.commit(Commit((Put(namespace), Put(User(NAMESPACE, UserId(101), "alice")))))
        ids = RandomIds()
        work = Work(self.store, self.clock, ids, Running())
        self.credentials = TemporaryCredentials(work, PasswordForms(ids, b"secret"))

    def live(self, login: str) -> list[str]:
        """The users a login stands for now."""
        found = live_credentials(self.store.catalog(), NAMESPACE, login, self.clock.now())
        return [user.name for user, _ in found]

    def user(self, name: str) -> User:
        found = self.store.catalog().user(NAMESPACE, name)
        assert found is not None
        return found


def test_it_ends_by_itself() -> None:
    """A credential is live to the second before its expiration, and pruned by the next one."""
    place = Place()
    wanted = Wanted(NAMESPACE, ROOT, "alice", seconds=3600)
    given = place.credentials.give(wanted)
    assert given.expires == START + timedelta(hours=1)
    place.clock.at = given.expires - timedelta(seconds=1)
    assert place.live("IAM:alice") == ["alice"]
    place.clock.at = given.expires
    assert place.live("IAM:alice") == []
    place.credentials.give(wanted)
    assert len(place.user("alice").credentials) == 1


def test_only_verifiers_are_kept() -> None:
    """Each stored form fits the password, and none holds it."""
    place = Place()
    given = place.credentials.give(Wanted(NAMESPACE, ROOT, "alice"))
    (kept,) = place.user("alice").credentials
    assert len(kept.verifiers) == 3
    assert all(verify_cleartext(given.password, v, "IAM:alice") for v in kept.verifiers)
    assert given.password not in repr(kept)


def test_so_many_and_no_more() -> None:
    """The oldest give way, so a login never has endlessly many passwords."""
    place = Place()
    for _ in range(MOST + 2):
        place.credentials.give(Wanted(NAMESPACE, ROOT, "alice"))
    assert len(place.live("IAM:alice")) == MOST


def test_the_login_stays_with_its_user() -> None:
    """Those of the user alice and of the identity alice share a login and nothing else."""
    place = Place()
    place.credentials.give(Wanted(NAMESPACE, ROOT, "alice"))
    place.credentials.give(Wanted(NAMESPACE, "arn:aws:iam::111111111111:user/team/alice"))
    assert sorted(place.live("IAM:alice")) == ["IAM:alice", "alice"]
    assert place.live("IAMA:alice") == []
    renamed = replace(place.user("alice"), name="eve")
    place.store.commit(Commit((Put(renamed),)))
    assert place.live("IAM:alice") == ["IAM:alice"]
    assert place.live("IAM:eve") == []


@pytest.mark.parametrize(
    ("arn", "login"),
    [
        (ROOT, "IAM:RootIdentity"),
        ("arn:aws:iam::1:user/bob", "IAM:bob"),
        ("arn:aws:iam::1:user/a/b/bob", "IAM:bob"),
        ("arn:aws:sts::1:assumed-role/reader/session", "IAMR:reader"),
    ],
)
def test_identities(arn: str, login: str) -> None:
    """An identity's database user has its name behind IAM: or IAMR:."""
    assert identity_login(arn) == login
    assert users_of_login(login)[-1] == login


def test_an_identity_has_a_user_of_its_own() -> None:
    """Made once, without a password; a role's sessions share one."""
    place = Place()
    credentials = place.credentials
    alice = f"arn:aws:iam::{ACCOUNT}:user/team/alice"
    assert credentials.identity_user(NAMESPACE, alice) == "IAM:alice"
    assert credentials.identity_user(NAMESPACE, alice) == "IAM:alice"
    role = f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/"
    assert {credentials.identity_user(NAMESPACE, role + s) for s in "ab"} == {"IAMR:reader"}
    user = place.user("IAM:alice")
    assert user.password_disabled
    assert not user.superuser
