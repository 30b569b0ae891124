"""Sealing under the master key, and the small adapters of time and chance."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from redshare.adapters.clock import SystemClock
from redshare.adapters.ids import RandomIds
from redshare.adapters.secrets import (
    KeySource,
    Sealer,
    UnusableMasterKey,
    key_command,
    key_file,
    key_text,
)
from redshare.ports import Purpose


def test_a_sealed_secret_opens_again(tmp_path: Path) -> None:
    """What was sealed is opened by this and every later process on the same key."""
    sealed = Sealer(key_file(tmp_path / "key")).seal("producer-secret é")
    assert Sealer(key_file(tmp_path / "key")).open(sealed) == "producer-secret é"
    assert b"producer" not in sealed


def test_two_seals_of_one_secret_differ(tmp_path: Path) -> None:
    """Nobody sees from two seals that their secrets are equal."""
    secrets = Sealer(key_file(tmp_path / "key"))
    assert secrets.seal("x") != secrets.seal("x")


def test_every_changed_byte_is_noticed(tmp_path: Path) -> None:
    """A seal with any one byte changed, cut or added does not open."""
    secrets = Sealer(key_file(tmp_path / "key"))
    sealed = secrets.seal("secret")
    changed = [
        sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :] for at in range(len(sealed))
    ]
    for wrong in [*changed, *(sealed[:at] for at in range(len(sealed))), sealed + b"\0"]:
        with pytest.raises(ValueError, match="sealed secret"):
            secrets.open(wrong)


def test_another_key_does_not_open(tmp_path: Path) -> None:
    """A secret sealed under another master key does not open."""
    sealed = Sealer(key_file(tmp_path / "one")).seal("secret")
    with pytest.raises(ValueError, match="another master key"):
        Sealer(key_file(tmp_path / "two")).open(sealed)


def test_the_key_is_its_owners_alone(tmp_path: Path) -> None:
    """The key's file is made with mode 0600 and nothing is left beside it."""
    Sealer(key_file(tmp_path / "key")).seal("x")
    assert [path.name for path in tmp_path.iterdir()] == ["key"]
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_many_make_one_key(tmp_path: Path) -> None:
    """Processes that make the key at once all use the same one."""
    with ThreadPoolExecutor(8) as pool:
        sealed = list(pool.map(lambda _: Sealer(key_file(tmp_path / "key")).seal("x"), range(8)))
    assert [Sealer(key_file(tmp_path / "key")).open(each) for each in sealed] == ["x"] * 8


def test_a_key_others_may_read_is_refused(tmp_path: Path) -> None:
    """A key file readable by others is not used."""
    Sealer(key_file(tmp_path / "key")).seal("x")
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(UnusableMasterKey, match="chmod 600"):
        Sealer(key_file(tmp_path / "key")).seal("x")


@pytest.mark.parametrize("text", ["", "no key", "00ff", "é"])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    """A damaged key file is never replaced by a new key."""
    (tmp_path / "key").write_text(text)
    (tmp_path / "key").chmod(0o600)
    with pytest.raises(UnusableMasterKey, match="holds no master key"):
        Sealer(key_file(tmp_path / "key")).seal("x")
    assert (tmp_path / "key").read_text() == text


def test_the_clock_tells_utc() -> None:
    """The time has its zone, UTC."""
    assert SystemClock().now().tzinfo is UTC
    assert SystemClock().now().utcoffset() == timedelta()


def test_ids_have_their_forms() -> None:
    """GUIDs, hexadecimal digits and random bytes are of the promised forms and never repeat."""
    ids = RandomIds()
    assert re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", ids.guid()
    )
    assert re.fullmatch(r"[0-9a-f]{32}", ids.hex())
    assert len(ids.secret(40)) == 40
    assert len({ids.guid() for _ in range(100)} | {ids.hex() for _ in range(100)}) == 200


def test_a_seal_is_for_one_purpose(tmp_path: Path) -> None:
    """What was sealed as a secret does not open as a session, nor the other way."""
    secrets = Sealer(key_file(tmp_path / "key"))
    for made, other in (
        (Purpose.SECRET, Purpose.SESSION),
        (Purpose.SESSION, Purpose.SECRET),
    ):
        sealed = secrets.seal("x", made)
        assert secrets.open(sealed, made) == "x"
        with pytest.raises(ValueError, match="changed"):
            secrets.open(sealed, other)


def test_a_key_from_elsewhere(tmp_path: Path) -> None:
    """A variable's key and a command's key are the file's, if they are the same digits."""
    sealed = Sealer(key_file(tmp_path / "key")).seal("x")
    digits = (tmp_path / "key").read_text()
    assert Sealer(key_text(digits)).open(sealed) == "x"
    assert Sealer(key_command(f"cat '{tmp_path / 'key'}'")).open(sealed) == "x"


@pytest.mark.parametrize(
    "source",
    [
        key_text("00"),
        key_text("no digits"),
        key_command("false"),
        key_command("echo 00"),
        key_command("/nowhere/to/be/found"),
        key_command("'"),
    ],
)
def test_what_is_no_key(source: KeySource) -> None:
    """Is told as such."""
    with pytest.raises(UnusableMasterKey):
        Sealer(source).seal("x")
