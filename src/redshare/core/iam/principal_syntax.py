"""The Principal element: `"*"`, or kinds with accounts, ARNs, ids or services."""

from __future__ import annotations

import re
from typing import Final

from redshare.core.iam.errors import MalformedPolicyDocument

#: Beside `*`: an account, an ARN without wildcards, or the unique id of a user or role.
_AWS: Final = re.compile(
    r"[0-9]{12}|arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:(root|(user|role|assumed-role)/[^*?\s]+)"
    r"|A(ID|RO)A[0-9A-Z]{12,124}"
)
_KINDS: Final = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})


def principals(written: object) -> tuple[tuple[str, str], ...]:
    """(kind, value) pairs. Raises MalformedPolicyDocument."""
    if written == "*":
        return (("AWS", "*"),)
    if not isinstance(written, dict) or not written or not _KINDS.issuperset(written):
        raise MalformedPolicyDocument("Invalid principal in policy.")
    found = []
    for kind, given in written.items():
        values = given if isinstance(given, list) else [given]
        if not values:
            raise MalformedPolicyDocument("Invalid principal in policy.")
        for value in values:
            if not isinstance(value, str) or not _valid(kind, value):
                raise MalformedPolicyDocument(f'Invalid principal in policy: "{kind}":"{value}"')
            found.append((kind, value))
    return tuple(found)


def _valid(kind: str, value: str) -> bool:
    return bool(value) if kind != "AWS" else value == "*" or bool(_AWS.fullmatch(value))
