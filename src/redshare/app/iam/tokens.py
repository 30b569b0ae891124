"""Session tokens: everything a session is, sealed under the master key and kept by the client.

No node stores a session, so each node of an installation honours it, and it ends by itself when it
expires, when its role or user is deleted, or by a policy on `aws:TokenIssueTime`.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Final

import msgspec

from redshare.app.iam.speaker import Session, Speaker, role_speaker, root_speaker, user_speaker
from redshare.core.catalog import Catalog
from redshare.core.ids import AccountId
from redshare.ports import Purpose, Secrets

#: Longer ones were not made here.
MOST_CHARACTERS: Final = 64 * 1024


class Token(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is sealed. `entity` is the user's or role's id; of the account's root it is empty."""

    access_key_id: str
    secret: str
    account: AccountId
    entity: str
    name: str
    issued: datetime
    expires: datetime
    policies: tuple[str, ...] = ()
    policy_arns: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    transitive: tuple[str, ...] = ()
    source_identity: str = ""
    plain: bool = False


def sealed(token: Token, secrets: Secrets) -> str:
    """As it is given to the client."""
    text = msgspec.json.encode(token).decode()
    return base64.b64encode(secrets.seal(text, Purpose.SESSION)).decode()


def opened(text: str, secrets: Secrets) -> Token | None:
    """What the client gave back; None where it is not whole or not of this installation."""
    if len(text) > MOST_CHARACTERS:
        return None
    try:
        blob = base64.b64decode(text, validate=True)
        return msgspec.json.decode(secrets.open(blob, Purpose.SESSION), type=Token)
    except (binascii.Error, ValueError):
        return None


def speaker_of(token: Token, catalog: Catalog) -> Speaker | None:
    """Who speaks through it; None where the account, the user or the role is no more."""
    session = Session(
        token.issued,
        token.expires,
        token.policies,
        token.policy_arns,
        token.tags,
        token.transitive,
        token.source_identity,
        token.plain,
    )
    if not token.entity:
        return root_speaker(token.account, session) if catalog.account(token.account) else None
    user, role = catalog.iam_user_by_id(token.entity), catalog.iam_role_by_id(token.entity)
    if user is not None:
        return user_speaker(user, session)
    return None if role is None else role_speaker(role, token.name, session)
