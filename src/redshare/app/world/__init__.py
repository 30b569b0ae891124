"""The world file: what a person or a test declares of accounts, namespaces and all that is shared
between them; applied again and again to the same effect.
"""

from __future__ import annotations

from redshare.app.world.check import WorldError
from redshare.app.world.difference import differences
from redshare.app.world.ensure import apply_user_keys, apply_world
from redshare.app.world.reading import read_world
from redshare.app.world.structure import (
    World,
    WorldAccount,
    WorldAdmin,
    WorldKey,
    WorldNamespace,
)

__all__ = [
    "World",
    "WorldAccount",
    "WorldAdmin",
    "WorldError",
    "WorldKey",
    "WorldNamespace",
    "apply_user_keys",
    "apply_world",
    "differences",
    "read_world",
]
