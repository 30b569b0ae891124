"""STL_LOAD_ERRORS and the other views of COPY and UNLOAD: a user sees own rows, a superuser all.

https://docs.aws.amazon.com/redshift/latest/dg/r_STL_LOAD_ERRORS.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from redshare.core.ids import UserId
from redshare.core.loads import LoadError, Transfer
from redshare.sql.context import SqlContext
from redshare.sql.views.model import TIMESTAMP, Row, SystemView, varchar
from redshare.sql.views.oids import oid


def _char(length: int) -> str:
    return f"character({length})"


def _mine(context: SqlContext, user: UserId) -> bool:
    return context.user.superuser or user == context.user.user_id


def _errors(context: SqlContext) -> Iterator[LoadError]:
    return (e for e in context.loads().errors if _mine(context, e.user))


def _transfers(context: SqlContext, kind: str) -> Iterator[Transfer]:
    return (t for t in context.loads().transfers if t.kind == kind and _mine(context, t.user))


def _stl_load_errors(context: SqlContext) -> Iterator[Row]:
    for e in _errors(context):
        yield (
            e.user, 0, oid(e.table), e.started.replace(tzinfo=None), e.session, e.query, e.file,
            e.line, e.column, e.type, e.length, e.position, e.raw_line, e.raw_value, e.code,
            e.reason, 0, 0, -1,
        )  # fmt: skip


def _stl_loaderror_detail(context: SqlContext) -> Iterator[Row]:
    for e in _errors(context):
        for number, (name, kind, length, value) in enumerate(e.fields):
            yield (
                e.user, 0, e.session, e.query, e.file, e.line, number, name,
                value or "", int(value is None), kind, length,
            )  # fmt: skip


def _sys_load_error_detail(context: SqlContext) -> Iterator[Row]:
    for e in _errors(context):
        yield (
            e.user, e.query, e.transaction, e.session, e.database, oid(e.table),
            e.started.replace(tzinfo=None), e.file, e.line, e.column, e.type, e.length,
            e.position, e.code, e.reason,
        )  # fmt: skip


def _stl_replacements(context: SqlContext) -> Iterator[Row]:
    for r in context.loads().replacements:
        if _mine(context, r.user):
            yield (
                r.user, r.query, 0, oid(r.table), r.started.replace(tzinfo=None), r.session, r.file,
                r.line, r.column, r.raw_line,
            )  # fmt: skip


def _stv_load_state(context: SqlContext) -> Iterator[Row]:
    for t in _transfers(context, "COPY"):
        percent = 100 if not t.bytes else t.bytes_done * 100 // t.bytes
        yield (
            t.user, t.session, t.query, 0, t.session, t.updated.replace(tzinfo=None),
            t.bytes, t.bytes_done, t.bytes if t.compression else 0,
            t.bytes_done if t.compression else 0, t.lines, t.files, t.files_done, t.file,
            percent if t.status != "completed" else 100,
        )  # fmt: skip


def _stl_load_commits(context: SqlContext) -> Iterator[Row]:
    for t in _transfers(context, "COPY"):
        if t.status == "completed":
            for file, lines, _ in t.parts:
                yield (
                    t.user, t.query, 0, t.table, file, 0, lines, -1,
                    t.updated.replace(tzinfo=None), 1, t.format.capitalize(), 0, 0, -1,
                )  # fmt: skip


def _sys_load_detail(context: SqlContext) -> Iterator[Row]:
    """When a file was begun and what S3 said of it is not kept."""
    for t in _transfers(context, "COPY"):
        if t.status == "completed":
            for file, lines, size in t.parts:
                updated = t.updated.replace(tzinfo=None)
                yield (t.user, t.query, file, size, lines, updated, 1, None, updated, None, None)


def _sys_unload_detail(context: SqlContext) -> Iterator[Row]:
    for t in _transfers(context, "UNLOAD"):
        for file, rows, size in t.parts:
            yield (
                t.user, t.query, t.session, t.transaction, file, t.started.replace(tzinfo=None),
                t.updated.replace(tzinfo=None), rows, size, t.format,
            )  # fmt: skip


def _duration(t: Transfer) -> int:
    return int((t.updated - t.started).total_seconds() * 1_000_000)


def _sys_load_history(context: SqlContext) -> Iterator[Row]:
    for t in _transfers(context, "COPY"):
        yield (
            t.user, t.query, t.transaction, t.session, t.database, t.status, t.table,
            t.started.replace(tzinfo=None), t.updated.replace(tzinfo=None), _duration(t),
            t.place, t.format, t.rows, t.bytes_done, t.files, t.bytes, t.files_done,
            t.bytes_done, t.errors, -1,
        )  # fmt: skip


def _sys_unload_history(context: SqlContext) -> Iterator[Row]:
    for t in _transfers(context, "UNLOAD"):
        yield (
            t.user, t.query, t.transaction, t.session, t.database, t.status,
            t.started.replace(tzinfo=None), t.updated.replace(tzinfo=None), _duration(t),
            t.format, t.compression, t.place, t.rows, t.files_done, t.bytes_done, t.message,
        )  # fmt: skip


def _stl_unload_log(context: SqlContext) -> Iterator[Row]:
    for t in _transfers(context, "UNLOAD"):
        for file, rows, size in t.parts:
            yield (
                t.user, t.query, 0, t.session, file, t.started.replace(tzinfo=None),
                t.updated.replace(tzinfo=None), rows, size, t.format,
            )  # fmt: skip


VIEWS: Final = (
    SystemView(
        "pg_catalog",
        "stl_load_errors",
        (
            ("userid", "integer"),
            ("slice", "integer"),
            ("tbl", "integer"),
            ("starttime", TIMESTAMP),
            ("session", "integer"),
            ("query", "integer"),
            ("filename", _char(256)),
            ("line_number", "bigint"),
            ("colname", _char(127)),
            ("type", _char(10)),
            ("col_length", _char(10)),
            ("position", "integer"),
            ("raw_line", _char(1024)),
            ("raw_field_value", _char(1024)),
            ("err_code", "integer"),
            ("err_reason", _char(100)),
            ("is_partial", "integer"),
            ("start_offset", "bigint"),
            ("copy_job_id", "bigint"),
        ),
        _stl_load_errors,
    ),
    SystemView(
        "pg_catalog",
        "stl_loaderror_detail",
        (
            ("userid", "integer"),
            ("slice", "integer"),
            ("session", "integer"),
            ("query", "integer"),
            ("filename", _char(256)),
            ("line_number", "bigint"),
            ("field", "integer"),
            ("colname", _char(1024)),
            ("value", _char(1024)),
            ("is_null", "integer"),
            ("type", _char(10)),
            ("col_length", _char(10)),
        ),
        _stl_loaderror_detail,
    ),
    SystemView(
        "pg_catalog",
        "sys_load_error_detail",
        (
            ("user_id", "integer"),
            ("query_id", "bigint"),
            ("transaction_id", "bigint"),
            ("session_id", "integer"),
            ("database_name", _char(64)),
            ("table_id", "integer"),
            ("start_time", TIMESTAMP),
            ("file_name", _char(256)),
            ("line_number", "bigint"),
            ("column_name", _char(127)),
            ("column_type", _char(10)),
            ("column_length", _char(10)),
            ("position", "integer"),
            ("error_code", "integer"),
            ("error_message", _char(512)),
        ),
        _sys_load_error_detail,
    ),
    SystemView(
        "pg_catalog",
        "stl_replacements",
        (
            ("userid", "integer"),
            ("query", "integer"),
            ("slice", "integer"),
            ("tbl", "integer"),
            ("starttime", TIMESTAMP),
            ("session", "integer"),
            ("filename", _char(256)),
            ("line_number", "bigint"),
            ("colname", _char(127)),
            ("raw_line", _char(1024)),
        ),
        _stl_replacements,
    ),
    SystemView(
        "pg_catalog",
        "stv_load_state",
        (
            ("userid", "integer"),
            ("session", "integer"),
            ("query", "integer"),
            ("slice", "integer"),
            ("pid", "integer"),
            ("recordtime", TIMESTAMP),
            ("bytes_to_load", "bigint"),
            ("bytes_loaded", "bigint"),
            ("bytes_to_load_compressed", "bigint"),
            ("bytes_loaded_compressed", "bigint"),
            ("lines", "integer"),
            ("num_files", "integer"),
            ("num_files_complete", "integer"),
            ("current_file", _char(256)),
            ("pct_complete", "integer"),
        ),
        _stv_load_state,
    ),
    SystemView(
        "pg_catalog",
        "sys_load_detail",
        (
            ("user_id", "integer"),
            ("query_id", "bigint"),
            ("file_name", _char(256)),
            ("bytes_scanned", "integer"),
            ("lines_scanned", "integer"),
            ("record_time", TIMESTAMP),
            ("splits_scanned", "integer"),
            ("start_time", TIMESTAMP),
            ("end_time", TIMESTAMP),
            ("file_etag", _char(256)),
            ("file_last_modified", TIMESTAMP),
        ),
        _sys_load_detail,
    ),
    SystemView(
        "pg_catalog",
        "sys_unload_detail",
        (
            ("user_id", "integer"),
            ("query_id", "integer"),
            ("session_id", "integer"),
            ("transaction_id", "bigint"),
            ("file_name", _char(1280)),
            ("start_time", TIMESTAMP),
            ("end_time", TIMESTAMP),
            ("line_count", "bigint"),
            ("transfer_size", "bigint"),
            ("file_format", _char(10)),
        ),
        _sys_unload_detail,
    ),
    SystemView(
        "pg_catalog",
        "stl_load_commits",
        (
            ("userid", "integer"),
            ("query", "integer"),
            ("slice", "integer"),
            ("name", _char(256)),
            ("filename", _char(256)),
            ("byte_offset", "integer"),
            ("lines_scanned", "integer"),
            ("errors", "integer"),
            ("curtime", TIMESTAMP),
            ("status", "integer"),
            ("file_format", _char(16)),
            ("is_partial", "integer"),
            ("start_offset", "bigint"),
            ("copy_job_id", "bigint"),
        ),
        _stl_load_commits,
    ),
    SystemView(
        "pg_catalog",
        "sys_load_history",
        (
            ("user_id", "integer"),
            ("query_id", "bigint"),
            ("transaction_id", "bigint"),
            ("session_id", "integer"),
            ("database_name", varchar(128)),
            ("status", varchar(64)),
            ("table_name", varchar(128)),
            ("start_time", TIMESTAMP),
            ("end_time", TIMESTAMP),
            ("duration", "bigint"),
            ("data_source", varchar(1024)),
            ("file_format", varchar(64)),
            ("loaded_rows", "bigint"),
            ("loaded_bytes", "bigint"),
            ("source_file_count", "integer"),
            ("source_file_bytes", "bigint"),
            ("file_count_scanned", "integer"),
            ("file_bytes_scanned", "bigint"),
            ("error_count", "bigint"),
            ("copy_job_id", "bigint"),
        ),
        _sys_load_history,
    ),
    SystemView(
        "pg_catalog",
        "sys_unload_history",
        (
            ("user_id", "integer"),
            ("query_id", "bigint"),
            ("transaction_id", "bigint"),
            ("session_id", "integer"),
            ("database_name", varchar(128)),
            ("status", varchar(64)),
            ("start_time", TIMESTAMP),
            ("end_time", TIMESTAMP),
            ("duration", "bigint"),
            ("file_format", varchar(64)),
            ("compression_type", varchar(64)),
            ("unloaded_location", varchar(1024)),
            ("unloaded_rows", "bigint"),
            ("unloaded_files_count", "bigint"),
            ("unloaded_files_size", "bigint"),
            ("error_message", varchar(1024)),
        ),
        _sys_unload_history,
    ),
    SystemView(
        "pg_catalog",
        "stl_unload_log",
        (
            ("userid", "integer"),
            ("query", "integer"),
            ("slice", "integer"),
            ("pid", "integer"),
            ("path", _char(1280)),
            ("start_time", TIMESTAMP),
            ("end_time", TIMESTAMP),
            ("line_count", "bigint"),
            ("transfer_size", "bigint"),
            ("file_format", _char(10)),
        ),
        _stl_unload_log,
    ),
)
