"""What is kept of a password: the verifiers of every method a client may use."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode

from redshare.ports import Ids
from redshare.wire.pg.verifiers import (
    PasswordVerifiers,
    ScramVerifier,
    is_md5_verifier,
    password_verifiers,
    unknown_user_verifiers,
)

SALT_BYTES = 16
TEMPORARY_BYTES = 48
_SHA256 = re.compile(r"sha256\|(?P<rest>.+)")


class PasswordForms:
    """The port Passwords over the wire's verifiers."""

    def __init__(self, ids: Ids, server_secret: bytes) -> None:
        self._ids = ids
        self._server_secret = server_secret

    def verifiers(self, user: str, password: str) -> tuple[str, ...]:
        """A ready md5 form is kept as it is; `sha256|password` is the password."""
        if is_md5_verifier(password):
            return (password,)
        found = _SHA256.fullmatch(password)
        plain = found["rest"] if found else password
        made = password_verifiers(plain, user, self._ids.secret(SALT_BYTES), md5=False)
        return _texts(made)

    def temporary(self, login: str) -> tuple[str, tuple[str, ...]]:
        """The salt is the one of an unknown user: a challenge does not tell who has a credential.

        md5 forms too: the password is not one a person uses elsewhere.
        """
        password = urlsafe_b64encode(self._ids.secret(TEMPORARY_BYTES)).decode("ascii")
        unknown = unknown_user_verifiers(login, self._server_secret)
        assert unknown.scram is not None
        salt = ScramVerifier.parse(unknown.scram).salt
        return password, _texts(password_verifiers(password, login, salt, md5=True))


def _texts(made: PasswordVerifiers) -> tuple[str, ...]:
    return tuple(v for v in (made.scram, made.digest, made.md5) if v is not None)
