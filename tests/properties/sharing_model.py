"""What two producers and three consumers may do with their shares: a small model to compare with.

It knows the documented rules and nothing of the product: a share has a life, members, entries with
a status, and scopes by account; a consumer's database is bound to one life of a share.
"""

from __future__ import annotations

from dataclasses import dataclass, field

#: namespace -> the account it belongs to
ACCOUNT_OF = {
    "sales": "111111111111",
    "finance": "111111111111",
    "analytics": "222222222222",
    "science": "222222222222",
}
ACCOUNTS = ("111111111111", "222222222222")
ENTIRE, NEAR, FAR = "entire", "us-east-1", "eu-west-1"


def kind_of(scope: str) -> str:
    """Scopes of another kind replace each other."""
    if scope == ENTIRE:
        return "account"
    return "region" if scope in {NEAR, FAR} else "namespace"


@dataclass
class Share:
    """A producer's share as the model knows it; `life` counts CREATE DATASHARE."""

    producer: str
    life: int = 0
    exists: bool = False
    schema_added: bool = False
    reads: bool = False
    inserts: bool = False
    #: of accounts: (status, producer allowed writes); of namespaces: granted
    statuses: dict[str, str] = field(default_factory=dict)
    allowed: dict[str, bool] = field(default_factory=dict)
    namespaces: set[str] = field(default_factory=set)
    #: account -> scope -> consumer accepted writes
    scopes: dict[str, dict[str, bool]] = field(default_factory=dict)
    rows: int = 0
    #: consumer -> the life its database is bound to
    databases: dict[str, int] = field(default_factory=dict)

    def create(self) -> None:
        """A new life: nothing of the last is left."""
        self.life += 1
        self.exists = True
        self.forget()

    def forget(self) -> None:
        """Neither members nor consumers."""
        self.schema_added = self.reads = self.inserts = False
        self.statuses, self.allowed, self.scopes = {}, {}, {}
        self.namespaces = set()

    def access(self, consumer: str) -> tuple[bool, bool]:
        """Whether the consumer may read, and write as far as both sides' consent goes."""
        if not self.exists or consumer == self.producer:
            return False, False
        account = ACCOUNT_OF[consumer]
        if consumer in self.namespaces and account == ACCOUNT_OF[self.producer]:
            return True, True
        if self.statuses.get(account) != "ACTIVE":
            return False, False
        covering = [
            writes
            for scope, writes in self.scopes.get(account, {}).items()
            if scope in {ENTIRE, NEAR, consumer}
        ]
        return bool(covering), any(covering) and self.allowed.get(account, False)

    def bound(self, consumer: str) -> bool:
        """Whether the consumer's database is of this life."""
        return self.exists and self.databases.get(consumer) == self.life

    def may_select(self, consumer: str) -> bool:
        """Whether its SELECT runs."""
        return self.bound(consumer) and self.access(consumer)[0] and self.reads

    def may_insert(self, consumer: str) -> bool:
        """Whether its INSERT runs."""
        return self.bound(consumer) and self.access(consumer)[1] and self.inserts

    def seen_by(self, account: str) -> str | None:
        """The status that the account's own entry has for it; None where it sees none."""
        status = self.statuses.get(account)
        if account == ACCOUNT_OF[self.producer]:
            return status
        return {"AUTHORIZED": "AVAILABLE", "ACTIVE": "ACTIVE"}.get(status or "")
