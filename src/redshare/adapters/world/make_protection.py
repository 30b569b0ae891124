"""Row-level security and masking policies that are missing, and their attachments: what a relation
is protected by is there before anybody is let at it.
"""

from __future__ import annotations

from collections.abc import Iterator

from redshare.adapters.world.make_local import LocalMaker, said
from redshare.adapters.world.warehouse_sql import Step
from redshare.app.world import WorldNamespace
from redshare.app.world.protection import (
    Kind,
    Protections,
    WorldRowSecurity,
    attach_statements,
    security_statements,
)
from redshare.app.world.structure import WorldDatabase
from redshare.sql.shown_ddl import name_text


class ProtectionMaker:
    """The protecting side of one namespace."""

    def __init__(self, found: WorldNamespace, local: LocalMaker) -> None:
        self._found = found
        self._local = local
        self._waiting = {
            name: [*self._security(name, database), *self._attachments(name, database)]
            for name, database in local.local()
        }

    def policies(self) -> Iterator[str]:
        """CREATE POLICY."""
        for name, database in self._local.local():
            steps = [
                step
                for _, wanted, found in self._kinds(name, database)
                for step in _made(wanted, found)
            ]
            yield from self._local.sql.execute(name, steps)

    def protections(self) -> Iterator[str]:
        """ATTACH and ROW LEVEL SECURITY of the relations that are there by now."""
        for name, _ in self._local.local():
            missing = self._local.waiting_relations(name)
            ready = [step for relation, step in self._waiting[name] if relation not in missing]
            self._waiting[name] = [each for each in self._waiting[name] if each[0] in missing]
            yield from self._local.sql.execute(name, ready)

    # --- how ------------------------------------------------------------------------------

    def _kinds(
        self, name: str, database: WorldDatabase
    ) -> Iterator[tuple[Kind, Protections, Protections]]:
        found = (self._found.databases or {}).get(name, WorldDatabase())
        yield "RLS", database.rls_policies or {}, found.rls_policies or {}
        yield "MASKING", database.masking_policies or {}, found.masking_policies or {}

    def _attachments(self, name: str, database: WorldDatabase) -> Iterator[tuple[str, Step]]:
        for kind, wanted, found in self._kinds(name, database):
            have = set(attach_statements(kind, found))
            for relation, statement in attach_statements(kind, wanted):
                if (relation, statement) not in have:
                    yield relation, said(statement)

    def _security(self, name: str, database: WorldDatabase) -> Iterator[tuple[str, Step]]:
        found = self._local.found_schemas(name)
        for schema, part in (database.schemas or {}).items():
            known = (found[schema].relations or {}) if schema in found else {}
            for relation, each in (part.relations or {}).items():
                old = known[relation].row_level_security if relation in known else None
                text = f"{name_text(schema)}.{name_text(relation)}"
                for statement in security_statements(
                    text, each.row_level_security, old or WorldRowSecurity()
                ):
                    yield text, said(statement)


def _made(wanted: Protections, found: Protections) -> Iterator[Step]:
    return (said(policy.ddl) for name, policy in wanted.items() if name not in found)
