"""Users, roles and managed policies that are missing: policies before who has them, a role after
the users and roles that its trust policy names, for the service refuses names of nobody.

Access keys are not made: the service chooses their ids and secrets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from botocore.exceptions import ClientError

from redshare.adapters.world.account import AwsAccount
from redshare.adapters.world.make_policy import make_policy
from redshare.adapters.world.tags import tag_list
from redshare.app.world import World, WorldError
from redshare.app.world.iam import (
    PolicyDocument,
    WorldHolder,
    WorldIam,
    WorldIamRole,
    WorldIamUser,
)

#: Until the roles in a circle are all there.
_NOBODY: Final = PolicyDocument(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}],
    }
)

#: A role with its account and name.
_Role = tuple["IamMaker", str, WorldIamRole]


def make_iam(
    world: World, found: World, accounts: dict[str, AwsAccount], left_out: Callable[[str], None]
) -> Iterator[str]:
    """What was made, in words; `left_out` is told of keys. Raises WorldError."""
    makers = []
    for number, account in world.accounts.items():
        if account.iam is not None:
            known = found.accounts[number].iam
            if known is None:
                raise WorldError(f"{number}: IAM may not be read")
            makers.append(IamMaker(accounts[number], account.iam, known))
    for maker in makers:
        yield from maker.policies()
        yield from maker.users()
        for key in maker.missing_keys():
            left_out(key)
    yield from _roles([role for maker in makers for role in maker.missing_roles()])
    for maker in makers:
        yield from maker.holdings()


def _roles(missing: list[_Role]) -> Iterator[str]:
    """In an order in which each finds those that it trusts."""
    circles: list[_Role] = []
    while missing:
        arns = [maker.role_arn(name, role) for maker, name, role in missing]
        ready = [
            each for each in missing if not any(f'"{arn}"' in each[2].trust.text for arn in arns)
        ]
        if ready:
            made = [maker.role(name, role, role.trust) for maker, name, role in ready]
        else:
            ready = missing[:1]
            circles += ready
            made = [maker.role(name, role, _NOBODY) for maker, name, role in ready]
        yield from made
        missing = [each for each in missing if each not in ready]
    for maker, name, role in circles:
        maker.trust(name, role)


class IamMaker:
    """Makes in the account what `wanted` has and `found` has not."""

    def __init__(self, account: AwsAccount, wanted: WorldIam, found: WorldIam) -> None:
        self._account = account
        self._iam = account.iam
        self._wanted = wanted
        self._found = found

    def policies(self) -> Iterator[str]:
        """Managed policies."""
        for name, policy in (self._wanted.policies or {}).items():
            if name not in (self._found.policies or {}):
                with self._place("policy", name) as what:
                    make_policy(self._iam, name, policy)
                yield what

    def users(self) -> Iterator[str]:
        """Users, without their policies."""
        for name, user in (self._wanted.users or {}).items():
            if name not in (self._found.users or {}):
                with self._place("user", name) as what:
                    self._iam.create_user(UserName=name, **_holder(user))
                yield what

    def missing_keys(self) -> Iterator[str]:
        """Access keys that the system has not."""
        for name, user in (self._wanted.users or {}).items():
            known = (self._found.users or {}).get(name, WorldIamUser())
            have = {key.id for key in known.access_keys}
            for key in user.access_keys:
                if key.id not in have:
                    yield f"{self._account.number}: access key {key.id} of the user {name}"

    def missing_roles(self) -> list[_Role]:
        """Roles that the system has not."""
        have = self._found.roles or {}
        wanted = (self._wanted.roles or {}).items()
        return [(self, name, role) for name, role in wanted if name not in have]

    def role(self, name: str, role: WorldIamRole, trust: PolicyDocument) -> str:
        """Make a role, without its policies."""
        with self._place("role", name) as what:
            self._iam.create_role(
                RoleName=name,
                AssumeRolePolicyDocument=trust.text,
                Description=role.description,
                MaxSessionDuration=role.max_session_duration,
                **_holder(role),
            )
        return what

    def trust(self, name: str, role: WorldIamRole) -> None:
        """Give a role its own trust policy."""
        with self._place("role", name):
            self._iam.update_assume_role_policy(RoleName=name, PolicyDocument=role.trust.text)

    def holdings(self) -> Iterator[str]:
        """Policies and tags of users and roles."""
        for kind, wanted, found in (
            ("user", self._wanted.users, self._found.users),
            ("role", self._wanted.roles, self._found.roles),
        ):
            for name, holder in (wanted or {}).items():
                known = (found or {}).get(name)
                yield from self._holding(kind, name, holder, known)

    def role_arn(self, name: str, role: WorldIamRole) -> str:
        """What trust policies call a role."""
        partition = self._account.redshift.meta.partition
        return f"arn:{partition}:iam::{self._account.number}:role{role.path}{name}"

    # --- how ------------------------------------------------------------------------------

    def _holding(
        self, kind: str, name: str, wanted: WorldHolder, found: WorldHolder | None
    ) -> Iterator[str]:
        named = {f"{kind.title()}Name": name}
        known = found or WorldHolder(tags=wanted.tags)
        for policy, document in (wanted.policies or {}).items():
            if policy not in (known.policies or {}):
                with self._place(kind, name, f"policy {policy}") as what:
                    put = getattr(self._iam, f"put_{kind}_policy")
                    put(PolicyName=policy, PolicyDocument=document.text, **named)
                yield what
        for arn in wanted.attached or ():
            if arn not in (known.attached or ()):
                with self._place(kind, name, f"policy {arn}") as what:
                    getattr(self._iam, f"attach_{kind}_policy")(PolicyArn=arn, **named)
                yield what
        missing = {
            key: value
            for key, value in (wanted.tags or {}).items()
            if key not in (known.tags or {})
        }
        if missing:
            with self._place(kind, name, f"tags {', '.join(missing)}") as what:
                getattr(self._iam, f"tag_{kind}")(Tags=tag_list(missing), **named)
            yield what

    @contextmanager
    def _place(self, *words: str) -> Iterator[str]:
        """What is made, in words; a refusal becomes a WorldError that names it."""
        what = f"{' '.join(words)} in {self._account.number}"
        try:
            yield what
        except ClientError as error:
            message = error.response["Error"]["Message"]
            raise WorldError(f"{what}: {message}") from error


def _holder(holder: WorldHolder) -> dict[str, Any]:
    boundary = holder.permissions_boundary
    return {
        "Path": holder.path,
        "Tags": tag_list(holder.tags),
        **({"PermissionsBoundary": boundary} if boundary else {}),
    }
