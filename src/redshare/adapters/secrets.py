"""The port Secrets: AES-256-GCM under a master key kept in a file beside the state.

A sealed secret is: form (1 byte), nonce (12), ciphertext and tag. The key file holds 64 hexadecimal
digits; it is made with the first use, readable by its owner alone, and refused if others may read
it. Without it no access key of the installation can be verified again: back it up with the state.
"""

from __future__ import annotations

import os
import secrets
import stat
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


class UnusableMasterKey(RuntimeError):
    """The master key's file cannot be used as it is; the text says why."""


class FileSecrets:
    """Sealing under the master key in a file. Any thread may call it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._cipher: AESGCM | None = None

    def seal(self, secret: str, purpose: Purpose = Purpose.SECRET) -> bytes:
        """Encrypt. Raises UnusableMasterKey."""
        nonce = secrets.token_bytes(_NONCE)
        return _FORM + nonce + self._key().encrypt(nonce, secret.encode(), _BOUND[purpose])

    def open(self, sealed: bytes, purpose: Purpose = Purpose.SECRET) -> str:
        """Decrypt. Raises ValueError if it was changed or sealed under another key."""
        if sealed[:1] != _FORM:
            raise ValueError("the sealed secret is of an unknown form")
        nonce, ciphertext = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        try:
            return self._key().decrypt(nonce, ciphertext, _BOUND[purpose]).decode()
        except (InvalidTag, ValueError) as error:
            message = "the sealed secret was changed, or sealed under another master key"
            raise ValueError(message) from error

    def _key(self) -> AESGCM:
        with self._lock:
            if self._cipher is None:
                self._cipher = AESGCM(_read_or_make(self._path))
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
    try:
        key = bytes.fromhex(text.decode("ascii").strip())
    except ValueError as error:
        raise UnusableMasterKey(f"{path} holds no master key") from error
    if len(key) != _KEY:
        raise UnusableMasterKey(f"{path} holds no master key of {_KEY} bytes")
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
