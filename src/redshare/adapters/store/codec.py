"""Entities, audit rows and changes as JSON text, and back.

Each kind has one fixed name here: in rows, in the change log and in a snapshot's changes. The
text holds the entity's own version. It knows no database.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, Final, cast

import msgspec

from redshare.core.account import AccessKey, Account
from redshare.core.aws_errors import InvalidParameterValue
from redshare.core.catalog import KINDS, Change, Drop, Entity, Put
from redshare.core.cluster_event import ClusterEvent
from redshare.core.database import Database, Schema
from redshare.core.function import Function
from redshare.core.group import Group
from redshare.core.iam.identity import IamRole, IamUser, ManagedPolicy
from redshare.core.namespace import Namespace
from redshare.core.parameter_group import ParameterGroup
from redshare.core.policy import Policy
from redshare.core.relation import Relation
from redshare.core.resource_policy import ResourcePolicy
from redshare.core.role import Role
from redshare.core.share import Datashare
from redshare.core.snapshot import Snapshot
from redshare.core.subnet_group import SubnetGroup
from redshare.core.usage_breach import UsageBreach
from redshare.core.usage_limit import UsageLimit
from redshare.core.user import User
from redshare.core.warehouse import Warehouse
from redshare.ports import AuditRecord

#: Names are for ever: they stand in rows and in snapshots.
NAMES: Final[dict[type[Entity], str]] = {
    Account: "account",
    AccessKey: "access_key",
    IamUser: "iam_user",
    IamRole: "iam_role",
    ManagedPolicy: "iam_policy",
    Namespace: "namespace",
    Warehouse: "warehouse",
    User: "db_user",
    Group: "db_group",
    Role: "db_role",
    Database: "database",
    Schema: "schema",
    Relation: "relation",
    Function: "sql_function",
    Policy: "db_policy",
    Datashare: "datashare",
    ParameterGroup: "parameter_group",
    SubnetGroup: "subnet_group",
    UsageLimit: "usage_limit",
    UsageBreach: "usage_breach",
    ResourcePolicy: "resource_policy",
    ClusterEvent: "cluster_event",
    Snapshot: "cluster_snapshot",
}
KIND_OF: Final[dict[str, type[Entity]]] = {name: kind for kind, name in NAMES.items()}

#: The form of the text `encode_changes` makes.
CHANGES_FORMAT: Final = 1

_VERBS: Final[dict[str, Callable[[Entity], Change]]] = {"put": Put, "drop": Drop}
_DECODERS: Final[dict[type[Entity], msgspec.json.Decoder[Any]]] = {
    kind: msgspec.json.Decoder(kind) for kind in KINDS
}
_AUDIT: Final[msgspec.json.Decoder[AuditRecord]] = msgspec.json.Decoder(AuditRecord)


class UnreadableChanges(ValueError):
    """A snapshot's changes are not in a form this version knows; nothing of them was applied."""


def encode_entity(entity: Entity) -> str:
    """The entity as JSON. Raises InvalidParameterValue where it holds text that is not Unicode."""
    try:
        return msgspec.json.encode(entity).decode()
    except UnicodeEncodeError as error:
        raise InvalidParameterValue("The text is not valid Unicode.") from error


def decode_entity(kind: type[Entity], text: str) -> Entity:
    """What encode_entity made."""
    return cast("Entity", _DECODERS[kind].decode(text))


def encode_record(record: AuditRecord) -> str:
    """An audit row as JSON. Whatever a caller sent must be recordable."""
    try:
        return msgspec.json.encode(record, enc_hook=str).decode()
    except UnicodeEncodeError:
        text = json.dumps(msgspec.to_builtins(record, enc_hook=str), ensure_ascii=False)
        # An unpaired surrogate, which no database keeps, is recorded as a question mark.
        return text.encode("utf-8", "replace").decode()


def decode_audit(text: str) -> AuditRecord:
    """What encode_record made of an audit row."""
    return _AUDIT.decode(text)


def encode_changes(changes: Iterable[Change], audit: Iterable[AuditRecord] = ()) -> str:
    """The changes and their audit rows as text for a snapshot's extra_info."""
    rows = [msgspec.Raw(encode_record(record).encode()) for record in audit]
    return msgspec.json.encode(
        {
            "format": CHANGES_FORMAT,
            "changes": [
                {
                    "change": "put" if isinstance(change, Put) else "drop",
                    "kind": NAMES[type(change.entity)],
                    "version": change.entity.version,
                    "entity": msgspec.Raw(encode_entity(change.entity).encode()),
                }
                for change in changes
            ],
            **({"audit": rows} if rows else {}),
        }
    ).decode()


class _ChangeText(msgspec.Struct, forbid_unknown_fields=True):
    change: str
    kind: str
    version: int
    entity: msgspec.Raw


class _ChangesText(msgspec.Struct, forbid_unknown_fields=True):
    format: int
    changes: list[_ChangeText]
    audit: list[AuditRecord] = []


def decode_changes(text: str) -> tuple[tuple[Change, ...], tuple[AuditRecord, ...]]:
    """What encode_changes made. Raises UnreadableChanges."""
    try:
        read = msgspec.json.decode(text, type=_ChangesText)
    except msgspec.DecodeError as error:
        raise UnreadableChanges(f"not a list of changes: {error}") from error
    if read.format != CHANGES_FORMAT:
        raise UnreadableChanges(f"changes of format {read.format}, not {CHANGES_FORMAT}")
    return tuple(_decode_change(change) for change in read.changes), tuple(read.audit)


def _decode_change(read: _ChangeText) -> Change:
    kind, verb = KIND_OF.get(read.kind), _VERBS.get(read.change)
    if kind is None or verb is None:
        raise UnreadableChanges(f"unknown change {read.change!r} of a {read.kind!r}")
    try:
        entity = cast("Entity", _DECODERS[kind].decode(read.entity))
    except msgspec.DecodeError as error:
        raise UnreadableChanges(f"not a {read.kind}: {error}") from error
    if entity.version != read.version:
        raise UnreadableChanges(f"a {read.kind} of two versions")
    return verb(entity)
