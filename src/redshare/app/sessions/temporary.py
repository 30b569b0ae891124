"""A session's temporary schema and tables: laid over the published catalogue, in no store.

Their rows are tables of the lake, so a transaction commits or undoes them with everything else;
the entities are this session's alone, so no other session can name them. What a killed node leaves
in a lake is removed when the next one starts (app/recovery.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from redshare.core.catalog import Catalog, Change, Drop, Entity, Key, Put, key_of
from redshare.core.database import Schema
from redshare.core.ids import DatabaseId, SchemaId, UserId
from redshare.core.relation import Relation


def is_temporary(change: Change) -> bool:
    """Whether a change is the session's own."""
    entity = change.entity
    return isinstance(entity, Schema | Relation) and entity.temporary


class TemporaryObjects:
    """What is committed of them; a transaction's pending changes are the transaction's."""

    def __init__(
        self, key: SchemaId, database: DatabaseId | None, owner: UserId, session: int
    ) -> None:
        self._schema = None
        if database is not None:
            self._schema = Schema(key, database, f"pg_temp_{session}", owner, temporary=True)
        self._kept: dict[tuple[type[Entity], Key], Entity] = {}
        self._laid: tuple[Catalog, Catalog] | None = None

    @property
    def schema(self) -> Schema | None:
        """The schema, whether it was made yet or not; None where no local database is."""
        for entity in self._kept.values():
            if isinstance(entity, Schema):
                return entity
        return self._schema

    @property
    def relations(self) -> Iterator[Relation]:
        """The tables there are."""
        return (entity for entity in self._kept.values() if isinstance(entity, Relation))

    def over(self, published: Catalog) -> Catalog:
        """The catalogue as this session sees it."""
        if not self._kept:
            return published
        if self._laid is None or self._laid[0] is not published:
            changes = [Put(entity) for entity in self._kept.values()]
            self._laid = published, published.after(changes)
        return self._laid[1]

    def apply(self, changes: Iterable[Change]) -> None:
        """What a transaction has made durable."""
        for change in changes:
            entity = change.entity
            assert isinstance(entity, Schema | Relation)
            where = (type(entity), key_of(entity))
            if isinstance(change, Drop):
                self._kept.pop(where, None)
            else:
                # A version of its own, so that dropping it later is not taken for undoing.
                self._kept[where] = replace(entity, version=entity.version + 1)
            self._laid = None
