"""What the change logs of datashares tell of a change beside who, when and the outcome.

It is decided when the change is made: a datashare that is gone keeps its rows.
https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_DATASHARE_CHANGE_LOG.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ChangedPart:
    """One row of the logs: an object, a consumer, a user, or a setting. What is not known is None.

    `object_key` is what the object's id is drawn from.
    """

    action: str
    object_type: str | None = None
    object_key: str | None = None
    object_name: str | None = None
    target_type: str | None = None
    target_id: int | None = None
    target_name: str | None = None
    consumer_account: str | None = None
    consumer_namespace: str | None = None
    attribute: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class ShareChange:
    """`namespace` is whose log it is in; None: the logs of all namespaces of the audited account.

    Database ids are the catalogue's; of a consumer's change the producer's own are None.
    """

    parts: tuple[ChangedPart, ...]
    namespace: str | None = None
    user: int | None = None
    user_name: str | None = None
    session: int | None = None
    transaction: int | None = None
    share_id: int | None = None
    share_name: str | None = None
    source_database: str | None = None
    source_database_name: str | None = None
    consumer_database: str | None = None
    consumer_database_name: str | None = None
    producer_account: str | None = None
    producer_namespace: str | None = None


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """A change with its outcome; `error` is the code of one that failed, empty of any other."""

    at: datetime
    arn: str
    error: str
    message: str
    change: ShareChange
