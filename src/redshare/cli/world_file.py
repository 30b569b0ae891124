"""The world file on disk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec
import yaml

from redshare.app.world import World, WorldError, read_world


def load_world(path: Path) -> World:
    """Raises WorldError naming the file and the place in it."""
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
        return read_world(data, os.environ)
    except OSError as error:
        raise WorldError(f"{path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise WorldError(f"{path}: {' '.join(str(error).split())}") from error
    except WorldError as error:
        raise WorldError(f"{path}: {error}") from error


def dump_world(world: World) -> str:
    """As YAML; statements over several lines stay readable."""
    data = msgspec.to_builtins(world)
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


class _Dumper(yaml.SafeDumper):
    """Texts of several lines stand as they are; no aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ANN401 - any node
        """Whatever appears twice is written twice."""
        return bool(data) or True


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)
