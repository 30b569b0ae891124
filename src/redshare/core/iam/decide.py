"""The decision on a request: one function, one answer type, deny by default, with its reason.

- An explicit Deny of any policy ends it.
- Within an account the principal's policies or the resource's policy may allow; the latter only
  where it names more than the account, which merely delegates. Across accounts both must.
- A permissions boundary and a session's policies only take away. Within an account they do not
  limit what the resource's policy gives a user or a session by its own ARN, or everyone.
- A trust policy must always name the principal, in whichever account.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from redshare.core.iam.document import Document, Effect, Statement
from redshare.core.iam.request import Request
from redshare.core.iam.statement import Naming, applies, naming


class Kind(StrEnum):
    """What a policy hangs on, in the words of AWS's messages."""

    IDENTITY = "identity-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    RESOURCE = "resource-based policy"


@dataclass(frozen=True, slots=True)
class Named:
    """A document with the name that reasons call it by."""

    name: str
    document: Document


@dataclass(frozen=True, slots=True)
class Policies:
    """All that decides a request. No boundary and no session policies: None, no limit by them."""

    identity: tuple[Named, ...] = ()
    boundary: Named | None = None
    session: tuple[Named, ...] | None = None
    resource: Named | None = None
    #: The resource is a role that is assumed: its policy must name the principal.
    trust: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """The statement that decided; `sid` may be empty, `statement` counts from 1."""

    kind: Kind
    policy: str
    statement: int
    sid: str

    def __str__(self) -> str:
        named = f" ({self.sid})" if self.sid else ""
        return f"the {self.kind} {self.policy}, statement {self.statement}{named}"


@dataclass(frozen=True, slots=True)
class Allowed:
    """Yes; the statements that say so."""

    because: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Denied:
    """No: by `explicit` statements, or because nothing of the kind `missing` allows it."""

    explicit: tuple[Reason, ...] = ()
    missing: Kind | None = None


Decision = Allowed | Denied


def decide(request: Request, policies: Policies) -> Decision:
    """Whether the policies allow the request."""
    denied = tuple(_denials(request, policies))
    if denied:
        return Denied(explicit=denied)
    given, closest = _of_resource(request, policies.resource)
    limits = _limits(request, policies)
    if closest is Naming.ITSELF and request.same_account:
        return Allowed(given)
    missing = next((kind for kind, allowed in limits if not allowed), None)
    if closest is Naming.ROLE and request.same_account:
        return Denied(missing=missing) if missing else Allowed(given)
    own = tuple(_allowing(request, Kind.IDENTITY, policies.identity))
    if not own:
        return Denied(missing=Kind.IDENTITY)
    if missing:
        return Denied(missing=missing)
    if not given and (policies.trust or not request.same_account):
        return Denied(missing=Kind.RESOURCE)
    return Allowed(own + given)


def _sources(policies: Policies) -> Iterator[tuple[Kind, Iterable[Named]]]:
    yield Kind.IDENTITY, policies.identity
    yield Kind.BOUNDARY, () if policies.boundary is None else (policies.boundary,)
    yield Kind.SESSION, policies.session or ()
    yield Kind.RESOURCE, () if policies.resource is None else (policies.resource,)


def _denials(request: Request, policies: Policies) -> Iterator[Reason]:
    for kind, named in _sources(policies):
        for reason, statement in _statements(request, kind, named, Effect.DENY):
            if naming(statement, request.principal):
                yield reason


def _of_resource(request: Request, policy: Named | None) -> tuple[tuple[Reason, ...], Naming]:
    """What the resource's policy allows the principal, and as whom it names it most closely."""
    given: list[Reason] = []
    closest = Naming.NOT
    if policy is None:
        return (), closest
    for reason, statement in _statements(request, Kind.RESOURCE, [policy], Effect.ALLOW):
        named = naming(statement, request.principal)
        if named:
            given.append(reason)
            closest = max(closest, named)
    return tuple(given), closest


def _limits(request: Request, policies: Policies) -> list[tuple[Kind, bool]]:
    limits = []
    if policies.boundary is not None:
        limits.append((Kind.BOUNDARY, any(_allowing(request, Kind.BOUNDARY, [policies.boundary]))))
    if policies.session is not None:
        limits.append((Kind.SESSION, any(_allowing(request, Kind.SESSION, policies.session))))
    return limits


def _allowing(request: Request, kind: Kind, policies: Iterable[Named]) -> Iterator[Reason]:
    for reason, _ in _statements(request, kind, policies, Effect.ALLOW):
        yield reason


def _statements(
    request: Request, kind: Kind, policies: Iterable[Named], effect: Effect
) -> Iterator[tuple[Reason, Statement]]:
    for policy in policies:
        for statement in policy.document.statements:
            if statement.effect is effect and applies(statement, request):
                yield Reason(kind, policy.name, statement.index, statement.sid), statement
