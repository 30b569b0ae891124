"""The second thought before an ADX-managed datashare goes: a value that must be set, new each time.

https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_DATASHARE.html
"""

from __future__ import annotations

from typing import Final

from redshare.app.sessions.session import SqlSession
from redshare.core.sql_errors import SqlError

VARIABLE: Final = "datashare_break_glass_session_var"
#: Digits of the value, as AWS prints it.
_DIGITS: Final = 14


def require_broken_glass(session: SqlSession, action: str) -> None:
    """Passes once the value of the last refusal was set. Raises SqlError, with the next value."""
    wanted, given = session.state.break_glass, session.state.settings.pop(VARIABLE, None)
    session.state.break_glass = None
    if wanted is not None and given == wanted:
        return
    session.state.break_glass = session.work.ids.hex()[:_DIGITS]
    raise SqlError(
        f"{action} requires session variable {VARIABLE} to be set to value "
        f"'{session.state.break_glass}'",
        "55000",
    )
