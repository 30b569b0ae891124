"""The resources of an operation of the iam service.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
"""

from __future__ import annotations

from dataclasses import replace

from redshare.core.iam.identity import IamRole, IamUser
from redshare.endpoints.authorization.asked import Asked
from redshare.endpoints.authorization.resources import Resource

#: What speaks of the caller's own user where it names none.
_OWN = frozenset(
    {"GetUser", "CreateAccessKey", "ListAccessKeys", "UpdateAccessKey", "DeleteAccessKey"}
)


def identity_resources(asked: Asked) -> list[Resource]:
    """The entity that the request names; `*` for lists of all."""
    account, path = asked.caller.account, asked.text("Path") or "/"
    if name := asked.text("UserName"):
        found = asked.catalog.iam_user(account, name)
        return [_entity(found, f"user{path}{name}", asked), *_renamed(asked, found)]
    if name := asked.text("RoleName"):
        return [_entity(asked.catalog.iam_role(account, name), f"role{path}{name}", asked)]
    if name := asked.text("PolicyName"):
        return [Resource(f"arn:aws:iam::{account}:policy{path}{name}")]
    if arn := asked.text("PolicyArn", "PolicySourceArn"):
        policy = asked.catalog.managed_policy(account, arn.rpartition("/")[2])
        return [Resource(arn, policy.tags if policy is not None and policy.arn == arn else ())]
    if asked.operation == "GetAccessKeyLastUsed":
        key = asked.catalog.access_key(asked.text("AccessKeyId"))
        if key is not None and key.account_id == account and key.user_id:
            owner = asked.catalog.iam_user_by_id(key.user_id)
            return [Resource("*") if owner is None else Resource(owner.arn, owner.tags)]
    if asked.operation in _OWN:
        own = asked.catalog.iam_user_by_id(asked.caller.speaker.principal.unique_id)
        return [Resource(asked.caller.principal) if own is None else Resource(own.arn, own.tags)]
    return [Resource("*")]


def _renamed(asked: Asked, user: IamUser | None) -> list[Resource]:
    """What a user is to become: UpdateUser is allowed on both or not at all."""
    name, path = asked.text("NewUserName"), asked.text("NewPath")
    if user is None or not (name or path):
        return []
    return [Resource(replace(user, name=name or user.name, path=path or user.path).arn, user.tags)]


def _entity(found: IamUser | IamRole | None, rest: str, asked: Asked) -> Resource:
    """The entity's own ARN: names have no letter case, and a request may not say the path."""
    if found is None:
        return Resource(f"arn:aws:iam::{asked.caller.account}:{rest}")
    return Resource(found.arn, found.tags)
