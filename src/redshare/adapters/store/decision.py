"""What a unit of work makes of a catalogue: the rows to write, or why it may not.

Every store asks here, under its own lock, so they all refuse the same things. It is pure.

Versions: an entity is stored in version 1 at first, each Put adds one. A Put, Drop or guard names
the version it was decided on; 0 is "not there".
Database.applied_snapshot belongs to the store: no Put sets it back, and moving it is no new version
of the database, so a decision on the database stays good while its lake grows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from redshare.adapters.store.codec import encode_entity
from redshare.core.aws_errors import InvalidParameterValue
from redshare.core.catalog import Catalog, Change, Drop, Entity, Key, Put, key_of, name_of
from redshare.core.database import Database
from redshare.core.errors import DuplicateName, StaleState
from redshare.core.ids import DatabaseId
from redshare.ports import AuditRecord, Commit


@dataclass(frozen=True, slots=True)
class Write:
    """One row: `old` is the entity it replaces, `new` what it becomes, `body` its text."""

    old: Entity | None
    new: Entity | None
    body: str = ""

    @property
    def entity(self) -> Entity:
        """Whichever there is."""
        entity = self.new or self.old
        assert entity is not None, "a write of nothing"
        return entity

    @property
    def change(self) -> Change:
        """The same for a catalogue."""
        return Drop(self.entity) if self.new is None else Put(self.new)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that one unit of work writes."""

    writes: tuple[Write, ...] = ()
    audit: tuple[AuditRecord, ...] = ()

    def on(self, catalog: Catalog) -> Catalog:
        """The catalogue after it; the same one where it writes no entity."""
        if not self.writes:
            return catalog
        return catalog.after((write.change for write in self.writes), catalog.version + 1)


def of_commit(catalog: Catalog, commit: Commit) -> Plan:
    """The plan of a commit. Raises StaleState, DuplicateName, InvalidParameterValue."""
    for guard in commit.guards:
        if _stored_version(catalog, guard) != guard.version:
            raise StaleState
    for change in commit.changes:
        if _stored_version(catalog, change.entity) != change.entity.version:
            raise StaleState
    _require_one_change_each(commit.changes)
    _require_free_names(catalog, commit.changes)
    writes = [write for change in commit.changes for write in _write(catalog, change)]
    if commit.lake_snapshot is not None:
        writes = _advanced(catalog, writes, *commit.lake_snapshot)
    return Plan(_with_bodies(writes), commit.audit)


def of_recovery(
    catalog: Catalog,
    database: DatabaseId,
    snapshot: int,
    changes: Iterable[Change],
    audit: tuple[AuditRecord, ...] = (),
) -> Plan:
    """The plan of a snapshot's changes the store may not have seen.

    Of each change only what still fits is made: not an entity that was changed since, nor a name
    that someone took since.
    """
    stored = catalog.database(database)
    if stored is None or stored.applied_snapshot >= snapshot:
        return Plan()
    fitting: list[Change] = []
    for change in changes:
        if _stored_version(catalog, change.entity) != change.entity.version:
            continue
        try:
            _require_free_names(catalog, [*fitting, change])
        except DuplicateName:
            continue
        fitting.append(change)
    writes = [write for change in fitting for write in _write(catalog, change)]
    return Plan(_with_bodies(_advanced(catalog, writes, database, snapshot)), audit)


def _stored(catalog: Catalog, entity: Entity) -> Entity | None:
    stored: Entity | None = catalog.get(type(entity), key_of(entity))
    return stored


def _stored_version(catalog: Catalog, entity: Entity) -> int:
    stored = _stored(catalog, entity)
    return 0 if stored is None else stored.version


def _require_one_change_each(changes: Iterable[Change]) -> None:
    seen: set[tuple[type[Entity], Key]] = set()
    for change in changes:
        where = (type(change.entity), key_of(change.entity))
        if where in seen:
            raise ValueError(f"two changes of one entity in a commit: {where[0].__name__}")
        seen.add(where)


def _require_free_names(catalog: Catalog, changes: Iterable[Change]) -> None:
    changes = tuple(changes)
    touched = {(type(change.entity), key_of(change.entity)) for change in changes}
    taken: set[tuple[type[Entity], tuple[str, ...]]] = set()
    for change in changes:
        if isinstance(change, Drop):
            continue
        kind, name = type(change.entity), name_of(change.entity)
        if any("\0" in part for part in name):
            raise InvalidParameterValue("A name holds a NUL character.")
        owner = catalog.names[kind].get(name[0], {}).get(name[1:])
        # An owner that is dropped or renamed by these changes gives the name up.
        if (kind, name) in taken or (owner is not None and (kind, owner) not in touched):
            raise DuplicateName(kind.__name__, name[-1])
        taken.add((kind, name))


def _write(catalog: Catalog, change: Change) -> Iterator[Write]:
    old, entity = _stored(catalog, change.entity), change.entity
    if isinstance(change, Drop):
        if old is not None:
            yield Write(old, None)
        return
    new = replace(entity, version=entity.version + 1)
    if isinstance(new, Database) and isinstance(old, Database):
        new = replace(new, applied_snapshot=max(new.applied_snapshot, old.applied_snapshot))
    yield Write(old, new)


def _advanced(
    catalog: Catalog, writes: list[Write], database: DatabaseId, snapshot: int
) -> list[Write]:
    """With the database's applied snapshot moved; one that is dropped has none to move."""
    for at, write in enumerate(writes):
        if isinstance(write.entity, Database) and write.entity.database_id == database:
            if isinstance(write.new, Database) and write.new.applied_snapshot < snapshot:
                writes[at] = Write(write.old, replace(write.new, applied_snapshot=snapshot))
            return writes
    stored = catalog.database(database)
    if stored is None or stored.applied_snapshot >= snapshot:
        return writes
    return [*writes, Write(stored, replace(stored, applied_snapshot=snapshot))]


def _with_bodies(writes: Iterable[Write]) -> tuple[Write, ...]:
    return tuple(
        write if write.new is None else replace(write, body=encode_entity(write.new))
        for write in writes
    )
