"""A role's trust policy as it is kept and as it is shown.

Users and roles that it names by ARN are kept by their unique ids: one who is deleted and made
again is not trusted. An id whose entity is gone is shown as it is.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final

from redshare.app.iam.policy_sizes import check_size
from redshare.core.catalog import Catalog
from redshare.core.iam.errors import MalformedPolicyDocument
from redshare.core.iam.parse import Use, parse
from redshare.core.ids import AccountId

_ENTITY: Final = re.compile(r"arn:aws:iam::([0-9]{12}):(user|role)(?:/.*)?/([^/]+)")
MOST: Final = 2048


def kept_trust(catalog: Catalog, text: str) -> str:
    """The text to keep. Raises MalformedPolicyDocument, QuotaExceeded."""
    parse(text, Use.TRUST)
    check_size(text, MOST, f"Cannot exceed quota for ACLSizePerRole: {MOST}")
    return _replaced(text, lambda value: _kept(catalog, value))


def shown_trust(catalog: Catalog, kept: str) -> str:
    """The text to show."""
    return _replaced(kept, lambda value: _shown(catalog, value))


def _kept(catalog: Catalog, value: str) -> str:
    match = _ENTITY.fullmatch(value)
    if match is None:
        return value
    account, kind, name = AccountId(match[1]), match[2], match[3]
    user, role = catalog.iam_user(account, name), catalog.iam_role(account, name)
    if kind == "user" and user is not None and user.arn == value:
        return user.user_id
    if kind == "role" and role is not None and role.arn == value:
        return role.role_id
    raise MalformedPolicyDocument(f'Invalid principal in policy: "AWS":"{value}"')


def _shown(catalog: Catalog, value: str) -> str:
    user, role = catalog.iam_user_by_id(value), catalog.iam_role_by_id(value)
    if user is not None:
        return user.arn
    return value if role is None else role.arn


def _replaced(text: str, by: Callable[[str], str]) -> str:
    """The document with each value of an AWS principal replaced; untouched where none changes."""
    document = json.loads(text)
    statements = document["Statement"]
    changed = False
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement["Principal"]
        if not isinstance(principal, dict) or "AWS" not in principal:
            continue
        old = principal["AWS"]
        new: Any = [by(value) for value in old] if isinstance(old, list) else by(old)
        changed = changed or new != old
        principal["AWS"] = new
    return json.dumps(document) if changed else text
