"""The requests made of datashares, their sums, and last uses, on one psycopg connection.

A request is known by its id: one that is written again, because nobody could tell whether it was,
is neither kept nor counted twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from datetime import date, datetime
from typing import Final

import msgspec

from redshare.adapters.store.rows import Connection, run
from redshare.core.last_use import LastUse
from redshare.core.share_usage import ShareMeter, ShareRequest

_DECODER: Final[msgspec.json.Decoder[ShareRequest]] = msgspec.json.Decoder(ShareRequest)

_ADD: Final = """WITH made AS (
        INSERT INTO share_usage (request, at, consumer, producer, share, refused,
            rows_read, bytes_read, rows_written, bytes_written, cross_region, body)
        SELECT * FROM unnest(%s::text[], %s::timestamptz[], %s::text[], %s::text[], %s::text[],
            %s::bool[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
            %s::text[])
        ON CONFLICT (request) DO NOTHING RETURNING *)
    INSERT INTO share_meter AS m (day, share, consumer, producer, share_name, producer_account,
        consumer_account, requests, refused, rows_read, bytes_read, rows_written,
        bytes_written, cross_region)
    SELECT (at AT TIME ZONE 'UTC')::date, made.share, made.consumer, made.producer,
        max(n.share_name), max(n.producer_account), max(n.consumer_account), count(*),
        count(*) FILTER (WHERE refused), sum(rows_read), sum(bytes_read), sum(rows_written),
        sum(bytes_written), sum(cross_region)
    FROM made JOIN unnest(%s::text[], %s::text[], %s::text[], %s::text[])
        AS n(request, share_name, producer_account, consumer_account) USING (request)
    WHERE made.share IS NOT NULL GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3
    ON CONFLICT (day, share, consumer) DO UPDATE SET
        requests = m.requests + excluded.requests, refused = m.refused + excluded.refused,
        rows_read = m.rows_read + excluded.rows_read,
        bytes_read = m.bytes_read + excluded.bytes_read,
        rows_written = m.rows_written + excluded.rows_written,
        bytes_written = m.bytes_written + excluded.bytes_written,
        cross_region = m.cross_region + excluded.cross_region"""
_ADD_USES: Final = """INSERT INTO last_use AS l (subject, at, service, region)
    SELECT * FROM unnest(%s::text[], %s::timestamptz[], %s::text[], %s::text[])
        AS n(subject, at, service, region) ORDER BY subject
    ON CONFLICT (subject) DO UPDATE SET
        at = excluded.at, service = excluded.service, region = excluded.region
    WHERE l.at < excluded.at"""
_METERED: Final = """SELECT day, share, share_name, producer, producer_account, consumer,
        consumer_account, requests, refused, rows_read, bytes_read, rows_written, bytes_written
    FROM share_meter WHERE consumer = %s OR producer = %s
    ORDER BY day, share_name, share, consumer"""


def add(connection: Connection, requests: Sequence[ShareRequest]) -> None:
    """Keep the requests, and add them to the sums."""
    kept = [
        (
            request.request_id,
            request.at,
            request.consumer,
            request.producer,
            request.share,
            bool(request.error),
            request.rows_read,
            request.bytes_read,
            request.rows_written,
            request.bytes_written,
            request.cross_region,
            msgspec.json.encode(request).decode(),
        )
        for request in requests
    ]
    named = [(r.request_id, r.share_name, r.producer_account, r.consumer_account) for r in requests]
    columns = [list(column) for rows in (kept, named) for column in zip(*rows, strict=True)]
    run(connection, _ADD, columns)


def usage(
    connection: Connection, side: str, namespace: str, since: datetime, limit: int
) -> list[ShareRequest]:
    """The newest requests of a namespace, oldest first; `side` is consumer or producer."""
    statement = f"""SELECT body FROM share_usage WHERE {side} = %s AND at >= %s
        ORDER BY at DESC, sequence DESC LIMIT %s"""
    found = run(connection, statement, [namespace, since, limit]).fetchall()
    return [_DECODER.decode(body) for (body,) in reversed(found)]


def metered(connection: Connection, namespace: str) -> list[ShareMeter]:
    """The sums that a namespace has part in."""
    return [ShareMeter(*row) for row in run(connection, _METERED, [namespace, namespace])]


def cross_region(connection: Connection, consumer: str, since: date) -> int:
    """The megabytes that a consumer's reads across Regions counted since a day."""
    statement = """SELECT coalesce(sum(cross_region), 0)::bigint FROM share_meter
        WHERE consumer = %s AND day >= %s"""
    return int(run(connection, statement, [consumer, since]).fetchone()[0])


def add_uses(connection: Connection, uses: Sequence[LastUse]) -> None:
    """Keep those that are newer than what is kept."""
    columns = [list(column) for column in zip(*map(astuple, uses), strict=True)]
    run(connection, _ADD_USES, columns)


def last_use(connection: Connection, subject: str) -> LastUse | None:
    """What is kept of one subject."""
    statement = "SELECT subject, at, service, region FROM last_use WHERE subject = %s"
    row = run(connection, statement, [subject]).fetchone()
    return None if row is None else LastUse(*row)


def forget(connection: Connection, before: datetime, most: int, meters_before: datetime) -> None:
    """Delete requests before a time, and the oldest where more than `most` are left; old sums."""
    run(connection, "DELETE FROM share_usage WHERE at < %s", [before])
    newest = "SELECT coalesce(max(sequence), 0) FROM share_usage"
    run(connection, f"DELETE FROM share_usage WHERE sequence <= ({newest}) - %s", [most])
    run(connection, "DELETE FROM share_meter WHERE day < %s", [meters_before.date()])
    run(connection, "DELETE FROM last_use WHERE at < %s", [meters_before])
