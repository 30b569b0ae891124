"""What a session says of itself: user, database, namespace. Inside a view too it is the caller's.

https://docs.aws.amazon.com/redshift/latest/dg/r_System_information_functions.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlglot import exp

from redshare.sql.context import SqlContext
from redshare.sql.rewrite.rule import Rule, rule
from redshare.sql.types import BIGINT, INTEGER, VARCHAR, engine_cast
from redshare.sql.version import VERSION
from redshare.sql.work import Work, typed


def _text(value: str | None) -> exp.Expr:
    literal = exp.Null() if value is None else exp.Literal.string(value)
    return typed(engine_cast(literal, VARCHAR), VARCHAR)


def _number(value: int) -> exp.Expr:
    return typed(engine_cast(exp.Literal.number(value), INTEGER), INTEGER)


def _long(value: int) -> exp.Expr:
    return typed(engine_cast(exp.Literal.number(value), BIGINT), BIGINT)


def current_schema(context: SqlContext) -> str | None:
    """The first schema of the search path that is there; none after USE."""
    if context.use is not None or context.database.source is not None:
        return None
    for name in context.search_path:
        wanted = context.user.name if name == "$user" else name
        if context.catalog.schema_named(context.database.database_id, wanted) is not None:
            return wanted
    return None


_KEYWORDS: Final[dict[str, Callable[[SqlContext], str]]] = {
    "current_namespace": lambda c: c.namespace.namespace_id,
    "current_aws_account": lambda c: c.namespace.account,
    "current_user": lambda c: c.user.name,
    "session_user": lambda c: c.session_user or c.user.name,
    "user": lambda c: c.user.name,
}


def keyword(work: Work, name: str) -> exp.Expr | None:
    """The value of a bare word that looks like a column."""
    if name == "current_user_id":
        return _number(work.session.user.user_id)
    known = _KEYWORDS.get(name)
    return None if known is None else _text(known(work.session))


def _answer(make: Callable[[SqlContext], exp.Expr]) -> Rule:
    return rule(lambda work, _node: make(work.session))


RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.CurrentUser: _answer(lambda c: _text(c.user.name)),
    exp.SessionUser: _answer(lambda c: _text(c.session_user or c.user.name)),
    exp.CurrentUserId: _answer(lambda c: _number(c.user.user_id)),
    exp.CurrentDatabase: _answer(lambda c: _text(c.database.name)),
    exp.CurrentSchema: _answer(lambda c: _text(current_schema(c))),
    exp.CurrentVersion: _answer(lambda _c: _text(VERSION)),
}
#: By these names behind `pg_catalog.`, where the parser has no class for them.
NAMED: Final[dict[str, Rule]] = {
    "version": rule(lambda _work, _n: _text(VERSION), flags=("this",)),
    "current_database": rule(lambda w, _n: _text(w.session.database.name), flags=("this",)),
    "current_schema": rule(lambda w, _n: _text(current_schema(w.session)), flags=("this",)),
    "pg_backend_pid": rule(lambda work, _n: _number(work.session.session_id), flags=("this",)),
    "pg_last_copy_id": rule(
        lambda work, _n: _number(work.session.last_transfers.copy_id), flags=("this",)
    ),
    "pg_last_copy_count": rule(
        lambda work, _n: _long(work.session.last_transfers.copy_count), flags=("this",)
    ),
    "pg_last_unload_id": rule(
        lambda work, _n: _number(work.session.last_transfers.unload_id), flags=("this",)
    ),
    "pg_last_unload_count": rule(
        lambda work, _n: _long(work.session.last_transfers.unload_count), flags=("this",)
    ),
    "current_namespace": rule(
        lambda work, _n: _text(work.session.namespace.namespace_id), flags=("this",)
    ),
    "current_aws_account": rule(
        lambda work, _n: _text(work.session.namespace.account), flags=("this",)
    ),
}
