"""TRUNCATE, DROP, ALTER and APPEND as plans with their changes: one door for the use cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from redshare.sql.bound import Bound
from redshare.sql.commands import table as commands
from redshare.sql.context import SqlContext
from redshare.sql.ddl.alter import bind_alter
from redshare.sql.ddl.append import bind_append
from redshare.sql.ddl.drop import bind_drop, bind_truncate
from redshare.sql.work import Work

TableCommand = (
    commands.Truncate | commands.DropRelations | commands.AlterRelation | commands.AppendFrom
)


def bind_table_command(
    command: TableCommand, context: SqlContext, *, new_id: Callable[[], str]
) -> Bound:
    """Bind one. Raises SqlError kinds."""
    work = Work(context, new_id)
    match command:
        case commands.Truncate():
            return bind_truncate(command, context, work)
        case commands.DropRelations():
            return bind_drop(command, context, work)
        case commands.AlterRelation():
            return bind_alter(command, context, work)
        case commands.AppendFrom():
            return bind_append(command, context, work)
        case _:
            assert_never(command)
