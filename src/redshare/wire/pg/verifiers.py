"""What is stored instead of a password, one text form a method, and how it is made.

    SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>     PostgreSQL's own form
    SHA-256$<salt>$<SHA256(password + salt)>                        for Redshift's digest request
    md5<md5(password + user)>                                       PostgreSQL's old form

Salts, keys and digests stand in base64. It must not know where verifiers are kept, and makes no
random bytes: salts and the server's secret come in as arguments.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import re
import stringprep
import unicodedata
from base64 import b64decode, b64encode
from dataclasses import dataclass

# PostgreSQL's default of scram_iterations.
SCRAM_ITERATIONS = 4096
SHA256_BYTES = 32

_SCRAM_TEXT = re.compile(
    r"SCRAM-SHA-256\$([1-9][0-9]{0,8}):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)"
)
_DIGEST_TEXT = re.compile(r"SHA-256\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)")
_MD5_TEXT = re.compile(r"md5[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class ScramVerifier:
    """The parts of a SCRAM-SHA-256 verifier."""

    iterations: int
    salt: bytes
    stored_key: bytes
    server_key: bytes

    @classmethod
    def parse(cls, verifier: str) -> ScramVerifier:
        """Read PostgreSQL's text form. Raises: ValueError."""
        found = _SCRAM_TEXT.fullmatch(verifier)
        if found is None:
            raise ValueError("not a SCRAM-SHA-256 verifier")
        salt, stored_key, server_key = (_unbase64(part) for part in found.groups()[1:])
        if not len(stored_key) == len(server_key) == SHA256_BYTES:
            raise ValueError("not a SCRAM-SHA-256 verifier")
        return cls(int(found[1]), salt, stored_key, server_key)

    def __str__(self) -> str:
        return (
            f"SCRAM-SHA-256${self.iterations}:{_base64(self.salt)}"
            f"${_base64(self.stored_key)}:{_base64(self.server_key)}"
        )


@dataclass(frozen=True, slots=True)
class DigestVerifier:
    """The parts of a verifier for Redshift's digest request."""

    salt: bytes
    digest: bytes

    @classmethod
    def parse(cls, verifier: str) -> DigestVerifier:
        """Read the text form. Raises: ValueError."""
        found = _DIGEST_TEXT.fullmatch(verifier)
        if found is None:
            raise ValueError("not a SHA-256 digest verifier")
        salt, digest = _unbase64(found[1]), _unbase64(found[2])
        if len(digest) != SHA256_BYTES:
            raise ValueError("not a SHA-256 digest verifier")
        return cls(salt, digest)

    def __str__(self) -> str:
        return f"SHA-256${_base64(self.salt)}${_base64(self.digest)}"


@dataclass(frozen=True, slots=True)
class PasswordVerifiers:
    """The verifiers kept for one password: each serves the clients of one method."""

    scram: str | None = None
    digest: str | None = None
    md5: str | None = None


def scram_verifier(password: str, salt: bytes, iterations: int = SCRAM_ITERATIONS) -> str:
    salted = hashlib.pbkdf2_hmac("sha256", saslprep(password).encode("utf-8"), salt, iterations)
    stored_key = hashlib.sha256(_hmac(salted, b"Client Key")).digest()
    return str(ScramVerifier(iterations, salt, stored_key, _hmac(salted, b"Server Key")))


def digest_verifier(password: str, salt: bytes) -> str:
    return str(DigestVerifier(salt, hashlib.sha256(password.encode("utf-8") + salt).digest()))


def md5_verifier(password: str, user: str) -> str:
    return "md5" + md5_hex((password + user).encode("utf-8"))


def password_verifiers(password: str, user: str, salt: bytes, *, md5: bool) -> PasswordVerifiers:
    """All verifiers of a password whose text we have in hand; md5 only where it is allowed."""
    return PasswordVerifiers(
        scram=scram_verifier(password, salt),
        digest=digest_verifier(password, salt),
        md5=md5_verifier(password, user) if md5 else None,
    )


def unknown_user_verifiers(user: str, server_secret: bytes) -> PasswordVerifiers:
    """Verifiers that no password fits, the same at every attempt, for a user who does not exist.

    Salts must not change between attempts, else they would tell the unknown from the known.
    """

    def derived(purpose: bytes) -> bytes:
        return _hmac(server_secret, purpose + b"\0" + user.encode("utf-8", "surrogatepass"))

    salt = derived(b"salt")[:16]
    scram = ScramVerifier(SCRAM_ITERATIONS, salt, derived(b"stored"), derived(b"server"))
    return PasswordVerifiers(str(scram), str(DigestVerifier(salt, derived(b"digest"))))


def verify_cleartext(password: str, verifier: str, user: str = "") -> bool:
    """Does the password fit this verifier, of whatever form? (`user` is part of md5's.)"""
    if verifier.startswith("SCRAM-SHA-256$"):
        scram = ScramVerifier.parse(verifier)
        expected = scram_verifier(password, scram.salt, scram.iterations)
    elif verifier.startswith("SHA-256$"):
        expected = digest_verifier(password, DigestVerifier.parse(verifier).salt)
    elif is_md5_verifier(verifier):
        expected = md5_verifier(password, user)
    else:
        raise ValueError("unknown form of password verifier")
    return hmac.compare_digest(expected.encode("ascii"), verifier.encode("ascii"))


def is_md5_verifier(verifier: str) -> bool:
    return _MD5_TEXT.fullmatch(verifier) is not None


def md5_hex(data: bytes) -> str:
    # The protocol's choice, not ours; it is offered only where nothing better is stored.
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def saslprep(password: str) -> str:
    """RFC 4013's preparation; a password it refuses is used as it is, as PostgreSQL does."""
    if password.isascii():
        return password
    mapped = "".join(
        " " if stringprep.in_table_c12(char) else char
        for char in password
        if not stringprep.in_table_b1(char)
    )
    prepared = unicodedata.normalize("NFKC", mapped)
    if not prepared or any(_prohibited(char) for char in prepared) or _mixes_ways(prepared):
        return password
    return prepared


_PROHIBITED_TABLES = (
    stringprep.in_table_a1,
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


def _prohibited(char: str) -> bool:
    return any(listed(char) for listed in _PROHIBITED_TABLES)


def _mixes_ways(prepared: str) -> bool:
    """RFC 3454 section 6: right-to-left text has no left-to-right letter and stands alone."""
    right_to_left = [stringprep.in_table_d1(char) for char in prepared]
    if not any(right_to_left):
        return False
    framed = right_to_left[0] and right_to_left[-1]
    return not framed or any(stringprep.in_table_d2(char) for char in prepared)


def _hmac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def _unbase64(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
