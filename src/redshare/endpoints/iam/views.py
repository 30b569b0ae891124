"""IAM's entities as the API shows them, and its pages.

Policy documents are shown percent-encoded, as AWS's answers have them; clients decode them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from redshare.app.caller import Caller
from redshare.app.iam.directory import Holder
from redshare.app.paging import PageRequest
from redshare.core.iam.identity import IamRole, IamUser, Tags

Params = Mapping[str, Any]
Item = TypeVar("Item")

LARGEST = 1000


def document(text: str) -> str:
    """A policy's text."""
    return quote(text, safe="")


def tags(params: Params) -> Tags:
    """What the request says of tags."""
    return tuple((tag["Key"], tag["Value"]) for tag in params.get("Tags", ()))


def shown_tags(given: Tags) -> list[Params]:
    """Tags."""
    return [{"Key": key, "Value": value} for key, value in given]


def boundary(holder: Holder) -> Params | None:
    """The boundary of a user or role."""
    if not holder.held.boundary:
        return None
    return {
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": holder.held.boundary,
    }


def user(shown: IamUser, *, listed: bool = False) -> Params:
    """A user; lists leave boundary and tags out."""
    answer = {
        "Path": shown.path,
        "UserName": shown.name,
        "UserId": shown.user_id,
        "Arn": shown.arn,
        "CreateDate": shown.created,
    }
    if listed:
        return answer
    return {
        **answer,
        "PermissionsBoundary": boundary(shown),
        "Tags": shown_tags(shown.tags) or None,
    }


def role(shown: IamRole, trust: str, *, listed: bool = False) -> Params:
    """A role with its trust policy; lists leave boundary and tags out."""
    answer = {
        "Path": shown.path,
        "RoleName": shown.name,
        "RoleId": shown.role_id,
        "Arn": shown.arn,
        "CreateDate": shown.created,
        "AssumeRolePolicyDocument": document(trust),
        "Description": shown.description or None,
        "MaxSessionDuration": shown.max_session,
    }
    if listed:
        return answer
    return {
        **answer,
        "PermissionsBoundary": boundary(shown),
        "Tags": shown_tags(shown.tags) or None,
    }


def page(
    caller: Caller,
    params: Params,
    operation: str,
    name: str,
    items: Iterable[Item],
    key: Callable[[Item], str],
    shown: Callable[[Item], Any],
) -> Params:
    """One page of a listing, with IsTruncated and Marker."""
    filters = sorted(f"{k}={v}" for k, v in params.items() if k not in {"Marker", "MaxItems"})
    request = PageRequest(
        (operation, caller.account, *filters),
        params.get("MaxItems"),
        params.get("Marker"),
        name="MaxItems",
        largest=LARGEST,
    )
    found = request.of(items, lambda item: [key(item)])
    return {
        name: [shown(item) for item in found.items],
        "IsTruncated": found.marker is not None,
        "Marker": found.marker,
    }
