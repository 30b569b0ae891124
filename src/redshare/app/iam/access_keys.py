"""Access keys: of users, and of the account's root where no user is meant.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from redshare.app.caller import Caller
from redshare.app.iam.changes import Made, change
from redshare.app.iam.unique_ids import LONG_TERM, access_key_id, secret_access_key
from redshare.app.iam.users import self_or_named
from redshare.app.work import Work
from redshare.core.account import AccessKey
from redshare.core.catalog import Catalog, Drop, Put
from redshare.core.iam.errors import NoSuchEntity, QuotaExceeded
from redshare.core.iam.identity import IamUser
from redshare.core.last_use import LastUse
from redshare.ports import Secrets

#: Of a user.
MOST: Final = 2


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key with its secret, which is told this once."""

    key: AccessKey
    user_name: str
    secret: str


class AccessKeys:
    """The keys of an account."""

    def __init__(self, work: Work, secrets: Secrets) -> None:
        self._work = work
        self._secrets = secrets

    def create(self, caller: Caller, name: str | None) -> NewKey:
        """CreateAccessKey. Raises NoSuchEntity, QuotaExceeded."""
        secret = secret_access_key(self._work.ids)
        sealed = self._secrets.seal(secret)
        key_id = access_key_id(self._work.ids, LONG_TERM)

        def decision(catalog: Catalog) -> Made[NewKey]:
            owner = _owner(catalog, caller, name)
            if len(_keys(catalog, caller, owner)) >= MOST:
                raise QuotaExceeded(f"Cannot exceed quota for AccessKeysPerUser: {MOST}")
            made = AccessKey(
                key_id,
                caller.account,
                sealed,
                user_id=owner.user_id if owner else "",
                created=self._work.clock.now(),
            )
            answer = NewKey(made, owner.name if owner else "", secret)
            return Made(answer, _arn(caller, owner), (Put(made),), (owner,) if owner else ())

        said = {"userName": name, "accessKeyId": key_id}
        return change(self._work, caller, "CreateAccessKey", said, decision)

    def list(self, caller: Caller, name: str | None) -> tuple[str, list[AccessKey]]:
        """The user's name with its keys. Raises NoSuchEntity."""
        catalog = self._work.catalog()
        owner = _owner(catalog, caller, name)
        return owner.name if owner else "", _keys(catalog, caller, owner)

    def last_used(self, caller: Caller, key_id: str) -> tuple[str, LastUse | None]:
        """Whose it is, and its last use. Raises NoSuchEntity, StoreUnavailable."""
        catalog = self._work.catalog()
        key = catalog.access_key(key_id)
        if key is None or key.account_id != caller.account:
            raise NoSuchEntity(f"The Access Key with id {key_id} cannot be found.")
        owner = catalog.iam_user_by_id(key.user_id) if key.user_id else None
        return owner.name if owner else "root", self._work.last_uses.last(key_id)

    def update(self, caller: Caller, name: str | None, key_id: str, *, active: bool) -> None:
        """UpdateAccessKey. Raises NoSuchEntity."""

        def decision(catalog: Catalog) -> Made[None]:
            owner, key = _found(catalog, caller, name, key_id)
            return Made(None, _arn(caller, owner), (Put(replace(key, active=active)),))

        status = "Active" if active else "Inactive"
        said = {"userName": name, "accessKeyId": key_id, "status": status}
        change(self._work, caller, "UpdateAccessKey", said, decision)

    def delete(self, caller: Caller, name: str | None, key_id: str) -> None:
        """DeleteAccessKey. Raises NoSuchEntity."""

        def decision(catalog: Catalog) -> Made[None]:
            owner, key = _found(catalog, caller, name, key_id)
            return Made(None, _arn(caller, owner), (Drop(key),))

        said = {"userName": name, "accessKeyId": key_id}
        change(self._work, caller, "DeleteAccessKey", said, decision)


def _owner(catalog: Catalog, caller: Caller, name: str | None) -> IamUser | None:
    """The user meant; None is the account's root, which speaks of itself without a name."""
    if name is None and caller.speaker.principal.is_root:
        return None
    return self_or_named(catalog, caller, name)


def _keys(catalog: Catalog, caller: Caller, owner: IamUser | None) -> list[AccessKey]:
    user_id = owner.user_id if owner else ""
    return [key for key in catalog.access_keys(caller.account) if key.user_id == user_id]


def _found(
    catalog: Catalog, caller: Caller, name: str | None, key_id: str
) -> tuple[IamUser | None, AccessKey]:
    owner = _owner(catalog, caller, name)
    for key in _keys(catalog, caller, owner):
        if key.access_key_id == key_id:
            return owner, key
    raise NoSuchEntity(f"The Access Key with id {key_id} cannot be found.")


def _arn(caller: Caller, owner: IamUser | None) -> str:
    return owner.arn if owner else caller.principal
