"""DROP, ALTER TABLE and TRUNCATE; what Redshift does by itself here is accepted and not done.

https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html
"""

from __future__ import annotations

from redshare.app.sessions.answer import Answer
from redshare.app.sessions.session import SqlSession
from redshare.core.sql_errors import SharedOperationNotSupported
from redshare.sql.commands.table import (
    AlterRelation,
    Analyze,
    AppendFrom,
    DropRelations,
    LockTables,
    Truncate,
    Vacuum,
)
from redshare.sql.ddl.commands import bind_table_command
from redshare.sql.lock import bind_lock
from redshare.sql.names import Resolved, resolve_relation


def drop(session: SqlSession, command: DropRelations) -> Answer:
    """DROP TABLE, DROP VIEW: out of every datashare as well."""
    return _bound(session, command)


def alter(session: SqlSession, command: AlterRelation) -> Answer:
    """ALTER TABLE."""
    return _bound(session, command)


def append(session: SqlSession, command: AppendFrom) -> Answer:
    """ALTER TABLE APPEND: commits at once, so it is in no transaction block."""
    session.forbid_block("ALTER TABLE APPEND")
    bound = bind_table_command(command, session.context(), new_id=session.work.ids.hex)
    session.run_bound(bound)
    return Answer(command.tag)


def truncate(session: SqlSession, command: Truncate) -> Answer:
    """TRUNCATE: of a local table it commits at once, through a share it is transactional."""
    bound = bind_table_command(command, session.context(), new_id=session.work.ids.hex)
    answer = session.run_bound(bound)
    return Answer(command.tag, notices=answer.notices, commits=not bound.wrote_share)


def _bound(session: SqlSession, command: DropRelations | AlterRelation) -> Answer:
    bound = bind_table_command(command, session.context(), new_id=session.work.ids.hex)
    session.run_bound(bound)
    return Answer(command.tag)


def lock(session: SqlSession, command: LockTables) -> Answer:
    """LOCK: the database's write lock until the transaction ends; refused on shared tables."""
    for name in command.names:
        session.run_bound(bind_lock(command.tag, session.context(), name, session.work.ids.hex))
    return Answer(command.tag)


def upkeep(session: SqlSession, command: Analyze | Vacuum) -> Answer:
    """ANALYZE and VACUUM: the lake is maintained in the background."""
    if command.name is not None:
        found = resolve_relation(session.context(), command.name)
        if isinstance(found, Resolved) and found.share is not None and isinstance(command, Vacuum):
            raise SharedOperationNotSupported
    return Answer(command.tag)
