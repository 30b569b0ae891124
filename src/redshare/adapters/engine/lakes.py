"""The lakes' databases, roles and directories, on the node's side.

A lake is a database `lake_<id>` with two roles: one reads, one owns and writes; neither may connect
to another lake's database. Their passwords are derived from one random key beside the data, so
nothing has to be stored for each. Where the server's user may not make roles (an external server),
workers use the node's own user: one line of defence less, said once in the log.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import logging
import os
import re
import secrets
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from redshare.adapters.engine.protocol import Right, Use
from redshare.adapters.postgres import PostgresServer
from redshare.adapters.sync import sync_directory
from redshare.core.ids import LakeId

_LOG = logging.getLogger(__name__)
_ID = re.compile(r"[0-9a-f]{32}")
KEY_BYTES = 32
#: How often a lake in use is tried to be removed, and how long that waits in between (s).
DROPS = 5
DROP_PAUSE = 0.2


class Lakes:
    """Makes, drops and reads the catalogues of lakes, and says how a worker connects to them."""

    def __init__(self, postgres: PostgresServer, data: Path) -> None:
        self._postgres = postgres
        self._data = data
        data.mkdir(parents=True, exist_ok=True)
        self._key = _key(data / ".key")
        if not postgres.manages_roles:
            _LOG.warning("the PostgreSQL user may not create roles: workers share its rights")

    def prepare(self, lake: LakeId) -> None:
        """The empty database with its roles, and the data directory; again: no effect."""
        name = database(lake)
        (self._data / lake / "main").mkdir(parents=True, exist_ok=True)
        sync_directory(self._data)
        self._postgres.create_database(name)
        if not self._postgres.manages_roles:
            return
        with psycopg.connect(self._postgres.url(name), autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(1)")
            for writes in (False, True):
                self._make_role(connection, role(lake, writes=writes))
            for statement in _GRANTS:
                connection.execute(
                    sql.SQL(statement).format(
                        database=sql.Identifier(name),
                        ro=sql.Identifier(role(lake, writes=False)),
                        rw=sql.Identifier(role(lake, writes=True)),
                    )
                )

    def drop(self, lake: LakeId) -> None:
        """Database, roles and files; again: no effect.

        Its name is gone already, so what cannot be removed now is an orphan, and nobody's error.
        """
        trouble: Exception | None = None
        for _ in range(DROPS):
            try:
                self._remove(lake)
            except (psycopg.Error, OSError) as error:
                # A worker that was just told to let go may still connect, or write a file.
                trouble = error
                time.sleep(DROP_PAUSE)
            else:
                return
        _LOG.warning("the storage of the dropped lake %s is left behind: %s", lake, trouble)

    def _remove(self, lake: LakeId) -> None:
        self._postgres.drop_database(database(lake))
        if self._postgres.manages_roles:
            with psycopg.connect(self._postgres.url("postgres"), autocommit=True) as connection:
                for writes in (False, True):
                    name = sql.Identifier(role(lake, writes=writes))
                    connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(name))
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.directory(lake))

    def connect(self, lake: LakeId, *, autocommit: bool = False) -> psycopg.Connection[Any]:
        """A connection of the node's own to the lake's database. Raises psycopg.Error."""
        return psycopg.connect(self._postgres.url(database(lake)), autocommit=autocommit)

    def notes(self, lake: LakeId, after: int) -> Sequence[tuple[int, str]]:
        """The snapshots after that one which carry extra information, in order."""
        query = (
            "SELECT snapshot_id, commit_extra_info FROM ducklake_snapshot_changes"
            " WHERE snapshot_id > %s AND commit_extra_info <> '' ORDER BY snapshot_id"
        )
        with psycopg.connect(self._postgres.url(database(lake))) as connection:
            return [(int(row[0]), str(row[1])) for row in connection.execute(query, (after,))]

    def temporary(self, lake: LakeId) -> list[str]:
        """The names of the sessions' own tables that are in the lake."""
        query = (
            "SELECT table_name FROM ducklake_table"
            " WHERE end_snapshot IS NULL AND table_name LIKE 's\\_%' ORDER BY table_id"
        )
        with psycopg.connect(self._postgres.url(database(lake))) as connection:
            return [str(row[0]) for row in connection.execute(query)]

    def right(self, use: Use, passfile: Path) -> Right:
        """What a worker needs for a use; the password will be in its passfile."""
        if use.tables is not None:
            for table in use.tables:
                # A rule binds to a directory that is there; DuckLake makes it with the first row.
                with contextlib.suppress(FileNotFoundError):
                    (self.directory(use.lake) / "main" / _plain(table)).mkdir(exist_ok=True)
        conninfo = self.conninfo(use.lake, writes=use.may_write, passfile=passfile)
        return Right(use.lake, use.may_write, use.tables, conninfo)

    def conninfo(self, lake: str, *, writes: bool, passfile: Path) -> str:
        """How to connect to the lake's database, without a secret in it."""
        given = conninfo_to_dict(self._postgres.url(database(lake)))
        given.pop("password", None)
        if self._postgres.manages_roles:
            given["user"] = role(lake, writes=writes)
        return make_conninfo("", **{**given, "passfile": str(passfile)})

    def secret_line(self, lake: str, *, writes: bool) -> str:
        """The line of a passfile for that."""
        name = database(lake)
        if self._postgres.manages_roles:
            user = role(lake, writes=writes)
            return f"*:*:{name}:{user}:{self._password(user)}\n"
        given = conninfo_to_dict(self._postgres.url(name))
        password = str(given.get("password", "")).replace("\\", "\\\\").replace(":", "\\:")
        return f"*:*:{name}:*:{password}\n"

    def ports(self) -> list[int]:
        """The TCP ports a worker connects to: none for a Unix socket."""
        given = conninfo_to_dict(self._postgres.url("postgres"))
        if str(given.get("host", "/")).startswith("/"):
            return []
        return [int(port or 5432) for port in str(given.get("port", "5432")).split(",")]

    def _make_role(self, connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
        with contextlib.suppress(psycopg.errors.DuplicateObject):
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
        statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
        connection.execute(
            statement.format(sql.Identifier(name), sql.Literal(self._password(name)))
        )

    def _password(self, user: str) -> str:
        return hmac.new(self._key, user.encode(), hashlib.sha256).hexdigest()

    def directory(self, lake: str) -> Path:
        """Where the lake's files are."""
        return self._data / _plain_id(lake)


_GRANTS = (
    # The node's user must be a member of the owner to give the schema to it.
    "GRANT {rw} TO CURRENT_USER",
    "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
    "GRANT CONNECT, TEMPORARY, CREATE ON DATABASE {database} TO {rw}",
    "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {ro}",
    "ALTER SCHEMA public OWNER TO {rw}",
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    "GRANT USAGE ON SCHEMA public TO {ro}",
    "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {ro}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {rw} IN SCHEMA public GRANT SELECT ON TABLES TO {ro}",
)


def database(lake: str) -> str:
    """The lake's database."""
    return f"lake_{_plain_id(lake)}"


def role(lake: str, *, writes: bool) -> str:
    """The lake's role."""
    return f"{database(lake)}_{'rw' if writes else 'ro'}"


def _plain_id(lake: str) -> str:
    if _ID.fullmatch(lake) is None:
        raise ValueError("a lake's id has 32 hexadecimal digits")
    return lake


def _plain(table: str) -> str:
    if not table.replace("_", "").isalnum():
        raise ValueError("a table's name in a lake has letters and digits only")
    return table


def _key(path: Path) -> bytes:
    """The key of this data directory; two nodes that start at once agree on one."""
    fresh = path.with_name(f".key-{secrets.token_hex(8)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(fresh, path)
        sync_directory(path.parent)
    fresh.unlink()
    return path.read_bytes()
