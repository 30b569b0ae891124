"""The port Secrets: AES-256-GCM under a master key.

A sealed secret is: form (1 byte), nonce (12), ciphertext and tag. A master key is 64 hexadecimal
digits: in a file beside the state, in a variable, or what a command prints (which is how a key
management service is asked). The file is made with the first use, readable by its owner alone, and
refused if others may read it. Without its key no access key of the installation can be verified
again: back it up with the state.
"""

from __future__ import annotations

import os
import secrets
import shlex
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from redshare.adapters.sync import sync_directory
from redshare.ports import Purpose

_FORM: Final = b"\x01"
_NONCE: Final = 12
#: Bound into each seal, so that a text sealed for another purpose under the key does not open.
_BOUND: Final = {
    Purpose.SECRET: b"redshare sealed secret 1",
    Purpose.SESSION: b"redshare session token 1",
}
_KEY: Final = 32
#: What a command may take: a key management service answers in one or two.
COMMAND_SECONDS: Final = 60


class UnusableMasterKey(RuntimeError):
    """The master key's file cannot be used as it is; the text says why."""


#: Where the master key comes from; asked once. Raises UnusableMasterKey.
KeySource = Callable[[], bytes]


def key_file(path: Path) -> KeySource:
    """The key in a file, which is made if it is not there."""
    return lambda: _read_or_make(path)


def key_text(text: str) -> KeySource:
    """The key itself."""
    return lambda: _key(text, "the master key")


def key_command(command: str) -> KeySource:
    """The key that a command prints. It is run without a shell."""

    def ask() -> bytes:
        try:
            done = subprocess.run(
                shlex.split(command),
                capture_output=True,
                check=True,
                text=True,
                timeout=COMMAND_SECONDS,
            )
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            raise UnusableMasterKey(f"the command for the master key failed: {error}") from error
        return _key(done.stdout, "the command for the master key")

    return ask


class Sealer:
    """Sealing under a master key. Any thread may call it."""

    def __init__(self, source: KeySource) -> None:
        self._source = source
        self._lock = Lock()
        self._cipher: AESGCM | None = None

    def seal(self, secret: str, purpose: Purpose = Purpose.SECRET) -> bytes:
        """Encrypt. Raises UnusableMasterKey."""
        nonce = secrets.token_bytes(_NONCE)
        return _FORM + nonce + self._opened().encrypt(nonce, secret.encode(), _BOUND[purpose])

    def open(self, sealed: bytes, purpose: Purpose = Purpose.SECRET) -> str:
        """Decrypt. Raises ValueError if it was changed or sealed under another key."""
        if sealed[:1] != _FORM:
            raise ValueError("the sealed secret is of an unknown form")
        nonce, ciphertext = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        try:
            return self._opened().decrypt(nonce, ciphertext, _BOUND[purpose]).decode()
        except (InvalidTag, ValueError) as error:
            message = "the sealed secret was changed, or sealed under another master key"
            raise ValueError(message) from error

    def _opened(self) -> AESGCM:
        with self._lock:
            if self._cipher is None:
                self._cipher = AESGCM(self._source())
            return self._cipher


def _read_or_make(path: Path) -> bytes:
    try:
        return _read(path)
    except FileNotFoundError:
        _make(path)
        return _read(path)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            raise UnusableMasterKey(f"others may read the master key {path}: chmod 600 it")
        text = file.read()
    return _key(text.decode("ascii", "replace"), str(path))


def _key(text: str, where: str) -> bytes:
    try:
        key = bytes.fromhex(text.strip())
    except ValueError as error:
        raise UnusableMasterKey(f"{where} holds no master key") from error
    if len(key) != _KEY:
        raise UnusableMasterKey(f"{where} holds no master key of {_KEY} bytes")
    return key


def _make(path: Path) -> None:
    """Write a fresh key under a name of its own, then link it: never half a key, never two."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY).hex().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            return  # another process was first: its key counts
    finally:
        draft.unlink()
        sync_directory(path.parent)
