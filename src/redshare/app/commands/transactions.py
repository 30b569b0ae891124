"""BEGIN, COMMIT, ROLLBACK. https://docs.aws.amazon.com/redshift/latest/dg/r_BEGIN.html"""

from __future__ import annotations

from typing import Final

from redshare.app.sessions.answer import Answer, Notice
from redshare.app.sessions.session import SqlSession
from redshare.sql.commands.transaction import Begin, Commit, Rollback, SetTransaction

_INSIDE: Final = Notice("there is already a transaction in progress", "25001", "WARNING")
_OUTSIDE: Final = Notice("there is no transaction in progress", "25P01", "WARNING")


def begin(session: SqlSession, command: Begin) -> Answer:
    """BEGIN; inside a transaction only a warning."""
    if session.status != "I":
        return Answer(command.tag, notices=(_INSIDE,))
    said = command.read_only
    session.transactions.begin(read_only=session.state.read_only if said is None else said)
    return Answer(command.tag)


def commit(session: SqlSession, command: Commit) -> Answer:
    """COMMIT; after an error it is a ROLLBACK and says so."""
    outside = session.status == "I"
    done = session.transactions.commit()
    return Answer(command.tag if done else "ROLLBACK", notices=(_OUTSIDE,) if outside else ())


def rollback(session: SqlSession, command: Rollback) -> Answer:
    """ROLLBACK."""
    outside = session.status == "I"
    session.transactions.rollback()
    return Answer(command.tag, notices=(_OUTSIDE,) if outside else ())


def set_transaction(session: SqlSession, command: SetTransaction) -> Answer:
    """SET TRANSACTION: every isolation level runs as the database's own."""
    if command.session:
        if command.read_only is not None:
            value = "on" if command.read_only else "off"
            session.state.set("default_transaction_read_only", value)
        return Answer(command.tag)
    transaction = session.transaction
    if transaction is not None and command.read_only is not None:
        transaction.read_only = command.read_only
    return Answer(command.tag)
