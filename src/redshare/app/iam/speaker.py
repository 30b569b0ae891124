"""Who speaks through a request's credentials: the account's root, a user, or a session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from redshare.core.iam.identity import IamRole, IamUser, Tags
from redshare.core.iam.request import Principal
from redshare.core.ids import AccountId


@dataclass(frozen=True, slots=True)
class Session:
    """What temporary credentials carry. Without `policies` and `policy_arns` nothing limits them.

    `plain` is a session of GetSessionToken, which may not call IAM.
    """

    issued: datetime
    expires: datetime
    policies: tuple[str, ...] = ()
    policy_arns: tuple[str, ...] = ()
    tags: Tags = ()
    transitive: tuple[str, ...] = ()
    source_identity: str = ""
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Speaker:
    """A principal with what policies may ask of it; `user_id` is what `aws:userid` says."""

    principal: Principal
    user_id: str
    user_name: str = ""
    tags: Tags = ()
    session: Session | None = None

    @property
    def kind(self) -> str:
        """`aws:PrincipalType`."""
        if self.principal.role_arn:
            return "AssumedRole"
        return "Account" if self.principal.is_root else "User"


def root_speaker(account: AccountId, session: Session | None = None) -> Speaker:
    """The account itself."""
    return Speaker(Principal(f"arn:aws:iam::{account}:root", account), account, session=session)


def user_speaker(user: IamUser, session: Session | None = None) -> Speaker:
    """A user."""
    principal = Principal(user.arn, user.account, unique_id=user.user_id)
    return Speaker(principal, user.user_id, user.name, user.tags, session)


def role_speaker(role: IamRole, name: str, session: Session) -> Speaker:
    """A session of a role. Its tags lie over the role's."""
    principal = Principal(role.session_arn(name), role.account, role.arn, role.role_id)
    given = {key.lower() for key, _ in session.tags}
    tags = (*(tag for tag in role.tags if tag[0].lower() not in given), *session.tags)
    return Speaker(principal, f"{role.role_id}:{name}", tags=tags, session=session)
