"""The world file on disk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from redshare.app.world import World, WorldAccount, WorldError, WorldKey, read_world
from redshare.app.world.iam import PolicyDocument


def load_world(path: Path) -> World:
    """Raises WorldError naming the file and the place in it."""
    try:
        data = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 - a SafeLoader
        return read_world(data, os.environ)
    except OSError as error:
        raise WorldError(f"{path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise WorldError(f"{path}: {' '.join(str(error).split())}") from error
    except WorldError as error:
        raise WorldError(f"{path}: {error}") from error


def load_keys(path: Path) -> tuple[World, str | None]:
    """Accounts with their keys, of a world file or of the line that `serve --json` printed, which
    has the endpoint too. Raises WorldError.
    """
    try:
        ready = msgspec.json.decode(path.read_bytes(), type=_Ready)
    except OSError as error:
        raise WorldError(f"{path}: {error.strerror}") from error
    except msgspec.MsgspecError:
        return load_world(path), None
    accounts = {
        a.account_id: WorldAccount(access_keys=(WorldKey(a.access_key_id, a.secret_access_key),))
        for a in ready.accounts
    }
    return World(accounts, ready.region), ready.endpoint


def dump_world(world: World) -> str:
    """As YAML; statements over several lines stay readable."""
    data = {"region": world.region, **msgspec.to_builtins(world, enc_hook=_document)}
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def _document(value: Any) -> Any:  # noqa: ANN401 - msgspec's
    assert isinstance(value, PolicyDocument)
    return value.value


class _ReadyAccount(msgspec.Struct):
    account_id: str
    access_key_id: str
    secret_access_key: str


class _Ready(msgspec.Struct):
    endpoint: str
    region: str
    accounts: list[_ReadyAccount]


class _Loader(yaml.SafeLoader):
    """Dates stay texts: policies have them (`Version: 2012-10-17`)."""


_TIMESTAMP: Final = "tag:yaml.org,2002:timestamp"
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Dumper(yaml.SafeDumper):
    """Texts of several lines stand as they are; no aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ANN401 - any node
        """Whatever appears twice is written twice."""
        return bool(data) or True


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)
