"""SVL_DATASHARE_* and SYS_DATASHARE_*: the logs of changes to shares and of their use.

A superuser sees all rows of the namespace, others their own: changes that they made, requests of
their statements, and as a producer the requests of shares that they may change.
https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_DATASHARE_CHANGE_LOG.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from redshare.core.share_change import ChangedPart, LoggedChange
from redshare.core.share_usage import ShareRequest
from redshare.sql.context import SqlContext
from redshare.sql.views.model import Record, view
from redshare.sql.views.oids import oid
from redshare.sql.views.sessions import moment
from redshare.sql.views.shares import outbound

#: `status` of what failed, where 0 is success: the manual has no numbers.
_FAILED: Final = 1
_NAME: Final = 128
_ARN: Final = 192

_SHARE: Final = (
    "share_id int, share_name varchar(128), source_database_id int,"
    "source_database_name varchar(128), consumer_database_id int,"
    "consumer_database_name varchar(128), arn varchar(192)"
)
_OBJECT: Final = (
    "action varchar(128), status int, share_object_type varchar(64), share_object_id int,"
    "share_object_name varchar(128), target_user_type varchar(16)"
)
_PARTIES: Final = (
    "consumer_account varchar(16), consumer_namespace varchar(64), producer_account varchar(16),"
    "producer_namespace varchar(64), attribute_name varchar(64), attribute_value varchar(128),"
    "message varchar(512)"
)
_REQUEST: Final = "request_id varchar(50), request_type varchar(25)"
_PRODUCED: Final = (
    f"share_id int, share_name varchar(128), {_REQUEST}, object_type varchar(64), object_oid int,"
    "object_name varchar(128), consumer_account varchar(16), consumer_namespace varchar(64),"
    "consumer_transaction_uid varchar(50)"
)


# --- changes ----------------------------------------------------------------------------------


def _changes(context: SqlContext) -> Iterator[Record]:
    if context.share_log is None:
        return
    for logged in context.share_log.changes(context.namespace):
        if context.user.superuser or logged.change.user == context.user.user_id:
            for part in logged.change.parts:
                yield _change(logged, part)


def _change(logged: LoggedChange, part: ChangedPart) -> Record:
    change = logged.change
    message = f"{logged.error}: {logged.message}"[:512] if logged.error else None
    return {
        "userid": change.user,
        "user_id": change.user,
        "username": change.user_name,
        "user_name": change.user_name,
        "pid": change.session,
        "session_id": change.session,
        "xid": change.transaction,
        "transaction_id": change.transaction,
        "share_id": change.share_id,
        "share_name": change.share_name,
        "source_database_id": _oid(change.source_database),
        "source_database_name": change.source_database_name,
        "consumer_database_id": _oid(change.consumer_database),
        "consumer_database_name": change.consumer_database_name,
        "arn": logged.arn[:_ARN],
        "recordtime": moment(logged.at),
        "record_time": moment(logged.at),
        "action": part.action,
        "status": _FAILED if logged.error else 0,
        "share_object_type": part.object_type,
        "share_object_id": _oid(part.object_key),
        "share_object_name": _cut(part.object_name),
        "target_user_type": part.target_type,
        "target_userid": part.target_id,
        "target_user_id": part.target_id,
        "target_username": part.target_name,
        "target_user_name": part.target_name,
        "consumer_account": part.consumer_account,
        "consumer_namespace": part.consumer_namespace,
        "producer_account": change.producer_account,
        "producer_namespace": change.producer_namespace,
        "attribute_name": part.attribute,
        "attribute_value": _cut(part.value),
        "message": message,
    }


def _cut(text: str | None) -> str | None:
    """A schema and a name in it may be longer than the column is."""
    return None if text is None else text[:_NAME]


def _oid(key: str | None) -> int | None:
    return oid(key) if key else None


# --- use --------------------------------------------------------------------------------------


def _consumed(context: SqlContext) -> Iterator[Record]:
    if context.share_log is None:
        return
    for request in context.share_log.consumed(context.namespace):
        if context.user.superuser or request.user == context.user.user_id:
            transaction = request.transaction or None
            yield {
                **_outcome(request),
                "userid": request.user,
                "user_id": request.user,
                "pid": request.session,
                "session_id": request.session,
                "xid": transaction,
                "transaction_id": transaction,
            }


def _produced(context: SqlContext) -> Iterator[Record]:
    if context.share_log is None:
        return
    known = {share.share_key for share in outbound(context)}
    for request in context.share_log.produced(context.namespace):
        if context.user.superuser or request.share in known:
            yield {
                **_outcome(request),
                "share_id": request.share_id,
                "share_name": request.share_name,
                "object_type": request.object_type,
                "object_oid": _oid(request.object_key),
                "object_name": _cut(request.object_name),
                "consumer_account": request.consumer_account,
                "consumer_namespace": request.consumer,
                "consumer_region": request.consumer_region,
            }


def _outcome(request: ShareRequest) -> Record:
    transaction_uid = request.transaction_uid if request.transaction else None
    return {
        "transaction_uid": transaction_uid,
        "consumer_transaction_uid": transaction_uid,
        "request_id": request.request_id,
        "request_type": request.request_type,
        "recordtime": moment(request.at),
        "record_time": moment(request.at),
        "status": _FAILED if request.error else 0,
        "error": request.error[:512] or None,
        "error_message": request.error[:512] or None,
    }


def _across(context: SqlContext) -> Iterator[Record]:
    """Superusers alone see what came from another Region."""
    if context.share_log is None or not context.user.superuser:
        return
    for request in context.share_log.consumed(context.namespace):
        if request.producer_region in {None, request.consumer_region} or request.error:
            continue
        yield {
            "query": request.query,
            "query_id": request.query,
            "child_query_sequence": 1,
            "segment": 0,
            "segment_id": 0,
            "start_time": moment(request.started),
            "end_time": moment(request.at),
            "transferred_data": request.bytes_read,
            "source_region": request.producer_region,
            "query_uuid": request.request_id,
        }


def _metered(context: SqlContext) -> Iterator[Record]:
    """Superusers alone: no user is named in a sum."""
    if context.share_log is None or not context.user.superuser:
        return
    for meter in context.share_log.metered(context.namespace):
        yield {
            "usage_date": meter.day,
            "share_name": meter.share_name,
            "producer_account": meter.producer_account,
            "producer_namespace": meter.producer,
            "consumer_account": meter.consumer_account,
            "consumer_namespace": meter.consumer,
            "requests": meter.requests,
            "refused": meter.refused,
            "rows_read": meter.rows_read,
            "bytes_read": meter.bytes_read,
            "rows_written": meter.rows_written,
            "bytes_written": meter.bytes_written,
        }


VIEWS: Final = (
    view(
        "svl_datashare_change_log",
        f"userid int, username varchar(128), pid int, xid bigint, {_SHARE}, recordtime timestamp,"
        f"{_OBJECT}, target_userid int, target_username varchar(128), {_PARTIES}",
        _changes,
    ),
    view(
        "sys_datashare_change_log",
        f"user_id int, user_name varchar(128), session_id int, transaction_id bigint, {_SHARE},"
        f"record_time timestamp, {_OBJECT}, target_user_id int, target_user_name varchar(128),"
        f"{_PARTIES}",
        _changes,
    ),
    view(
        "svl_datashare_usage_consumer",
        f"userid int, pid int, xid bigint, {_REQUEST}, transaction_uid varchar(50),"
        "recordtime timestamp, status int, error varchar(512)",
        _consumed,
    ),
    view(
        "sys_datashare_usage_consumer",
        f"user_id int, session_id int, transaction_id bigint, {_REQUEST},"
        "transaction_uid varchar(50), record_time timestamp, status int,"
        "error_message varchar(512)",
        _consumed,
    ),
    view(
        "svl_datashare_usage_producer",
        f"{_PRODUCED}, recordtime timestamp, status int, error varchar(512),"
        "consumer_region varchar(64)",
        _produced,
    ),
    view(
        "sys_datashare_usage_producer",
        f"{_PRODUCED}, record_time timestamp, status int, error_message varchar(512),"
        "consumer_region varchar(64)",
        _produced,
    ),
    view(
        "svl_datashare_cross_region_usage",
        "query int, segment bigint, start_time timestamp, end_time timestamp,"
        "transferred_data bigint, source_region varchar(25)",
        _across,
    ),
    view(
        "sys_datashare_cross_region_usage",
        "query_id int, child_query_sequence int, segment_id bigint, start_time timestamp,"
        "end_time timestamp, transferred_data bigint, source_region varchar(25),"
        "query_uuid varchar(36)",
        _across,
    ),
    # Redshift has no such view: what was read and written through shares, summed up by day.
    view(
        "redshare_datashare_metering",
        "usage_date date, share_name varchar(128), producer_account varchar(16),"
        "producer_namespace varchar(64), consumer_account varchar(16),"
        "consumer_namespace varchar(64), requests bigint, refused bigint, rows_read bigint,"
        "bytes_read bigint, rows_written bigint, bytes_written bigint",
        _metered,
    ),
)
