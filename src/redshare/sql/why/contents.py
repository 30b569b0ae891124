"""What of an object is in a share: its schema, itself, and the privilege TO DATASHARE."""

from __future__ import annotations

from dataclasses import dataclass

from redshare.core.catalog import Catalog
from redshare.core.contents import SharedRelation, SharedSchema
from redshare.core.explanation import Action, Chain, SqlMend, Step
from redshare.core.lifecycle import Actor
from redshare.core.privileges import Privilege
from redshare.core.relation import Relation
from redshare.core.share import Datashare
from redshare.sql.policy.applied import hidden_from_consumers, read_through
from redshare.sql.shown_ddl import name_text


@dataclass(frozen=True, slots=True)
class SharedObject:
    """An object by the producer's names; `database` is empty where the asker does not know it."""

    share: Datashare
    schema: str
    name: str
    action: Action
    database: str = ""

    @property
    def share_name(self) -> str:
        """The share as a statement names it."""
        return name_text(self.share.name)

    @property
    def place(self) -> str:
        """The object as a statement in its database names it."""
        return f"{name_text(self.schema)}.{name_text(self.name)}"

    def mend(self, statement: str) -> SqlMend:
        """A statement of the producer."""
        return SqlMend(Actor.PRODUCER_SQL, statement, self.share.namespace, self.database)

    def explain_schema(self, chain: Chain, member: SharedSchema | None) -> bool:
        """The schema with USAGE; whether it is there."""
        held = member is not None and Privilege.USAGE in member.privileges
        chain.say(
            Step.SCHEMA_SHARED,
            f"{self.schema} is in {self.share.name}" if held else None,
            f"{self.share.name} has no schema {self.schema} with USAGE",
            self.mend(f"ALTER DATASHARE {self.share_name} ADD SCHEMA {name_text(self.schema)}"),
        )
        return held

    def explain_object(self, chain: Chain, member: SharedRelation | None) -> bool:
        """The object; whether it is there. ADD TABLE would give SELECT as well."""
        if self.action is Action.SELECT:
            mend = f"ALTER DATASHARE {self.share_name} ADD TABLE {self.place}"
        else:
            mend = self._grant()
        chain.say(
            Step.OBJECT_SHARED,
            f"{self.place} is in {self.share.name}" if member is not None else None,
            f"{self.share.name} does not contain {self.place}",
            self.mend(mend),
        )
        return member is not None

    def explain_privilege(self, chain: Chain, member: SharedRelation | None) -> None:
        """The action's privilege TO DATASHARE, which is every consumer's of the share."""
        privilege = self.action.privilege
        held = member is not None and privilege in member.privileges
        chain.say(
            Step.PRIVILEGE_SHARED,
            f"{self.share.name} has {privilege} on {self.place}" if held else None,
            f"{self.share.name} has no {privilege} on {self.place}",
            self.mend(self._grant()),
        )

    def _grant(self) -> str:
        privilege = self.action.privilege
        return f"GRANT {privilege} ON TABLE {self.place} TO DATASHARE {self.share_name}"


def explain_policies(
    chain: Chain, catalog: Catalog, relation: Relation, namespace: str, database: str
) -> bool:
    """Row-level security and masks that keep consumers out, here or under a view; whether none.

    What is under a view is named to whom the producer's database is known.
    """
    for each in read_through(catalog, relation):
        hidden = hidden_from_consumers(catalog, each)
        if hidden is not None:
            mend = None
            if database or each == relation:
                statement = _unprotecting(catalog, each)
                mend = SqlMend(Actor.PRODUCER_SQL, statement, namespace, database)
            chain.broken(Step.POLICIES, hidden.message, mend)
            return False
    chain.held(Step.POLICIES, "no policy keeps consumers from it")
    return True


def _unprotecting(catalog: Catalog, relation: Relation) -> str:
    schema = catalog.schema(relation.schema)
    assert schema is not None
    by_rows = relation.row_security and relation.row_security_for_datashares
    what = "ROW LEVEL SECURITY" if by_rows else "MASKING"
    place = f"{name_text(schema.name)}.{name_text(relation.name)}"
    return f"ALTER TABLE {place} {what} OFF FOR DATASHARES"
