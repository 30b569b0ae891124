"""SET, RESET, SHOW: a session's configuration parameters.

https://docs.aws.amazon.com/redshift/latest/dg/cm_chap_ConfigurationRef.html
"""

from __future__ import annotations

from redshare.app.sessions.answer import Answer, rows_answer
from redshare.app.sessions.session import SqlSession
from redshare.core.sql_errors import FeatureNotSupported, InsufficientPrivilege, SqlError
from redshare.sql.commands.session import (
    DiscardAll,
    Reset,
    Set,
    SetConfig,
    SetSessionAuthorization,
    Show,
)
from redshare.sql.result import ResultColumn
from redshare.sql.settings import SETTINGS, checked, unrecognized
from redshare.sql.shown import shown

_TEXT = "character varying"


def set_(session: SqlSession, command: Set) -> Answer:
    """SET; an empty list is DEFAULT."""
    name = command.name.lower()
    if name == "seed":
        return _seed(command)
    if name == "session_authorization":
        wanted = command.values[0] if command.values else None
        return set_session_authorization(session, SetSessionAuthorization(wanted))
    if not command.values:
        return _reset(session, name, command.tag)
    if name == "transaction_read_only":
        read_only = checked(name, command.values) == "on"
        if session.transaction is not None:
            session.transaction.read_only = read_only
        return Answer(command.tag)
    session.state.set(name, checked(name, command.values), local=command.local)
    return Answer(command.tag)


def set_config(session: SqlSession, command: SetConfig) -> Answer:
    """The value as it is now."""
    name = command.name.lower()
    value = checked(name, (command.value,))
    session.state.set(name, value, local=command.local)
    return rows_answer("SELECT", [("set_config", _TEXT)], [(value,)])


def describe_set_config(_session: SqlSession, _command: SetConfig) -> tuple[ResultColumn, ...]:
    """One text."""
    return (ResultColumn("set_config", _TEXT),)


def _seed(command: Set) -> Answer:
    """SET SEED: the engine's random numbers are not repeatable."""
    try:
        (text,) = command.values
        seed = float(text)
    except ValueError as error:
        raise SqlError('parameter "seed" requires a numeric value', "22023") from error
    if not -1 <= seed <= 1:
        raise SqlError(f"{text} is out of range for seed: it must be between -1 and 1", "22023")
    raise FeatureNotSupported("SET SEED is not supported")


def _reset(session: SqlSession, name: str, tag: str) -> Answer:
    setting = SETTINGS.get(name)
    if setting is None and name not in session.state.effective:
        raise unrecognized(name)
    if setting is not None and setting.check is None:
        raise SqlError(f'parameter "{name}" cannot be changed', "55P02")
    session.state.reset(name)
    return Answer(tag)


def reset(session: SqlSession, command: Reset) -> Answer:
    """RESET name, RESET ALL."""
    if command.name is not None:
        return _reset(session, command.name.lower(), command.tag)
    session.state.reset_all()
    return Answer(command.tag)


def discard(session: SqlSession, command: DiscardAll) -> Answer:
    """DISCARD ALL: settings, prepared statements and cursors."""
    session.forbid_block("DISCARD ALL")
    session.state.reset_all()
    session.prepared.clear()
    session.cursors.close_all()
    session.state.user, session.state.logged_in = session.state.session_user, None
    return Answer(command.tag)


def set_session_authorization(session: SqlSession, command: SetSessionAuthorization) -> Answer:
    """SET SESSION AUTHORIZATION: a superuser works as another user until DEFAULT."""
    if command.local:
        raise FeatureNotSupported("SET LOCAL SESSION AUTHORIZATION is not supported")
    state, context = session.state, session.context()
    if command.user is None:
        state.user, state.logged_in = state.session_user, None
        return Answer(command.tag)
    wanted = context.catalog.user(context.namespace.namespace_id, command.user)
    if wanted is None:
        raise SqlError(f'user "{command.user}" does not exist', "22023")
    logged_in = context.catalog.user_by_id(session.namespace, state.session_user)
    if logged_in is None or (not logged_in.superuser and wanted.user_id != logged_in.user_id):
        raise InsufficientPrivilege("permission denied to set session authorization")
    state.user, state.logged_in = wanted.user_id, logged_in.user_id
    return Answer(command.tag)


def show(session: SqlSession, command: Show) -> Answer:
    """SHOW name, SHOW ALL."""
    context = session.context()
    if command.name is None:
        names = sorted({*SETTINGS, *context.settings})
        rows = [(name, shown(context, name)) for name in names]
        return rows_answer("SHOW", [("name", _TEXT), ("setting", _TEXT)], rows)
    name = command.name.lower()
    value = shown(context, name)
    if value is None:
        raise unrecognized(name)
    return rows_answer("SHOW", [(name, _TEXT)], [(value,)])


def accepted(_: SqlSession, command: object) -> Answer:
    """Understood, and nothing is to be done."""
    return Answer(str(getattr(command, "tag", "")))
