"""Whether a caller may: its policies gathered from the catalogue and asked, at every request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Final

from redshare.app.caller import Caller
from redshare.app.iam.directory import attachable, boundary_of, policies_of
from redshare.app.iam.speaker import Session, Speaker
from redshare.app.work import Work
from redshare.core.aws_errors import AccessDenied
from redshare.core.catalog import Catalog
from redshare.core.iam.decide import Decision, Denied, Kind, Named, Policies, decide
from redshare.core.iam.identity import Held
from redshare.core.iam.parse import parse
from redshare.core.iam.request import Context, Request, Values
from redshare.core.ids import AccountId

#: What the account's root has.
EVERYTHING: Final = Named(
    "root",
    parse('{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'),
)
_ARTICLES: Final = {Kind.IDENTITY: "an", Kind.BOUNDARY: "a", Kind.SESSION: "a", Kind.RESOURCE: "a"}


@dataclass(frozen=True, slots=True)
class Need:
    """What an operation needs: an action on a resource, with the keys its policies may ask for."""

    action: str
    resource: str = "*"
    context: Mapping[str, Values] = field(default_factory=dict)
    #: A policy of the resource itself, the account it is of, and whether it must name the caller.
    resource_policy: Named | None = None
    resource_account: str = ""
    trust: bool = False


class Authorizer:
    """Decides by the newest catalogue; nothing is remembered."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def check(self, caller: Caller, need: Need) -> None:
        """Raises AccessDenied, in AWS's words with the reason."""
        decision = self.decide(caller, need)
        if isinstance(decision, Denied):
            raise AccessDenied(_told(caller, need, decision))

    def decide(self, caller: Caller, need: Need) -> Decision:
        """The decision with its reason."""
        speaker = caller.speaker
        request = Request(
            speaker.principal,
            need.action,
            need.resource,
            Context.of({**self._context(caller), **need.context}),
            need.resource_account,
        )
        found = speaker_policies(self._work.catalog(), speaker)
        policies = Policies(
            found.identity, found.boundary, found.session, need.resource_policy, need.trust
        )
        return decide(request, policies)

    def _context(self, caller: Caller) -> dict[str, Values]:
        now = self._work.clock.now().astimezone(UTC)
        return {
            **speaker_context(caller.speaker),
            "aws:CurrentTime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            "aws:EpochTime": str(int(now.timestamp())),
            "aws:RequestedRegion": caller.region,
            "aws:SecureTransport": "true" if caller.secure else "false",
            "aws:ViaAWSService": "false",
            **({"aws:SourceIp": caller.source} if caller.source else {}),
            **({"aws:UserAgent": caller.user_agent} if caller.user_agent else {}),
        }


def speaker_policies(catalog: Catalog, speaker: Speaker) -> Policies:
    """Everything on the principal's side. Raises NoSuchEntity where one of them is gone."""
    account = AccountId(speaker.principal.account)
    session = _session_policies(catalog, speaker)
    if speaker.principal.is_root:
        return Policies((EVERYTHING,), session=session)
    entity = speaker.principal.unique_id
    holder = catalog.iam_user_by_id(entity) or catalog.iam_role_by_id(entity)
    held = Held() if holder is None else holder.held
    return Policies(
        policies_of(catalog, account, held), boundary_of(catalog, account, held), session
    )


def speaker_context(speaker: Speaker) -> dict[str, Values]:
    """The context keys of a principal."""
    principal, session = speaker.principal, speaker.session
    keys: dict[str, Values] = {
        "aws:PrincipalArn": principal.role_arn or principal.arn,
        "aws:PrincipalAccount": principal.account,
        "aws:PrincipalType": speaker.kind,
        "aws:userid": speaker.user_id,
        **{f"aws:PrincipalTag/{key}": value for key, value in speaker.tags},
    }
    if speaker.user_name:
        keys["aws:username"] = speaker.user_name
    if session is not None:
        keys["aws:TokenIssueTime"] = f"{session.issued.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        keys["aws:MultiFactorAuthPresent"] = "false"
        if session.source_identity:
            keys["aws:SourceIdentity"] = session.source_identity
    return keys


def _session_policies(catalog: Catalog, speaker: Speaker) -> tuple[Named, ...] | None:
    session: Session | None = speaker.session
    if session is None or not (session.policies or session.policy_arns):
        return None
    account = AccountId(speaker.principal.account)
    managed = [attachable(catalog, account, arn) for arn in session.policy_arns]
    return (
        *(Named("session", parse(text)) for text in session.policies),
        *(Named(found.name, parse(found.text)) for found in managed),
    )


def _told(caller: Caller, need: Need, denied: Denied) -> str:
    told = (
        f"User: {caller.principal} is not authorized to perform: {need.action} "
        f"on resource: {need.resource}"
    )
    if denied.explicit:
        kind = denied.explicit[0].kind
        return f"{told} with an explicit deny in {_ARTICLES[kind]} {kind}"
    return f"{told} because no {denied.missing} allows the {need.action} action"
