"""SVL_DATASHARE_* and SYS_DATASHARE_*: the logs of changes to shares and of their use.

Their columns are there; nothing is written into them yet.
https://docs.aws.amazon.com/redshift/latest/dg/r_SVL_DATASHARE_CHANGE_LOG.html
"""

from __future__ import annotations

from typing import Final

from redshare.sql.views.model import nothing, view

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

VIEWS: Final = (
    view(
        "svl_datashare_change_log",
        f"userid int, username varchar(128), pid int, xid bigint, {_SHARE}, recordtime timestamp,"
        f"{_OBJECT}, target_userid int, target_username varchar(128), {_PARTIES}",
        nothing,
    ),
    view(
        "sys_datashare_change_log",
        f"user_id int, user_name varchar(128), session_id int, transaction_id bigint, {_SHARE},"
        f"record_time timestamp, {_OBJECT}, target_user_id int, target_user_name varchar(128),"
        f"{_PARTIES}",
        nothing,
    ),
    view(
        "svl_datashare_usage_consumer",
        f"userid int, pid int, xid bigint, {_REQUEST}, transaction_uid varchar(50),"
        "recordtime timestamp, status int, error varchar(512)",
        nothing,
    ),
    view(
        "sys_datashare_usage_consumer",
        f"user_id int, session_id int, transaction_id bigint, {_REQUEST},"
        "transaction_uid varchar(50), record_time timestamp, status int,"
        "error_message varchar(512)",
        nothing,
    ),
    view(
        "svl_datashare_usage_producer",
        f"{_PRODUCED}, recordtime timestamp, status int, error varchar(512),"
        "consumer_region varchar(64)",
        nothing,
    ),
    view(
        "sys_datashare_usage_producer",
        f"{_PRODUCED}, record_time timestamp, status int, error_message varchar(512),"
        "consumer_region varchar(64)",
        nothing,
    ),
    view(
        "svl_datashare_cross_region_usage",
        "query int, segment bigint, start_time timestamp, end_time timestamp,"
        "transferred_data bigint, source_region varchar(25)",
        nothing,
    ),
    view(
        "sys_datashare_cross_region_usage",
        "query_id int, child_query_sequence int, segment_id bigint, start_time timestamp,"
        "end_time timestamp, transferred_data bigint, source_region varchar(25),"
        "query_uuid varchar(36)",
        nothing,
    ),
)
