"""IAM_ROLE, CREDENTIALS and the access keys of COPY and UNLOAD: checked, used, never shown.

A role's ARN must be well formed; the node's own keys for the bucket are then used. Keys in the
statement are used instead of the node's.
https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-authorization.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from redshare.core.s3 import ObjectKeys
from redshare.core.sql_errors import FeatureNotSupported, SqlError
from redshare.sql.errors import SqlSyntaxError

#: The options' part of a spec.
AUTHORIZATION: Final = """
    IAM_ROLE { DEFAULT @iam_role=default | <iam_role:string> }
  | [ WITH ] CREDENTIALS [ AS ] <credentials:string>
  | ACCESS_KEY_ID [ AS ] <access_key_id:string>
  | SECRET_ACCESS_KEY [ AS ] <secret_access_key:string>
  | SESSION_TOKEN [ AS ] <session_token:string>
  | MASTER_SYMMETRIC_KEY [ AS ] <master_symmetric_key:string>
"""
_ROLE: Final = re.compile(r"arn:aws(-cn|-us-gov)?:iam::\d{12}:role/[\w+=,.@/\-]{1,576}", re.ASCII)
_FIELDS: Final = (
    "iam_role", "credentials", "access_key_id", "secret_access_key", "session_token",
    "master_symmetric_key",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Authorization:
    """As written. No part of it is in a text, a log or a view."""

    iam_role: str | None = field(default=None, repr=False)
    credentials: str | None = field(default=None, repr=False)
    access_key_id: str | None = field(default=None, repr=False)
    secret_access_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    master_symmetric_key: str | None = field(default=None, repr=False)

    def check(self) -> None:
        """Raises SqlError."""
        self.keys()

    def keys(self) -> ObjectKeys | None:
        """The keys the statement brings; None where a role stands for the node's own."""
        if self.master_symmetric_key is not None:
            raise FeatureNotSupported("MASTER_SYMMETRIC_KEY is not supported")
        ways = [self.iam_role, self.credentials, self.access_key_id or self.secret_access_key]
        given = [way for way in ways if way is not None]
        if not given:
            raise SqlError(
                "must specify credentials: IAM_ROLE, CREDENTIALS or access keys", "42601"
            )
        if len(given) > 1:
            raise SqlSyntaxError("conflicting or redundant options")
        if self.iam_role is not None:
            _check_roles(self.iam_role)
            return None
        if self.credentials is not None:
            return _parsed(self.credentials)
        return _keys(self.access_key_id, self.secret_access_key, self.session_token)


def authorization(found: dict[str, Any]) -> Authorization:
    """Takes its options out of what a spec has captured."""
    return Authorization(**{name: found.pop(name) for name in _FIELDS if name in found})


def _check_roles(text: str) -> None:
    """`default`, or a role and the roles it takes on, joined by commas without blanks."""
    if text.lower() == "default":
        return
    if not all(_ROLE.fullmatch(arn) for arn in text.split(",")):
        raise SqlError("Invalid credentials: the IAM role ARN is not valid", "22023")


def _parsed(text: str) -> ObjectKeys | None:
    """`aws_iam_role=…` or `aws_access_key_id=…;aws_secret_access_key=…[;token=…]`."""
    pairs = [part.strip().partition("=") for part in text.split(";") if part.strip()]
    found = {name.strip().lower(): value.strip() for name, _, value in pairs}
    if set(found) == {"aws_iam_role"}:
        _check_roles(found["aws_iam_role"])
        return None
    if set(found) - {"token"} != {"aws_access_key_id", "aws_secret_access_key"}:
        raise SqlError(
            "Invalid credentials. Must be of the format: credentials 'aws_iam_role=...' or "
            "'aws_access_key_id=...;aws_secret_access_key=...[;token=...]'",
            "22023",
        )
    return _keys(
        found["aws_access_key_id"], found["aws_secret_access_key"], found.get("token") or None
    )


def _keys(key_id: str | None, secret: str | None, token: str | None) -> ObjectKeys:
    if not key_id or not secret:
        raise SqlError("ACCESS_KEY_ID and SECRET_ACCESS_KEY go together", "42601")
    return ObjectKeys(key_id, secret, token)
