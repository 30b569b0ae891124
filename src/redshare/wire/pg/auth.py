"""The server's side of password authentication, one exchange a method, without any I/O.

An exchange gives `challenge()`, the bytes to send first, then gets each answer of the client:
Continue has more bytes to send, Accepted the bytes due before AuthenticationOk, Refused the end.
It must not know users: who does not exist gets the verifiers of `unknown_user_verifiers` and so
goes the same way to the same refusal. Nonces and salts come in as arguments.
SCRAM: RFC 5802 and 7677, https://www.postgresql.org/docs/current/sasl-authentication.html.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from redshare.wire.pg import backend
from redshare.wire.pg.errors import ProtocolError, violation
from redshare.wire.pg.messages import AuthenticationMessage, DigestMessage, PasswordMessage
from redshare.wire.pg.parse import Body, text
from redshare.wire.pg.sqlstate import SqlState
from redshare.wire.pg.verifiers import (
    SCRAM_ITERATIONS,
    DigestVerifier,
    PasswordVerifiers,
    ScramVerifier,
    digest_verifier,
    is_md5_verifier,
    md5_hex,
    md5_verifier,
    password_verifiers,
    saslprep,
    scram_verifier,
    unknown_user_verifiers,
    verify_cleartext,
)

SCRAM_MECHANISM = "SCRAM-SHA-256"
MD5_SALT_BYTES = 4

# Only Amazon's drivers send these, and only they know authentication request 13: libpq, asyncpg
# and pg8000 fail on it and node-pg ends its process.
_DRIVER_PARAMETERS = frozenset({"driver_version", "client_protocol_version"})


class Method(StrEnum):
    """How a password is proven."""

    SCRAM_SHA_256 = "scram-sha-256"
    REDSHIFT_DIGEST = "sha256"
    MD5 = "md5"
    CLEARTEXT = "password"


@dataclass(frozen=True, slots=True)
class Continue:
    """Send these bytes and wait for the next answer."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Accepted:
    """The password is right; send these bytes (perhaps none), then AuthenticationOk."""

    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Refused:
    """The password is not right. The reason is for the log, never for the client."""

    reason: str


Outcome = Continue | Accepted | Refused


class Exchange(Protocol):
    """One authentication of one connection."""

    def challenge(self) -> bytes:
        """The request to send first."""

    def answer(self, message: AuthenticationMessage) -> Outcome:
        """Judge the client's answer. Raises: ProtocolError for one that is malformed."""


def is_redshift_driver(startup_parameters: Mapping[str, str]) -> bool:
    """Is the client one of Amazon's drivers, by what it put into its startup packet?"""
    return not _DRIVER_PARAMETERS.isdisjoint(startup_parameters)


def choose_method(
    startup_parameters: Mapping[str, str], verifiers: PasswordVerifiers, *, tls: bool
) -> Method | None:
    """The best method that client and stored verifiers have in common; None if there is none.

    Amazon's drivers do not speak SCRAM (JDBC's is compiled out, Python's breaks on the list of
    mechanisms), so where no digest is stored they are asked for the password, inside TLS only.
    """
    if is_redshift_driver(startup_parameters):
        if verifiers.digest is not None:
            return Method.REDSHIFT_DIGEST
        if tls and verifiers.scram is not None:
            return Method.CLEARTEXT
    else:
        if verifiers.scram is not None:
            return Method.SCRAM_SHA_256
        if tls and verifiers.digest is not None:
            return Method.CLEARTEXT
    return Method.MD5 if verifiers.md5 is not None else None


class ScramExchange:
    """SCRAM-SHA-256 without channel binding."""

    def __init__(self, verifier: str, server_nonce: bytes) -> None:
        self._verifier = ScramVerifier.parse(verifier)
        self._server_nonce = b64encode(server_nonce).decode("ascii")
        self._header = ""
        self._nonce = ""
        self._client_first_bare = ""
        self._server_first = ""

    def challenge(self) -> bytes:
        return backend.authentication_sasl([SCRAM_MECHANISM])

    def answer(self, message: AuthenticationMessage) -> Outcome:
        body = _password_body(message)
        return self._last(text(body)) if self._server_first else self._first(body)

    def _first(self, data: bytes) -> Outcome:
        body = Body(data)
        mechanism, response = body.cstring(), body.counted()
        body.end()
        if mechanism != SCRAM_MECHANISM:
            raise violation("client selected an invalid SASL authentication mechanism")
        if response is None:
            # A client may wait for an empty challenge before its first message.
            return Continue(backend.authentication_sasl_continue(b""))
        return self._client_first(text(response))

    def _client_first(self, message: str) -> Continue:
        parts = message.split(",", 2)
        if len(parts) != 3:
            raise violation("malformed SCRAM message")
        binding, authorization, bare = parts
        _check_binding(binding)
        if authorization:
            raise ProtocolError(
                SqlState.FEATURE_NOT_SUPPORTED,
                "client uses authorization identity, but it is not supported",
            )
        self._header = f"{binding},{authorization},"
        self._client_first_bare = bare
        self._nonce = _client_nonce(bare) + self._server_nonce
        salt = b64encode(self._verifier.salt).decode("ascii")
        self._server_first = f"r={self._nonce},s={salt},i={self._verifier.iterations}"
        return Continue(backend.authentication_sasl_continue(self._server_first.encode("utf-8")))

    def _last(self, message: str) -> Outcome:
        without_proof, separator, proof_text = message.rpartition(",p=")
        attributes = without_proof.split(",")
        if not separator or len(attributes) < 2:
            raise violation("malformed SCRAM message")
        expected_binding = b64encode(self._header.encode("utf-8")).decode("ascii")
        if attributes[0] != f"c={expected_binding}":
            raise violation("unexpected SCRAM channel-binding attribute in client-final-message")
        if attributes[1] != f"r={self._nonce}":
            raise violation("invalid SCRAM response: nonce does not match")
        return self._judge(without_proof, _proof(proof_text))

    def _judge(self, without_proof: str, proof: bytes) -> Outcome:
        signed = f"{self._client_first_bare},{self._server_first},{without_proof}"
        signature = hmac.digest(self._verifier.stored_key, signed.encode("utf-8"), "sha256")
        client_key = bytes(a ^ b for a, b in zip(proof, signature, strict=True))
        stored_key = hashlib.sha256(client_key).digest()
        if not hmac.compare_digest(stored_key, self._verifier.stored_key):
            return Refused("SCRAM proof does not match")
        server_signature = hmac.digest(self._verifier.server_key, signed.encode("utf-8"), "sha256")
        return Accepted(backend.authentication_sasl_final(b"v=" + b64encode(server_signature)))


class DigestExchange:
    """Redshift's request 13: SHA256(SHA256(password + salt) + server nonce + client nonce)."""

    def __init__(self, verifier: str, server_nonce: bytes) -> None:
        self._verifier = DigestVerifier.parse(verifier)
        self._server_nonce = server_nonce

    def challenge(self) -> bytes:
        return backend.authentication_redshift_digest(self._verifier.salt, self._server_nonce)

    def answer(self, message: AuthenticationMessage) -> Outcome:
        if not isinstance(message, DigestMessage):
            raise violation("expected a digest message")
        proven = self._verifier.digest + self._server_nonce + message.client_nonce
        if hmac.compare_digest(hashlib.sha256(proven).digest(), message.digest):
            return Accepted()
        return Refused("digest does not match")


class Md5Exchange:
    """PostgreSQL's old method: md5(md5(password + user) + salt)."""

    def __init__(self, verifier: str, salt: bytes) -> None:
        if not is_md5_verifier(verifier):
            raise ValueError("not an md5 verifier")
        if len(salt) != MD5_SALT_BYTES:
            raise ValueError(f"an md5 salt has {MD5_SALT_BYTES} bytes")
        self._verifier = verifier
        self._salt = salt

    def challenge(self) -> bytes:
        return backend.authentication_md5_password(self._salt)

    def answer(self, message: AuthenticationMessage) -> Outcome:
        given = _password(message)
        expected = "md5" + md5_hex(self._verifier.removeprefix("md5").encode() + self._salt)
        if hmac.compare_digest(expected.encode("ascii"), given.encode("utf-8")):
            return Accepted()
        return Refused("md5 digest does not match")


class CleartextExchange:
    """The password itself: for TLS connections only, which is the caller's to see to."""

    def __init__(self, verifier: str, user: str) -> None:
        self._verifier = verifier
        self._user = user

    def challenge(self) -> bytes:
        return backend.authentication_cleartext_password()

    def answer(self, message: AuthenticationMessage) -> Outcome:
        if verify_cleartext(_password(message), self._verifier, self._user):
            return Accepted()
        return Refused("password does not match")


def _password_body(message: AuthenticationMessage) -> bytes:
    if not isinstance(message, PasswordMessage):
        raise violation("expected a password message")
    return message.body


def _password(message: AuthenticationMessage) -> str:
    body = Body(_password_body(message))
    password = body.cstring()
    body.end()
    return password


def _check_binding(binding: str) -> None:
    """'n': the client cannot bind; 'y': it could, and saw that we do not offer it."""
    if binding.startswith("p="):
        raise violation("client requires SCRAM channel binding, but it is not supported")
    if binding not in ("n", "y"):
        raise violation("malformed SCRAM message")


def _client_nonce(bare: str) -> str:
    attributes = bare.split(",")
    if attributes[0].startswith("m="):
        raise ProtocolError(
            SqlState.FEATURE_NOT_SUPPORTED,
            "client requires an unsupported SCRAM extension",
        )
    # libpq leaves the user name empty: the one of the startup packet counts.
    if len(attributes) < 2 or not attributes[0].startswith("n="):
        raise violation("malformed SCRAM message")
    name, nonce = attributes[1][:2], attributes[1][2:]
    if name != "r=" or not nonce or any(not "!" <= char <= "~" for char in nonce):
        raise violation("malformed SCRAM message")
    return nonce


def _proof(encoded: str) -> bytes:
    try:
        proof = b64decode(encoded.encode("ascii"), validate=True)
    except ValueError as error:
        raise violation("malformed SCRAM message") from error
    if len(proof) != hashlib.sha256().digest_size:
        raise violation("malformed SCRAM message")
    return proof


__all__ = [
    "SCRAM_ITERATIONS",
    "SCRAM_MECHANISM",
    "Accepted",
    "CleartextExchange",
    "Continue",
    "DigestExchange",
    "Exchange",
    "Md5Exchange",
    "Method",
    "Outcome",
    "PasswordVerifiers",
    "Refused",
    "ScramExchange",
    "choose_method",
    "digest_verifier",
    "is_redshift_driver",
    "md5_verifier",
    "password_verifiers",
    "saslprep",
    "scram_verifier",
    "unknown_user_verifiers",
    "verify_cleartext",
]
