"""What was asked of datashares, by whom, and how much came of it.

A statement makes one request for each object that it reaches through a share. What it read and
wrote is counted once for each share, at the first of its objects there.
https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_DATASHARE_USAGE_PRODUCER.html
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class ShareRequest:
    """`producer` and `share` are None where no share was found that gives what was asked for.

    `query` and `transaction` are 0 where the statement did not come to run, `error` is empty where
    access was given. Bytes are those of the rows that were given out, in Arrow's form;
    `rows_written` are those that a statement wrote through the share, `bytes_written` those of the
    files that this added to the producer's lake.
    """

    request_id: str
    request_type: str
    at: datetime
    started: datetime
    query: int
    session: int
    user: int
    transaction: int
    transaction_uid: str
    consumer: str
    consumer_account: str
    consumer_region: str
    producer: str | None = None
    producer_account: str | None = None
    producer_region: str | None = None
    share: str | None = None
    share_id: int | None = None
    share_name: str | None = None
    object_type: str | None = None
    object_key: str | None = None
    object_name: str | None = None
    error: str = ""
    rows_read: int = 0
    bytes_read: int = 0
    rows_written: int = 0
    bytes_written: int = 0
    #: Megabytes that count against the consumer's usage limits of reads across Regions.
    cross_region: int = 0

    @property
    def across(self) -> bool:
        """Whether the producer is in another Region."""
        return self.producer_region not in {None, self.consumer_region}


@dataclass(frozen=True, slots=True)
class ShareMeter:
    """What one consumer took from one share, or wrote through it, on one day (UTC)."""

    day: date
    share: str
    share_name: str
    producer: str
    producer_account: str
    consumer: str
    consumer_account: str
    requests: int
    refused: int
    rows_read: int
    bytes_read: int
    rows_written: int
    bytes_written: int
