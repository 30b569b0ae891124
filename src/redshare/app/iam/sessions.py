"""STS: temporary credentials for roles and for oneself.

A role that is not there and a role that may not be assumed answer alike.
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from redshare.app.caller import Call, Caller
from redshare.app.iam.authorizer import Authorizer, Need
from redshare.app.iam.directory import attachable
from redshare.app.iam.policy_sizes import size
from redshare.app.iam.tagging import checked_tags
from redshare.app.iam.tokens import Token, sealed
from redshare.app.iam.unique_ids import TEMPORARY, access_key_id, secret_access_key
from redshare.app.work import Work
from redshare.core.aws_errors import AccessDenied
from redshare.core.catalog import Catalog
from redshare.core.iam.decide import Denied, Named
from redshare.core.iam.errors import (
    InvalidInput,
    NoSuchEntity,
    PackedPolicyTooLarge,
    QuotaExceeded,
    ValidationError,
)
from redshare.core.iam.identity import IamRole, Tags
from redshare.core.iam.parse import Use, parse
from redshare.core.iam.request import Values
from redshare.core.ids import AccountId
from redshare.ports import Secrets

#: Seconds.
SHORTEST: Final = 900
DEFAULT_ROLE_SESSION: Final = 3600
LONGEST_CHAINED: Final = 3600
DEFAULT_SESSION, LONGEST_SESSION = 43_200, 129_600
LONGEST_ROOT: Final = 3600
#: Characters of a session's policies and tags together; what AWS packs into a token.
MOST_PACKED: Final = 4096
_ROLE_ARN: Final = re.compile(r"arn:aws:iam::([0-9]{12}):role(/(?:.+/)?)([^/]+)")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What AssumeRole is asked for."""

    role_arn: str
    name: str
    seconds: int | None = None
    policy: str = ""
    policy_arns: tuple[str, ...] = ()
    tags: Tags = ()
    transitive: tuple[str, ...] = ()
    external_id: str = ""
    source_identity: str = ""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is given; the token is all that is known of it."""

    access_key_id: str
    secret: str
    token: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class Assumed:
    """A session of a role; `packed` is a percentage."""

    credentials: Credentials
    arn: str
    user_id: str
    packed: int
    source_identity: str


class Sessions:
    """Gives out temporary credentials."""

    def __init__(self, work: Work, secrets: Secrets, authorizer: Authorizer) -> None:
        self._work = work
        self._secrets = secrets
        self._authorizer = authorizer

    def assume(self, caller: Caller, wanted: Wanted) -> Assumed:
        """AssumeRole.

        Raises AccessDenied, ValidationError, MalformedPolicyDocument, PackedPolicyTooLarge.
        """
        wanted = _inherited(caller, wanted)
        catalog = self._work.catalog()
        role = self._authorized(caller, wanted, _role(catalog, wanted.role_arn))
        seconds = _seconds(caller, wanted, role)
        packed = _packed(catalog, role, wanted)
        now = self._work.clock.now()
        given = self._given(
            Token(
                access_key_id=access_key_id(self._work.ids, TEMPORARY),
                secret=secret_access_key(self._work.ids),
                account=role.account,
                entity=role.role_id,
                name=wanted.name,
                issued=now,
                expires=now + timedelta(seconds=seconds),
                policies=(wanted.policy,) if wanted.policy else (),
                policy_arns=wanted.policy_arns,
                tags=wanted.tags,
                transitive=wanted.transitive,
                source_identity=wanted.source_identity,
            )
        )
        said = {"roleArn": role.arn, "roleSessionName": wanted.name, "durationSeconds": seconds}
        self._tell(caller, "AssumeRole", role.arn, said)
        user_id = f"{role.role_id}:{wanted.name}"
        return Assumed(
            given, role.session_arn(wanted.name), user_id, packed, wanted.source_identity
        )

    def of_oneself(self, caller: Caller, seconds: int | None) -> Credentials:
        """GetSessionToken. Raises AccessDenied, ValidationError."""
        speaker = caller.speaker
        if speaker.session is not None:
            raise AccessDenied("Cannot call GetSessionToken with session credentials")
        wanted = DEFAULT_SESSION if seconds is None else seconds
        if speaker.principal.is_root:
            wanted = min(wanted, LONGEST_ROOT)
        if not SHORTEST <= wanted <= LONGEST_SESSION:
            raise ValidationError(
                f"The DurationSeconds must be between {SHORTEST} and {LONGEST_SESSION}."
            )
        now = self._work.clock.now()
        given = self._given(
            Token(
                access_key_id=access_key_id(self._work.ids, TEMPORARY),
                secret=secret_access_key(self._work.ids),
                account=caller.account,
                entity=speaker.principal.unique_id,
                name="",
                issued=now,
                expires=now + timedelta(seconds=wanted),
                plain=True,
            )
        )
        said = {"durationSeconds": wanted}
        self._tell(caller, "GetSessionToken", caller.principal, said)
        return given

    # --- how ------------------------------------------------------------------------------

    def _authorized(self, caller: Caller, wanted: Wanted, role: IamRole | None) -> IamRole:
        """Each action that the call is. What refuses is not told: it would tell that a role is."""
        actions = ["sts:AssumeRole"]
        actions += ["sts:TagSession"] if wanted.tags else []
        actions += ["sts:SetSourceIdentity"] if wanted.source_identity else []
        for action in actions:
            if role is None or isinstance(
                self._authorizer.decide(caller, _need(action, wanted, role)), Denied
            ):
                raise AccessDenied(
                    f"User: {caller.principal} is not authorized to perform: {action} "
                    f"on resource: {wanted.role_arn}"
                )
        assert role is not None, "nobody may assume what is not there"
        return role

    def _given(self, token: Token) -> Credentials:
        text = sealed(token, self._secrets)
        return Credentials(token.access_key_id, token.secret, text, token.expires)

    def _tell(
        self, caller: Caller, operation: str, resource: str, said: Mapping[str, object]
    ) -> None:
        call = Call(caller, self._work.clock.now(), operation, resource, said, "sts")
        self._work.record(call.audit())


def _role(catalog: Catalog, arn: str) -> IamRole | None:
    match = _ROLE_ARN.fullmatch(arn)
    if match is None:
        raise ValidationError(f"{arn} is invalid")
    found = catalog.iam_role(AccountId(match[1]), match[3])
    return found if found is not None and found.arn == arn else None


def _inherited(caller: Caller, wanted: Wanted) -> Wanted:
    """With what the caller's own session hands on: transitive tags, and its source identity."""
    tags = _checked(wanted.tags)
    session = caller.speaker.session
    if not set(wanted.transitive) <= {key for key, _ in tags}:
        raise ValidationError("TransitiveTagKeys must be keys of the session's tags.")
    if session is None:
        return wanted
    if wanted.source_identity and session.source_identity not in {"", wanted.source_identity}:
        raise AccessDenied("The source identity of a session cannot be changed.")
    handed = tuple(tag for tag in session.tags if tag[0] in session.transitive)
    if {key.lower() for key, _ in handed} & {key.lower() for key, _ in tags}:
        raise InvalidInput("One of the specified transitive tag keys can't be set.")
    return replace(
        wanted,
        tags=(*handed, *tags),
        transitive=(*session.transitive, *wanted.transitive),
        source_identity=wanted.source_identity or session.source_identity,
    )


def _checked(tags: Tags) -> Tags:
    """Raises ValidationError."""
    try:
        return checked_tags(tags)
    except (InvalidInput, QuotaExceeded) as error:
        raise ValidationError(error.message) from error


def _need(action: str, wanted: Wanted, role: IamRole) -> Need:
    return Need(
        action,
        role.arn,
        _context(wanted, role),
        resource_policy=Named(role.name, parse(role.trust, Use.TRUST)),
        resource_account=role.account,
        trust=True,
    )


def _context(wanted: Wanted, role: IamRole) -> dict[str, Values]:
    keys: dict[str, Values] = {"sts:RoleSessionName": wanted.name}
    if wanted.external_id:
        keys["sts:ExternalId"] = wanted.external_id
    if wanted.source_identity:
        keys["sts:SourceIdentity"] = wanted.source_identity
    if wanted.tags:
        keys["aws:TagKeys"] = tuple(key for key, _ in wanted.tags)
        keys.update({f"aws:RequestTag/{key}": value for key, value in wanted.tags})
    if wanted.transitive:
        keys["sts:TransitiveTagKeys"] = wanted.transitive
    for key, value in role.tags:
        keys[f"aws:ResourceTag/{key}"] = keys[f"iam:ResourceTag/{key}"] = value
    return keys


def _seconds(caller: Caller, wanted: Wanted, role: IamRole) -> int:
    chained = bool(caller.speaker.principal.role_arn)
    seconds = DEFAULT_ROLE_SESSION if wanted.seconds is None else wanted.seconds
    if chained and seconds > LONGEST_CHAINED:
        raise ValidationError(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining"
        )
    if seconds > role.max_session:
        raise ValidationError(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )
    if seconds < SHORTEST:
        raise ValidationError(f"The DurationSeconds must be at least {SHORTEST}.")
    return seconds


def _packed(catalog: Catalog, role: IamRole, wanted: Wanted) -> int:
    """How full a token is, a percentage. Raises MalformedPolicyDocument, PackedPolicyTooLarge."""
    if wanted.policy:
        parse(wanted.policy)
    for arn in wanted.policy_arns:
        try:
            attachable(catalog, role.account, arn)
        except (NoSuchEntity, InvalidInput) as error:
            raise ValidationError(f"PolicyArns: {error.message}") from error
    used = size(wanted.policy) + sum(len(arn) for arn in wanted.policy_arns)
    used += sum(len(key) + len(value) for key, value in wanted.tags)
    percentage = -(-100 * used // MOST_PACKED)
    if percentage > 100:
        raise PackedPolicyTooLarge(
            f"Packed size of session policy consumes {percentage}% of allotted space."
        )
    return percentage
