"""Audit rows as events: CloudTrail's record in EventBridge's envelope.

An event's id is drawn from its row's hash, so what is delivered twice has one id.
https://docs.aws.amazon.com/redshift/latest/mgmt/logging-with-cloudtrail.html
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any, Final

from redshare.core.audit_chain import ChainedRow

#: The version of CloudTrail's record that this is.
EVENT_VERSION: Final = "1.08"
#: The action of a row that says how a statement of the Data API ended; its parameters say all.
STATUS_CHANGE: Final = "redshift-data:StatementStatusChange"
#: The action of a row that says that a usage limit was reached.
USAGE_LIMIT_REACHED: Final = "redshift:UsageLimitReached"
#: The action of a row that says what a restore did to a datashare.
DATA_SHARING: Final = "redshift-serverless:DataSharing"
#: The events that are no API calls: a row's parameters say all of them.
_OWN: Final = {
    STATUS_CHANGE: "Redshift Data Statement Status Change",
    USAGE_LIMIT_REACHED: "Redshift Usage Limit Reached",
    DATA_SHARING: "Redshift Serverless Data Sharing",
}


def event_of(row: ChainedRow) -> dict[str, Any]:
    """The event of an audit row."""
    record = json.loads(row.body)
    service, _, operation = str(record["action"]).partition(":")
    at = _moment(row.at)
    event_id = str(uuid.UUID(row.hash[:32]))
    region, resource = record.get("region", ""), record["resource"]
    envelope = {
        "version": "0",
        "id": event_id,
        "account": row.account,
        "time": at,
        "region": region,
        "resources": [resource] if resource else [],
        "source": f"aws.{service}",
    }
    if kind := _OWN.get(record["action"]):
        return {**envelope, "detail-type": kind, "detail": record["parameters"]}
    detail: dict[str, Any] = {
        "eventVersion": EVENT_VERSION,
        "userIdentity": {"accountId": row.account, "arn": record["principal"]},
        "eventTime": at,
        "eventSource": f"{service}.amazonaws.com",
        "eventName": operation,
        "awsRegion": region,
        "sourceIPAddress": record["source"],
        "requestParameters": {_lower(k): v for k, v in record["parameters"].items()},
        "responseElements": record.get("response"),
        "requestID": record["request_id"],
        "eventID": event_id,
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": row.account,
        "eventCategory": "Management",
    }
    if record["error"]:
        detail["errorCode"] = record["error"]
        if record.get("message"):
            detail["errorMessage"] = record["message"]
    return {**envelope, "detail-type": "AWS API Call via CloudTrail", "detail": detail}


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]
