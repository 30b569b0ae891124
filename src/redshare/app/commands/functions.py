"""DROP FUNCTION.

https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_FUNCTION.html
"""

from __future__ import annotations

from redshare.app.sessions.answer import Answer
from redshare.app.sessions.session import SqlSession
from redshare.sql.commands.function import DropFunction
from redshare.sql.ddl.function import bind_drop_function
from redshare.sql.work import Work


def drop(session: SqlSession, command: DropFunction) -> Answer:
    """Out of every datashare as well."""
    context = session.context()
    session.run_bound(bind_drop_function(command, context, Work(context, session.work.ids.hex)))
    return Answer(command.tag)
