"""What would be allowed: the evaluator that authorizes requests, asked without one.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from redshare.app.caller import Caller
from redshare.app.iam.authorizer import speaker_context, speaker_policies
from redshare.app.iam.speaker import Session, Speaker, role_speaker, user_speaker
from redshare.app.work import Work
from redshare.core.catalog import Catalog
from redshare.core.iam.decide import Allowed, Decision, Named, Policies, decide
from redshare.core.iam.errors import InvalidInput, MalformedPolicyDocument, NoSuchEntity
from redshare.core.iam.parse import Use, parse
from redshare.core.iam.request import Context, Principal, Request, Values
from redshare.core.ids import AccountId

_ENTITY: Final = re.compile(r"arn:aws:iam::([0-9]{12}):(user|role)/(?:.*/)?([^/]+)")


@dataclass(frozen=True, slots=True)
class Simulated:
    """What is asked: every action on every resource."""

    actions: tuple[str, ...]
    resources: tuple[str, ...] = ("*",)
    policies: tuple[str, ...] = ()
    boundary: str = ""
    resource_policy: str = ""
    resource_owner: str = ""
    caller_arn: str = ""
    context: dict[str, Values] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One action on one resource; `within_boundary` None where there is no boundary."""

    action: str
    resource: str
    decision: Decision
    within_boundary: bool | None


class Simulation:
    """Asks."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def of_principal(self, caller: Caller, source: str, asked: Simulated) -> list[Evaluation]:
        """SimulatePrincipalPolicy. Raises NoSuchEntity, InvalidInput."""
        catalog = self._work.catalog()
        speaker = self._speaker(catalog, caller, source)
        found = speaker_policies(catalog, speaker)
        policies = Policies(
            found.identity + _named(asked.policies),
            _boundary(asked) or found.boundary,
            resource=_resource(asked),
        )
        context = {**speaker_context(speaker), **asked.context}
        principal = speaker.principal
        if asked.caller_arn:
            principal = _principal(asked.caller_arn)
        return list(_evaluated(asked, principal, policies, context))

    def of_policies(self, caller: Caller, asked: Simulated) -> list[Evaluation]:
        """SimulateCustomPolicy. Raises InvalidInput."""
        policies = Policies(_named(asked.policies), _boundary(asked), resource=_resource(asked))
        principal = _principal(asked.caller_arn or f"arn:aws:iam::{caller.account}:user/simulated")
        return list(_evaluated(asked, principal, policies, asked.context))

    def _speaker(self, catalog: Catalog, caller: Caller, source: str) -> Speaker:
        match = _ENTITY.fullmatch(source)
        if match is None or match[1] != caller.account:
            raise InvalidInput(f"Invalid Entity Arn: {source} does not clearly define entity type")
        account, name = AccountId(match[1]), match[3]
        user, role = catalog.iam_user(account, name), catalog.iam_role(account, name)
        if match[2] == "user" and user is not None and user.arn == source:
            return user_speaker(user)
        if match[2] == "role" and role is not None and role.arn == source:
            now = self._work.clock.now()
            return role_speaker(role, "simulated", Session(now, now))
        raise NoSuchEntity(f"Invalid Entity Arn: {source} does not exist")


def _evaluated(
    asked: Simulated, principal: Principal, policies: Policies, context: dict[str, Values]
) -> Iterator[Evaluation]:
    read = Context.of(context)
    owner = _principal(asked.resource_owner).account if asked.resource_owner else ""
    for action in asked.actions:
        for resource in asked.resources:
            request = Request(principal, action, resource, read, owner)
            decision = decide(request, policies)
            yield Evaluation(action, resource, decision, _within(request, policies))


def _within(request: Request, policies: Policies) -> bool | None:
    if policies.boundary is None:
        return None
    own = Policies((policies.boundary,))
    alone = Request(request.principal, request.action, request.resource, request.context)
    return isinstance(decide(alone, own), Allowed)


def _named(texts: tuple[str, ...], use: Use = Use.IDENTITY) -> tuple[Named, ...]:
    found = []
    for number, text in enumerate(texts, 1):
        try:
            found.append(Named(f"PolicyInputList.{number}", parse(text, use)))
        except MalformedPolicyDocument as error:
            raise InvalidInput(error.message) from error
    return tuple(found)


def _boundary(asked: Simulated) -> Named | None:
    found = _named((asked.boundary,)) if asked.boundary else ()
    return found[0] if found else None


def _resource(asked: Simulated) -> Named | None:
    if not asked.resource_policy:
        return None
    return Named("ResourcePolicy", _named((asked.resource_policy,), Use.RESOURCE)[0].document)


def _principal(arn: str) -> Principal:
    parts = arn.split(":")
    if len(parts) < 6 or not re.fullmatch("[0-9]{12}", parts[4]):
        raise InvalidInput(f"Invalid Entity Arn: {arn}")
    return Principal(arn, parts[4])
