"""Sessions now and before: STV_SESSIONS, PG_STAT_ACTIVITY, connection logs, transactions.

A superuser sees all sessions of the namespace, others their own.
https://docs.aws.amazon.com/redshift/latest/dg/r_STV_SESSIONS.html
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from redshare.sql.activity import QueryRecord, SessionRecord
from redshare.sql.context import SqlContext
from redshare.sql.views.model import Record, nothing, view
from redshare.sql.views.oids import oid


def moment(at: datetime | None) -> datetime | None:
    """A time as the views have it: UTC, without a zone."""
    return None if at is None else at.replace(tzinfo=None)


def own_sessions(context: SqlContext) -> Iterator[SessionRecord]:
    """The sessions that the user may know of, open or ended."""
    if context.activity is None:
        return
    for session in context.activity.sessions(context.namespace.namespace_id):
        if context.user.superuser or session.user == context.user.user_id:
            yield session


def own_queries(context: SqlContext) -> Iterator[QueryRecord]:
    """The statements that the user may know of."""
    if context.activity is None:
        return
    for query in context.activity.queries(context.namespace.namespace_id):
        if context.user.superuser or query.user == context.user.user_id:
            yield query


def _open(context: SqlContext) -> Iterator[Record]:
    running = {q.session_id: q for q in own_queries(context) if q.ended is None}
    for session in own_sessions(context):
        if session.ended is not None:
            continue
        query = running.get(session.session_id)
        found = context.catalog.database_named(context.namespace.namespace_id, session.database)
        yield {
            "starttime": moment(session.started),
            "process": session.session_id,
            "user_name": session.user_name,
            "db_name": session.database,
            "timeout_sec": 0,
            "datid": oid(found.database_id) if found else None,
            "datname": session.database,
            "procpid": session.session_id,
            "usesysid": session.user,
            "usename": session.user_name,
            "current_query": query.text if query else "<IDLE>",
            "query_start": moment(query.started) if query else None,
            "pid": session.session_id,
            "query": query.text if query else "<IDLE>",
            "state": "active" if query else "idle",
            "backend_start": moment(session.started),
            "application_name": session.application,
        }


def _history(context: SqlContext) -> Iterator[Record]:
    for session in own_sessions(context):
        yield {
            "user_id": session.user,
            "session_id": session.session_id,
            "database_name": session.database,
            "status": "active" if session.ended is None else "disconnected",
            "session_timeout": 0,
            "start_time": moment(session.started),
            "end_time": moment(session.ended),
        }


def _connections(context: SqlContext) -> Iterator[Record]:
    """A row when a session began and one when it ended; superusers alone."""
    if not context.user.superuser:
        return
    for session in own_sessions(context):
        row: dict[str, object] = {
            "remotehost": session.remote,
            "pid": session.session_id,
            "dbname": session.database,
            "username": session.user_name,
            "authmethod": "password",
            "sslversion": "TLSv1.3" if session.tls else "",
            "application_name": session.application,
            "remote_host": session.remote,
            "session_id": session.session_id,
            "database_name": session.database,
            "user_name": session.user_name,
            "auth_method": "password",
            "ssl_version": "TLSv1.3" if session.tls else "",
            "duration": 0,
        }
        began = {"recordtime": moment(session.started), "record_time": moment(session.started)}
        yield row | began | {"event": "initiating session"}
        if session.ended is not None:
            lasted = (session.ended - session.started).total_seconds() * 1_000_000
            ended = {"recordtime": moment(session.ended), "record_time": moment(session.ended)}
            yield row | ended | {"event": "disconnecting session", "duration": int(lasted)}


def _transactions(context: SqlContext) -> Iterator[Record]:
    """Statements that run now; what a transaction has locked the engine alone knows."""
    for query in own_queries(context):
        if query.ended is None:
            yield {
                "txn_owner": query.user_name,
                "txn_db": query.database,
                "xid": query.transaction_id,
                "pid": query.session_id,
                "txn_start": moment(query.started),
                "lock_mode": "AccessShareLock",
                "lockable_object_type": "transactionid",
                "granted": True,
            }


VIEWS: Final = (
    view(
        "stv_sessions",
        "starttime timestamp, process int, user_name varchar(50), db_name varchar(50),"
        "timeout_sec int",
        _open,
    ),
    view(
        "pg_stat_activity",
        "datid oid, datname name, procpid int, usesysid int, usename name, current_query text,"
        "query_start timestamp",
        _open,
        "pid int, query text, state text, backend_start timestamp, application_name text",
    ),
    view(
        "sys_session_history",
        "user_id int, session_id int, database_name varchar(128), status varchar(16),"
        "session_timeout int, start_time timestamp, end_time timestamp",
        _history,
    ),
    view(
        "stl_connection_log",
        "event varchar(50), recordtime timestamp, remotehost varchar(45), remoteport varchar(32),"
        "pid int, dbname varchar(50), username varchar(50), authmethod varchar(32), duration int,"
        "sslversion varchar(50), sslcipher varchar(128), mtu int, sslcompression varchar(64),"
        "sslexpansion varchar(64), iamauthguid varchar(36), application_name varchar(250),"
        "os_version varchar(64), driver_version varchar(64), plugin_name varchar(32),"
        "protocol_version int, sessionid varchar(36), compression varchar(8)",
        _connections,
    ),
    view(
        "sys_connection_log",
        "event varchar(50), record_time timestamp, remote_host varchar(45),"
        "remote_port varchar(32), session_id int, database_name varchar(50),"
        "user_name varchar(50), auth_method varchar(32), duration bigint,"
        "ssl_version varchar(50), ssl_cipher varchar(128), mtu int, ssl_compression varchar(64),"
        "ssl_expansion varchar(64), iam_auth_guid varchar(36), application_name varchar(250),"
        "driver_version varchar(64), os_version varchar(64), plugin_name varchar(32),"
        "protocol_version int, global_session_id varchar(36)",
        _connections,
    ),
    view(
        "svv_transactions",
        "txn_owner text, txn_db text, xid bigint, pid int, txn_start timestamp, lock_mode text,"
        "lockable_object_type text, relation int, granted bool",
        _transactions,
    ),
    view(
        "pg_locks",
        "relation oid, database oid, transaction xid, pid int, mode text, granted bool",
        nothing,
    ),
    view(
        "stv_locks",
        "table_id bigint, last_commit timestamp, last_update timestamp, lock_owner bigint,"
        "lock_owner_pid bigint, lock_owner_start_ts timestamp, lock_owner_end_ts timestamp,"
        "lock_status char(22)",
        nothing,
    ),
)
