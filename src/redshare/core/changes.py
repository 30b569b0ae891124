"""The changes of one transaction, folded to at most one an entity."""

from __future__ import annotations

from collections.abc import Iterable

from redshare.core.catalog import Change, Drop, Entity, Key, Put, key_of


def fold(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The last word on each entity, in the order of the first.

    What a transaction makes and drops again never was; what it drops and makes again under another
    key is two entities, so no Put follows a Drop of the same key.
    """
    folded: dict[tuple[type[Entity], Key], Change] = {}
    for change in changes:
        where = (type(change.entity), key_of(change.entity))
        folded[where] = change
        if isinstance(change, Drop) and change.entity.version == 0:
            del folded[where]
    # Drops first: a name that is freed may be taken by a Put of the same transaction.
    return tuple(c for c in folded.values() if isinstance(c, Drop)) + tuple(
        c for c in folded.values() if isinstance(c, Put)
    )
