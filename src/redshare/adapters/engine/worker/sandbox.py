"""What the worker process gives up before it runs anything: files, ports, privileges, resources.

Landlock binds the calling thread and the threads it starts afterwards, so this must run before
DuckDB starts its own. It is one-way: a worker that needs more is replaced. Kernels without Landlock
get one warning, and DuckDB's own settings are the boundary. Interface: landlock(7).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from redshare.adapters.engine.protocol import WorkerConfig

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_PR_SET_NO_NEW_PRIVS = 38
_PATH_BENEATH, _NET_PORT = 1, 2
_CONNECT_TCP = 1 << 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_REFER, _TRUNCATE, _IOCTL = 1 << 13, 1 << 14, 1 << 15
_ALL_FILES = (1 << 13) - 1
_READ = _READ_FILE | _READ_DIR
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL

#: What Python, the C library and DuckDB read while running; none of it is a tenant's.
_SYSTEM = ("/usr", "/lib", "/lib64", "/proc", "/sys", "/dev/null", "/dev/urandom", "/dev/zero")
_SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/resolv.conf", "/etc/hosts")
_OPEN_FILES = 4096
#: Address space beyond the memory limit: code, thread stacks, allocator arenas, buffers in flight.
_ADDRESS_SPACE_SLACK = 16 * 1024**3


def landlock_version() -> int:
    """The kernel's version of the interface; 0: none."""
    if sys.platform != "linux":
        return 0
    version = int(_libc().syscall(_CREATE_RULESET, None, 0, 1))
    return max(0, version)


def enter_sandbox(config: WorkerConfig) -> None:
    """Narrow this process for good. Raises OSError if the kernel refuses what it offers."""
    _limit_resources(config)
    if not config.landlock:
        return
    libc = _libc()
    version = landlock_version()
    handled = _ALL_FILES
    handled |= _REFER if version >= 2 else 0
    handled |= _TRUNCATE if version >= 3 else 0
    handled |= _IOCTL if version >= 5 else 0
    ports = _CONNECT_TCP if version >= 4 else 0
    # Scopes: no abstract sockets and no signals to processes outside.
    attributes = struct.pack("=QQQ", handled, ports, 3 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = _checked(libc.syscall(_CREATE_RULESET, attributes, size, 0))
    for path, access in _paths(config):
        _allow(ruleset, path, access & handled)
    for port in config.ports if ports else ():
        rule = struct.pack("=QQ", _CONNECT_TCP, port)
        _checked(libc.syscall(_ADD_RULE, ruleset, _NET_PORT, rule, 0))
    _checked(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _checked(libc.syscall(_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _paths(config: WorkerConfig) -> Iterator[tuple[Path, int]]:
    write = _ALL_FILES | _REFER | _TRUNCATE
    for name in (*_SYSTEM, *_SYSTEM_FILES, sys.prefix, sys.base_prefix, config.extensions):
        yield Path(name), _READ
    for entry in sys.path:
        yield Path(entry), _READ
    yield Path(config.private), _READ
    yield Path(config.private) / "tmp", write
    data = Path(config.data)
    if config.system:
        yield data, write
    for right in config.rights:
        lake = data / right.lake
        if right.may_write:
            yield lake, write
        elif right.tables is None:
            yield lake, _READ
        else:
            for table in right.tables:
                yield lake / "main" / table, _READ


def _allow(ruleset: int, path: Path, access: int) -> None:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            allowed = access if path.is_dir() else access & _FILE_RIGHTS
            rule = struct.pack("=Qi", allowed, handle)
            _checked(_libc().syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0))
        finally:
            os.close(handle)


def _limit_resources(config: WorkerConfig) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_NOFILE, _OPEN_FILES)
    _lower(resource.RLIMIT_AS, 2 * config.memory_bytes + _ADDRESS_SPACE_SLACK)


def _lower(what: int, limit: int) -> None:
    _, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(what, (limit, limit))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
