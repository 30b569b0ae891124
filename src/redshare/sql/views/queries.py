"""Statements now and before: STV_RECENTS, STV_INFLIGHT, STL_QUERY and its kin, SYS_QUERY_*.

A superuser sees all statements of the namespace, others their own.
https://docs.aws.amazon.com/redshift/latest/dg/SYS_QUERY_HISTORY.html
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from redshare.core.usage_breach import UsageBreach
from redshare.sql.activity import QueryRecord
from redshare.sql.context import SqlContext
from redshare.sql.version import VERSION
from redshare.sql.views.model import Record, nothing, view
from redshare.sql.views.sessions import moment, own_queries

#: STL_QUERYTEXT and its kin cut a statement into rows of so many characters.
_PIECE: Final = 200
#: SYS_QUERY_TEXT has longer ones, and SYS_QUERY_HISTORY shows so much of a statement.
_LONG_PIECE: Final = 4000
_DDL: Final = frozenset({"DDL", "CTAS"})
_MICROSECOND: Final = timedelta(microseconds=1)


def _lasted(query: QueryRecord) -> int:
    return 0 if query.ended is None else (query.ended - query.started) // _MICROSECOND


def _row(query: QueryRecord) -> dict[str, object]:
    failed = 1 if query.error else 0
    return {
        "userid": query.user,
        "user_id": query.user,
        "query": query.query_id,
        "query_id": query.query_id,
        "label": query.label,
        "query_label": query.label,
        "xid": query.transaction_id,
        "transaction_id": query.transaction_id,
        "pid": query.session_id,
        "session_id": query.session_id,
        "database": query.database,
        "database_name": query.database,
        "db_name": query.database,
        "user_name": query.user_name,
        "querytxt": query.text[:_LONG_PIECE],
        "query_text": query.text[:_LONG_PIECE],
        "substring": query.text[:60],
        "text": query.text[:100],
        "starttime": moment(query.started),
        "start_time": moment(query.started),
        "endtime": moment(query.ended),
        "end_time": moment(query.ended),
        "elapsed": _lasted(query),
        "elapsed_time": _lasted(query),
        "duration": _lasted(query),
        "execution_time": _lasted(query),
        "queue_time": 0,
        "aborted": failed,
        "status": query.status,
        "query_type": query.kind,
        "type": query.kind,
        "result_cache_hit": False,
        "error_message": query.error or None,
        "returned_rows": query.rows,
        "redshift_version": VERSION,
        "insert_pristine": 0,
        "concurrency_scaling_status": 0,
        "slice": 0,
        "suspended": 0,
        "compute_type": "primary",
    }


def _ended(context: SqlContext) -> Iterator[Record]:
    for query in own_queries(context):
        if query.ended is not None:
            yield _row(query)


def _history(context: SqlContext) -> Iterator[Record]:
    breaches = list(context.catalog.children(UsageBreach, context.namespace.namespace_id))
    for query in own_queries(context):
        # Numbers begin anew with each node.
        limits = (
            breach.limit_id
            for breach in breaches
            if breach.query == query.query_id and breach.at >= query.started
        )
        yield _row(query) | {"usage_limit": ",".join(limits) or None}


def _running(context: SqlContext) -> Iterator[Record]:
    return (_row(query) for query in own_queries(context) if query.ended is None)


def _recent(context: SqlContext) -> Iterator[Record]:
    for query in own_queries(context):
        status = "Running" if query.ended is None else "Done"
        yield _row(query) | {
            "status": status,
            "query": query.text[:600],
            "pid": query.session_id if query.ended is None else -1,
        }


def _pieces(query: QueryRecord, size: int) -> Iterator[Record]:
    for number, start in enumerate(range(0, len(query.text) or 1, size)):
        yield _row(query) | {"sequence": number, "text": query.text[start : start + size]}


def _texts(context: SqlContext) -> Iterator[Record]:
    for query in own_queries(context):
        if query.kind not in _DDL | {"UTILITY", "COMMAND"}:
            yield from _pieces(query, _PIECE)


def _ddl_texts(context: SqlContext) -> Iterator[Record]:
    for query in own_queries(context):
        if query.kind in _DDL:
            yield from _pieces(query, _PIECE)


def _utility_texts(context: SqlContext) -> Iterator[Record]:
    for query in own_queries(context):
        if query.kind in {"UTILITY", "COMMAND"}:
            yield from _pieces(query, _PIECE)


def _statement_texts(context: SqlContext) -> Iterator[Record]:
    types = {"UTILITY": "UTILITY", "COMMAND": "UTILITY", "DDL": "DDL"}
    for query in own_queries(context):
        for piece in _pieces(query, _PIECE):
            yield {**piece, "type": types.get(query.kind, "QUERY")}


def _long_texts(context: SqlContext) -> Iterator[Record]:
    for query in own_queries(context):
        yield from _pieces(query, _LONG_PIECE)


def _errors(context: SqlContext) -> Iterator[Record]:
    for query in own_queries(context):
        if query.error:
            yield {
                "userid": query.user,
                "process": "redshare",
                "recordtime": moment(query.ended),
                "pid": query.session_id,
                "errcode": 0,
                "context": query.text[:100],
                "error": query.error[:512],
            }


_TEXT: Final = (
    "userid int, xid bigint, pid int, label varchar(320), starttime timestamp, endtime timestamp,"
    "sequence int"
)

VIEWS: Final = (
    view(
        "stv_recents",
        "userid int, status varchar(20), starttime timestamp, duration int, user_name varchar(50),"
        "db_name varchar(50), query varchar(600), pid int",
        _recent,
    ),
    view(
        "stv_inflight",
        "userid int, slice int, query int, label varchar(320), xid bigint, pid int,"
        "starttime timestamp, text varchar(100), suspended int, insert_pristine int,"
        "concurrency_scaling_status int",
        _running,
    ),
    view(
        "stl_query",
        "userid int, query int, label varchar(320), xid bigint, pid int, database varchar(32),"
        "querytxt varchar(4000), starttime timestamp, endtime timestamp, aborted int,"
        "insert_pristine int, concurrency_scaling_status int",
        _ended,
    ),
    view(
        "stl_querytext",
        "userid int, xid bigint, pid int, query int, sequence int, text varchar(200)",
        _texts,
    ),
    view("stl_ddltext", f"{_TEXT}, text varchar(200)", _ddl_texts),
    view("stl_utilitytext", f"{_TEXT}, text varchar(200)", _utility_texts),
    view(
        "svl_statementtext",
        "userid int, xid bigint, pid int, label varchar(320), starttime timestamp,"
        "endtime timestamp, sequence int, type varchar(10), text varchar(200)",
        _statement_texts,
    ),
    view(
        "svl_qlog",
        "userid int, query int, xid bigint, pid int, starttime timestamp, endtime timestamp,"
        "elapsed bigint, aborted int, label varchar(320), substring varchar(60),"
        "source_query int, concurrency_scaling_status_txt text, from_sp_call int",
        _ended,
    ),
    view(
        "stl_error",
        "userid int, process varchar(12), recordtime timestamp, pid int, errcode int,"
        "file varchar(90), linenum int, context varchar(100), error varchar(512)",
        _errors,
    ),
    view(
        "sys_query_history",
        "user_id int, query_id bigint, query_label varchar(320), transaction_id bigint,"
        "session_id int, database_name varchar(128), query_type varchar(32), status varchar(10),"
        "result_cache_hit bool, start_time timestamp, end_time timestamp, elapsed_time bigint,"
        "queue_time bigint, execution_time bigint, error_message varchar(512),"
        "returned_rows bigint, returned_bytes bigint, query_text varchar(4000),"
        "redshift_version varchar(256), usage_limit varchar(150), compute_type varchar(32),"
        "compile_time bigint, planning_time bigint, lock_wait_time bigint,"
        "service_class_id int, service_class_name varchar(64), query_priority varchar(20),"
        "short_query_accelerated varchar(10), user_query_hash varchar(40),"
        "generic_query_hash varchar(40), query_hash_version int, result_cache_query_id bigint",
        _history,
    ),
    view(
        "sys_query_text",
        "user_id int, query_id bigint, transaction_id bigint, session_id int,"
        "start_time timestamp, sequence int, text varchar(4000)",
        _long_texts,
    ),
    view(
        "stl_wlm_query",
        "userid int, xid int, task int, query int, service_class int, slot_count int,"
        "service_class_start_time timestamp, queue_start_time timestamp, queue_end_time timestamp,"
        "total_queue_time bigint, exec_start_time timestamp, exec_end_time timestamp,"
        "total_exec_time bigint, service_class_end_time timestamp, final_state varchar(16),"
        "est_peak_mem bigint, query_priority varchar(20), service_class_name varchar(64)",
        nothing,
    ),
)
