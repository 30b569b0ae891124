"""Users, roles and managed policies of an account, from the iam service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from botocore.exceptions import ClientError

from redshare.adapters.world.account import AwsAccount
from redshare.adapters.world.tags import read_tags
from redshare.app.world.iam import (
    SERVICE_PATH,
    PolicyDocument,
    WorldIam,
    WorldIamRole,
    WorldIamUser,
    WorldPolicy,
    WorldUserKey,
)

#: Users, roles or policies read at the same time.
_AT_ONCE: Final = 4
_DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException"})


def read_iam(account: AwsAccount, left_out: Callable[[str], None]) -> WorldIam | None:
    """None where the caller may not read it whole, which `left_out` is told."""
    reader = _Reader(account.iam)
    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return WorldIam(
                policies=dict(pool.map(reader.policy, reader.local_policies())),
                users=dict(pool.map(reader.user, reader.names("User"))),
                roles=dict(pool.map(reader.role, reader.names("Role"))),
            )
    except ClientError as error:
        if error.response["Error"]["Code"] not in _DENIED:
            raise
        left_out(f"{account.number}: IAM: {error.response['Error']['Message']}")
        return None


class _Reader:
    """`iam` is a client of the account's."""

    def __init__(self, iam: Any) -> None:  # noqa: ANN401 - a boto3 client
        self._iam = iam

    def names(self, kind: str) -> list[str]:
        """Of users, or of roles but for those of services."""
        found = self._all(f"list_{kind.lower()}s", f"{kind}s")
        return [h[f"{kind}Name"] for h in found if not h["Path"].startswith(SERVICE_PATH)]

    def local_policies(self) -> list[str]:
        """The ARNs of the account's own."""
        return [p["Arn"] for p in self._all("list_policies", "Policies", Scope="Local")]

    def policy(self, arn: str) -> tuple[str, WorldPolicy]:
        """A managed policy with its name."""
        found = self._iam.get_policy(PolicyArn=arn)["Policy"]
        listed = self._all("list_policy_versions", "Versions", PolicyArn=arn)
        numbers = sorted((v["VersionId"] for v in listed), key=lambda v: int(v[1:]))
        return found["PolicyName"], WorldPolicy(
            versions={number: self._version(arn, number) for number in numbers},
            default=found["DefaultVersionId"],
            path=found["Path"],
            description=found.get("Description", ""),
            tags=read_tags(found),
        )

    def user(self, name: str) -> tuple[str, WorldIamUser]:
        """A user; secrets of keys are left to the environment."""
        found = self._iam.get_user(UserName=name)["User"]
        keys = self._all("list_access_keys", "AccessKeyMetadata", UserName=name)
        return name, WorldIamUser(
            **self._holder("user", name, found),
            access_keys=tuple(
                WorldUserKey(k["AccessKeyId"], f"${{SECRET_{k['AccessKeyId']}}}", k["Status"])
                for k in keys
            ),
        )

    def role(self, name: str) -> tuple[str, WorldIamRole]:
        """A role."""
        found = self._iam.get_role(RoleName=name)["Role"]
        return name, WorldIamRole(
            **self._holder("role", name, found),
            trust=PolicyDocument(found["AssumeRolePolicyDocument"]),
            description=found.get("Description", ""),
            max_session_duration=found["MaxSessionDuration"],
        )

    # --- how ------------------------------------------------------------------------------

    def _holder(self, kind: str, name: str, found: dict[str, Any]) -> dict[str, Any]:
        named = {f"{kind.title()}Name": name}
        inline = self._all(f"list_{kind}_policies", "PolicyNames", **named)
        get = getattr(self._iam, f"get_{kind}_policy")
        attached = self._all(f"list_attached_{kind}_policies", "AttachedPolicies", **named)
        return {
            "path": found["Path"],
            "permissions_boundary": found.get("PermissionsBoundary", {}).get(
                "PermissionsBoundaryArn", ""
            ),
            "policies": {
                policy: PolicyDocument(get(PolicyName=policy, **named)["PolicyDocument"])
                for policy in inline
            },
            "attached": tuple(policy["PolicyArn"] for policy in attached),
            "tags": read_tags(found),
        }

    def _version(self, arn: str, number: str) -> PolicyDocument:
        found = self._iam.get_policy_version(PolicyArn=arn, VersionId=number)
        return PolicyDocument(found["PolicyVersion"]["Document"])

    def _all(self, operation: str, key: str, **parameters: str) -> Iterator[Any]:
        for page in self._iam.get_paginator(operation).paginate(**parameters):
            yield from page[key]
