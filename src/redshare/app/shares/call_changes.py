"""What the change logs of datashares show of an API call that changes a datashare's entries.

The producer's calls are in the log of the share's namespace, a consumer account's in its own: a
producer learns nothing of a consumer's namespaces here either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from redshare.core.consumer import DataCatalogConsumer, NamespaceConsumer, parse_consumer
from redshare.core.ids import AccountId, DataShareArn, MalformedId, NamespaceArn
from redshare.core.share import Datashare
from redshare.core.share_change import ChangedPart, ShareChange

#: The calls that change a datashare's entries.
CALLS: Final = frozenset(
    {
        "AuthorizeDataShare",
        "DeauthorizeDataShare",
        "AssociateDataShareConsumer",
        "DisassociateDataShareConsumer",
        "RejectDataShare",
    }
)
_BY_PRODUCER: Final = frozenset({"AuthorizeDataShare", "DeauthorizeDataShare"})
#: What else a call says; the log has room for the first that is given.
_ATTRIBUTES: Final = (
    "consumerRegion",
    "associateEntireAccount",
    "disassociateEntireAccount",
    "allowWrites",
)


def of_call(
    operation: str,
    account: AccountId,
    parameters: Mapping[str, Any],
    share: Datashare | None = None,
) -> ShareChange:
    """Of a call by `account`; `share` is None where the call failed."""
    given = {name[:1].lower() + name[1:]: value for name, value in parameters.items()}
    arn = _arn(given)
    producer = arn is not None and arn.account == account and operation in _BY_PRODUCER
    consumer_account, consumer_namespace = _consumer(operation, account, given)
    attribute = next((name for name in _ATTRIBUTES if given.get(name) is not None), None)
    part = ChangedPart(
        operation,
        consumer_account=consumer_account,
        consumer_namespace=consumer_namespace,
        attribute=attribute,
        value=None if attribute is None else str(given[attribute]).lower(),
    )
    log = consumer_namespace if operation not in _BY_PRODUCER and share is not None else None
    return ShareChange(
        (part,),
        namespace=arn.namespace if producer and arn is not None else log,
        share_id=share.share_id if producer and share is not None else None,
        share_name=None if arn is None else arn.name,
        producer_account=None if arn is None else arn.account,
        producer_namespace=None if arn is None else arn.namespace,
    )


def _arn(given: Mapping[str, Any]) -> DataShareArn | None:
    try:
        return DataShareArn.parse(str(given.get("dataShareArn", "")))
    except MalformedId:
        return None


def _consumer(
    operation: str, account: AccountId, given: Mapping[str, Any]
) -> tuple[str | None, str | None]:
    """Account and namespace of the consumer that a call is about."""
    if operation in _BY_PRODUCER:
        named = str(given.get("consumerIdentifier", ""))
        try:
            consumer = parse_consumer(named)
        except MalformedId:
            return named, None
        if isinstance(consumer, NamespaceConsumer):
            return None, consumer.namespace
        return consumer.account if isinstance(consumer, DataCatalogConsumer) else str(
            consumer
        ), None
    try:
        return account, NamespaceArn.parse(str(given.get("consumerArn", ""))).namespace
    except MalformedId:
        return account, None
