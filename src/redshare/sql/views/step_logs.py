"""The logs of a query's steps: their columns are there, but the engine's steps are not logged.

https://docs.aws.amazon.com/redshift/latest/dg/r_STL_SCAN.html
"""

from __future__ import annotations

from typing import Final

from redshare.sql.views.model import nothing, view

_STEP: Final = (
    "userid int, query int, slice int, segment int, step int, starttime timestamp,"
    "endtime timestamp, tasknum int, rows bigint"
)

VIEWS: Final = (
    view(
        "stl_scan",
        f"{_STEP}, bytes bigint, fetches bigint, type int, tbl int, is_rrscan char(1),"
        "is_delayed_scan char(1), is_rlf_scan char(1), rows_pre_filter bigint,"
        "rows_pre_user_filter bigint, perm_table_name char(136), checksum bigint,"
        "runtime_filtering char(1)",
        nothing,
    ),
    view(
        "stl_insert",
        f"{_STEP}, tbl int, inserted_mega_value char(1), use_staging_table char(1)",
        nothing,
    ),
    view("stl_delete", f"{_STEP}, tbl int", nothing),
    view(
        "stl_explain",
        "userid int, query int, nodeid int, parentid int, plannode char(400), info char(400)",
        nothing,
    ),
    view(
        "stl_alert_event_log",
        "userid int, query int, slice int, segment int, step int, pid int, xid bigint,"
        "event char(1024), solution char(1024), event_time timestamp",
        nothing,
    ),
    view(
        "svl_query_summary",
        "userid int, query int, stm int, seg int, step int, maxtime bigint, avgtime bigint,"
        "rows bigint, bytes bigint, rate_row double, rate_byte double, label text,"
        "is_diskbased char(1), workmem bigint, is_rrscan char(1), is_delayed_scan char(1),"
        "rows_pre_filter bigint",
        nothing,
    ),
    view(
        "svl_stored_proc_call",
        "userid int, session_userid int, query int, label char(320), xid bigint, pid int,"
        "database char(32), querytxt char(4000), starttime timestamp, endtime timestamp,"
        "aborted int, from_sp_call int",
        nothing,
    ),
    view(
        "sys_query_detail",
        "user_id int, query_id bigint, child_query_sequence int, stream_id int, segment_id int,"
        "step_id int, step_name text, table_id int, table_name char(136), is_rrscan char(1),"
        "start_time timestamp, end_time timestamp, duration bigint, alert text,"
        "input_bytes bigint, input_rows bigint, output_bytes bigint, output_rows bigint,"
        "blocks_read bigint, blocks_write bigint, local_read_io bigint, remote_read_io bigint,"
        "source text, data_skewness int, time_skewness int, is_active char(1),"
        "spilled_block_local_disk bigint, spilled_block_remote_disk bigint,"
        "step_attribute char(64)",
        nothing,
    ),
    view(
        "stv_slices",
        "node int, slice int, localslice int, type char(1)",
        lambda _context: [(0, 0, 0, "D")],
    ),
)
