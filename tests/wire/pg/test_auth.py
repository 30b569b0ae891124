"""Password authentication: a client's half joined in memory with the server's."""

from __future__ import annotations

import base64
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redshare.wire.pg import auth, verifiers
from redshare.wire.pg.connection import ServerConnection
from redshare.wire.pg.errors import ProtocolError
from redshare.wire.pg.messages import AuthenticationMessage, DigestMessage, PasswordMessage
from tests.wire.pg import client

SALT = bytes(range(16))
NONCE = b"server nonce of 18"
ITERATIONS = 64  # fewer than in production: these tests are many
DRIVER = {"user": "ann", "driver_version": "Redshift Python Driver 2.2.0"}


def scram(password: str) -> auth.ScramExchange:
    return auth.ScramExchange(auth.scram_verifier(password, SALT, ITERATIONS), NONCE)


def request(challenge: bytes) -> tuple[int, bytes]:
    ((kind, body),) = client.split(challenge)

    assert kind == "R"

    return struct.unpack("!i", body[:4])[0], body


def through(data: bytes) -> AuthenticationMessage:
    """The message as the connection core reads it while the session authenticates."""
    connection = ServerConnection()
    connection.receive(client.startup(user="ann") + data)
    connection.next_message()
    message = connection.next_message()

    assert isinstance(message, AuthenticationMessage)

    return message


def run_scram(exchange: auth.ScramExchange, peer: client.ScramClient) -> auth.Outcome:
    assert request(exchange.challenge()) == (10, b"\0\0\0\nSCRAM-SHA-256\0\0")

    first = exchange.answer(through(peer.initial()))

    assert isinstance(first, auth.Continue)

    code, body = request(first.data)

    assert code == 11

    return exchange.answer(through(peer.final(body[4:])))


@pytest.mark.parametrize("flag", ["n", "y"])
@pytest.mark.parametrize("password", ["secret", "pässwörd ✓", "with,comma=sign"])
def test_scram_accepts(password: str, flag: str) -> None:
    """The right password is accepted and the server proves that it knows the verifier."""
    peer = client.ScramClient(password, flag=flag)
    outcome = run_scram(scram(password), peer)

    assert isinstance(outcome, auth.Accepted)
    assert (12, struct.pack("!i", 12) + peer.server_signature) == request(outcome.data)


def test_scram_refuses() -> None:
    """A wrong password gets as far as its proof."""
    assert isinstance(run_scram(scram("secret"), client.ScramClient("wrong")), auth.Refused)


def test_scram_with_rfc_7677s_example() -> None:
    """The example of RFC 7677 verifies (its server nonce is given in place of ours)."""
    salt = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
    nonce = base64.b64decode("hvYDpWUa2RaTCAfuxFIlj)hNlF".replace(")", "+") + "==")[:18]
    exchange = auth.ScramExchange(auth.scram_verifier("pencil", salt, 4096), nonce)
    peer = client.ScramClient("pencil")
    outcome = run_scram(exchange, peer)

    assert isinstance(outcome, auth.Accepted)


def test_scram_without_initial_response() -> None:
    """A client that names the mechanism only is asked for its first message."""
    exchange = scram("secret")
    outcome = exchange.answer(PasswordMessage(b"SCRAM-SHA-256\0\xff\xff\xff\xff"))

    assert outcome == auth.Continue(b"R\0\0\0\x08\0\0\0\x0b")
    assert isinstance(exchange.answer(through(client.ScramClient("x").initial())), auth.Continue)


def first(text: str) -> PasswordMessage:
    data = text.encode()
    return PasswordMessage(b"SCRAM-SHA-256\0" + struct.pack("!i", len(data)) + data)


@pytest.mark.parametrize(
    ("message", "sqlstate"),
    [
        (first("p=tls-server-end-point,,n=,r=abc"), "08P01"),
        (first("x,,n=,r=abc"), "08P01"),
        (first("n,a=admin,n=,r=abc"), "0A000"),
        (first("n,,m=ext,n=,r=abc"), "0A000"),
        (first("n,,r=abc,n="), "08P01"),
        (first("n,,n=,r="), "08P01"),
        (first("n,,n=,r=a b"), "08P01"),
        (first("n,,n="), "08P01"),
        (first("n,"), "08P01"),
        (first(""), "08P01"),
        (PasswordMessage(b"SCRAM-SHA-256-PLUS\0\0\0\0\0"), "08P01"),
        (PasswordMessage(b"SCRAM-SHA-256\0\0\0\0\1"), "08P01"),
        (PasswordMessage(b"SCRAM-SHA-256\0\0\0\0\1\xff"), "22021"),
        (PasswordMessage(b""), "08P01"),
        (DigestMessage(b"", b""), "08P01"),
    ],
)
def test_scram_malformed_first_message(message: AuthenticationMessage, sqlstate: str) -> None:
    """A first message outside the grammar, or asking for what is not offered, is an error."""
    with pytest.raises(ProtocolError) as caught:
        scram("secret").answer(message)

    assert sqlstate == caught.value.sqlstate


@pytest.mark.parametrize(
    "final",
    [
        "",
        "c=biws,r={nonce}",
        "c=eSws,r={nonce},p=" + "A" * 43 + "=",
        "c=biws,r=other,p=" + "A" * 43 + "=",
        "c=biws,r={nonce}x,p=" + "A" * 43 + "=",
        "c=biws,p=" + "A" * 43 + "=",
        "c=biws,r={nonce},p=AAAA",
        "c=biws,r={nonce},p=ä",
        "c=biws,r={nonce},p=*",
    ],
)
def test_scram_malformed_final_message(final: str) -> None:
    """A final message that does not follow from the first two is an error."""
    exchange = scram("secret")
    peer = client.ScramClient("secret")
    started = exchange.answer(through(peer.initial()))

    assert isinstance(started, auth.Continue)

    nonce = started.data[9:].decode().split(",")[0].removeprefix("r=")
    with pytest.raises(ProtocolError) as caught:
        exchange.answer(PasswordMessage(final.format(nonce=nonce).encode()))

    assert caught.value.sqlstate == "08P01"


@pytest.mark.parametrize(("password", "accepted"), [("secret", True), ("Secret", False)])
def test_redshift_digest(password: str, accepted: bool) -> None:
    """Redshift's request 13 has algorithm, salt and nonce; its answer is a salted double hash."""
    exchange = auth.DigestExchange(auth.digest_verifier("secret", SALT), NONCE)
    code, body = request(exchange.challenge())

    assert (13, 4 + 4 + 4 + len(SALT) + 4 + len(NONCE)) == (code, len(body))

    outcome = exchange.answer(through(client.digest_answer(password, body)))

    assert accepted == isinstance(outcome, auth.Accepted)
    assert accepted != isinstance(outcome, auth.Refused)


def test_redshift_digest_takes_no_password() -> None:
    """A 'p' message is no answer to request 13."""
    exchange = auth.DigestExchange(auth.digest_verifier("secret", SALT), NONCE)
    with pytest.raises(ProtocolError):
        exchange.answer(PasswordMessage(b"secret\0"))


@pytest.mark.parametrize(("password", "accepted"), [("secret", True), ("wrong", False)])
def test_md5(password: str, accepted: bool) -> None:
    """The md5 exchange goes by user, password and the connection's salt."""
    exchange = auth.Md5Exchange(auth.md5_verifier("secret", "ann"), b"salt")

    assert request(exchange.challenge()) == (5, b"\0\0\0\5salt")

    outcome = exchange.answer(through(client.md5_answer("ann", password, b"salt")))

    assert accepted == isinstance(outcome, auth.Accepted)


VERIFIERS = {
    "scram": auth.scram_verifier("secret", SALT, ITERATIONS),
    "digest": auth.digest_verifier("secret", SALT),
    "md5": auth.md5_verifier("secret", "ann"),
}


@pytest.mark.parametrize("form", VERIFIERS)
@pytest.mark.parametrize(("password", "accepted"), [("secret", True), ("wrong", False)])
def test_cleartext(form: str, password: str, accepted: bool) -> None:
    """A password in clear is held against whatever verifier is stored."""
    exchange = auth.CleartextExchange(VERIFIERS[form], "ann")

    assert request(exchange.challenge()) == (3, b"\0\0\0\3")

    outcome = exchange.answer(PasswordMessage(password.encode() + b"\0"))

    assert accepted == isinstance(outcome, auth.Accepted)


@pytest.mark.parametrize("body", [b"secret", b"secret\0x", b"\xff\0", b""])
def test_malformed_password(body: bytes) -> None:
    """A password message is one C string of UTF-8."""
    with pytest.raises(ProtocolError):
        auth.CleartextExchange(VERIFIERS["scram"], "ann").answer(PasswordMessage(body))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80), st.sampled_from(["scram", "md5", "cleartext", "digest"]))
def test_random_answers(data: bytes, method: str) -> None:
    """Random answers are refused or a ProtocolError; nothing else happens."""
    exchange: auth.Exchange
    match method:
        case "scram":
            exchange = scram("secret")
        case "md5":
            exchange = auth.Md5Exchange(VERIFIERS["md5"], b"salt")
        case "digest":
            exchange = auth.DigestExchange(VERIFIERS["digest"], NONCE)
        case _:
            exchange = auth.CleartextExchange(VERIFIERS["md5"], "ann")
    for message in (PasswordMessage(data), DigestMessage(data, data)):
        try:
            outcome = exchange.answer(message)
        except ProtocolError:
            continue

        assert not isinstance(outcome, auth.Accepted)


S, D, M = VERIFIERS["scram"], VERIFIERS["digest"], VERIFIERS["md5"]


@pytest.mark.parametrize(
    ("driver", "stored", "tls", "expected"),
    [
        (True, auth.PasswordVerifiers(S, D, M), False, auth.Method.REDSHIFT_DIGEST),
        (True, auth.PasswordVerifiers(S, None, M), True, auth.Method.CLEARTEXT),
        (True, auth.PasswordVerifiers(S, None, M), False, auth.Method.MD5),
        (True, auth.PasswordVerifiers(S, None, None), False, None),
        (False, auth.PasswordVerifiers(S, D, M), True, auth.Method.SCRAM_SHA_256),
        (False, auth.PasswordVerifiers(None, D, M), True, auth.Method.CLEARTEXT),
        (False, auth.PasswordVerifiers(None, D, M), False, auth.Method.MD5),
        (False, auth.PasswordVerifiers(None, D, None), False, None),
        (False, auth.PasswordVerifiers(None, None, M), True, auth.Method.MD5),
        (False, auth.PasswordVerifiers(), True, None),
    ],
)
def test_choose_method(
    driver: bool, stored: auth.PasswordVerifiers, tls: bool, expected: auth.Method | None
) -> None:
    """Amazon's drivers get request 13, all others SCRAM, and never a method they break on."""
    parameters = DRIVER if driver else {"user": "ann", "application_name": "psql"}

    assert expected == auth.choose_method(parameters, stored, tls=tls)


def test_each_sign_of_a_driver_is_enough() -> None:
    """Either startup parameter tells one of Amazon's drivers."""
    assert auth.is_redshift_driver({"client_protocol_version": "2"})
    assert auth.is_redshift_driver({"driver_version": "x"})
    assert not auth.is_redshift_driver({"user": "driver_version"})


def test_unknown_users_look_like_known_ones() -> None:
    """An unknown user's challenges are stable, shaped as all others', and never accepted."""
    one, two, other = (
        auth.unknown_user_verifiers(user, b"server secret") for user in ("bob", "bob", "eve")
    )

    assert one == two
    assert one != other
    assert one.scram is not None
    assert one.digest is not None

    real = auth.password_verifiers("secret", "ann", SALT, md5=False)
    for parameters in (DRIVER, {"user": "bob"}):
        assert auth.choose_method(parameters, real, tls=True) == auth.choose_method(
            parameters, one, tls=True
        )
    assert isinstance(
        run_scram(auth.ScramExchange(one.scram, NONCE), client.ScramClient("")), auth.Refused
    )

    digest = auth.DigestExchange(one.digest, NONCE)
    _, body = request(digest.challenge())

    assert isinstance(digest.answer(through(client.digest_answer("", body))), auth.Refused)
    assert not auth.verify_cleartext("", one.scram)
    assert real.scram is not None
    shown, faked = (verifiers.ScramVerifier.parse(text) for text in (real.scram, one.scram))
    assert (shown.iterations, len(shown.salt)) == (faked.iterations, len(faked.salt))


def test_password_verifiers() -> None:
    """All forms of one password can be had at once; md5 only where allowed."""
    stored = auth.password_verifiers("secret", "ann", SALT, md5=True)

    assert stored.md5 == VERIFIERS["md5"]
    assert stored.digest == VERIFIERS["digest"]
    assert auth.password_verifiers("secret", "ann", SALT, md5=False).md5 is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "secret",
        "SCRAM-SHA-256$4096:c2FsdA==$AAAA:AAAA",
        "SCRAM-SHA-256$0:c2FsdA==$AAAA:AAAA",
        "SCRAM-SHA-256$4096:c2FsdA$AAAA:AAAA",
        "SHA-256$c2FsdA==$AAAA",
        "SHA-256$c2FsdA==",
        "md5xyz",
    ],
)
def test_unreadable_verifiers(text: str) -> None:
    """A verifier that is in no known form is an error of whoever stored it."""
    for use in (
        lambda: auth.verify_cleartext("secret", text),
        lambda: auth.ScramExchange(text, NONCE),
        lambda: auth.DigestExchange(text, NONCE),
        lambda: auth.Md5Exchange(text, b"salt"),
    ):
        with pytest.raises(ValueError, match=r"verifier|base64"):
            use()


def test_md5_salt_has_four_bytes() -> None:
    """A salt of another length cannot be sent."""
    with pytest.raises(ValueError, match="4 bytes"):
        auth.Md5Exchange(VERIFIERS["md5"], b"longer")


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("I\u00adX", "IX"),
        ("user", "user"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("a\u00a0b", "a b"),
        ("a\u0007ä", "a\u0007ä"),
        ("\u0627\u0031", "\u0627\u0031"),
        ("\u0627a\u0628", "\u0627a\u0628"),
        ("\u0627\u0628", "\u0627\u0628"),
        ("\u00ad", "\u00ad"),
    ],
)
def test_saslprep(password: str, expected: str) -> None:
    """RFC 4013's examples; what it prohibits is used as it is, as PostgreSQL does."""
    assert expected == auth.saslprep(password)
