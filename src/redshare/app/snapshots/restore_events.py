"""What a restore did to the datashares of a serverless namespace, as rows that are told as events.

https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-event-notifications-eventbridge.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from redshare.app.events import DATA_SHARING
from redshare.core.catalog import Change, Drop, Entity
from redshare.core.namespace import Namespace
from redshare.core.share import INTERNAL, Datashare
from redshare.ports import AuditRecord


def restore_events(
    namespace: Namespace, present: Iterable[Entity], changes: Iterable[Change], now: datetime
) -> tuple[AuditRecord, ...]:
    """A row for each share that is dropped, grant that is lost, public access that changes."""
    before = {entity.share_key: entity for entity in present if isinstance(entity, Datashare)}
    rows = []
    for change in changes:
        after = change.entity
        if not isinstance(after, Datashare) or after.share_type == INTERNAL:
            continue
        old = before.get(after.share_key)
        if old is not None:
            for number, what, consumer in _told(old, None if isinstance(change, Drop) else after):
                rows.append(_row(namespace, old, now, number, what, consumer))
    return tuple(rows)


def _told(old: Datashare, new: Datashare | None) -> Iterator[tuple[int, str, str | None]]:
    if new is None:
        yield 1045, f"The datashare {old.name} was dropped", None
        return
    kept = {entry.consumer for entry in new.authorizations}
    for entry in old.authorizations:
        if entry.consumer not in kept:
            what = f"Usage of the datashare {old.name} was revoked from {entry.principal}"
            yield 1046, what, str(entry.principal)
    if old.publicly_accessible != new.publicly_accessible:
        now = "allows" if new.publicly_accessible else "does not allow"
        yield 1047, f"The datashare {old.name} {now} publicly accessible consumers", None


def _row(
    namespace: Namespace,
    share: Datashare,
    now: datetime,
    number: int,
    what: str,
    consumer: str | None,
) -> AuditRecord:
    said = f"{what}: the namespace {namespace.name} was restored at {now:%Y-%m-%d %H:%M} UTC."
    detail = {
        "eventId": f"REDSHIFT-SERVERLESS-EVENT-{number}",
        "category": "Data Sharing",
        "severity": "INFO",
        "message": said,
        "namespaceName": namespace.name,
        "namespaceArn": str(namespace.arn),
        "dataShareArn": str(share.arn),
    }
    if consumer is not None:
        detail["consumerIdentifier"] = consumer
    return AuditRecord(
        at=now,
        account=namespace.account,
        principal="",
        action=DATA_SHARING,
        resource=str(namespace.arn),
        request_id="",
        parameters=detail,
        region=namespace.region,
    )
