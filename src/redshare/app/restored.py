"""A namespace made of another one's entities: all under ids of its own.

Ids are unique texts, so each is replaced wherever the encoded entities name it. What others gave to
the old namespace does not apply to the new one, and nobody is a consumer of its shares yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from redshare.core.catalog import Entity, Put
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
    entities: Iterable[Entity], name: str, now: datetime, applied: Mapping[str, int]
) -> list[Put]:
    """The entities of the new namespace; `applied` is the newest snapshot of each lake."""
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
                new = replace(entity, authorizations=(), associations=(), version=0)
            case _:
                new = replace(entity, version=0)
        made.append(Put(new))
    return made
