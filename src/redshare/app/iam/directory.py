"""Finding users, roles and managed policies by what callers call them, in AWS's words if not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from redshare.core.catalog import Catalog, Entity
from redshare.core.iam.aws_managed import AWS, AWS_MANAGED, PREFIX
from redshare.core.iam.decide import Named
from redshare.core.iam.errors import InvalidInput, NoSuchEntity
from redshare.core.iam.identity import Held, IamRole, IamUser, ManagedPolicy
from redshare.core.iam.parse import parse
from redshare.core.ids import AccountId

_POLICY_ARN: Final = re.compile(r"arn:aws:iam::(aws|[0-9]{12}):policy/(.+)")

#: Who may hold policies.
Holder = IamUser | IamRole


def user_named(catalog: Catalog, account: AccountId, name: str) -> IamUser:
    """Raises NoSuchEntity."""
    found = catalog.iam_user(account, name)
    if found is None:
        raise NoSuchEntity(f"The user with name {name} cannot be found.")
    return found


def role_named(catalog: Catalog, account: AccountId, name: str) -> IamRole:
    """Raises NoSuchEntity."""
    found = catalog.iam_role(account, name)
    if found is None:
        raise NoSuchEntity(f"The role with name {name} cannot be found.")
    return found


def own_policy(catalog: Catalog, account: AccountId, arn: str) -> ManagedPolicy:
    """A policy that the account made. Raises NoSuchEntity, InvalidInput."""
    match = _POLICY_ARN.fullmatch(arn)
    if match is None:
        raise InvalidInput(f"ARN {arn} is not valid.")
    found = catalog.managed_policy(account, match[2].rpartition("/")[2])
    if found is None or found.arn != arn:
        raise NoSuchEntity(f"Policy {arn} was not found.")
    return found


def attachable(catalog: Catalog, account: AccountId, arn: str) -> ManagedPolicy:
    """A policy of the account or of AWS. Raises NoSuchEntity, InvalidInput."""
    if not arn.startswith(PREFIX):
        return own_policy(catalog, account, arn)
    if arn not in AWS_MANAGED:
        raise NoSuchEntity(f"Policy {arn} does not exist or is not attachable.")
    return AWS_MANAGED[arn]


def guards(policy: ManagedPolicy | None) -> tuple[Entity, ...]:
    """What must still be there when a use of the policy is committed: AWS's always are."""
    return () if policy is None or policy.account == AWS else (policy,)


def policies_of(catalog: Catalog, account: AccountId, held: Held) -> tuple[Named, ...]:
    """The identity-based policies of a holder, ready to be asked."""
    return tuple(_policies(catalog, account, held))


def boundary_of(catalog: Catalog, account: AccountId, held: Held) -> Named | None:
    """The holder's boundary, ready to be asked."""
    if not held.boundary:
        return None
    found = attachable(catalog, account, held.boundary)
    return Named(found.name, parse(found.text))


def _policies(catalog: Catalog, account: AccountId, held: Held) -> Iterator[Named]:
    for name, text in held.inline:
        yield Named(name, parse(text))
    for arn in held.attached:
        found = attachable(catalog, account, arn)
        yield Named(found.name, parse(found.text))


def holders(catalog: Catalog, account: AccountId) -> Iterator[Holder]:
    """Every user and role of an account."""
    yield from catalog.iam_users(account)
    yield from catalog.iam_roles(account)
