"""Why a consumer reaches an object or does not: the conditions in order, each with its answer.

An explanation is for one asker. What the asker could not find out in another way is UNKNOWN to it,
and stands there in the same words whatever is behind it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from redshare.core.ids import AccountId, Region
from redshare.core.lifecycle import Actor
from redshare.core.privileges import Privilege


class Action(StrEnum):
    """The statements that can be asked about, in Redshift's word for the privilege they need."""

    SELECT = "SELECT"
    INSERT = "INSERT"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    TRUNCATE = "TRUNCATE"
    ALTER = "ALTER"
    DROP = "DROP"

    @property
    def privilege(self) -> Privilege:
        """What it needs on the object."""
        return Privilege(self.value)

    @property
    def writes(self) -> bool:
        """Whether both sides have to consent to writes."""
        return self is not Action.SELECT

    @property
    def rows(self) -> bool:
        """Whether rows are read or written: policies protect those."""
        return self not in {Action.ALTER, Action.DROP}


class Step(StrEnum):
    """The conditions, in the order in which they are mended."""

    OBJECT = "object"
    POLICIES = "policies"
    DATASHARE = "datashare"
    SCHEMA_SHARED = "schema in the datashare"
    OBJECT_SHARED = "object in the datashare"
    PRIVILEGE_SHARED = "privilege to the datashare"
    GRANTED = "usage granted"
    AUTHORIZED = "authorized"
    WRITES_ALLOWED = "writes allowed by the producer"
    ASSOCIATED = "associated"
    WRITES_ACCEPTED = "writes accepted by the consumer"
    ENCRYPTION = "encryption"
    ACCESSIBILITY = "public accessibility"
    USAGE_LIMIT = "usage limit"
    DATABASE = "database"
    DATABASE_USAGE = "usage of the database"
    EXTERNAL_SCHEMA = "usage of the external schema"
    SCHEMA_USAGE = "usage of the schema"
    PRIVILEGE = "privilege on the object"
    STATEMENT = "statement"


class Verdict(StrEnum):
    """Whether a condition is met."""

    HELD = "held"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SqlMend:
    """A statement, and where it is run; `database` is empty where the asker does not know it."""

    by: Actor
    statement: str
    namespace: str
    database: str = ""

    def __str__(self) -> str:
        return self.statement


@dataclass(frozen=True, slots=True)
class ApiMend:
    """An operation of the Redshift API and whose call it is; as text, the AWS CLI's command."""

    by: Actor
    account: AccountId
    operation: str
    parameters: tuple[tuple[str, str | bool], ...]
    region: Region

    def __str__(self) -> str:
        words = ["aws", "redshift", _dashed(self.operation)]
        for name, value in self.parameters:
            words.append(f"--{_dashed(name)}")
            if isinstance(value, str):
                words.append(shlex.quote(value))
        return " ".join([*words, "--region", self.region])


def _dashed(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


Mend = SqlMend | ApiMend


@dataclass(frozen=True, slots=True)
class Link:
    """One condition; `mend` is what would meet it where that is one exact action."""

    step: Step
    status: Verdict
    detail: str
    mend: Mend | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """All conditions that the question has."""

    links: tuple[Link, ...]

    @property
    def holds(self) -> bool:
        """Whether the asker knows that every condition is met."""
        return all(link.status is Verdict.HELD for link in self.links)

    @property
    def broken(self) -> Link | None:
        """The first condition that is not met."""
        return next((link for link in self.links if link.status is Verdict.BROKEN), None)


_ORDER: Final = {step: place for place, step in enumerate(Step)}
UNSEEN: Final = "not yours to see, or not decided before what is broken is mended"


@dataclass(slots=True)
class Chain:
    """An explanation in the making: each condition is answered once, in whatever order."""

    _links: dict[Step, Link] = field(default_factory=dict)

    def held(self, step: Step, detail: str) -> None:
        """The condition is met."""
        self._links[step] = Link(step, Verdict.HELD, detail)

    def broken(self, step: Step, detail: str, mend: Mend | None = None) -> None:
        """It is not."""
        self._links[step] = Link(step, Verdict.BROKEN, detail, mend)

    def say(self, step: Step, held: str | None, broken: str, mend: Mend | None = None) -> None:
        """Met, as `held` says; where that is None, not, as `broken` says."""
        if held is None:
            self.broken(step, broken, mend)
        else:
            self.held(step, held)

    def unknown(self, *steps: Step, detail: str = UNSEEN) -> None:
        """Not for this asker, unless it was answered already."""
        for step in steps:
            self._links.setdefault(step, Link(step, Verdict.UNKNOWN, detail))

    def explanation(self) -> Explanation:
        """The conditions in their order."""
        return Explanation(tuple(self._in_order()))

    def _in_order(self) -> Iterator[Link]:
        yield from sorted(self._links.values(), key=lambda link: _ORDER[link.step])
