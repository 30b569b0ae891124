"""Whether a statement applies to a request, and how closely it names the principal."""

from __future__ import annotations

from enum import IntEnum

from redshare.core.iam.condition import holds
from redshare.core.iam.document import Effect, Statement
from redshare.core.iam.request import Principal, Request
from redshare.core.iam.template import arn_matches, resolved
from redshare.core.iam.wildcard import matches


class Naming(IntEnum):
    """How a resource's policy means a principal: the closer, the less its own side must add."""

    NOT = 0
    #: The whole account: it delegates, and the principal's own policies decide.
    ACCOUNT = 1
    #: The role of a session: boundaries and session policies still limit.
    ROLE = 2
    #: The user or the session itself, or everyone.
    ITSELF = 3


def applies(statement: Statement, request: Request) -> bool:
    """Whether action, resource and conditions are the statement's; the principal is not asked."""
    return (
        _action(statement, request.action.lower())
        and _resource(statement, request)
        and all(holds(condition, request.context) for condition in statement.conditions)
    )


def naming(statement: Statement, principal: Principal) -> Naming:
    """How the statement names the principal; without a Principal element, as itself."""
    element = statement.principal
    if element is None:
        return Naming.ITSELF
    if not element.negated:
        return max(_entry(kind, value, principal) for kind, value in element.entries)
    # Everyone but those it lists, and nobody of them closely. A Deny spares only who is listed
    # itself: its account or role is not enough, as at AWS. An Allow leaves out all of a listed one.
    spared = Naming.ITSELF if statement.effect is Effect.DENY else Naming.ACCOUNT
    listed = max(_entry(kind, value, principal) for kind, value in element.entries)
    return Naming.NOT if listed >= spared else Naming.ROLE


def _action(statement: Statement, action: str) -> bool:
    return any(matches(p, action) for p in statement.actions) != statement.not_action


def _resource(statement: Statement, request: Request) -> bool:
    if statement.resources is None:
        return True
    found = any(arn_matches(r, request.resource, request.context) for r in statement.resources)
    if not statement.not_resource:
        return found
    # A variable without a value leaves open what is excepted: the statement says nothing.
    return not found and all(resolved(r, request.context) for r in statement.resources)


def _entry(kind: str, value: str, principal: Principal) -> Naming:
    if kind != "AWS":
        return Naming.NOT
    if value in {"*", principal.arn}:
        return Naming.ITSELF
    if value == principal.unique_id and not principal.role_arn:
        return Naming.ITSELF
    if principal.role_arn and value in {principal.role_arn, principal.unique_id}:
        return Naming.ROLE
    if value in {principal.account, f"arn:aws:iam::{principal.account}:root"}:
        return Naming.ACCOUNT
    return Naming.NOT
