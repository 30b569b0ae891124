"""The statements that run now through datashares, so that a revocation can end them.

A statement registers what it uses of shares before its access is checked against the newest
catalogue; a commit publishes its catalogue before it looks here. So whichever comes first, no
statement that lost its access runs on unseen.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace

from redshare.app.shares.metering import Metered
from redshare.core.access import Denied, ShareUse, may_go_on
from redshare.core.catalog import Catalog, Change, Put, key_of
from redshare.core.ids import WarehouseId
from redshare.core.sql_errors import ShareNotAccessible


class RunningStatement:
    """A statement from its binding to the last row of its answer."""

    def __init__(
        self,
        warehouse: WarehouseId,
        uses: frozenset[ShareUse],
        cancel: Callable[[], None],
        metered: Metered | None = None,
    ) -> None:
        self.warehouse = warehouse
        self.uses = uses
        self.metered = metered
        self.revoked = False
        self._cancel = cancel

    def revoke(self) -> None:
        """End the statement: its access is gone."""
        self.revoked = True
        self._cancel()

    def allowed(self, catalog: Catalog) -> bool:
        """Whether everything that it uses through shares may still be used."""
        return uses_allowed(catalog, self.warehouse, self.uses)

    def require(self, catalog: Catalog) -> None:
        """Raises ShareNotAccessible."""
        if self.revoked or not self.allowed(catalog):
            raise self.refusal(catalog)

    def refusal(self, catalog: Catalog) -> ShareNotAccessible:
        """Why it ends; the requests of those shares that were lost, and no others, tell of it."""
        error = ShareNotAccessible()
        if self.metered is not None:
            lost = (u.share for u in self.uses if not uses_allowed(catalog, self.warehouse, [u]))
            self.metered.refused(lost, error.message)
        return error


def uses_allowed(catalog: Catalog, warehouse: WarehouseId, uses: Iterable[ShareUse]) -> bool:
    """Whether the warehouse may go on with all of these."""
    asking = catalog.warehouse(warehouse)
    consumer = None if asking is None else catalog.namespace(asking.namespace)
    if asking is None or consumer is None:
        return False
    public = asking.publicly_accessible
    return not any(
        isinstance(may_go_on(catalog, use, consumer, publicly_accessible=public), Denied)
        for use in uses
    )


def found_before(uses: Iterable[ShareUse], changes: Iterable[Change]) -> frozenset[ShareUse]:
    """These, of what the changes make only the share: no catalogue but theirs has it yet."""
    made = {key_of(c.entity) for c in changes if isinstance(c, Put) and c.entity.version == 0}
    return frozenset(replace(use, member=None) if use.member in made else use for use in uses)


def is_public(catalog: Catalog, warehouse: WarehouseId) -> bool:
    """Whether the warehouse is publicly accessible now."""
    found = catalog.warehouse(warehouse)
    return found is not None and found.publicly_accessible


class Running:
    """All of them on this node."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._statements: set[RunningStatement] = set()

    def add(self, statement: RunningStatement) -> None:
        """Register, before the access check."""
        with self._lock:
            self._statements.add(statement)

    def remove(self, statement: RunningStatement) -> None:
        """The statement's answer is complete or given up."""
        with self._lock:
            self._statements.discard(statement)

    def revalidate(self, catalog: Catalog) -> None:
        """End the statements whose access the new catalogue took away."""
        with self._lock:
            statements = list(self._statements)
        for statement in statements:
            if not statement.revoked and not statement.allowed(catalog):
                statement.revoke()
