"""What is asked: a principal, an action, a resource, and the circumstances as context keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: One value, or several of a multivalued key (`aws:TagKeys`).
Values = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """Context keys and their values. Names of keys have no letter case."""

    values: Mapping[str, Values]

    @classmethod
    def of(cls, values: Mapping[str, Values]) -> Context:
        """From keys as they are written."""
        return cls({key.lower(): value for key, value in values.items()})

    def all(self, key: str) -> tuple[str, ...] | None:
        """The values of a key; None where the request has none."""
        found = self.values.get(key)
        return (found,) if isinstance(found, str) else found

    def single(self, key: str) -> str | None:
        """The value of a key that has exactly one."""
        found = self.all(key)
        return found[0] if found is not None and len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. `role_arn` is the role of an assumed-role session, else empty.

    `unique_id` is the user's or the role's: a policy that names it by id means no namesake.
    """

    arn: str
    account: str
    role_arn: str = ""
    unique_id: str = ""

    @property
    def is_root(self) -> bool:
        """Whether it is the account itself."""
        return self.arn.endswith(f"::{self.account}:root")


@dataclass(frozen=True, slots=True)
class Request:
    """One question. `resource_account` owns the resource; empty: the principal's account."""

    principal: Principal
    action: str
    resource: str
    context: Context = field(default_factory=lambda: Context({}))
    resource_account: str = ""

    @property
    def same_account(self) -> bool:
        """Whether the resource is of the principal's own account."""
        return self.resource_account in {"", self.principal.account}
