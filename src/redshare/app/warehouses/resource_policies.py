"""Resource policies on namespaces.

Only the form of a policy is judged. Datashares have none: who may use one is said by its grants,
authorizations and associations.
https://docs.aws.amazon.com/redshift/latest/APIReference/API_PutResourcePolicy.html
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

from redshare.app.work import Work
from redshare.core.aws_errors import InvalidPolicy, ResourceNotFound, UnsupportedOperation
from redshare.core.catalog import Catalog, Drop, Put
from redshare.core.ids import AccountId, MalformedId, NamespaceArn, Region
from redshare.core.resource_policy import ResourcePolicy
from redshare.ports import Commit

#: How an error names what a policy is of, or would be.
RESOURCE: Final = "Resource"
MAX_POLICY: Final = 20_480
_VERSIONS: Final = frozenset({"2012-10-17", "2008-10-17"})
_MEMBERS: Final = frozenset({"Version", "Id", "Statement"})
_STATEMENT: Final = frozenset(
    {
        "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource",
        "NotResource", "Condition",
    }
)  # fmt: skip


class ResourcePolicies:
    """One a resource."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def get(self, account: AccountId, region: Region, arn: str) -> ResourcePolicy:
        """Raises ResourceNotFound, UnsupportedOperation."""
        catalog = self._work.catalog()
        return _policy(catalog, account, _own(catalog, account, region, arn))

    def put(self, account: AccountId, region: Region, arn: str, policy: str) -> ResourcePolicy:
        """In the place of an older one. Raises InvalidPolicy, ResourceNotFound."""
        check_policy(policy)

        def decision(catalog: Catalog) -> tuple[Commit, ResourcePolicy]:
            resource = _own(catalog, account, region, arn)
            old = _find(catalog, account, resource)
            new = (
                ResourcePolicy(resource, account, policy)
                if old is None
                else replace(old, policy=policy)
            )
            return Commit(() if new == old else (Put(new),)), new

        return self._work.decide(decision)

    def delete(self, account: AccountId, region: Region, arn: str) -> None:
        """Raises ResourceNotFound, UnsupportedOperation."""

        def decision(catalog: Catalog) -> tuple[Commit, None]:
            old = _policy(catalog, account, _own(catalog, account, region, arn))
            return Commit((Drop(old),)), None

        self._work.decide(decision)


def check_policy(text: str) -> None:
    """Whether it is a policy document of a resource. Raises InvalidPolicy."""
    if not text.strip() or len(text) > MAX_POLICY:
        raise InvalidPolicy(f"A policy has 1 to {MAX_POLICY} characters.")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidPolicy("The policy is not valid JSON.") from error
    if not isinstance(document, dict) or set(document) - _MEMBERS:
        raise InvalidPolicy("The policy is not a policy document.")
    if document.get("Version", "2008-10-17") not in _VERSIONS:
        raise InvalidPolicy("The policy has an unknown Version.")
    statements = document.get("Statement")
    statements = [statements] if isinstance(statements, dict) else statements
    if not isinstance(statements, list) or not statements:
        raise InvalidPolicy("The policy has no Statement.")
    for statement in statements:
        _check_statement(statement)


def _check_statement(statement: Any) -> None:  # noqa: ANN401 - whatever the JSON holds
    if not isinstance(statement, dict) or set(statement) - _STATEMENT:
        raise InvalidPolicy("A statement of the policy has unknown members.")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise InvalidPolicy("A statement of the policy needs an Effect, Allow or Deny.")
    for one, other, form in (
        ("Principal", "NotPrincipal", _is_principal),
        ("Action", "NotAction", _is_texts),
    ):
        given = [statement[name] for name in (one, other) if name in statement]
        if len(given) != 1 or not form(given[0]):
            raise InvalidPolicy(f"A statement of the policy needs one {one}.")
    if not isinstance(statement.get("Condition", {}), dict):
        raise InvalidPolicy("A Condition of the policy is not an object.")


def _is_texts(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(text, str) and text for text in value)
    return isinstance(value, str) and bool(value)


def _is_principal(value: object) -> bool:
    if isinstance(value, dict):
        return bool(value) and all(_is_texts(named) for named in value.values())
    return value == "*"


def _own(catalog: Catalog, account: AccountId, region: Region, arn: str) -> str:
    """The ARN of a namespace of the account, as its service prints it."""
    if ":datashare:" in arn:
        raise UnsupportedOperation("A datashare has no resource policy.")
    try:
        parsed = NamespaceArn.parse(arn)
    except MalformedId as error:
        raise ResourceNotFound(RESOURCE, arn) from error
    found = catalog.namespace(parsed.namespace)
    if found is None or (found.account, found.region) != (account, region):
        raise ResourceNotFound(RESOURCE, arn)
    if (parsed.account, parsed.region) != (account, region):
        raise ResourceNotFound(RESOURCE, arn)
    return str(found.arn)


def _find(catalog: Catalog, account: AccountId, arn: str) -> ResourcePolicy | None:
    found: ResourcePolicy | None = catalog.named(ResourcePolicy, account, arn)
    return found


def _policy(catalog: Catalog, account: AccountId, arn: str) -> ResourcePolicy:
    found = _find(catalog, account, arn)
    if found is None:
        raise ResourceNotFound("Resource policy of", arn)
    return found
