"""STS: who am I, and temporary credentials.

https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redshare.app.caller import Caller
from redshare.app.iam.sessions import Credentials, Sessions, Wanted
from redshare.core.aws_errors import AccessDenied, UnsupportedOperation

Params = Mapping[str, Any]


class StsOperations:
    """Parameters in, credentials out."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self.operations = {
            "GetCallerIdentity": self.get_caller_identity,
            "AssumeRole": self.assume_role,
            "GetSessionToken": self.get_session_token,
        }

    def get_caller_identity(self, caller: Caller, _: Params) -> Params:
        """GetCallerIdentity: needs no permission."""
        return {
            "UserId": caller.speaker.user_id,
            "Account": caller.account,
            "Arn": caller.principal,
        }

    def assume_role(self, caller: Caller, params: Params) -> Params:
        """A session of a role."""
        _without_mfa(params)
        if params.get("ProvidedContexts"):
            raise UnsupportedOperation("ProvidedContexts is not supported.")
        assumed = self._sessions.assume(
            caller,
            Wanted(
                role_arn=params["RoleArn"],
                name=params["RoleSessionName"],
                seconds=params.get("DurationSeconds"),
                policy=params.get("Policy", ""),
                policy_arns=tuple(p["arn"] for p in params.get("PolicyArns", ()) if p.get("arn")),
                tags=tuple((t["Key"], t["Value"]) for t in params.get("Tags", ())),
                transitive=tuple(params.get("TransitiveTagKeys", ())),
                external_id=params.get("ExternalId", ""),
                source_identity=params.get("SourceIdentity", ""),
            ),
        )
        return {
            "Credentials": _credentials(assumed.credentials),
            "AssumedRoleUser": {"AssumedRoleId": assumed.user_id, "Arn": assumed.arn},
            "PackedPolicySize": assumed.packed,
            "SourceIdentity": assumed.source_identity or None,
        }

    def get_session_token(self, caller: Caller, params: Params) -> Params:
        """Temporary credentials of the caller itself."""
        _without_mfa(params)
        given = self._sessions.of_oneself(caller, params.get("DurationSeconds"))
        return {"Credentials": _credentials(given)}


def _without_mfa(params: Params) -> None:
    """There are no devices here: a code for one cannot be right."""
    if params.get("SerialNumber") or params.get("TokenCode"):
        raise AccessDenied("MultiFactorAuthentication failed with invalid MFA one time pass code.")


def _credentials(given: Credentials) -> Params:
    return {
        "AccessKeyId": given.access_key_id,
        "SecretAccessKey": given.secret,
        "SessionToken": given.token,
        "Expiration": given.expires,
    }
