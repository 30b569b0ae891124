"""IAM users.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from redshare.app.caller import Caller
from redshare.app.iam.changes import Made, change
from redshare.app.iam.directory import attachable, guards, user_named
from redshare.app.iam.tagging import checked_tags
from redshare.app.iam.unique_ids import USER, unique_id
from redshare.app.work import Work
from redshare.core.catalog import Catalog, Drop, Put
from redshare.core.iam.errors import (
    DeleteConflict,
    EntityAlreadyExists,
    NoSuchEntity,
    QuotaExceeded,
)
from redshare.core.iam.identity import Held, IamUser, Tags

MOST: Final = 5000


class Users:
    """The users of an account."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def create(self, caller: Caller, name: str, path: str, boundary: str, tags: Tags) -> IamUser:
        """CreateUser. Raises EntityAlreadyExists, NoSuchEntity, QuotaExceeded, InvalidInput."""
        made = IamUser(
            unique_id(self._work.ids, USER),
            caller.account,
            name,
            self._work.clock.now(),
            path,
            Held(boundary=boundary),
            checked_tags(tags),
        )

        def decision(catalog: Catalog) -> Made[IamUser]:
            if catalog.iam_user(caller.account, name) is not None:
                raise EntityAlreadyExists(f"User with name {name} already exists.")
            if sum(1 for _ in catalog.iam_users(caller.account)) >= MOST:
                raise QuotaExceeded(f"Cannot exceed quota for UsersPerAccount: {MOST}")
            limit = attachable(catalog, caller.account, boundary) if boundary else None
            return Made(made, made.arn, (Put(made),), guards(limit))

        said = {"userName": name, "path": path, "permissionsBoundary": boundary}
        return change(self._work, caller, "CreateUser", said, decision)

    def get(self, caller: Caller, name: str | None) -> IamUser:
        """The user of that name, or the caller's own. Raises NoSuchEntity."""
        return self_or_named(self._work.catalog(), caller, name)

    def account_created(self, caller: Caller) -> datetime:
        """When the root's oldest key was made, in place of the account."""
        keys = self._work.catalog().access_keys(caller.account)
        made = [key.created for key in keys if key.created is not None and not key.user_id]
        return min(made, default=self._work.clock.now())

    def list(self, caller: Caller, prefix: str) -> list[IamUser]:
        """Those whose path begins so."""
        users = self._work.catalog().iam_users(caller.account)
        return [user for user in users if user.path.startswith(prefix)]

    def update(self, caller: Caller, name: str, new_name: str | None, path: str | None) -> None:
        """UpdateUser. Raises NoSuchEntity, EntityAlreadyExists."""

        def decision(catalog: Catalog) -> Made[None]:
            user = user_named(catalog, caller.account, name)
            renamed = user.name if new_name is None else new_name
            other = catalog.iam_user(caller.account, renamed)
            if other is not None and other.user_id != user.user_id:
                raise EntityAlreadyExists(f"User with name {renamed} already exists.")
            changed = replace(user, name=renamed, path=user.path if path is None else path)
            return Made(None, user.arn, (Put(changed),))

        said = {"userName": name, "newUserName": new_name, "newPath": path}
        change(self._work, caller, "UpdateUser", said, decision)

    def delete(self, caller: Caller, name: str) -> None:
        """DeleteUser. Raises NoSuchEntity, DeleteConflict."""

        def decision(catalog: Catalog) -> Made[None]:
            user = user_named(catalog, caller.account, name)
            if any(k.user_id == user.user_id for k in catalog.access_keys(caller.account)):
                raise DeleteConflict("Cannot delete entity, must delete access keys first.")
            check_without_policies(user.held)
            return Made(None, user.arn, (Drop(user),))

        change(self._work, caller, "DeleteUser", {"userName": name}, decision)


def self_or_named(catalog: Catalog, caller: Caller, name: str | None) -> IamUser:
    """The user of that name, or the caller's own. Raises NoSuchEntity."""
    if name is not None:
        return user_named(catalog, caller.account, name)
    own = catalog.iam_user_by_id(caller.speaker.principal.unique_id)
    if own is None:
        raise NoSuchEntity("The caller is no user; UserName must be specified.")
    return own


def check_without_policies(held: Held) -> None:
    """Raises DeleteConflict while a holder still has policies."""
    if held.attached:
        raise DeleteConflict("Cannot delete entity, must detach all policies first.")
    if held.inline:
        raise DeleteConflict("Cannot delete entity, must delete policies first.")
