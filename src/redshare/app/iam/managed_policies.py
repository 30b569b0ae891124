"""Managed policies and their versions.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from redshare.app.caller import Caller
from redshare.app.iam.changes import Made, change
from redshare.app.iam.directory import Holder, attachable, holders, own_policy
from redshare.app.iam.policy_sizes import check_size
from redshare.app.iam.tagging import checked_tags, tagged, untagged
from redshare.app.iam.unique_ids import POLICY, unique_id
from redshare.app.work import Work
from redshare.core.catalog import Catalog, Drop, Put
from redshare.core.iam.aws_managed import AWS_MANAGED
from redshare.core.iam.errors import (
    DeleteConflict,
    EntityAlreadyExists,
    NoSuchEntity,
    QuotaExceeded,
)
from redshare.core.iam.identity import ManagedPolicy, PolicyVersion, Tags
from redshare.core.iam.parse import parse

MOST: Final = 1500
MOST_VERSIONS: Final = 5
MOST_CHARACTERS: Final = 6144
_VERSION_ID: Final = re.compile(r"v([1-9][0-9]{0,8})")


@dataclass(frozen=True, slots=True)
class Uses:
    """Who has a policy attached, and whose boundary it is."""

    attached: tuple[Holder, ...]
    boundaries: tuple[Holder, ...]


class ManagedPolicies:
    """The managed policies of an account."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def create(
        self, caller: Caller, name: str, path: str, text: str, description: str, tags: Tags
    ) -> ManagedPolicy:
        """CreatePolicy.

        Raises EntityAlreadyExists, MalformedPolicyDocument, QuotaExceeded, InvalidInput.
        """
        _check(text)
        now = self._work.clock.now()
        made = ManagedPolicy(
            unique_id(self._work.ids, POLICY),
            caller.account,
            name,
            now,
            now,
            (PolicyVersion(1, text, now),),
            path=path,
            description=description,
            tags=checked_tags(tags),
        )

        def decision(catalog: Catalog) -> Made[ManagedPolicy]:
            if catalog.managed_policy(caller.account, name) is not None:
                raise EntityAlreadyExists(
                    f"A policy called {name} already exists. Duplicate names are not allowed."
                )
            if sum(1 for _ in catalog.managed_policies(caller.account)) >= MOST:
                raise QuotaExceeded(f"Cannot exceed quota for PoliciesPerAccount: {MOST}")
            return Made(made, made.arn, (Put(made),))

        said = {"policyName": name, "path": path, "policyDocument": text}
        return change(self._work, caller, "CreatePolicy", said, decision)

    def get(self, caller: Caller, arn: str) -> ManagedPolicy:
        """One of the account or of AWS. Raises NoSuchEntity, InvalidInput."""
        return attachable(self._work.catalog(), caller.account, arn)

    def list(self, caller: Caller, prefix: str, scope: str) -> list[ManagedPolicy]:
        """Those whose path begins so; `scope` is All, AWS or Local."""
        own = self._work.catalog().managed_policies(caller.account)
        found = [*(own if scope != "AWS" else ())]
        found += AWS_MANAGED.values() if scope != "Local" else ()
        return [policy for policy in found if policy.path.startswith(prefix)]

    def uses(self, caller: Caller, arn: str) -> Uses:
        """Who uses it."""
        return uses(self._work.catalog(), caller, arn)

    def delete(self, caller: Caller, arn: str) -> None:
        """DeletePolicy. Raises NoSuchEntity, InvalidInput, DeleteConflict."""

        def decision(catalog: Catalog) -> Made[None]:
            policy = own_policy(catalog, caller.account, arn)
            used = uses(catalog, caller, arn)
            if used.attached or used.boundaries:
                raise DeleteConflict("Cannot delete a policy attached to entities.")
            if len(policy.versions) > 1:
                raise DeleteConflict(
                    "This policy has more than one version. Before you delete a policy, you must "
                    "delete the policy's versions. The default version is deleted with the policy."
                )
            return Made(None, policy.arn, (Drop(policy),))

        change(self._work, caller, "DeletePolicy", {"policyArn": arn}, decision)

    def create_version(
        self, caller: Caller, arn: str, text: str, *, default: bool
    ) -> tuple[ManagedPolicy, PolicyVersion]:
        """CreatePolicyVersion.

        Raises NoSuchEntity, InvalidInput, MalformedPolicyDocument, QuotaExceeded.
        """
        _check(text)
        now = self._work.clock.now()

        def decision(catalog: Catalog) -> Made[tuple[ManagedPolicy, PolicyVersion]]:
            policy = own_policy(catalog, caller.account, arn)
            if len(policy.versions) >= MOST_VERSIONS:
                raise QuotaExceeded(
                    f"A managed policy can have up to {MOST_VERSIONS} versions. Before you create "
                    "a new version, you must delete an existing version."
                )
            made = PolicyVersion(policy.next_number, text, now)
            changed = replace(
                policy,
                versions=(*policy.versions, made),
                next_number=policy.next_number + 1,
                default=made.number if default else policy.default,
                updated=now,
            )
            return Made((changed, made), policy.arn, (Put(changed),))

        said = {"policyArn": arn, "policyDocument": text, "setAsDefault": default}
        return change(self._work, caller, "CreatePolicyVersion", said, decision)

    def set_default(self, caller: Caller, arn: str, version_id: str) -> None:
        """SetDefaultPolicyVersion. Raises NoSuchEntity, InvalidInput."""

        def changed(policy: ManagedPolicy) -> ManagedPolicy:
            number = version(policy, version_id).number
            return replace(policy, default=number, updated=self._work.clock.now())

        said = {"versionId": version_id}
        self._change(caller, "SetDefaultPolicyVersion", arn, said, changed)

    def delete_version(self, caller: Caller, arn: str, version_id: str) -> None:
        """DeletePolicyVersion. Raises NoSuchEntity, InvalidInput, DeleteConflict."""

        def changed(policy: ManagedPolicy) -> ManagedPolicy:
            found = version(policy, version_id)
            if found.number == policy.default:
                raise DeleteConflict("Cannot delete the default version of a policy.")
            kept = tuple(one for one in policy.versions if one is not found)
            return replace(policy, versions=kept)

        said = {"versionId": version_id}
        self._change(caller, "DeletePolicyVersion", arn, said, changed)

    def tag(self, caller: Caller, arn: str, tags: Tags) -> None:
        """TagPolicy. Raises NoSuchEntity, InvalidInput, QuotaExceeded."""

        def changed(policy: ManagedPolicy) -> ManagedPolicy:
            return replace(policy, tags=tagged(policy.tags, tags))

        self._change(caller, "TagPolicy", arn, {"tags": dict(tags)}, changed)

    def untag(self, caller: Caller, arn: str, keys: tuple[str, ...]) -> None:
        """UntagPolicy. Raises NoSuchEntity, InvalidInput."""

        def changed(policy: ManagedPolicy) -> ManagedPolicy:
            return replace(policy, tags=untagged(policy.tags, keys))

        self._change(caller, "UntagPolicy", arn, {"tagKeys": list(keys)}, changed)

    def _change(
        self,
        caller: Caller,
        operation: str,
        arn: str,
        said: dict[str, Any],
        changed: Callable[[ManagedPolicy], ManagedPolicy],
    ) -> None:
        def decision(catalog: Catalog) -> Made[None]:
            policy = own_policy(catalog, caller.account, arn)
            return Made(None, policy.arn, (Put(changed(policy)),))

        change(self._work, caller, operation, {"policyArn": arn, **said}, decision)


def version(policy: ManagedPolicy, version_id: str) -> PolicyVersion:
    """Raises NoSuchEntity."""
    match = _VERSION_ID.fullmatch(version_id)
    for one in policy.versions:
        if match is not None and one.number == int(match[1]):
            return one
    raise NoSuchEntity(f"Policy {policy.arn} version {version_id} does not exist.")


def uses(catalog: Catalog, caller: Caller, arn: str) -> Uses:
    """Who of the caller's account uses a policy."""
    found = list(holders(catalog, caller.account))
    return Uses(
        tuple(holder for holder in found if arn in holder.held.attached),
        tuple(holder for holder in found if holder.held.boundary == arn),
    )


def _check(text: str) -> None:
    parse(text)
    message = f"Cannot exceed quota for PolicySize: {MOST_CHARACTERS}"
    check_size(text, MOST_CHARACTERS, message)
