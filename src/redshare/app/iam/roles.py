"""IAM roles and their trust policies.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from redshare.app.caller import Caller
from redshare.app.iam.changes import Made, change
from redshare.app.iam.directory import attachable, guards, role_named
from redshare.app.iam.tagging import checked_tags
from redshare.app.iam.trust import kept_trust, shown_trust
from redshare.app.iam.unique_ids import ROLE, unique_id
from redshare.app.iam.users import check_without_policies
from redshare.app.work import Work
from redshare.core.catalog import Catalog, Drop, Put
from redshare.core.iam.errors import EntityAlreadyExists, QuotaExceeded, ValidationError
from redshare.core.iam.identity import Held, IamRole, Tags
from redshare.core.last_use import LastUse

MOST: Final = 1000
#: Seconds.
SHORTEST_SESSION, LONGEST_SESSION = 3600, 43_200


@dataclass(frozen=True, slots=True)
class NewRole:
    """What a caller wants of a role."""

    name: str
    trust: str
    path: str = "/"
    description: str = ""
    max_session: int = SHORTEST_SESSION
    boundary: str = ""
    tags: Tags = ()


class Roles:
    """The roles of an account."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def create(self, caller: Caller, new: NewRole) -> IamRole:
        """CreateRole.

        Raises EntityAlreadyExists, MalformedPolicyDocument, NoSuchEntity, QuotaExceeded,
        InvalidInput, ValidationError.
        """
        role_id = unique_id(self._work.ids, ROLE)
        _check_session(new.max_session)

        def decision(catalog: Catalog) -> Made[IamRole]:
            if catalog.iam_role(caller.account, new.name) is not None:
                raise EntityAlreadyExists(f"Role with name {new.name} already exists.")
            if sum(1 for _ in catalog.iam_roles(caller.account)) >= MOST:
                raise QuotaExceeded(f"Cannot exceed quota for RolesPerAccount: {MOST}")
            limit = attachable(catalog, caller.account, new.boundary) if new.boundary else None
            made = IamRole(
                role_id,
                caller.account,
                new.name,
                self._work.clock.now(),
                kept_trust(catalog, new.trust),
                new.path,
                new.description,
                new.max_session,
                Held(boundary=new.boundary),
                checked_tags(new.tags),
            )
            return Made(made, made.arn, (Put(made),), guards(limit))

        said = {"roleName": new.name, "path": new.path, "assumeRolePolicyDocument": new.trust}
        return change(self._work, caller, "CreateRole", said, decision)

    def get(self, caller: Caller, name: str) -> IamRole:
        """Raises NoSuchEntity."""
        return role_named(self._work.catalog(), caller.account, name)

    def trust(self, role: IamRole) -> str:
        """The text of its trust policy, with names."""
        return shown_trust(self._work.catalog(), role.trust)

    def last_used(self, role: IamRole) -> LastUse | None:
        """When a session of it was last used. Raises StoreUnavailable."""
        return self._work.last_uses.last(role.role_id)

    def list(self, caller: Caller, prefix: str) -> list[IamRole]:
        """Those whose path begins so."""
        roles = self._work.catalog().iam_roles(caller.account)
        return [role for role in roles if role.path.startswith(prefix)]

    def update(
        self, caller: Caller, name: str, description: str | None, max_session: int | None
    ) -> None:
        """UpdateRole. Raises NoSuchEntity, ValidationError."""
        if max_session is not None:
            _check_session(max_session)

        def decision(catalog: Catalog) -> Made[None]:
            role = role_named(catalog, caller.account, name)
            changed = replace(
                role,
                description=role.description if description is None else description,
                max_session=role.max_session if max_session is None else max_session,
            )
            return Made(None, role.arn, (Put(changed),))

        said = {"roleName": name, "description": description, "maxSessionDuration": max_session}
        change(self._work, caller, "UpdateRole", said, decision)

    def update_trust(self, caller: Caller, name: str, trust: str) -> None:
        """UpdateAssumeRolePolicy. Raises NoSuchEntity, MalformedPolicyDocument, QuotaExceeded."""

        def decision(catalog: Catalog) -> Made[None]:
            role = role_named(catalog, caller.account, name)
            changed = replace(role, trust=kept_trust(catalog, trust))
            return Made(None, role.arn, (Put(changed),))

        said = {"roleName": name, "policyDocument": trust}
        change(self._work, caller, "UpdateAssumeRolePolicy", said, decision)

    def delete(self, caller: Caller, name: str) -> None:
        """DeleteRole: its sessions end with it. Raises NoSuchEntity, DeleteConflict."""

        def decision(catalog: Catalog) -> Made[None]:
            role = role_named(catalog, caller.account, name)
            check_without_policies(role.held)
            return Made(None, role.arn, (Drop(role),))

        change(self._work, caller, "DeleteRole", {"roleName": name}, decision)


def _check_session(seconds: int) -> None:
    if not SHORTEST_SESSION <= seconds <= LONGEST_SESSION:
        raise ValidationError(
            f"The MaxSessionDuration must be between {SHORTEST_SESSION} and {LONGEST_SESSION}."
        )
