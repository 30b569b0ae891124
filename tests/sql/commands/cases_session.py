"""Statements of a session and its transactions, and what they are read as."""

from __future__ import annotations

from redshare.core.explanation import Action
from redshare.sql.commands.cursor import CloseCursor, DeclareCursor, Fetch
from redshare.sql.commands.data import Explain, ExplainAccess
from redshare.sql.commands.session import (
    Deallocate,
    DiscardAll,
    Execute,
    Listen,
    Notify,
    Prepare,
    Reset,
    Set,
    SetConfig,
    SetSessionAuthorization,
    Show,
    SignalBackend,
    Unlisten,
)
from redshare.sql.commands.transaction import (
    Begin,
    Commit,
    IsolationLevel,
    Rollback,
    SetTransaction,
)
from redshare.sql.commands.values import Parameter
from redshare.sql.lex import Statement


def body(text: str, offset: int) -> Statement:
    return Statement(text, offset, text, ())


SESSIONS: list[tuple[str, object]] = [
    ("SET search_path TO a, b", Set("search_path", ("a", "b"))),
    ("set search_path = '$user', public", Set("search_path", ("$user", "public"))),
    ('set search_path to "$user", "My-Schema"', Set("search_path", ("$user", "My-Schema"))),
    ("SET SESSION query_group TO 'x'", Set("query_group", ("x",))),
    ("SET LOCAL statement_timeout = 1000", Set("statement_timeout", ("1000",), True)),
    ("set extra_float_digits to -1", Set("extra_float_digits", ("-1",))),
    (
        "SET enable_result_cache_for_session TO OFF",
        Set("enable_result_cache_for_session", ("off",)),
    ),
    ("set a.b to true", Set("a.b", ("true",))),
    ("SET query_group TO DEFAULT", Set("query_group")),
    ("SET TIME ZONE 'UTC'", Set("timezone", ("UTC",))),
    ("set time zone default", Set("timezone")),
    ("SET NAMES 'UTF8'", Set("client_encoding", ("UTF8",))),
    ("SET SESSION AUTHORIZATION DEFAULT", SetSessionAuthorization()),
    ("set session authorization 'bob'", SetSessionAuthorization("bob")),
    ("SET LOCAL SESSION AUTHORIZATION bob", SetSessionAuthorization("bob", True)),
    ("RESET ALL", Reset()),
    ("reset query_group", Reset("query_group")),
    ("RESET SESSION AUTHORIZATION", SetSessionAuthorization()),
    ("RESET TIME ZONE", Reset("timezone")),
    ("SHOW ALL", Show()),
    ("show search_path", Show("search_path")),
    ("show transaction isolation level", Show("transaction_isolation")),
    ("SHOW SESSION AUTHORIZATION", Show("session_authorization")),
    ("SHOW TIME ZONE", Show("timezone")),
    ("DISCARD ALL", DiscardAll()),
    ("PREPARE p AS select 1", Prepare("p", body("select 1", 13))),
    (
        "prepare p (int, varchar(3)) as select $1,$2",
        Prepare("p", body("select $1,$2", 31), ("int", "varchar(3)")),
    ),
    ("EXECUTE p", Execute("p")),
    ("execute p(1, 'a,b', f(2))", Execute("p", ("1", "'a,b'", "f(2)"))),
    ("DEALLOCATE ALL", Deallocate()),
    ("deallocate prepare p", Deallocate("p")),
    ("DEALLOCATE p", Deallocate("p")),
    ("LISTEN c", Listen("c")),
    ("UNLISTEN *", Unlisten()),
    ("unlisten c", Unlisten("c")),
    ("NOTIFY c, 'x'", Notify("c", "x")),
]

TRANSACTIONS: list[tuple[str, object]] = [
    ("BEGIN", Begin()),
    ("begin transaction", Begin()),
    ("BEGIN WORK", Begin()),
    ("BEGIN ISOLATION LEVEL SERIALIZABLE", Begin("BEGIN", IsolationLevel.SERIALIZABLE)),
    (
        "BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY",
        Begin("BEGIN", IsolationLevel.READ_COMMITTED, True),
    ),
    ("begin read write", Begin("BEGIN", None, False)),
    (
        "START TRANSACTION READ ONLY ISOLATION LEVEL REPEATABLE READ",
        Begin("START TRANSACTION", IsolationLevel.REPEATABLE_READ, True),
    ),
    ("COMMIT", Commit()),
    ("commit work", Commit()),
    ("END TRANSACTION", Commit()),
    ("end", Commit()),
    ("ROLLBACK", Rollback()),
    ("abort work", Rollback()),
    ("SET TRANSACTION READ ONLY", SetTransaction(None, True)),
    (
        "set session characteristics as transaction isolation level read uncommitted",
        SetTransaction(IsolationLevel.READ_UNCOMMITTED, None, True),
    ),
]

CURSORS: list[tuple[str, object]] = [
    ("DECLARE c CURSOR FOR select 1", DeclareCursor("c", body("select 1", 21))),
    (
        'declare "c" cursor without hold for\nselect 1',
        DeclareCursor("c", body("select 1", 36)),
    ),
    (
        "DECLARE c BINARY NO SCROLL CURSOR WITH HOLD FOR select 1",
        DeclareCursor("c", body("select 1", 48), True, True),
    ),
    ("FETCH c", Fetch("c")),
    ("fetch next from c", Fetch("c")),
    ("FETCH ALL FROM c", Fetch("c", None)),
    ('FETCH FORWARD 10 FROM "c"', Fetch("c", 10)),
    ("FETCH FORWARD ALL FROM c", Fetch("c", None)),
    ("fetch forward from c", Fetch("c")),
    ("FETCH 5 IN c", Fetch("c", 5)),
    ("CLOSE c", CloseCursor("c")),
    ("close all", CloseCursor()),
    ("EXPLAIN select 1", Explain(body("select 1", 8))),
    ("explain verbose select 1", Explain(body("select 1", 16), True)),
    ("EXPLAIN ACCESS TO d.s.t", ExplainAccess(("d", "s", "t"))),
    (
        "explain access to d.\"s\".t for consumer '222222222222' as bob action truncate",
        ExplainAccess(("d", "s", "t"), "222222222222", "bob", Action.TRUNCATE),
    ),
    (
        "EXPLAIN ACCESS TO s.t ACTION INSERT FOR CONSUMER $1",
        ExplainAccess(("s", "t"), Parameter(1), action=Action.INSERT),
    ),
    ("select set_config('app.user', 'x', false)", SetConfig("app.user", "x")),
    ("SELECT SET_CONFIG($1, 'x', TRUE)", SetConfig(Parameter(1), "x", local=True)),
    ("select pg_cancel_backend(12)", SignalBackend("12")),
    (
        "select pg_terminate_backend(12)",
        SignalBackend("12", function="pg_terminate_backend", terminate=True),
    ),
    ("CANCEL 12", SignalBackend("12", "CANCEL")),
    ("cancel 12 'too long'", SignalBackend("12", "CANCEL")),
]
