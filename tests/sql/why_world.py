"""A share between two namespaces in any state, and the questions that can be asked about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from redshare.core.catalog import Drop
from redshare.core.consents import Target
from redshare.core.consumer import AccountConsumer, NamespaceConsumer
from redshare.core.contents import Contents
from redshare.core.database import Database, ShareSource
from redshare.core.explanation import Action, Explanation, Step, Verdict
from redshare.core.ids import AccountId, RelationId, SchemaId
from redshare.core.lifecycle import Status
from redshare.core.privileges import Acl, Privilege
from redshare.core.share import Association, Authorization, Scope, ScopeKind
from redshare.sql.why import ConsumerQuestion, ProducerQuestion, Sight
from tests.sql.world import (
    ACCOUNT,
    ADMIN,
    ANNA,
    CONSUMER,
    NOW,
    PRODUCER,
    SHARE,
    World,
    database_id,
    granted,
    user_grantee,
)

OTHER = AccountId("222222222222")
WHOLE = Scope(ScopeKind.ACCOUNT)


@dataclass(frozen=True)
class State:
    """Everything that decides; the default is access for everybody in the consumer's account."""

    same_account: bool = False
    by_namespace: bool = False
    status: Status | None = Status.ACTIVE
    scope: Scope | None = WHOLE
    allowed: bool | None = True
    accepted: bool = True
    in_schema: frozenset[Privilege] = frozenset({Privilege.USAGE})
    in_share: frozenset[Privilege] = frozenset({Privilege.SELECT, Privilege.INSERT})
    dropped: bool = False
    database: bool = True
    with_permissions: bool = False
    #: What anna was granted.
    on_database: bool = True
    on_schema: bool = True
    on_object: frozenset[Privilege] = frozenset({Privilege.SELECT, Privilege.INSERT})
    producer_encrypted: bool = True
    consumer_encrypted: bool = True
    public: bool = False
    open_share: bool = False
    row_security: bool = False
    off_for_datashares: bool = False

    def world(self) -> World:
        """The consumer's session of the administrator."""
        world = World(more={"publicly_accessible": self.public})
        catalog = world.catalog
        producer, consumer = catalog.namespace(PRODUCER), catalog.namespace(CONSUMER)
        assert producer is not None
        assert consumer is not None
        account = ACCOUNT if self.same_account else OTHER
        world.put(
            replace(producer, encrypted=self.producer_encrypted),
            replace(consumer, account=account, encrypted=self.consumer_encrypted),
        )
        table = catalog.relation(RelationId("sales"))
        assert table is not None
        world.put(
            replace(
                table,
                row_security=self.row_security,
                row_security_for_datashares=not self.off_for_datashares,
            )
        )
        principal = NamespaceConsumer(CONSUMER) if self.by_namespace else AccountConsumer(account)
        entry, association = (), ()
        if self.status is not None:
            entry = (Authorization(str(principal), self.status, NOW, NOW, self.allowed),)
        if self.scope is not None:
            association = (Association(account, self.scope, self.accepted, NOW, NOW),)
        contents = Contents()
        if self.in_schema:
            contents = contents.grant_schema(SchemaId("sp"), self.in_schema)
        if self.in_share:
            contents = contents.grant_relation(RelationId("sales"), SchemaId("sp"), self.in_share)
        world.share(
            contents=contents,
            authorizations=entry,
            associations=association,
            publicly_accessible=self.open_share,
        )
        self._database(world)
        if self.dropped:
            share = world.catalog.datashare(SHARE)
            assert share is not None
            world.catalog = world.catalog.after([Drop(share)])
        return world

    def _database(self, world: World) -> None:
        old = world.catalog.database(database_id("d"))
        assert old is not None
        if not self.database:
            world.catalog = world.catalog.after([Drop(old)])
            return
        anna = user_grantee(ANNA)
        source = ShareSource(SHARE, "salesshare", ACCOUNT, PRODUCER, self.with_permissions)
        acl = granted(anna, Privilege.USAGE) if self.on_database else Acl()
        made = Database(database_id("d"), CONSUMER, "d", ADMIN, NOW, source, acl)
        if self.on_schema:
            made = made.with_shared_acl(SchemaId("sp"), granted(anna, Privilege.USAGE))
        if self.on_object:
            made = made.with_shared_acl(RelationId("sales"), granted(anna, *self.on_object))
        world.put(made)


def sight(world: World, asker: str = "admin", subject: str = "", account: bool = False) -> Sight:
    """The consumer's side as a user sees it, or its account."""
    mine = World(world.catalog, user=asker, more=world.more).context
    other = World(world.catalog, user=subject or asker, more=world.more).context
    return Sight(mine, other, NOW, account)


def ask(
    world: World, action: Action = Action.SELECT, name: str = "d.public.sales", **who: Any
) -> Explanation:
    """A question of the consumer."""
    database, schema, relation = name.split(".")
    return ConsumerQuestion(sight(world, **who), (database, schema, relation), action).explain()


def ask_producer(
    world: World,
    target: Target,
    action: Action = Action.SELECT,
    name: str = "dev.public.sales",
    user: str = "admin",
    **more: Any,
) -> Explanation:
    """A question of the producer."""
    database, schema, relation = name.split(".")
    asker = World(world.catalog, namespace=PRODUCER, user=user).context
    return ProducerQuestion(asker, (database, schema, relation), target, action, **more).explain()


def verdicts(explanation: Explanation) -> dict[Step, Verdict]:
    """The conditions with their answers."""
    return {link.step: link.status for link in explanation.links}
