"""Users, roles and managed policies of an account, as a world file says them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, Literal

from redshare.app.world.part import Part

#: Roles that a service makes for itself.
SERVICE_PATH: Final = "/aws-service-role/"


class PolicyDocument:
    """A policy; two that say the same are equal, whatever the order of their keys."""

    def __init__(self, value: Mapping[str, Any]) -> None:
        self.value = value
        self.text: Final = json.dumps(value, sort_keys=True)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PolicyDocument) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


class WorldUserKey(Part, frozen=True):
    """An access key of a user; one without a secret is not made."""

    id: str
    secret: str | None = None
    status: Literal["Active", "Inactive"] = "Active"


class WorldHolder(Part, frozen=True):
    """What users and roles have in common; `attached` are the ARNs of managed policies."""

    path: str = "/"
    #: The ARN of a managed policy; empty is none.
    permissions_boundary: str = ""
    policies: Mapping[str, PolicyDocument] | None = None
    attached: tuple[str, ...] | None = None
    tags: Mapping[str, str] | None = None


class WorldIamUser(WorldHolder, frozen=True):
    """A user."""

    access_keys: tuple[WorldUserKey, ...] = ()


class WorldIamRole(WorldHolder, frozen=True, kw_only=True):
    """A role; `max_session_duration` in seconds."""

    trust: PolicyDocument
    description: str = ""
    max_session_duration: int = 3600


class WorldPolicy(Part, frozen=True, kw_only=True):
    """A managed policy of the account, by its versions (`v1`)."""

    versions: Mapping[str, PolicyDocument]
    default: str = "v1"
    path: str = "/"
    description: str = ""
    tags: Mapping[str, str] | None = None


class WorldIam(Part, frozen=True):
    """The identities of an account."""

    policies: Mapping[str, WorldPolicy] | None = None
    users: Mapping[str, WorldIamUser] | None = None
    roles: Mapping[str, WorldIamRole] | None = None
