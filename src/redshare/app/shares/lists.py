"""The three describes of datashares: what an account sees, a page at a time.

https://docs.aws.amazon.com/redshift/latest/APIReference/API_DescribeDataShares.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from redshare.app.caller import Caller
from redshare.app.paging import Page, PageRequest
from redshare.app.shares.parameters import (
    arns,
    datashare_arn,
    is_glue,
    own_data_catalog,
    own_namespace,
    wanted_status,
)
from redshare.app.work import Work
from redshare.core import aws_errors
from redshare.core.access import Allowed, may_use_share
from redshare.core.catalog import Catalog
from redshare.core.consumer import DataCatalogConsumer
from redshare.core.lifecycle import Status
from redshare.core.namespace import Namespace
from redshare.core.visibility import ShareView, view

PRODUCER_STATUSES: Final = (
    Status.ACTIVE,
    Status.AUTHORIZED,
    Status.PENDING_AUTHORIZATION,
    Status.DEAUTHORIZED,
    Status.REJECTED,
)
CONSUMER_STATUSES: Final = (Status.ACTIVE, Status.AVAILABLE)


class ShareLists:
    """Datashares as accounts see them."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def describe(
        self,
        caller: Caller,
        arn: str | None = None,
        *,
        max_records: int | None = None,
        marker: str | None = None,
    ) -> Page[ShareView]:
        """DescribeDataShares. Raises InvalidDataShare, InvalidParameterValue."""
        request = PageRequest(("DescribeDataShares", caller.account, arn), max_records, marker)
        catalog = self._work.catalog()
        if arn is None:
            return request.of(_visible(catalog, caller), _order)
        share = catalog.datashare_of(datashare_arn("describe", arn))
        seen = None if share is None else view(share, caller.account, arns(catalog))
        if seen is None:
            raise aws_errors.DatashareArnUnknown("describe", arn)
        return request.of([seen], _order)

    def for_producer(
        self,
        caller: Caller,
        producer_arn: str | None = None,
        status: str | None = None,
        *,
        max_records: int | None = None,
        marker: str | None = None,
    ) -> Page[ShareView]:
        """DescribeDataSharesForProducer. Raises InvalidNamespace, InvalidParameterValue."""
        listing = ("DescribeDataSharesForProducer", caller.account, producer_arn, status)
        wanted = wanted_status(status, PRODUCER_STATUSES)
        catalog = self._work.catalog()
        namespace = _namespace(catalog, caller, producer_arn)
        shares = (
            seen
            for seen in _visible(catalog, caller)
            if seen.share.account == caller.account
            and (namespace is None or seen.share.namespace == namespace.namespace_id)
            and (wanted is None or seen.has(wanted))
        )
        return PageRequest(listing, max_records, marker).of(shares, _order)

    def for_consumer(
        self,
        caller: Caller,
        consumer_arn: str | None = None,
        status: str | None = None,
        *,
        max_records: int | None = None,
        marker: str | None = None,
    ) -> Page[ShareView]:
        """DescribeDataSharesForConsumer. Raises InvalidNamespace, InvalidParameterValue."""
        listing = ("DescribeDataSharesForConsumer", caller.account, consumer_arn, status)
        wanted = wanted_status(status, CONSUMER_STATUSES)
        catalog = self._work.catalog()
        reaches = _reached(catalog, caller, consumer_arn)
        shares = (
            seen
            for seen in _visible(catalog, caller, as_consumer=True)
            if reaches(seen) and (wanted is None or seen.has(wanted))
        )
        return PageRequest(listing, max_records, marker).of(shares, _order)


def _visible(catalog: Catalog, caller: Caller, *, as_consumer: bool = False) -> Iterator[ShareView]:
    arn_of = arns(catalog)
    for share in catalog.datashares():
        seen = view(share, caller.account, arn_of, as_consumer=as_consumer)
        if seen is not None:
            yield seen


def _order(seen: ShareView) -> list[str]:
    return [seen.share.created.isoformat(), seen.share.share_key]


def _namespace(catalog: Catalog, caller: Caller, arn: str | None) -> Namespace | None:
    return None if arn is None else own_namespace(catalog, caller, arn)


def _reached(catalog: Catalog, caller: Caller, arn: str | None) -> Callable[[ShareView], bool]:
    """Whether a consumer uses a share, or its account could still associate it with that."""
    if arn is None:
        return lambda _seen: True
    if is_glue(arn):
        region = own_data_catalog(caller, arn).region
        offered = str(DataCatalogConsumer(caller.account))
        return lambda seen: (
            seen.share.region == region
            and any(entry.consumer_identifier == offered for entry in seen.entries)
        )
    namespace = own_namespace(catalog, caller, arn)
    return lambda seen: (
        isinstance(may_use_share(seen.share, namespace), Allowed)
        or any(
            (entry.consumer_identifier, entry.status) == (caller.account, Status.AVAILABLE)
            for entry in seen.entries
        )
    )
