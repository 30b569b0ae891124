"""A namespace made of another one's entities: all under ids of its own.

Ids are unique texts, so each is replaced wherever the encoded entities name it. What others gave to
the old namespace does not apply to the new one, and nobody is a consumer of its shares yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from redshare.core.catalog import Change, Drop, Entity, Put, key_of
from redshare.core.database import Database, DatabaseKind, Schema
from redshare.core.function import Function
from redshare.core.namespace import Namespace
from redshare.core.policy import Policy
from redshare.core.relation import Relation
from redshare.core.share import INTERNAL, Datashare
from redshare.ports import Ids

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}")


def fresh_ids(entities: Iterable[Entity], ids: Ids) -> dict[str, str]:
    """For each id that must be unique among all namespaces another one."""
    return {old: new for entity in entities for old, new in _fresh(entity, ids)}


def _fresh(entity: Entity, ids: Ids) -> Iterable[tuple[str, str]]:
    match entity:
        case Namespace():
            yield entity.namespace_id, ids.guid()
        case Database():
            yield entity.database_id, ids.hex()
        case Schema():
            yield entity.schema_id, ids.hex()
        case Relation():
            yield entity.relation_id, ids.hex()
        case Function():
            yield entity.function_id, ids.hex()
        case Policy():
            yield entity.policy_id, ids.hex()
        case Datashare():
            yield entity.share_key, ids.hex()
        case _:
            pass


def renamed(contents: str, fresh: Mapping[str, str]) -> str:
    """The encoded entities with their new ids."""
    return _ID.sub(lambda match: fresh.get(match.group(), match.group()), contents)


def restored(
    entities: Iterable[Entity],
    name: str,
    now: datetime,
    applied: Mapping[str, int],
    *,
    granted: bool = False,
) -> list[Put]:
    """The entities of the new namespace; `applied` is the newest snapshot of each lake.

    `granted`: the shares still say to whom they were granted.
    """
    made = []
    for entity in entities:
        match entity:
            case Namespace():
                new: Entity = replace(entity, name=name, created=now, version=0)
            case Database(kind=DatabaseKind.LOCAL):
                newest = applied[entity.database_id]
                new = replace(entity, applied_snapshot=newest, version=0)
            case Datashare(share_type=share_type):
                if share_type == INTERNAL:
                    continue
                new = replace(entity, associations=(), version=0)
                if not granted:
                    new = replace(new, authorizations=())
            case _:
                new = replace(entity, version=0)
        made.append(Put(new))
    return made


def restored_into(
    namespace: Namespace, present: Iterable[Entity], puts: Iterable[Put]
) -> tuple[Change, ...]:
    """What makes the namespace the restored one: it keeps its GUID, its name and its tags.

    A consumer's grant survives where it was in the snapshot and is there now, of the same share;
    what was authorized and associated for it stays as it is. PUBLICACCESSIBLE is the snapshot's.
    """
    here = {(type(entity), key_of(entity)): entity for entity in present}
    made: list[Change] = []
    for put in puts:
        new = put.entity
        old = here.pop((type(new), key_of(new)), None)
        if isinstance(new, Namespace):
            new = _continued(namespace, new)
        elif isinstance(new, Datashare) and isinstance(old, Datashare):
            new = _still_granted(old, new)
        elif isinstance(new, Datashare):
            new = replace(new, authorizations=())
        made.append(Put(new if old is None else replace(new, version=old.version)))
    # Drops first: the restored databases take the names of those that end.
    return (*(Drop(entity) for entity in here.values()), *made)


def _continued(now: Namespace, then: Namespace) -> Namespace:
    return replace(
        now,
        admin_username=then.admin_username,
        default_database=then.default_database,
        next_user_id=max(now.next_user_id, then.next_user_id),
        next_share_id=max(now.next_share_id, then.next_share_id),
        next_group_id=max(now.next_group_id, then.next_group_id),
        next_role_id=max(now.next_role_id, then.next_role_id),
    )


def _still_granted(now: Datashare, then: Datashare) -> Datashare:
    granted = {entry.consumer for entry in then.authorizations}
    for entry in now.authorizations:
        if entry.consumer not in granted:
            now = now.revoke(entry.principal)
    return replace(then, authorizations=now.authorizations, associations=now.associations)
