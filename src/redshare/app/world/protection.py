"""Row-level security and masking policies as a world file says them, and the statements that make
them. A policy is attached to a relation by the end of ATTACH: `TO ann`, `(b) TO ROLE r PRIORITY 1`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from redshare.app.world.part import Part
from redshare.sql.shown_ddl import name_text

#: Relation, as SQL names it -> ends of ATTACH.
Attached = Mapping[str, tuple[str, ...]]


class WorldProtection(Part, frozen=True):
    """A policy, by the statement that makes it, and where it is attached."""

    ddl: str
    attached: Attached | None = None


class WorldRowSecurity(Part, frozen=True):
    """ALTER TABLE … ROW LEVEL SECURITY."""

    enabled: bool = False
    conjunction: Literal["AND", "OR"] = "AND"
    for_datashares: bool = True


Kind = Literal["RLS", "MASKING"]
Protections = Mapping[str, WorldProtection]


def attach_statements(kind: Kind, policies: Protections | None) -> Iterator[tuple[str, str]]:
    """Each with its relation."""
    for name, policy in (policies or {}).items():
        for relation, ends in (policy.attached or {}).items():
            for end in ends:
                yield relation, f"ATTACH {kind} POLICY {name_text(name)} ON {relation} {end}"


def security_statements(
    relation: str, wanted: WorldRowSecurity, found: WorldRowSecurity
) -> Iterator[str]:
    """What makes a relation's row-level security the wanted one."""
    head = f"ALTER TABLE {relation} ROW LEVEL SECURITY"
    if wanted.for_datashares != found.for_datashares:
        yield f"{head} {'ON' if wanted.for_datashares else 'OFF'} FOR DATASHARES"
    if (wanted.enabled, wanted.conjunction) != (found.enabled, found.conjunction):
        state = "ON" if wanted.enabled else "OFF"
        yield f"{head} {state} CONJUNCTION TYPE {wanted.conjunction}"
