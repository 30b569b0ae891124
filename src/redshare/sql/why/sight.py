"""Who asks, whose access is asked about, and what the asker may learn of shares.

A session sees the shares that SVV_DATASHARES shows it; an account those that DescribeDataShares
shows it. A share that is not seen is not there: every answer about it is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from redshare.core.access import Allowed, may_use_share
from redshare.core.catalog import Catalog
from redshare.core.namespace import Namespace
from redshare.core.share import Datashare
from redshare.core.visibility import view
from redshare.sql.context import SqlContext


@dataclass(frozen=True, slots=True)
class Sight:
    """The consumer's side: `asker` sees, `subject` is whose access it is; both of one namespace.

    `account`: the namespace's account asks, as the administrator that it can always become.
    """

    asker: SqlContext
    subject: SqlContext
    now: datetime
    account: bool = False

    @property
    def catalog(self) -> Catalog:
        """Where everything is found."""
        return self.asker.catalog

    @property
    def namespace(self) -> Namespace:
        """The consumer."""
        return self.asker.namespace

    def owns(self, share: Datashare) -> bool:
        """Whether the asker is the producer's account too."""
        return self.account and share.account == self.namespace.account

    def sees(self, share: Datashare | None, *, catalog: bool = False) -> bool:
        """Whether the share is there for the asker."""
        if share is None or share.namespace == self.namespace.namespace_id:
            return False
        if self.sees_contents(share, catalog=catalog):
            return True
        seen = view(share, self.namespace.account, lambda _: None, as_consumer=True)
        return self.account and seen is not None

    def sees_contents(self, share: Datashare, *, catalog: bool = False) -> bool:
        """Whether the asker sees what is in the share, as in SVV_DATASHARE_OBJECTS."""
        return self.owns(share) or self.uses(share, catalog=catalog)

    def uses(self, share: Datashare, *, catalog: bool = False) -> bool:
        """Whether the namespace may use it: then its users may be told of what is in it."""
        return isinstance(may_use_share(share, self.namespace, catalog=catalog), Allowed)

    @property
    def administers(self) -> bool:
        """Whether the asker sees the shares that no database was made from yet.

        It is also who may be told which side's consent to writes is missing.
        """
        return self.account or self.asker.user.superuser
