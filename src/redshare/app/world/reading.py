"""A world from a file's data: secrets are filled in from the environment, the rest is checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from redshare.app.world.check import WorldError, check_world
from redshare.app.world.iam import PolicyDocument
from redshare.app.world.structure import World

#: A secret that the file leaves to the environment.
_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SECRETS: Final = frozenset({"secret", "password"})


def read_world(data: object, environment: Mapping[str, str]) -> World:
    """A world from the file's data. Raises WorldError naming the place."""
    try:
        filled = _filled(data, environment, "$")
        world = msgspec.convert(filled, World, dec_hook=_document)
    except msgspec.ValidationError as error:
        raise WorldError(str(error)) from error
    check_world(world)
    return world


def _document(kind: type, value: object) -> PolicyDocument:
    assert kind is PolicyDocument
    if not isinstance(value, dict):
        raise ValueError("a policy document is a mapping")  # noqa: TRY004 - msgspec names its place
    try:
        return PolicyDocument(value)
    except TypeError as error:
        raise ValueError(str(error)) from error


def _filled(data: object, environment: Mapping[str, str], place: str) -> object:
    """The data with `${NAME}` replaced, where a secret stands."""
    match data:
        case dict():
            return {
                key: _secret(value, environment, f"{place}.{key}")
                if key in _SECRETS
                else _filled(value, environment, f"{place}.{key}")
                for key, value in data.items()
            }
        case list():
            return [_filled(v, environment, f"{place}[{n}]") for n, v in enumerate(data)]
    return data


def _secret(value: Any, environment: Mapping[str, str], place: str) -> object:  # noqa: ANN401 - of a file
    found = _VARIABLE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return _filled(value, environment, place)
    try:
        return environment[found[1]]
    except KeyError as error:
        raise WorldError(f"the environment has no {found[1]} - at `{place}`") from error
