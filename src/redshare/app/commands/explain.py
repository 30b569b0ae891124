"""EXPLAIN. https://docs.aws.amazon.com/redshift/latest/dg/r_EXPLAIN.html"""

from __future__ import annotations

from typing import Final

from redshare.app.sessions.answer import Answer, rows_answer
from redshare.app.sessions.session import SqlSession
from redshare.core.sql_errors import FeatureNotSupported
from redshare.sql.commands.data import Explain
from redshare.sql.ddl.table_syntax import read_create_table
from redshare.sql.explain import explain
from redshare.sql.lex import Statement
from redshare.sql.result import ResultColumn

COLUMNS: Final = (("QUERY PLAN", "character varying"),)


def run(session: SqlSession, command: Explain) -> Answer:
    """EXPLAIN [VERBOSE]: bound with every check, and not run."""
    made = session.prepare(command.body)
    if made.command is not None:
        raise FeatureNotSupported(f"EXPLAIN {_first_word(command.body)} is not supported")
    session.bind(made)
    query = command.body
    if _first_word(query) == "CREATE":
        syntax = read_create_table(query, case_sensitive=session.state.case_sensitive)
        if syntax.query is None:
            raise FeatureNotSupported("EXPLAIN CREATE TABLE without a query is not supported")
        query = syntax.query
    lines = explain(query, session.context())
    return rows_answer("EXPLAIN", COLUMNS, [(line,) for line in lines])


def describe(_session: SqlSession, _command: Explain) -> tuple[ResultColumn, ...]:
    """One column of text."""
    return tuple(ResultColumn(name, kind) for name, kind in COLUMNS)


def _first_word(statement: Statement) -> str:
    return str(statement.tokens[0].text).upper()
