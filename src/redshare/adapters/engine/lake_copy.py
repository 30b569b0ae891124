"""A copy of a lake: DuckLake's tables row by row, its immutable files by name.

The catalogue is read in one snapshot of PostgreSQL. Files are linked after it was read: what it
names cannot go meanwhile, because nothing younger than the retention is ever removed.
https://ducklake.select/docs/stable/specification/tables/overview
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from redshare.adapters.sync import sync_directory

Connection = psycopg.Connection[tuple[Any, ...]]

_TABLES = """SELECT table_name FROM information_schema.tables
    WHERE table_schema = 'public' AND table_name LIKE 'ducklake\\_%' ORDER BY 1"""
_COLUMNS = """SELECT column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position"""
_RENAME = """UPDATE ducklake_table AS t
    SET table_name = u.new, path = replace(t.path, u.old, u.new)
    FROM unnest(%s::text[], %s::text[]) AS u(old, new) WHERE t.table_name = u.old"""


def copy_catalogue(read: Connection, write: Connection, tables: Mapping[str, str]) -> int:
    """Copy every row that `read` sees, with other names for some tables; the newest snapshot.

    `read` is in a transaction that sees one snapshot of PostgreSQL.
    """
    for (name,) in read.execute(_TABLES).fetchall():
        _copy_table(read, write, name)
    write.execute(_RENAME, [list(tables), list(tables.values())])
    newest = write.execute("SELECT max(snapshot_id) FROM ducklake_snapshot").fetchone()
    assert newest is not None, "an aggregate has one row"
    return int(newest[0])


def _copy_table(read: Connection, write: Connection, name: str) -> None:
    table = sql.Identifier(name)
    columns = sql.SQL(", ").join(
        sql.Identifier(column) for (column,) in read.execute(_COLUMNS, [name])
    )
    write.execute(sql.SQL("DELETE FROM {}").format(table))
    out = sql.SQL("COPY {} ({}) TO STDOUT (FORMAT binary)").format(table, columns)
    into = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(table, columns)
    with read.cursor().copy(out) as source, write.cursor().copy(into) as target:
        for block in source:
            target.write(block)


def link_files(source: Path, target: Path, tables: Mapping[str, str]) -> int:
    """Give every file of a lake a name in the other one; their bytes together."""
    size = 0
    for folder, _, files in os.walk(source):
        there = target / _place(Path(folder).relative_to(source), tables)
        there.mkdir(parents=True, exist_ok=True)
        for name in files:
            file = Path(folder, name)
            try:
                os.link(file, there / name)
            except FileNotFoundError:
                continue  # removed since it was listed: no snapshot that was copied needs it
            size += file.stat().st_size
        sync_directory(there)
    return size


def _place(folder: Path, tables: Mapping[str, str]) -> Path:
    return Path(*(tables.get(part, part) for part in folder.parts))
