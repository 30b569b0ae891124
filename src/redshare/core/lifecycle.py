"""The lifecycle of a datashare's authorization entry: one table, (verb, status) -> status.

Nothing else assigns a status. A pair that is absent is an error of that verb and leaves the state
unchanged; core/share.py says which error. The diagram in docs/reference/lifecycle.md and the
exhaustive test are generated from this table.

  GONE          no entry: before the first grant, after a revoke
  an account    PENDING_AUTHORIZATION -> AUTHORIZED -> ACTIVE, and back by the verbs below
  a namespace   of the producer's own account is ACTIVE from its grant on; no other verb applies

https://docs.aws.amazon.com/redshift/latest/dg/datashare_status.html
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """What an entry is, as its producer sees it; consumers see AUTHORIZED as AVAILABLE."""

    PENDING_AUTHORIZATION = "PENDING_AUTHORIZATION"
    AUTHORIZED = "AUTHORIZED"
    ACTIVE = "ACTIVE"
    DEAUTHORIZED = "DEAUTHORIZED"
    REJECTED = "REJECTED"
    #: Only ever shown, never stored: the consumer's word for AUTHORIZED.
    AVAILABLE = "AVAILABLE"


class Actor(StrEnum):
    """Who may do a verb."""

    PRODUCER_SQL = "producer SQL administrator"
    PRODUCER = "producer account"
    CONSUMER = "consumer account"
    #: Makes databases of shares and grants their objects; moves no entry.
    CONSUMER_SQL = "consumer SQL administrator"


class Verb(StrEnum):
    """What happens to an entry."""

    GRANT = "GRANT USAGE … TO ACCOUNT"
    GRANT_NAMESPACE = "GRANT USAGE … TO NAMESPACE"
    REVOKE = "REVOKE USAGE"
    AUTHORIZE = "AuthorizeDataShare"
    DEAUTHORIZE = "DeauthorizeDataShare"
    ASSOCIATE = "AssociateDataShareConsumer"
    DISASSOCIATE = "DisassociateDataShareConsumer"
    DISASSOCIATE_LAST = "DisassociateDataShareConsumer (the last association)"
    REJECT = "RejectDataShare"


ACTOR_OF: Final = {
    Verb.GRANT: Actor.PRODUCER_SQL,
    Verb.GRANT_NAMESPACE: Actor.PRODUCER_SQL,
    Verb.REVOKE: Actor.PRODUCER_SQL,
    Verb.AUTHORIZE: Actor.PRODUCER,
    Verb.DEAUTHORIZE: Actor.PRODUCER,
    Verb.ASSOCIATE: Actor.CONSUMER,
    Verb.DISASSOCIATE: Actor.CONSUMER,
    Verb.DISASSOCIATE_LAST: Actor.CONSUMER,
    Verb.REJECT: Actor.CONSUMER,
}

GONE: Final = None

_PENDING = Status.PENDING_AUTHORIZATION
_AUTHORIZED = Status.AUTHORIZED
_ACTIVE = Status.ACTIVE
_DEAUTHORIZED = Status.DEAUTHORIZED
_REJECTED = Status.REJECTED

TRANSITIONS: Final[dict[tuple[Verb, Status | None], Status | None]] = {
    (Verb.GRANT, GONE): _PENDING,
    # granting again changes nothing
    (Verb.GRANT, _PENDING): _PENDING,
    (Verb.GRANT, _AUTHORIZED): _AUTHORIZED,
    (Verb.GRANT, _ACTIVE): _ACTIVE,
    (Verb.GRANT, _DEAUTHORIZED): _DEAUTHORIZED,
    (Verb.GRANT, _REJECTED): _REJECTED,
    (Verb.GRANT_NAMESPACE, GONE): _ACTIVE,
    (Verb.GRANT_NAMESPACE, _ACTIVE): _ACTIVE,
    (Verb.AUTHORIZE, _PENDING): _AUTHORIZED,
    # authorizing again only overwrites AllowWrites
    (Verb.AUTHORIZE, _AUTHORIZED): _AUTHORIZED,
    (Verb.AUTHORIZE, _ACTIVE): _ACTIVE,
    (Verb.AUTHORIZE, _DEAUTHORIZED): _AUTHORIZED,
    (Verb.AUTHORIZE, _REJECTED): _AUTHORIZED,
    (Verb.ASSOCIATE, _AUTHORIZED): _ACTIVE,
    (Verb.ASSOCIATE, _ACTIVE): _ACTIVE,
    (Verb.DISASSOCIATE, _ACTIVE): _ACTIVE,
    (Verb.DISASSOCIATE_LAST, _ACTIVE): _AUTHORIZED,
    (Verb.REJECT, _AUTHORIZED): _REJECTED,
    (Verb.REJECT, _ACTIVE): _REJECTED,
    (Verb.DEAUTHORIZE, _PENDING): _DEAUTHORIZED,
    (Verb.DEAUTHORIZE, _AUTHORIZED): _DEAUTHORIZED,
    (Verb.DEAUTHORIZE, _ACTIVE): _DEAUTHORIZED,
    (Verb.DEAUTHORIZE, _REJECTED): _DEAUTHORIZED,
    # revoking what was never granted is no error, as in PostgreSQL
    (Verb.REVOKE, GONE): GONE,
    (Verb.REVOKE, _PENDING): GONE,
    (Verb.REVOKE, _AUTHORIZED): GONE,
    (Verb.REVOKE, _ACTIVE): GONE,
    (Verb.REVOKE, _DEAUTHORIZED): GONE,
    (Verb.REVOKE, _REJECTED): GONE,
}


class ForbiddenTransition(Exception):
    """The verb does nothing in this status."""

    def __init__(self, verb: Verb, status: Status | None) -> None:
        super().__init__(f"{verb} is not possible in status {status}")
        self.verb = verb
        self.status = status


def next_status(verb: Verb, status: Status | None) -> Status | None:
    """What `verb` makes of an entry in `status`. Raises ForbiddenTransition."""
    try:
        return TRANSITIONS[verb, status]
    except KeyError:
        raise ForbiddenTransition(verb, status) from None
