"""What a unit of work holds while it is staged: the entities and names it touches, as numbers.

Each entity and each name falls into one of a fixed number of buckets, so that no unit of work,
however large, fills PostgreSQL's lock table. Two that share a bucket by chance wait for each other
and lose nothing. Buckets are always taken in ascending order: no two wait in a circle.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

from redshare.adapters.store.codec import NAMES
from redshare.core.catalog import Change, Entity, Put, key_of, name_of
from redshare.ports import Commit

#: A third of the lock table of a PostgreSQL with its default settings (64 x 100).
BUCKETS: Final = 2048

#: bucket -> whether it is held alone; a guard shares it with other guards.
Locks = Mapping[int, bool]


def locks_of(commit: Commit) -> Locks:
    """The buckets of a commit, ascending."""
    found = dict.fromkeys((_key(guard) for guard in commit.guards), False)
    for change in commit.changes:
        found.update(dict.fromkeys(_buckets(change), True))
    return dict(sorted(found.items()))


def _buckets(change: Change) -> tuple[int, ...]:
    if isinstance(change, Put):
        return _key(change.entity), _bucket(
            "name", NAMES[type(change.entity)], *name_of(change.entity)
        )
    return (_key(change.entity),)


def _key(entity: Entity) -> int:
    return _bucket("key", NAMES[type(entity)], key_of(entity))


def _bucket(*parts: str) -> int:
    text = "\0".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big") % BUCKETS
