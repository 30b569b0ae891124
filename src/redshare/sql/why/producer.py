"""The question in the producer's names: an object of a local database, and a consumer.

The producer sees its own side and its own entry of the consumer; what the consumer made of it only
where both are one account's.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from redshare.core.consents import Consents, Target
from redshare.core.consumer import Consumer
from redshare.core.explanation import Action, Chain, Explanation, SqlMend, Step
from redshare.core.lifecycle import Actor
from redshare.core.relation import RelationKind
from redshare.core.share import Datashare
from redshare.core.share_rules import explain_rules
from redshare.core.sql_errors import SqlError
from redshare.sql.context import SqlContext
from redshare.sql.may import may_create_datashare
from redshare.sql.names import Resolved, resolve_relation
from redshare.sql.policy.applied import forbids_sharing
from redshare.sql.shown_ddl import name_text
from redshare.sql.views.shares import outbound
from redshare.sql.why.consumer import ConsumerQuestion
from redshare.sql.why.contents import SharedObject, explain_policies
from redshare.sql.why.offers import database_of
from redshare.sql.why.sight import Sight

#: Of every question that a share is asked for.
_ALWAYS: Final = (
    Step.DATASHARE,
    Step.SCHEMA_SHARED,
    Step.OBJECT_SHARED,
    Step.PRIVILEGE_SHARED,
    Step.GRANTED,
    Step.WRITES_ALLOWED,
    Step.WRITES_ACCEPTED,
    Step.ENCRYPTION,
    Step.ACCESSIBILITY,
    Step.DATABASE,
    Step.DATABASE_USAGE,
)


@dataclass(slots=True)
class ProducerQuestion:
    """One question; `sight` is the consumer's side where the asker has that one too.

    `share` is the one that is asked about; without it the one that is nearest to access.
    """

    asker: SqlContext
    name: tuple[str, str, str]
    target: Target
    action: Action
    sight: Sight | None = None
    share: Datashare | None = None
    chain: Chain = field(default_factory=Chain)

    def explain(self) -> Explanation:
        """All conditions."""
        found = self._object()
        if found is None:
            return self._unknown()
        open_ = self._policies(found)
        share = self.share or self._nearest(found)
        if share is None:
            said = "no datashare has it for this consumer, or could have it for this one alone"
            self.chain.broken(Step.DATASHARE, said, self._new_share(found))
            return self._unknown()
        if share.database != found.relation.database:
            self.chain.broken(Step.DATASHARE, f"{share.name} is a datashare of another database")
            return self._unknown()
        self._shared(found, share, open_=open_)
        if self.sight is not None:
            return self._consumers(found, share, self.sight)
        self.chain.held(Step.DATASHARE, f"the datashare {share.name}")
        consents = self._consents(share, found.database.name)
        consents.explain(self.chain)
        explain_rules(self.chain, self.asker.catalog, consents, both=False, public=False)
        return self._unknown()

    def _object(self) -> Resolved | None:
        """The object, if it is one that can be shared."""
        try:
            found = resolve_relation(self.asker, self.name)
        except SqlError as error:
            self.chain.broken(Step.OBJECT, error.message)
            return None
        said = None
        if not isinstance(found, Resolved):
            said = "system tables and views cannot be added to a datashare"
        elif found.relation.temporary:
            said = "a temporary table cannot be added to a datashare"
        elif found.share is not None:
            said = "an object of a shared database cannot be shared again"
        elif self.action.writes and found.relation.kind is not RelationKind.TABLE:
            said = f"a {found.relation.kind} cannot be written through a datashare"
        place = ".".join(self.name[1:])
        self.chain.say(Step.OBJECT, None if said else f"{place} is there", said or "")
        return found if isinstance(found, Resolved) and said is None else None

    def _policies(self, found: Resolved) -> bool:
        """Whether none keeps consumers out, for who sees SVV_RLS_RELATION."""
        if not self.action.rows:
            return True
        if not self.asker.security_admin:
            self.chain.unknown(Step.POLICIES)
            return False
        namespace, database = self.asker.namespace.namespace_id, found.database.name
        return explain_policies(self.chain, self.asker.catalog, found.relation, namespace, database)

    def _shared(self, found: Resolved, share: Datashare, *, open_: bool) -> None:
        """What of the object is in the share."""
        place = (found.schema.name, found.relation.name, self.action, found.database.name)
        shared = SharedObject(share, *place)
        member = share.contents.relation(found.relation.relation_id)
        shared.explain_schema(self.chain, share.contents.schema(found.schema.schema_id))
        shared.explain_object(self.chain, member)
        shared.explain_privilege(self.chain, member)
        if member is None and open_ and forbids_sharing(self.asker.catalog, found.relation):
            said = "it or a relation it stands on has a mask and cannot be added to a datashare"
            self.chain.broken(Step.POLICIES, said)

    # --- which share ----------------------------------------------------------------------

    def _nearest(self, found: Resolved) -> Datashare | None:
        """The share with the fewest steps to access that gives nothing to anybody else."""
        shares = [
            share
            for share in outbound(self.asker)
            if share.database == found.relation.database and self._may_serve(share, found)
        ]
        return max(shares, key=lambda share: self._nearness(share, found), default=None)

    def _may_serve(self, share: Datashare, found: Resolved) -> bool:
        """Whether it is mended without giving the object to others, or this consumer more."""
        contents, relation = share.contents, found.relation
        granted = share.authorization(self._principal(share)) is not None
        if granted and contents.relation(relation.relation_id) is not None:
            return True
        mine = {str(self._principal(share))}
        alone = {entry.consumer for entry in share.authorizations} <= mine
        members = {r.relation for r in contents.relations} | {
            f.function for f in contents.functions
        }
        open_ended = contents.scopes or any(s.include_new for s in contents.schemas)
        no_more = members <= {relation.relation_id} and not open_ended
        return alone and (granted or no_more) and not share.adx_managed

    def _nearness(self, share: Datashare, found: Resolved) -> tuple[bool, ...]:
        member = share.contents.relation(found.relation.relation_id)
        granted = share.authorization(self._principal(share)) is not None
        allowed = member is not None and self.action.privilege in member.privileges
        return granted and member is not None, allowed, granted, member is not None

    def _principal(self, share: Datashare) -> Consumer:
        return self._consents(share, "").principal

    def _consents(self, share: Datashare, database: str) -> Consents:
        return Consents(share, self.target, self.action.writes, name_text(share.name), database)

    def _new_share(self, found: Resolved) -> SqlMend:
        asker, namespace = self.asker, self.asker.namespace.namespace_id
        seen = {share.name for share in outbound(asker)}

        def taken(name: str) -> bool:
            # Who may create one is told of every name that is taken, nobody else of a hidden one.
            known = may_create_datashare(asker, found.database)
            hidden = known and asker.catalog.datashare_named(namespace, name) is not None
            return name in seen or hidden

        name = _free(f"{found.relation.name.replace('/', '_')}_share", taken)
        statement = f"CREATE DATASHARE {name_text(name)}"
        return SqlMend(Actor.PRODUCER_SQL, statement, namespace, found.database.name)

    # --- the consumer's side --------------------------------------------------------------

    def _consumers(self, found: Resolved, share: Datashare, sight: Sight) -> Explanation:
        """The rest, by the name that the object has, or would have, for the consumer."""
        catalog, namespace = sight.catalog, sight.namespace.namespace_id
        made = database_of(catalog, namespace, share)
        free = _free(share.name, lambda name: bool(catalog.database_named(namespace, name)))
        database = free if made is None else made.name
        name = (database, found.schema.name, found.relation.name)
        whole = self.target.whole
        return ConsumerQuestion(sight, name, self.action, share, whole, self.chain).explain()

    def _unknown(self) -> Explanation:
        """What was not answered is the consumer's, or cannot be asked yet."""
        writing = {Step.PRIVILEGE_SHARED, Step.WRITES_ALLOWED, Step.WRITES_ACCEPTED}
        kept = [step for step in _ALWAYS if self.action.writes or step not in writing]
        self.chain.unknown(*kept)
        return self.chain.explanation()


def _free(wanted: str, taken: Callable[[str], bool]) -> str:
    """`wanted`, or with the first number behind it that makes a name nobody has."""
    names = itertools.chain((wanted,), (f"{wanted}_{number}" for number in itertools.count(2)))
    return next(name for name in names if not taken(name))
