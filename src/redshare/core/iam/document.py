"""A policy document as values: what `parse` makes and `statement` asks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

from redshare.core.iam.template import Template
from redshare.core.iam.wildcard import Pattern


class Effect(StrEnum):
    """What a statement does where it applies."""

    ALLOW = "Allow"
    DENY = "Deny"


class Quantifier(Enum):
    """How a condition reads a key of several values."""

    NONE = ""
    ANY = "ForAnyValue"
    ALL = "ForAllValues"


@dataclass(frozen=True, slots=True)
class Condition:
    """One key of one operator: `ForAllValues:StringLikeIfExists` is all three of its parts."""

    operator: str
    quantifier: Quantifier
    if_exists: bool
    #: In lower case.
    key: str
    values: tuple[Template, ...]


@dataclass(frozen=True, slots=True)
class PrincipalElement:
    """Principal or NotPrincipal: (kind, value) pairs such as ("AWS", "111111111111")."""

    entries: tuple[tuple[str, str], ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. `resources` None: the policy hangs on its resource and names none."""

    index: int
    sid: str
    effect: Effect
    #: In lower case, as they are compared.
    actions: tuple[Pattern, ...]
    not_action: bool
    resources: tuple[Template, ...] | None
    not_resource: bool
    principal: PrincipalElement | None
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A policy's statements in their order."""

    statements: tuple[Statement, ...]
