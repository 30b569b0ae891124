"""The connection core: framing, states, limits, hostile bytes."""

from __future__ import annotations

import itertools
import struct
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redshare.wire.pg import messages as m
from redshare.wire.pg.connection import (
    MESSAGE_BYTES,
    UNAUTHENTICATED_MESSAGE_BYTES,
    ConnectionState,
    ServerConnection,
)
from redshare.wire.pg.errors import ProtocolError
from tests.wire.pg import client

SESSION = [
    (client.query("select 1"), m.Query("select 1")),
    (client.parse("s1", "select $1, 'ä'", 23, 0), m.Parse("s1", "select $1, 'ä'", (23, 0))),
    (
        client.bind("p", "s1", (b"1", None, b""), (0, 1, 0), (1,)),
        m.Bind("p", "s1", (0, 1, 0), (b"1", None, b""), (1,)),
    ),
    (client.typed("D", b"Ss1\0"), m.Describe(m.Target.STATEMENT, "s1")),
    (client.typed("D", b"P\0"), m.Describe(m.Target.PORTAL, "")),
    (client.typed("E", b"p\0" + struct.pack("!i", 10)), m.Execute("p", 10)),
    (client.typed("E", b"\0" + struct.pack("!i", -1)), m.Execute("", 0)),
    (client.typed("C", b"Ss1\0"), m.Close(m.Target.STATEMENT, "s1")),
    (client.typed("H"), m.Flush()),
    (client.typed("S"), m.Sync()),
    (client.typed("d", b"1\t2\n"), m.CopyData(b"1\t2\n")),
    (client.typed("c"), m.CopyDone()),
    (client.typed("f", b"why\0"), m.CopyFail("why")),
    (
        client.typed("F", struct.pack("!Ihhhiih", 1, 1, 0, 2, 0, -1, 0)),
        m.FunctionCall(1, (0,), (b"", None), 0),
    ),
    (client.typed("X"), m.Terminate()),
]
STARTUP = client.startup(user="ann", database="dev", driver_version="Redshift 2.2")


def ready(**limits: int) -> ServerConnection:
    connection = ServerConnection(**limits)
    connection.receive(client.startup(user="ann"))
    assert connection.next_message() is not None
    connection.authenticated()
    return connection


def drain(connection: ServerConnection) -> list[m.FrontendMessage]:
    found = []
    while (message := connection.next_message()) is not None:
        found.append(message)
    return found


@pytest.mark.parametrize(("data", "expected"), SESSION, ids=lambda value: type(value).__name__)
def test_session_message(data: bytes, expected: m.FrontendMessage) -> None:
    """Each message of a session becomes its value, whole or byte by byte."""
    whole = ready()
    whole.receive(data)

    assert [expected] == drain(whole)

    bytewise = ready()
    for index in range(len(data)):
        assert bytewise.next_message() is None
        bytewise.receive(data[index : index + 1])

    assert [expected] == drain(bytewise)


def test_split_at_every_position() -> None:
    """A whole conversation reads the same wherever its bytes are cut in two."""
    authentication = client.typed("p", b"secret\0")
    session = b"".join(data for data, _ in SESSION)
    for cut in range(1, len(session)):
        connection = ServerConnection()
        connection.receive(STARTUP)
        startup = connection.next_message()

        assert isinstance(startup, m.StartupMessage)

        connection.receive(authentication)

        assert m.PasswordMessage(b"secret\0") == connection.next_message()

        connection.authenticated()
        connection.receive(session[:cut])
        found = drain(connection)
        connection.receive(session[cut:])
        found += drain(connection)

        assert [expected for _, expected in SESSION] == found
        assert ConnectionState.CLOSED is connection.state


def test_startup_keeps_every_parameter() -> None:
    """Parameters nobody here knows of are kept for those who do."""
    connection = ServerConnection()
    connection.receive(STARTUP)

    expected = m.StartupMessage(
        m.ProtocolVersion(3, 0),
        MappingProxyType({"user": "ann", "database": "dev", "driver_version": "Redshift 2.2"}),
    )

    message = connection.next_message()

    assert expected == message
    assert isinstance(message, m.StartupMessage)
    assert (message.user, message.database, message.protocol_options) == ("ann", "dev", [])
    assert ConnectionState.AUTHENTICATING is connection.state


def test_startup_defaults() -> None:
    """Without a database the user's name is the database's; `_pq_.` options are told apart."""
    connection = ServerConnection()
    connection.receive(client.startup(196610, **{"user": "ann", "_pq_.compression": "zstd"}))
    message = connection.next_message()

    assert isinstance(message, m.StartupMessage)
    assert (
        message.database,
        message.protocol_options,
        message.version,
    ) == ("ann", ["_pq_.compression"], (3, 2))


@pytest.mark.parametrize(
    ("data", "sqlstate", "text"),
    [
        (client.untyped(struct.pack("!I", 131072) + b"\0"), "0A000", "frontend protocol 2.0"),
        (client.startup(database="dev"), "28000", "no user name"),
        (client.startup(user=""), "28000", "no user name"),
        (client.untyped(struct.pack("!I", 196608) + b"user\0a"), "08P01", "invalid string"),
        (client.untyped(struct.pack("!I", 196608) + b"user\0a\0"), "08P01", "invalid string"),
        (client.startup(user="a") + b"", None, None),
        (client.untyped(struct.pack("!I", 196608) + b"user\0\xff\0\0"), "22021", "0xff"),
        (client.untyped(struct.pack("!I", 196608) + b"user\0a\0\0x"), "08P01", "invalid message"),
        (client.untyped(struct.pack("!II", client.CANCEL, 1)), "08P01", "cancel request"),
        (client.untyped(struct.pack("!I", client.SSL) + b"x"), "08P01", "invalid message"),
        (struct.pack("!i", 7), "08P01", "invalid message length"),
        (struct.pack("!i", -1), "08P01", "invalid message length"),
        (struct.pack("!i", UNAUTHENTICATED_MESSAGE_BYTES + 1), "08P01", "the limit is 16384"),
        (b"GET / HTTP/1.1\r\n\r\n", "08P01", "invalid message length"),
    ],
)
def test_first_message_errors(data: bytes, sqlstate: str | None, text: str | None) -> None:
    """A connection that opens wrongly is told so, and stays lost."""
    connection = ServerConnection()
    connection.receive(data)
    if sqlstate is None:
        assert connection.next_message() is not None
        return
    for _ in range(2):
        with pytest.raises(ProtocolError) as caught:
            connection.next_message()
        connection.receive(STARTUP)

        assert sqlstate == caught.value.sqlstate
        assert text is not None
        assert text in caught.value.message
        assert ConnectionState.FAILED is connection.state


@pytest.mark.parametrize(
    ("data", "sqlstate"),
    [
        (client.typed("z"), "08P01"),
        (client.typed("p", b"secret\0"), "08P01"),
        (b"Q" + struct.pack("!i", 3), "08P01"),
        (b"Q" + struct.pack("!i", MESSAGE_BYTES + 1), "08P01"),
        (client.typed("Q", b"select 1"), "08P01"),
        (client.typed("Q", b"select 1\0x"), "08P01"),
        (client.typed("Q", b"\xc3\0"), "22021"),
        (client.typed("S", b"x"), "08P01"),
        (client.typed("D", b"Xs\0"), "08P01"),
        (client.typed("D"), "08P01"),
        (client.typed("P", b"\0\0\0\2\0\0\0\1"), "08P01"),
        (client.typed("P", b"\0\0\xff\xff"), "08P01"),
        (client.bind("", "", (b"1",), (2,)), "22023"),
        (client.bind("", "", (b"1",), (0, 0)), "08P01"),
        (client.bind("", "", (b"1",))[:-3] + b"", None),
        (client.typed("B", b"\0\0\0\0\0\1\xff\xff\xff\xfe\0\0"), "08P01"),
        (client.typed("B", b"\0\0\0\0\0\1\0\0\0\5a\0\0"), "08P01"),
    ],
)
def test_session_message_errors(data: bytes, sqlstate: str | None) -> None:
    """A malformed message is a ProtocolError; an incomplete one is waited for."""
    connection = ready()
    connection.receive(data)
    if sqlstate is None:
        assert connection.next_message() is None
        return
    with pytest.raises(ProtocolError) as caught:
        connection.next_message()

    assert sqlstate == caught.value.sqlstate


def test_unknown_type_is_refused_at_its_first_byte() -> None:
    """Nobody waits for the body of a message that cannot be."""
    connection = ready()
    connection.receive(b"~")
    with pytest.raises(ProtocolError, match="invalid frontend message type 126"):
        connection.next_message()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (client.typed("p", b"\0\xff"), m.PasswordMessage(b"\0\xff")),
        (
            client.typed("d", struct.pack("!i2si1s", 2, b"ab", 1, b"c")),
            m.DigestMessage(b"ab", b"c"),
        ),
        (client.typed("i", b"token"), m.IdpTokenMessage(b"token")),
        (client.typed("X"), m.Terminate()),
        (client.typed("Q", b"select 1\0"), None),
        (client.typed("d", struct.pack("!ii", -1, -1)), None),
        (client.typed("d", struct.pack("!i2s", 2, b"ab")), None),
        (b"p" + struct.pack("!i", UNAUTHENTICATED_MESSAGE_BYTES + 1), None),
    ],
)
def test_authentication_messages(data: bytes, expected: m.FrontendMessage | None) -> None:
    """Before authentication only passwords, digests, tokens and a goodbye are taken."""
    connection = ServerConnection()
    connection.receive(STARTUP)
    connection.next_message()
    connection.receive(data)
    if expected is None:
        with pytest.raises(ProtocolError) as caught:
            connection.next_message()

        assert caught.value.sqlstate == "08P01"
    else:
        assert expected == connection.next_message()


def test_cancel_request_closes() -> None:
    """A cancel request is the whole conversation; its key may have protocol 3.2's length."""
    for key in (b"abcd", b"k" * 32):
        connection = ServerConnection()
        connection.receive(client.untyped(struct.pack("!II", client.CANCEL, 7) + key) + STARTUP)

        assert [m.CancelRequest(7, key)] == drain(connection)
        assert ConnectionState.CLOSED is connection.state


def test_tls_upgrade() -> None:
    """After 'S' the connection starts anew inside the encryption, and asks for it no more."""
    connection = ServerConnection()
    connection.receive(client.untyped(struct.pack("!I", client.SSL)))

    assert m.SSLRequest() == connection.next_message()
    assert connection.next_message() is None

    connection.upgrade_to_tls()
    connection.receive(STARTUP)

    assert isinstance(connection.next_message(), m.StartupMessage)


def test_bytes_before_the_handshake_are_refused() -> None:
    """What was sent in plain after an accepted SSLRequest never counts as encrypted."""
    connection = ServerConnection()
    connection.receive(client.untyped(struct.pack("!I", client.SSL)) + STARTUP)

    assert m.SSLRequest() == connection.next_message()
    assert connection.next_message() is None
    assert len(STARTUP) == connection.buffered_bytes

    with pytest.raises(ProtocolError, match="unencrypted data"):
        connection.upgrade_to_tls()

    assert connection.buffered_bytes == 0
    with pytest.raises(ProtocolError, match="unencrypted data"):
        connection.next_message()


def test_declined_encryption() -> None:
    """After 'N' the peer may ask for the other kind, then go on in plain, but not ask again."""
    connection = ServerConnection()
    connection.receive(client.untyped(struct.pack("!I", client.GSSENC)))

    assert m.GSSENCRequest() == connection.next_message()

    connection.decline_encryption()
    connection.receive(client.untyped(struct.pack("!I", client.SSL)))

    assert m.SSLRequest() == connection.next_message()

    connection.decline_encryption()
    connection.receive(client.untyped(struct.pack("!I", client.SSL)))
    with pytest.raises(ProtocolError, match="already negotiated"):
        connection.next_message()


@pytest.mark.parametrize("call", ["upgrade_to_tls", "decline_encryption", "authenticated"])
def test_calls_out_of_order(call: str) -> None:
    """The server's own mistakes are assertions, not protocol errors."""
    with pytest.raises(AssertionError):
        getattr(ServerConnection(), call)()


def test_limits_are_configurable() -> None:
    """The limits given hold, before and after authentication."""
    small = ready(message_bytes=12)
    small.receive(client.query("select"))

    assert m.Query("select") == small.next_message()

    small.receive(client.query("select 12")[:5])
    with pytest.raises(ProtocolError, match="the limit is 12"):
        small.next_message()

    unknown = ServerConnection(unauthenticated_message_bytes=16)
    unknown.receive(STARTUP)
    with pytest.raises(ProtocolError, match="the limit is 16"):
        unknown.next_message()


def test_long_pipeline() -> None:
    """Thousands of messages in one piece come out one by one, and the buffer empties."""
    connection = ready()
    count = 20_000
    connection.receive(client.query("select 1") * count)

    assert [m.Query("select 1")] * count == drain(connection)
    assert connection.buffered_bytes == 0


def test_formats_of_a_bind() -> None:
    """No format code is text for all, one is for all, else each has its own."""
    none = m.Bind("", "", (), (b"1", b"2"), ())
    one = m.Bind("", "", (1,), (b"1", b"2"), (1,))
    each = m.Bind("", "", (0, 1), (b"1", b"2"), (1, 0))

    assert [bind.parameter_format(1) for bind in (none, one, each)] == [0, 1, 1]
    assert [bind.result_format(1) for bind in (none, one, each)] == [0, 1, 0]


def feed(connection: ServerConnection, data: bytes, cuts: list[int]) -> list[object]:
    """Run hostile bytes through; a ProtocolError is the only way to fail."""
    found: list[object] = []
    positions = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    for start, end in itertools.pairwise(positions):
        connection.receive(data[start:end])
        try:
            while (message := connection.next_message()) is not None:
                found.append(message)
        except ProtocolError as error:
            found.append((error.sqlstate, error.message))
            return found
    return found


CUTS = st.lists(st.integers(0, 10_000), max_size=4)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), CUTS, st.booleans())
def test_random_bytes(data: bytes, cuts: list[int], authenticated: bool) -> None:
    """Random bytes give messages or a ProtocolError, the same ones however they are cut."""
    make = ready if authenticated else ServerConnection

    assert feed(make(), data, []) == feed(make(), data, cuts)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from([data for data, _ in SESSION[:-1]]), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=6),
    CUTS,
)
def test_mutated_bytes(
    parts: list[bytes], mutations: list[tuple[int, int]], cuts: list[int]
) -> None:
    """Messages with some bytes changed give messages or a ProtocolError, however cut."""
    data = bytearray(b"".join(parts))
    for position, byte in mutations:
        data[position % len(data)] = byte

    assert feed(ready(), bytes(data), []) == feed(ready(), bytes(data), cuts)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=4))
def test_mutated_startup(mutations: list[tuple[int, int]]) -> None:
    """A startup packet with some bytes changed gives a message or a ProtocolError."""
    data = bytearray(STARTUP)
    for position, byte in mutations:
        data[position % len(data)] = byte
    feed(ServerConnection(), bytes(data), [])
