"""The embedded PostgreSQL's directory: who owns it, who may use it now, what is kept private in it.

This module must not know how the server is run.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import stat
from pathlib import Path
from typing import IO

#: The accounts a root node may run the server as, the first that exists.
SERVICE_ACCOUNTS = ("redshare", "postgres", "nobody")


class PostgresError(Exception):
    """The server cannot be started or reached."""


def service_account(data: Path) -> pwd.struct_passwd | None:
    """None: the node's own account will do. An existing directory keeps its owner."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return pwd.getpwuid(data.stat().st_uid)
    for name in SERVICE_ACCOUNTS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise PostgresError("PostgreSQL does not run as root and there is no account to run it as")


def make_traversable(path: Path) -> None:
    for directory in (path.resolve(), *path.resolve().parents):
        mode = directory.stat().st_mode
        if not mode & stat.S_IXOTH:
            directory.chmod(mode | stat.S_IXOTH)


def locked(path: Path) -> IO[str]:
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise PostgresError("the PostgreSQL directory is in use by another node") from error
    return file


def write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    with path.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
