"""The question in the consumer's names: `database.schema.object` as its SQL would say it.

The binder's own resolving answers, first for the asker: where it is refused, what follows is not
for it to know. The user's grants are then asked for the subject.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from redshare.core.access import ShareUse
from redshare.core.consents import Consents, Target
from redshare.core.database import Database
from redshare.core.explanation import Action, Chain, Explanation, SqlMend, Step
from redshare.core.lifecycle import Actor
from redshare.core.privileges import Privilege
from redshare.core.share import Datashare
from redshare.core.share_rules import explain_access, explain_limit, explain_rules
from redshare.core.sql_errors import ShareNotAccessible, ShareWritesNotConsented, SqlError
from redshare.sql.may import may, may_shared
from redshare.sql.names import (
    Place,
    open_database,
    relation_in,
    resolve_schema,
    schema_in,
)
from redshare.sql.shown_ddl import name_text
from redshare.sql.views import system_view
from redshare.sql.why import users
from redshare.sql.why.contents import SharedObject, explain_policies
from redshare.sql.why.local import explain_local, explain_use
from redshare.sql.why.offers import Offers
from redshare.sql.why.sight import Sight
from redshare.sql.why.statement import refusal

_CONTENTS = (Step.SCHEMA_SHARED, Step.OBJECT_SHARED, Step.PRIVILEGE_SHARED)
_CONSENTS = (
    Step.GRANTED,
    Step.AUTHORIZED,
    Step.ASSOCIATED,
    Step.ENCRYPTION,
    Step.ACCESSIBILITY,
)
_WRITING = (Step.WRITES_ALLOWED, Step.WRITES_ACCEPTED)


@dataclass(slots=True)
class ConsumerQuestion:
    """One question; `share` is what a database that is not there yet would be made from.

    `whole`: the consents are to be the account's, as if it had no namespace.
    """

    sight: Sight
    name: tuple[str, str, str]
    action: Action
    share: Datashare | None = None
    whole: bool = False
    chain: Chain = field(default_factory=Chain)

    def explain(self) -> Explanation:
        """All conditions, the binder's answer to the statement itself last."""
        asker, name = self.sight.asker, self.name
        database = asker.catalog.database_named(asker.namespace.namespace_id, name[0])
        if database is None:
            self._absent()
        else:
            self.chain.held(Step.DATABASE, f"the database {name[0]} is there")
            if system_view(name[1:]) is None:
                self._named(database, name)
            else:
                self.chain.held(Step.OBJECT, "a system view shows everybody its own rows")
        refused = refusal(self.sight.subject, name, self.action, self.sight.now)
        said = f"{self.action} is bound" if refused is None else None
        self.chain.say(Step.STATEMENT, said, "" if refused is None else refused.message)
        return self.chain.explanation()

    def _named(self, database: Database, name: tuple[str, ...]) -> None:
        if database.source is not None:
            self._shared(database, name)
            return
        try:
            schema = resolve_schema(self.sight.asker, name[:2])
        except SqlError as error:
            self.chain.broken(Step.OBJECT, error.message)
            return
        external = schema.schema.external
        if external is None:
            explain_local(self.chain, self.sight, name, schema, self.action)
            return
        explain_use(self.chain, Step.EXTERNAL_SCHEMA, self.sight.subject, schema)
        inner = self.sight.catalog.database_named(database.namespace, external.database)
        if inner is None:
            self.chain.broken(Step.DATABASE, f'database "{external.database}" does not exist')
        else:
            self._named(inner, (external.database, external.schema, name[2]))

    # --- a shared database ----------------------------------------------------------------

    def _shared(self, database: Database, name: tuple[str, ...]) -> None:
        """Everything about an object that is named through a shared database."""
        source = database.source
        assert source is not None
        chain, sight = self.chain, self.sight
        users.explain_database(chain, sight.subject, database)
        if not may(sight.asker, database, Privilege.USAGE):
            self._hide(Step.DATASHARE, *_CONSENTS)
            return
        share = sight.catalog.datashare(source.share)
        if share is None or not sight.sees(share, catalog=source.catalog):
            chain.broken(Step.DATASHARE, ShareNotAccessible().message)
            self._hide(*_CONSENTS)
            return
        self._consents(share, catalog=source.catalog)
        try:
            place = open_database(sight.asker, database)
        except ShareNotAccessible:
            storage = sight.catalog.database(share.database)
            if storage is None or not sight.owns(share):
                self._hide()
                return
            place = Place(database, storage, share)
        self._contents(share, place, database, name)

    def _consents(self, share: Datashare, *, catalog: bool = False) -> None:
        """What both sides agreed on, as far as the asker sees it."""
        chain, sight = self.chain, self.sight
        chain.held(Step.DATASHARE, f"the datashare {share.name} of {share.namespace}")
        target = Target(
            sight.namespace.account,
            sight.namespace,
            inside=True,
            whole=self.whole,
            catalog=catalog,
        )
        name = name_text(share.name)
        consents = Consents(share, target, self.action.writes, name, self._producers(share))
        public = sight.subject.publicly_accessible
        if sight.administers:
            consents.explain(chain)
            explain_rules(chain, sight.catalog, consents, both=sight.owns(share), public=public)
        else:
            chain.held(Step.GRANTED, "the namespace may use the datashare")
            use = ShareUse(share.share_key, catalog=catalog)
            explain_access(chain, sight.catalog, use, sight.namespace, public=public)
        if not self.action.writes:
            explain_limit(chain, sight.catalog, share, sight.namespace, sight.now)

    def _producers(self, share: Datashare) -> str:
        """The producer's database, which only its own account knows."""
        found = self.sight.catalog.database(share.database) if self.sight.owns(share) else None
        return "" if found is None else found.name

    def _contents(
        self, share: Datashare, place: Place, database: Database | None, name: tuple[str, ...]
    ) -> None:
        """The members of the share that the name means, and the grants on them.

        In the binder's order, so that the asker is told no more than it tells the asker.
        """
        chain, asker, subject = self.chain, self.sight.asker, self.sight.subject
        owns, action = self.sight.owns(share), self.action
        shared = SharedObject(share, name[1], name[2], action, self._producers(share))
        schema = schema_in(asker, place, name[1])
        if schema is not None and database is not None:
            users.explain_schema(chain, subject, schema)
            if not may_shared(asker, database, schema.schema, (Privilege.USAGE,)):
                self._hide()
                return
        usable = shared.explain_schema(chain, None if schema is None else schema.member)
        if schema is None or not usable:
            self._hide()
            return
        found = relation_in(asker, schema, name[2])
        shared.explain_object(chain, None if found is None else found.member)
        if found is None:
            self._hide()
            return
        if database is not None:
            users.explain_object(chain, subject, found, action)
            if not may_shared(asker, database, found.relation, (action.privilege,)):
                self._hide()
                return
        if not self._consented(place) and not owns:
            self._hide()
            return
        shared.explain_privilege(chain, found.member)
        assert found.member is not None
        if action.rows and (owns or action.privilege in found.member.privileges):
            catalog, producer = self.sight.catalog, share.namespace
            explain_policies(chain, catalog, found.relation, producer, shared.database)
        self._hide()

    def _consented(self, place: Place) -> bool:
        """Whether both sides consent to the action, and what of it only administrators know."""
        if not self.action.writes:
            return True
        consented = place.decision is not None and place.decision.writes
        if consented and not self.sight.administers:
            for step in _WRITING:
                self.chain.held(step, "both sides consent to writes")
        elif not consented and not self.sight.administers:
            self.chain.broken(Step.WRITES_ALLOWED, ShareWritesNotConsented().message)
        return consented

    def _hide(self, *also: Step) -> None:
        """What was not answered is not for the asker."""
        policies = (Step.POLICIES,) if self.action.rows else ()
        writing = _WRITING if self.action.writes else ()
        self.chain.unknown(*also, *_CONTENTS, *policies, *writing)

    # --- a database that is not there yet -------------------------------------------------

    def _absent(self) -> None:
        chain, sight, name = self.chain, self.sight, self.name
        said = f'database "{name[0]}" does not exist'
        offers = Offers(sight, name[1], name[2])
        candidates = [self.share] if self.share else offers.candidates()
        if len(candidates) != 1:
            several = (
                f"{len(candidates)} datashares may be meant: GET /explain takes the ARN of one"
            )
            none = "no datashare is offered to this namespace that the database could be made from"
            chain.broken(Step.DATASHARE, several if candidates else none)
            chain.broken(Step.DATABASE, said)
            self._hide(*_CONSENTS)
            return
        share = candidates[0]
        self._consents(share)
        storage = sight.catalog.database(share.database)
        if storage is not None and sight.owns(share):
            self._contents(share, Place(storage, storage, share), None, name)
        elif storage is not None and sight.uses(share):
            self._listed(share, Place(storage, storage, share))
        self._hide()
        made = offers.made(share)
        if made is not None:
            place = ".".join(map(name_text, (made.name, *name[1:])))
            chain.broken(Step.DATABASE, f"{said}; the datashare's database here has it: {place}")
        else:
            chain.broken(Step.DATABASE, said, self._create(share))

    def _listed(self, share: Datashare, place: Place) -> None:
        """What SVV_DATASHARE_OBJECTS says of the object: names, and no privileges."""
        _, schema, name = self.name
        shared = SharedObject(share, schema, name, self.action)
        found = schema_in(self.sight.asker, place, schema)
        if found is None:
            shared.explain_schema(self.chain, None)
            return
        relation = relation_in(self.sight.asker, found, name)
        shared.explain_object(self.chain, None if relation is None else relation.member)

    def _create(self, share: Datashare) -> SqlMend:
        """The database, WITH PERMISSIONS where it is for a user who is to have no more."""
        sight = self.sight
        permissions = "" if sight.subject.user.superuser else " WITH PERMISSIONS"
        statement = (
            f"CREATE DATABASE {name_text(self.name[0])}{permissions} FROM DATASHARE "
            f"{name_text(share.name)} OF ACCOUNT '{share.account}' NAMESPACE '{share.namespace}'"
        )
        where = (sight.namespace.namespace_id, sight.asker.database.name)
        return SqlMend(Actor.CONSUMER_SQL, statement, *where)
