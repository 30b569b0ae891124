"""Row-level security and masking policies of a database, and where they are attached.

https://docs.aws.amazon.com/redshift/latest/dg/t_rls.html
https://docs.aws.amazon.com/redshift/latest/dg/t_ddm.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from redshare.core.ids import DatabaseId, FunctionId, PolicyId, RelationId, UserId
from redshare.core.privileges import Grantee


class PolicyKind(StrEnum):
    """Which rows a user sees, or what is shown in the place of a column's values."""

    RLS = "rls"
    MASKING = "masking"


#: A column, and the attributes that lead into its SUPER value where it is not meant whole.
Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A policy on a relation for a user, a role or PUBLIC.

    A mask stands in the place of `columns` and is computed from `inputs`: of all of them or, where
    there are paths, of what lies behind these attributes.
    """

    relation: RelationId
    grantee: Grantee
    grantor: UserId
    columns: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    priority: int = 0
    paths: tuple[tuple[str, ...], ...] = ()
    input_paths: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def of(
        cls,
        relation: RelationId,
        grantee: Grantee,
        grantor: UserId,
        outputs: Sequence[Place],
        sources: Sequence[Place],
        priority: int,
    ) -> Self:
        """One with its places."""
        return cls(
            relation,
            grantee,
            grantor,
            tuple(place[0] for place in outputs),
            tuple(place[0] for place in sources),
            priority,
            tuple(place[1:] for place in outputs) if any(len(p) > 1 for p in outputs) else (),
            tuple(place[1:] for place in sources) if any(len(p) > 1 for p in sources) else (),
        )

    @property
    def outputs(self) -> tuple[Place, ...]:
        """Where the mask stands."""
        return _places(self.columns, self.paths)

    @property
    def sources(self) -> tuple[Place, ...]:
        """What it is computed from."""
        return _places(self.inputs, self.input_paths)

    @property
    def place(self) -> tuple[RelationId, Grantee, tuple[Place, ...]]:
        """What DETACH names it by."""
        return self.relation, self.grantee, self.outputs


def _places(columns: tuple[str, ...], paths: tuple[tuple[str, ...], ...]) -> tuple[Place, ...]:
    if not paths:
        return tuple((column,) for column in columns)
    return tuple((column, *path) for column, path in zip(columns, paths, strict=True))


def overlap(one: Place, other: Place) -> bool:
    """Whether one lies within the other."""
    least = min(len(one), len(other))
    return one[:least] == other[:least]


@dataclass(frozen=True, slots=True, order=True)
class AppliedPolicy:
    """What row-level security a statement met; without a policy for the user no row is there."""

    database: str
    schema: str
    relation: str
    policy: str = ""


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
