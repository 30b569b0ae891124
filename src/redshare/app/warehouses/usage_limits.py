"""Usage limits of warehouses: made, shown, changed, ended."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from redshare.app.shares.cross_region import CrossRegionReads, Reacher
from redshare.app.work import Work
from redshare.core.aws_errors import AlreadyExists, InvalidState, LimitExceeded, ResourceNotFound
from redshare.core.catalog import Catalog, Drop, Put
from redshare.core.ids import AccountId, Region
from redshare.core.usage_limit import UsageLimit
from redshare.ports import Commit

#: How errors name one; the endpoints' tables have their faults.
USAGE_LIMIT: Final = "UsageLimit"
#: Of one feature of one warehouse.
MAX_LIMITS: Final = 4


class UsageLimits:
    """The limits of an account in a Region."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def new_id(self) -> str:
        """For a limit to be made."""
        return self._work.ids.guid()

    def create(self, limit: UsageLimit) -> UsageLimit:
        """Raises AlreadyExists, InvalidState, LimitExceeded."""
        _check(limit)

        def decision(catalog: Catalog) -> tuple[Commit, UsageLimit]:
            beside = [
                other
                for other in _all(catalog, limit.account, limit.region)
                if (other.warehouse, other.feature) == (limit.warehouse, limit.feature)
            ]
            if any(_same(other, limit) for other in beside):
                raise AlreadyExists(USAGE_LIMIT, f"of {limit.feature}, {limit.period},")
            if len(beside) >= MAX_LIMITS:
                raise LimitExceeded(
                    USAGE_LIMIT, f"There are {MAX_LIMITS} limits of {limit.feature} already."
                )
            return Commit((Put(limit),)), limit

        return self._looked_at(self._work.decide(decision))

    def limit(self, account: AccountId, region: Region, limit_id: str) -> UsageLimit:
        """Raises ResourceNotFound."""
        return _required(self._work.catalog(), account, region, limit_id)

    def all(self, account: AccountId, region: Region) -> list[UsageLimit]:
        """All of them."""
        return _all(self._work.catalog(), account, region)

    def change(
        self,
        account: AccountId,
        region: Region,
        limit_id: str,
        *,
        amount: int | None,
        breach_action: str | None,
    ) -> UsageLimit:
        """Raises ResourceNotFound, InvalidState."""

        def decision(catalog: Catalog) -> tuple[Commit, UsageLimit]:
            old = _required(catalog, account, region, limit_id)
            new = replace(
                old,
                amount=old.amount if amount is None else amount,
                breach_action=breach_action or old.breach_action,
            )
            _check(new)
            return Commit(() if new == old else (Put(new),)), new

        before = self.limit(account, region, limit_id)
        after = self._work.decide(decision)
        return after if after == before else self._looked_at(after)

    def delete(self, account: AccountId, region: Region, limit_id: str) -> UsageLimit:
        """What it was. Raises ResourceNotFound."""

        def decision(catalog: Catalog) -> tuple[Commit, UsageLimit]:
            old = _required(catalog, account, region, limit_id)
            return Commit((Drop(old),)), old

        return self._work.decide(decision)

    def _looked_at(self, limit: UsageLimit) -> UsageLimit:
        """The limit may be reached already."""
        by = Reacher(self._work.clock.now(), self._work.ids.guid())
        CrossRegionReads(self._work, limit.warehouse).look(by)
        return limit


def _all(catalog: Catalog, account: AccountId, region: Region) -> list[UsageLimit]:
    return [limit for limit in catalog.children(UsageLimit, account) if limit.region == region]


def _required(catalog: Catalog, account: AccountId, region: Region, limit_id: str) -> UsageLimit:
    found: UsageLimit | None = catalog.named(UsageLimit, account, limit_id)
    if found is None or found.region != region:
        raise ResourceNotFound(USAGE_LIMIT, limit_id)
    return found


def _same(one: UsageLimit, other: UsageLimit) -> bool:
    return (one.limit_type, one.period, one.amount, one.breach_action) == (
        other.limit_type,
        other.period,
        other.amount,
        other.breach_action,
    )


def _check(limit: UsageLimit) -> None:
    if limit.amount < 1:
        raise InvalidState(USAGE_LIMIT, "The amount of a usage limit must be positive.")
