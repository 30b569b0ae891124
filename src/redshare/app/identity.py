"""Accounts and their keys: who a request's key speaks for."""

from __future__ import annotations

from dataclasses import dataclass, field

from redshare.app.iam.directory import user_named
from redshare.app.iam.speaker import Speaker, root_speaker, user_speaker
from redshare.app.iam.tokens import opened, speaker_of
from redshare.app.work import Work
from redshare.core.account import AccessKey, Account
from redshare.core.catalog import Catalog, Put
from redshare.core.iam.errors import EntityAlreadyExists
from redshare.core.ids import AccountId
from redshare.ports import Commit, Secrets


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret and who speaks through it; a temporary one has a token, and expires."""

    secret: str = field(repr=False)
    speaker: Speaker
    token: str | None = field(default=None, repr=False)
    expired: bool = False


class Identity:
    """The accounts of this installation."""

    def __init__(self, work: Work, secrets: Secrets) -> None:
        self._work = work
        self._secrets = secrets
        # Opening a sealed secret costs more than verifying a signature with it.
        self._opened: dict[tuple[str, bytes], str] = {}

    def secret(self, access_key_id: str) -> str | None:
        """The secret of an active key."""
        key = self._work.catalog().access_key(access_key_id)
        if key is None or not key.active:
            return None
        cached = self._opened.get((access_key_id, key.sealed_secret))
        if cached is None:
            cached = self._secrets.open(key.sealed_secret)
            self._opened[access_key_id, key.sealed_secret] = cached
        return cached

    def credential(self, access_key_id: str, token: str | None) -> Credential | None:
        """What the credentials of a request are; None where nobody speaks through them."""
        if token is not None:
            return self._temporary(access_key_id, token)
        secret = self.secret(access_key_id)
        catalog = self._work.catalog()
        key = catalog.access_key(access_key_id)
        if secret is None or key is None:
            return None
        if not key.user_id:
            return Credential(secret, root_speaker(key.account_id))
        user = catalog.iam_user_by_id(key.user_id)
        return None if user is None else Credential(secret, user_speaker(user))

    def _temporary(self, access_key_id: str, text: str) -> Credential | None:
        token = opened(text, self._secrets)
        if token is None or token.access_key_id != access_key_id:
            return None
        speaker = speaker_of(token, self._work.catalog())
        if speaker is None:
            return None
        return Credential(token.secret, speaker, text, token.expires <= self._work.clock.now())

    def used(self, speaker: Speaker, access_key_id: str, service: str, region: str) -> None:
        """A request was proven to be the speaker's: its role was used, or its own key."""
        if speaker.principal.role_arn:
            self._work.last_uses.used(speaker.principal.unique_id, service, region)
        elif speaker.session is None:
            self._work.last_uses.used(access_key_id, service, region)

    def ensure_account(self, account: AccountId, alias: str) -> bool:
        """Make the account, or give it this alias; whether anything changed."""

        def decision(catalog: Catalog) -> tuple[Commit, bool]:
            old = catalog.account(account)
            if old is not None and old.alias == alias:
                return Commit(), False
            new = Account(account, alias, 0 if old is None else old.version)
            return Commit((Put(new),)), True

        return self._work.decide(decision)

    def ensure_key(self, account: AccountId, access_key_id: str, secret: str) -> bool:
        """Make the key of the account's administrator; whether anything changed."""
        if self.secret(access_key_id) == secret:
            key = self._work.catalog().access_key(access_key_id)
            if key is not None and (key.account_id, key.user_id) == (account, ""):
                return False

        def decision(catalog: Catalog) -> tuple[Commit, bool]:
            old = catalog.access_key(access_key_id)
            sealed = self._secrets.seal(secret)
            new = AccessKey(
                access_key_id,
                account,
                sealed,
                version=old.version if old else 0,
                created=self._work.clock.now(),
            )
            return Commit((Put(new),)), True

        return self._work.decide(decision)

    def ensure_user_key(
        self, account: AccountId, user: str, access_key_id: str, secret: str, *, active: bool
    ) -> bool:
        """Make a user's key; whether anything changed. One that the user has keeps its status.

        Raises NoSuchEntity, EntityAlreadyExists where it is somebody else's.
        """

        def decision(catalog: Catalog) -> tuple[Commit, bool]:
            owner = user_named(catalog, account, user)
            old = catalog.access_key(access_key_id)
            if old is not None and (old.account_id, old.user_id) != (account, owner.user_id):
                raise EntityAlreadyExists(
                    f"The Access Key with id {access_key_id} is not {user}'s."
                )
            if old is not None and self._secrets.open(old.sealed_secret) == secret:
                return Commit(), False
            new = AccessKey(
                access_key_id,
                account,
                self._secrets.seal(secret),
                active if old is None else old.active,
                old.version if old else 0,
                owner.user_id,
                self._work.clock.now(),
            )
            return Commit((Put(new),), (owner,)), True

        return self._work.decide(decision)
