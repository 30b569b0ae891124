"""The SQL listeners: one port a warehouse, one thread a connection, blocking sockets.

A thread a connection answers short statements faster than an event loop with a hop to a worker, and
a blocked send is the back-pressure itself. TLS is upgraded after exactly the bytes of the request
were read, so no byte of the handshake can reach the old protocol.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import structlog

from redshare.core.aws_errors import InvalidParameterValue
from redshare.core.errors import RedshareError
from redshare.core.ids import WarehouseId
from redshare.endpoints.pg.errors import error_bytes
from redshare.endpoints.pg.login import Login, LoginServices
from redshare.endpoints.pg.session import PgSession
from redshare.wire.pg import messages as pg
from redshare.wire.pg.connection import ServerConnection
from redshare.wire.pg.errors import ProtocolError

log = structlog.get_logger(__name__)

#: A client has this long to say who it is and prove it (PostgreSQL's authentication_timeout).
LOGIN_SECONDS = 60.0
#: A client that reads nothing for so long is gone.
SEND_SECONDS = 600.0
RECEIVE_BYTES = 64 * 1024
#: How long the other side has to say that it, too, has ended the TLS session.
GOODBYE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class PgServices:
    """What a connection needs from the node."""

    login: LoginServices
    tls: ssl.SSLContext | None


class PgListener:
    """One warehouse's port."""

    def __init__(
        self, services: PgServices, warehouse: WarehouseId, listening: socket.socket
    ) -> None:
        self._services = services
        self._warehouse = warehouse
        self._listening = listening
        self._lock = threading.Lock()
        self._clients: set[ServedClient] = set()
        self._closed = False
        self.port: int = listening.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, name=f"sql-{self.port}", daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return  # closed
            thread = threading.Thread(
                target=self._serve, args=(client,), name=f"sql-{self.port}-client", daemon=True
            )
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        served = ServedClient(self._services, self._warehouse, client)
        with self._lock:
            if self._closed:
                client.close()
                return
            self._clients.add(served)
        try:
            served.run()
        except (OSError, ConnectionError):
            pass  # the client is gone; its session is closed below
        except Exception:  # the outermost place of this thread: nobody else would hear of it
            log.exception("an SQL connection failed", warehouse=self._warehouse)
            served.say_goodbye()
        finally:
            served.close()
            with self._lock:
                self._clients.discard(served)

    def hang_up(self) -> None:
        """End the connections; others may come."""
        with self._lock:
            clients = list(self._clients)
        for client in clients:
            client.hang_up()

    def close(self) -> None:
        """Stop listening and end the connections."""
        with self._lock:
            self._closed = True
            clients = list(self._clients)
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for client in clients:
            client.abort()


class ServedClient:
    """One connection from its first byte to its last."""

    def __init__(self, services: PgServices, warehouse: WarehouseId, client: socket.socket) -> None:
        self._services = services
        self._warehouse = warehouse
        self._socket = client
        self._wire = ServerConnection()
        self._tls = False
        self._login: Login | None = None
        self._session: PgSession | None = None
        self._waiting: deque[pg.FrontendMessage] = deque()
        #: What is to be sent before the next wait: answers of one pipeline go together.
        self._out = bytearray()
        self._terminated = False

    def run(self) -> None:
        """Serve until the client or the protocol ends it."""
        self._socket.settimeout(LOGIN_SECONDS)
        while True:
            try:
                message = self._next()
            except ProtocolError as error:
                self._out += error_bytes(error, "FATAL")
                self._flush()
                return
            if message is None or isinstance(message, pg.Terminate):
                self._flush()
                return
            if not self._take(message):
                return

    def _next(self) -> pg.FrontendMessage | None:
        """The next message; None at the end of the stream."""
        if not self._waiting:
            self._fill()  # what came with a message of the login
        while not self._waiting:
            self._flush()
            data = self._received()
            if not data:
                return None
            self._wire.receive(data)
            self._fill()
        return self._waiting.popleft()

    def _received(self) -> bytes:
        """What the client sends next; nothing where the session ends."""
        opened = None if self._login is None else self._login.connection
        if self._session is None or opened is None:
            return self._socket.recv(RECEIVE_BYTES)
        patience = opened.idle_seconds
        if patience is not None:
            self._socket.settimeout(patience)
        try:
            data = b"" if self._terminated else self._socket.recv(RECEIVE_BYTES)
        except TimeoutError:
            self._farewell("57P05", "session timeout: the session was idle")
            return b""
        except OSError:
            if not self._terminated:
                raise
            data = b""
        if self._terminated:
            self._farewell("57P01", "terminating connection due to administrator command")
            return b""
        if patience is not None:
            self._socket.settimeout(None)
        return data

    def _farewell(self, sqlstate: str, message: str) -> None:
        self._socket.settimeout(SEND_SECONDS)
        with contextlib.suppress(OSError):
            self._socket.sendall(pg.error_response(sqlstate, message, severity="FATAL"))

    def hang_up(self) -> None:
        """End the connection on another session's command, once its own thread sees it."""
        self._terminated = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RD)

    def _fill(self) -> None:
        """Everything that is complete; before the session only one, for it may change the rules."""
        while (message := self._wire.next_message()) is not None:
            self._waiting.append(message)
            if self._session is None:
                return

    def _take(self, message: pg.FrontendMessage) -> bool:
        """Answer one message; False ends the connection."""
        if self._session is not None:
            self._answer(self._session, message)
            return True
        match message:
            case pg.SSLRequest():
                self._encrypt()
                return True
            case pg.GSSENCRequest():
                self._wire.decline_encryption()
                self._socket.sendall(pg.ENCRYPTION_REFUSED)
                return True
            case pg.CancelRequest():
                connections = self._services.login.connections
                connections.cancel(message.process_id, message.secret_key)
                return False
        return self._log_in(message)

    def _encrypt(self) -> None:
        context = self._services.tls
        if context is None:
            self._wire.decline_encryption()
            self._socket.sendall(pg.ENCRYPTION_REFUSED)
            return
        self._wire.upgrade_to_tls()
        self._socket.sendall(pg.ENCRYPTION_ACCEPTED)
        self._socket = context.wrap_socket(self._socket, server_side=True)
        self._tls = True

    def _log_in(self, message: pg.FrontendMessage) -> bool:
        try:
            self._step(message)
        except (RedshareError, ProtocolError) as error:
            self._socket.sendall(error_bytes(error, "FATAL"))
            return False
        return True

    def _step(self, message: pg.FrontendMessage) -> None:
        if isinstance(message, pg.StartupMessage):
            self._login = Login(self._services.login, self._warehouse, tls=self._tls)
            self._socket.sendall(b"".join(self._login.start(message)))
            return
        assert self._login is not None, "the wire lets nothing else come first"
        assert isinstance(message, pg.PasswordMessage | pg.DigestMessage | pg.IdpTokenMessage)
        answer = b"".join(self._login.answer(message))
        opened = self._login.connection
        if opened is not None:
            self._wire.authenticated()
            self._session = PgSession(opened.session, self._login.redshift_protocol)
            self._socket.settimeout(None)
            bound_sends(self._socket)
            opened.backend.hang_up = self.hang_up
        self._socket.sendall(answer)

    def _answer(self, session: PgSession, message: pg.FrontendMessage) -> None:
        """Take what a message gives; what is a lot is sent as it comes."""
        known = session.known(message)
        if known is not None:
            self._out += known
            return
        before_sync = bool(self._waiting) and isinstance(self._waiting[0], pg.Sync)
        for part in session.handle(message, before_sync=before_sync):
            if len(part) >= RECEIVE_BYTES:
                self._flush()
                self._socket.sendall(part)
                continue
            self._out += part
            if len(self._out) >= RECEIVE_BYTES:
                self._flush()

    def _flush(self) -> None:
        if self._out:
            self._socket.sendall(self._out)
            self._out.clear()

    def abort(self) -> None:
        """End the connection from another thread: what runs is cancelled, the socket closed."""
        login = self._login
        if login is not None and login.connection is not None:
            login.connection.session.cancel()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def say_goodbye(self) -> None:
        """After a failure of ours: the client hears that it was not its fault."""
        with contextlib.suppress(OSError):
            self._socket.sendall(
                pg.error_response("XX000", "internal error; the session ends", severity="FATAL")
            )

    def close(self) -> None:
        """End session and socket."""
        if self._login is not None and self._login.connection is not None:
            self._services.login.connections.close(self._login.connection)
        if isinstance(self._socket, ssl.SSLSocket):
            # libpq takes an end that was not announced for an attack, a cancel's too.
            with contextlib.suppress(OSError):
                self._socket.settimeout(GOODBYE_SECONDS)
                self._socket.unwrap()
        with contextlib.suppress(OSError):
            self._socket.close()


def bound_sends(client: socket.socket) -> None:
    """Waits for a client's next message have no end; waits for it to read have, and TCP asks."""
    seconds, fraction = divmod(SEND_SECONDS, 1)
    limit = struct.pack("@ll", int(seconds), int(fraction * 1e6))
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


class PgListeners:
    """The port Listeners: all warehouses of this node."""

    def __init__(self, services: PgServices, host: str, base: int) -> None:
        self._services = services
        self._host = host
        self._base = base
        self._lock = threading.Lock()
        self._open: dict[str, PgListener] = {}

    def open(self, warehouse: str, wish: int | None) -> int:
        """Listen for the warehouse: on the wished port if it is free, else on the next one."""
        with self._lock:
            found = self._open.get(warehouse)
            if found is None:
                listening = self._bind(wish)
                found = PgListener(self._services, WarehouseId(warehouse), listening)
                self._open[warehouse] = found
            return found.port

    def close(self, warehouse: str) -> None:
        """Stop listening for it."""
        with self._lock:
            found = self._open.pop(warehouse, None)
        if found is not None:
            found.close()

    @contextlib.contextmanager
    def moved(self, warehouse: str, port: int) -> Iterator[None]:
        """Listen on that very port instead, once the context ends well."""
        try:
            listening = socket.create_server((self._host, port), backlog=128)
        except OSError as error:
            raise InvalidParameterValue(f"The port {port} is not free.") from error
        try:
            yield
        except BaseException:
            listening.close()
            raise
        with self._lock:
            old = self._open.pop(warehouse, None)
            fresh = PgListener(self._services, WarehouseId(warehouse), listening)
            self._open[warehouse] = fresh
        if old is not None:
            old.close()

    def hang_up(self, warehouse: str) -> None:
        """End its connections; it goes on listening."""
        with self._lock:
            found = self._open.get(warehouse)
        if found is not None:
            found.hang_up()

    def close_all(self) -> None:
        """Stop listening."""
        for warehouse in list(self._open):
            self.close(warehouse)

    def _bind(self, wish: int | None) -> socket.socket:
        wishes = [] if wish is None else [wish]
        for port in [*wishes, *range(self._base, min(self._base + 1000, 65536)), 0]:
            try:
                return socket.create_server((self._host, port), backlog=128)
            except OSError:
                continue
        raise OSError(f"no port is free on {self._host}")
