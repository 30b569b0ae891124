"""Startup and authentication of one SQL connection: from StartupMessage to ReadyForQuery.

Whoever asks for a user that is not there goes the same way to the same refusal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, assert_never

from redshare.app.sessions.connections import Connection, Connections
from redshare.app.sessions.session import SqlSession
from redshare.core.credential import TemporaryCredential
from redshare.core.ids import WarehouseId
from redshare.core.sql_errors import SqlError
from redshare.core.user import User
from redshare.ports import Clock, Ids
from redshare.wire.pg import messages as pg
from redshare.wire.pg.alternatives import Alternatives
from redshare.wire.pg.auth import (
    MD5_SALT_BYTES,
    Accepted,
    CleartextExchange,
    Continue,
    DigestExchange,
    Exchange,
    Md5Exchange,
    Method,
    Refused,
    ScramExchange,
    choose_method,
)
from redshare.wire.pg.parameters import (
    negotiated_protocol_version,
    parameter_statuses,
    startup_options,
)
from redshare.wire.pg.verifiers import PasswordVerifiers, unknown_user_verifiers

NONCE_BYTES = 18
#: Settings that clients put into the startup packet by name. The others are the client's own
#: matter, or what this node answers whatever is asked (TimeZone, DateStyle, client_encoding).
_SETTINGS: Final = frozenset(
    {"application_name", "query_group", "search_path", "statement_timeout"}
)


class LoginRefused(SqlError):
    """The connection is refused; the client is told as little as PostgreSQL tells."""

    sqlstate = "28P01"


@dataclass(frozen=True, slots=True)
class LoginServices:
    """What a login needs from the node."""

    connections: Connections
    clock: Clock
    ids: Ids
    #: Keys the made-up verifiers of unknown users.
    server_secret: bytes


class Login:
    """One connection's way in."""

    def __init__(self, services: LoginServices, warehouse: WarehouseId, *, tls: bool) -> None:
        self._services = services
        self._warehouse = warehouse
        self._tls = tls
        self._startup: pg.StartupMessage | None = None
        #: Who may be proven to be here: one user, or those of the login's temporary credentials.
        self._users: list[tuple[User, TemporaryCredential | None]] = []
        self._exchange: Alternatives | None = None
        self.connection: Connection | None = None
        self.redshift_protocol: int | None = None

    def start(self, message: pg.StartupMessage) -> Iterator[bytes]:
        """Ask for the proof that this client can give. Raises LoginRefused."""
        self._startup = message
        if message.version.minor > 0 or message.protocol_options:
            yield pg.negotiate_protocol_version(0, message.protocol_options)
        if "user" not in message.parameters:
            raise LoginRefused("no PostgreSQL user name specified in startup packet", "28000")
        if not self._tls and self._services.connections.requires_tls(self._warehouse):
            raise LoginRefused(
                f'no pg_hba.conf entry for user "{message.user}", SSL off: SSL is required', "28000"
            )
        known = self._temporary(message.user) or self._permanent(message.user)
        known = known or [unknown_user_verifiers(message.user, self._services.server_secret)]
        nonces = _Nonces(self._services.ids)
        self._exchange = Alternatives([self._chosen(message, v, nonces) for v in known])
        yield self._exchange.challenge()

    def answer(self, message: pg.AuthenticationMessage) -> Iterator[bytes]:
        """Judge an answer; when it is right, open the session. Raises LoginRefused, SqlError."""
        assert self._exchange is not None, "start() came first"
        outcome = self._exchange.answer(message)
        match outcome:
            case Continue(data):
                yield data
            case Refused():
                raise self._refusal()
            case Accepted(data):
                yield data
                yield from self._accepted(self._exchange.accepted or 0)
            case _:
                assert_never(outcome)

    def _permanent(self, name: str) -> list[PasswordVerifiers]:
        user = self._services.connections.user(self._warehouse, name)
        if (
            user is None
            or not user.verifiers
            or user.password_disabled
            or _expired(user, self._services.clock.now())
        ):
            return []
        self._users = [(user, None)]
        return [_verifiers(user.verifiers)]

    def _temporary(self, login: str) -> list[PasswordVerifiers]:
        now = self._services.clock.now()
        found = self._services.connections.credentials(self._warehouse, login, now)
        self._users = list(found)
        return [_verifiers(credential.verifiers) for _, credential in found]

    def _chosen(
        self, message: pg.StartupMessage, verifiers: PasswordVerifiers, nonces: _Nonces
    ) -> Exchange:
        method = choose_method(message.parameters, verifiers, tls=self._tls)
        match method:
            case Method.SCRAM_SHA_256:
                return ScramExchange(verifiers.scram or "", nonces.of(NONCE_BYTES))
            case Method.REDSHIFT_DIGEST:
                return DigestExchange(verifiers.digest or "", nonces.of(NONCE_BYTES))
            case Method.MD5:
                return Md5Exchange(verifiers.md5 or "", nonces.of(MD5_SALT_BYTES))
            case Method.CLEARTEXT:
                kept = verifiers.scram or verifiers.digest or ""
                return CleartextExchange(kept, message.user)
            case None:
                raise self._refusal()
            case _:
                assert_never(method)

    def _refusal(self) -> LoginRefused:
        assert self._startup is not None
        return LoginRefused(f'password authentication failed for user "{self._startup.user}"')

    def _accepted(self, place: int) -> Iterator[bytes]:
        startup = self._startup
        assert startup is not None
        if not self._users:
            raise self._refusal()
        user, credential = self._users[place]
        only = credential.database if credential is not None else ""
        if only and only != startup.database:
            raise LoginRefused(f'permission denied for database "{startup.database}"', "42501")
        names = credential.groups if credential is not None else ()
        groups = self._services.connections.groups(self._warehouse, names)
        opened = self._services.connections.open(self._warehouse, startup.database, user, groups)
        self.connection = opened
        _configure(opened.session, startup.parameters)
        self.redshift_protocol = negotiated_protocol_version(startup.parameters)
        yield pg.authentication_ok()
        for name, value in parameter_statuses(
            user.name,
            startup.parameters,
            is_superuser=user.superuser,
            session_id=opened.process_id,
        ):
            yield pg.parameter_status(name, value)
        yield pg.backend_key_data(opened.process_id, opened.cancel_key)
        yield pg.ready_for_query(pg.TransactionStatus.IDLE)


class _Nonces:
    """The random bytes of one login, the same for each of its exchanges."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._made: dict[int, bytes] = {}

    def of(self, size: int) -> bytes:
        if size not in self._made:
            self._made[size] = self._ids.secret(size)
        return self._made[size]


def _verifiers(texts: Iterable[str]) -> PasswordVerifiers:
    kept = {_kind(text): text for text in texts}
    return PasswordVerifiers(kept.get("scram"), kept.get("digest"), kept.get("md5"))


def _configure(session: SqlSession, startup: Mapping[str, str]) -> None:
    """What the client sets from the start. Raises SqlError for what `options` may not hold."""
    for name in _SETTINGS & startup.keys():
        session.configure(name, startup[name])
    options = startup_options(startup)
    if options is None:
        raise SqlError("invalid command-line arguments for server process", "42601")
    for name, value in options:
        session.configure(name, value)


def _kind(verifier: str) -> str:
    if verifier.startswith("SCRAM-SHA-256$"):
        return "scram"
    return "digest" if verifier.startswith("SHA-256$") else "md5"


def _expired(user: User, now: datetime) -> bool:
    return user.valid_until is not None and user.valid_until <= now
