"""Row-level security and masking policies of a database, and where they are attached.

https://docs.aws.amazon.com/redshift/latest/dg/t_rls.html
https://docs.aws.amazon.com/redshift/latest/dg/t_ddm.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from redshare.core.ids import DatabaseId, FunctionId, PolicyId, RelationId, UserId
from redshare.core.privileges import Grantee


class PolicyKind(StrEnum):
    """Which rows a user sees, or what is shown in the place of a column's values."""

    RLS = "rls"
    MASKING = "masking"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A policy on a relation for a user, a role or PUBLIC.

    A mask stands in the place of `columns` and is computed from `inputs`.
    """

    relation: RelationId
    grantee: Grantee
    grantor: UserId
    columns: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    priority: int = 0

    @property
    def place(self) -> tuple[RelationId, Grantee, tuple[str, ...]]:
        """What DETACH names it by."""
        return self.relation, self.grantee, self.columns


@dataclass(frozen=True, slots=True)
class Lookup:
    """A table that a policy's text names: it means that one, with these columns, for ever."""

    name: tuple[str, ...]
    relation: RelationId
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """`parameters` are WITH's: a name and a type each. `body` is the text in USING's brackets.

    `lookups` and `functions` are what the text names; it reads those lookup tables that it was
    granted.
    """

    policy_id: PolicyId
    database: DatabaseId
    kind: PolicyKind
    name: str
    parameters: tuple[tuple[str, str], ...]
    body: str
    modified_by: UserId
    modified: datetime
    alias: str = ""
    #: Whether quoted names in the text keep their letter case.
    case_sensitive: bool = False
    attachments: tuple[Attachment, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    functions: tuple[FunctionId, ...] = ()
    granted: tuple[RelationId, ...] = ()
    version: int = 0

    def on(self, relation: RelationId) -> tuple[Attachment, ...]:
        """Its attachments to a relation."""
        return tuple(a for a in self.attachments if a.relation == relation)

    def attached(self, made: Attachment) -> Policy:
        """With one more."""
        return replace(self, attachments=(*self.attachments, made))

    def detached(self, gone: Iterable[Attachment]) -> Policy:
        """Without those."""
        places = {a.place for a in gone}
        return replace(
            self, attachments=tuple(a for a in self.attachments if a.place not in places)
        )

    def names(self, key: str) -> bool:
        """Whether its text names a relation or a function."""
        return key in self.functions or any(lookup.relation == key for lookup in self.lookups)

    def granting(self, relation: RelationId) -> Policy:
        """It may read the table."""
        return replace(self, granted=tuple(dict.fromkeys((*self.granted, relation))))

    def revoking(self, relation: RelationId) -> Policy:
        """It may not read the table any more."""
        return replace(self, granted=tuple(key for key in self.granted if key != relation))

    def uses(self, relation: RelationId, column: str) -> bool:
        """Whether it reads or replaces a column of a relation it is attached to."""
        if self.kind is PolicyKind.RLS:
            return bool(self.on(relation)) and any(name == column for name, _ in self.parameters)
        return any(column in (*a.columns, *a.inputs) for a in self.on(relation))
