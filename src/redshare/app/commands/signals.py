"""CANCEL, pg_cancel_backend, pg_terminate_backend.

https://docs.aws.amazon.com/redshift/latest/dg/r_CANCEL.html
"""

from __future__ import annotations

from redshare.app.sessions.answer import Answer, Notice, rows_answer
from redshare.app.sessions.backends import Backends
from redshare.app.sessions.session import SqlSession
from redshare.core.sql_errors import SqlError
from redshare.sql.commands.session import SignalBackend
from redshare.sql.result import ResultColumn


def signal(session: SqlSession, command: SignalBackend, backends: Backends) -> Answer:
    """The functions answer 1 where a session was told; CANCEL says nothing then."""
    try:
        process_id = int(command.process_id)
    except ValueError as error:
        raise SqlError(
            f'invalid input syntax for integer: "{command.process_id}"', "22P02"
        ) from error
    told = backends.signal(session, process_id, terminate=command.terminate)
    missing = Notice(f"PID {process_id} is not a server process", "01000", "WARNING")
    notices = () if told else (missing,)
    if command.tag == "CANCEL":
        return Answer("CANCEL", notices=notices)
    answer = rows_answer("SELECT", [(command.function, "integer")], [(int(told),)])
    answer.notices = notices
    return answer


def describe(_: SqlSession, command: SignalBackend) -> tuple[ResultColumn, ...] | None:
    """The functions answer a number."""
    if command.tag == "CANCEL":
        return None
    return (ResultColumn(command.function, "integer"),)
