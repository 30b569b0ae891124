"""The datashare operations of the redshift service.

https://docs.aws.amazon.com/redshift/latest/APIReference/API_DataShare.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redshare.app.caller import Caller
from redshare.app.paging import Page
from redshare.app.shares.entries import Shares
from redshare.app.shares.lists import ShareLists
from redshare.app.shares.parameters import Selector
from redshare.core.visibility import EntryView, ShareView

Params = Mapping[str, Any]


class ShareOperations:
    """Parameters in, views out."""

    def __init__(self, shares: Shares, lists: ShareLists) -> None:
        self._shares = shares
        self._lists = lists
        self.operations = {
            "AuthorizeDataShare": self.authorize_data_share,
            "DeauthorizeDataShare": self.deauthorize_data_share,
            "AssociateDataShareConsumer": self.associate_data_share_consumer,
            "DisassociateDataShareConsumer": self.disassociate_data_share_consumer,
            "RejectDataShare": self.reject_data_share,
            "DescribeDataShares": self.describe_data_shares,
            "DescribeDataSharesForProducer": self.describe_data_shares_for_producer,
            "DescribeDataSharesForConsumer": self.describe_data_shares_for_consumer,
        }

    def authorize_data_share(self, caller: Caller, params: Params) -> Params:
        """The producer's consent to a consumer."""
        seen = self._shares.authorize(
            caller,
            params["DataShareArn"],
            params["ConsumerIdentifier"],
            allow_writes=params.get("AllowWrites"),
        )
        return share_document(seen)

    def deauthorize_data_share(self, caller: Caller, params: Params) -> Params:
        """The producer's consent taken back."""
        seen = self._shares.deauthorize(
            caller, params["DataShareArn"], params["ConsumerIdentifier"]
        )
        return share_document(seen)

    def associate_data_share_consumer(self, caller: Caller, params: Params) -> Params:
        """The consumer's choice of its namespaces."""
        selector = Selector(
            params.get("AssociateEntireAccount"),
            params.get("ConsumerArn"),
            params.get("ConsumerRegion"),
        )
        seen = self._shares.associate(
            caller, params["DataShareArn"], selector, allow_writes=params.get("AllowWrites")
        )
        return share_document(seen)

    def disassociate_data_share_consumer(self, caller: Caller, params: Params) -> Params:
        """The consumer's choice taken back."""
        selector = Selector(
            params.get("DisassociateEntireAccount"),
            params.get("ConsumerArn"),
            params.get("ConsumerRegion"),
        )
        seen = self._shares.disassociate(caller, params["DataShareArn"], selector)
        return share_document(seen)

    def reject_data_share(self, caller: Caller, params: Params) -> Params:
        """The consumer's refusal."""
        return share_document(self._shares.reject(caller, params["DataShareArn"]))

    def describe_data_shares(self, caller: Caller, params: Params) -> Params:
        """Inbound and outbound."""
        page = self._lists.describe(
            caller,
            params.get("DataShareArn"),
            max_records=params.get("MaxRecords"),
            marker=params.get("Marker"),
        )
        return _page(page)

    def describe_data_shares_for_producer(self, caller: Caller, params: Params) -> Params:
        """Outbound."""
        page = self._lists.for_producer(
            caller,
            params.get("ProducerArn"),
            params.get("Status"),
            max_records=params.get("MaxRecords"),
            marker=params.get("Marker"),
        )
        return _page(page)

    def describe_data_shares_for_consumer(self, caller: Caller, params: Params) -> Params:
        """Inbound."""
        page = self._lists.for_consumer(
            caller,
            params.get("ConsumerArn"),
            params.get("Status"),
            max_records=params.get("MaxRecords"),
            marker=params.get("Marker"),
        )
        return _page(page)


def _page(page: Page[ShareView]) -> Params:
    return {"DataShares": [share_document(seen) for seen in page.items], "Marker": page.marker}


def share_document(seen: ShareView) -> Params:
    """A DataShare of the API."""
    return {
        "DataShareArn": str(seen.share.arn),
        "ProducerArn": seen.producer_arn,
        "AllowPubliclyAccessibleConsumers": seen.share.publicly_accessible,
        "DataShareAssociations": [_entry(entry) for entry in seen.entries],
        "ManagedBy": seen.share.managed_by,
        "DataShareType": seen.share.share_type,
    }


def _entry(entry: EntryView) -> Params:
    return {
        "ConsumerIdentifier": entry.consumer_identifier,
        "Status": str(entry.status),
        "ConsumerRegion": entry.consumer_region,
        "CreatedDate": entry.created,
        "StatusChangeDate": entry.changed,
        "ProducerAllowedWrites": entry.producer_allowed_writes,
        "ConsumerAcceptedWrites": entry.consumer_accepted_writes,
    }
