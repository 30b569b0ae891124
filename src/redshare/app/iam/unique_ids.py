"""Unique ids, access key ids and secrets in the forms that clients check.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
"""

from __future__ import annotations

import base64
from typing import Final

from redshare.ports import Ids

USER, ROLE, POLICY = "AIDA", "AROA", "ANPA"
LONG_TERM, TEMPORARY = "AKIA", "ASIA"
#: Letters behind the prefix, of 32 each.
_UNIQUE: Final = 17
_KEY: Final = 16
#: Bytes whose base64 is the 40 characters of a secret.
_SECRET: Final = 30


def unique_id(ids: Ids, prefix: str) -> str:
    """`AIDA…`, `AROA…`, `ANPA…`."""
    return prefix + _letters(ids, _UNIQUE)


def access_key_id(ids: Ids, prefix: str) -> str:
    """`AKIA…`, `ASIA…`."""
    return prefix + _letters(ids, _KEY)


def secret_access_key(ids: Ids) -> str:
    """40 characters."""
    return base64.b64encode(ids.secret(_SECRET)).decode()


def _letters(ids: Ids, count: int) -> str:
    return base64.b32encode(ids.secret(count)).decode()[:count]
