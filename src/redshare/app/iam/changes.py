"""A change of IAM: decided on the newest catalogue, committed with its audit row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from redshare.app.caller import Call, Caller
from redshare.app.work import Work
from redshare.core.catalog import Catalog, Change, Entity
from redshare.ports import Commit

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Made(Generic[Answer]):
    """What a decision makes of the catalogue; `guards` must still be as they were read."""

    answer: Answer
    #: What the audit says was changed.
    resource: str
    changes: tuple[Change, ...]
    guards: tuple[Entity, ...] = ()


def change(
    work: Work,
    caller: Caller,
    operation: str,
    parameters: Mapping[str, Any],
    decision: Callable[[Catalog], Made[Answer]],
) -> Answer:
    """Commit what `decision` makes. Raises what it does, StaleState."""

    def decided(catalog: Catalog) -> tuple[Commit, Answer]:
        made = decision(catalog)
        said = {name: value for name, value in parameters.items() if value}
        call = Call(caller, work.clock.now(), operation, made.resource, said, "iam")
        return Commit(made.changes, made.guards, (call.audit(),)), made.answer

    return work.decide(decided)
