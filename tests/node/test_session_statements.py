"""Sessions: users' options at login, prepared statements, cursors, signals and warnings."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

import psycopg
import pytest
from psycopg import errors

from tests.node.conftest import Connect
from tests.node.running import PASSWORD, RunningNode

pytestmark = pytest.mark.server


def _run(connection: psycopg.Connection[Any], *statements: str) -> Any:
    answer = None
    for statement in statements:
        answer = connection.execute(statement)  # type: ignore[call-overload]
    return answer


# --- users at login -----------------------------------------------------------------------------


def test_an_expired_password_is_refused(connect: Connect, node: RunningNode, name: str) -> None:
    """VALID UNTIL in the past refuses the login as any wrong password does."""
    _run(connect("sales"), f"CREATE USER {name} PASSWORD '{PASSWORD}' VALID UNTIL '2020-01-01'")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        node.connect("sales", user=name)
    _run(connect("sales"), f"ALTER USER {name} VALID UNTIL '2099-01-01'")
    node.connect("sales", user=name).close()


def test_connection_limits(connect: Connect, node: RunningNode, name: str) -> None:
    """A user has as many sessions as its CONNECTION LIMIT says; superusers are not limited."""
    admin = connect("sales")
    _run(admin, f"CREATE USER {name} PASSWORD '{PASSWORD}' CONNECTION LIMIT 1")
    first = connect("sales", user=name)
    with pytest.raises(psycopg.OperationalError, match=f'too many connections for user "{name}"'):
        node.connect("sales", user=name)
    _run(admin, f"ALTER USER {name} CONNECTION LIMIT UNLIMITED")
    connect("sales", user=name)
    first.close()


def test_the_users_settings_hold_from_login(connect: Connect, name: str) -> None:
    """ALTER USER … SET is what a later session starts with, and what RESET goes back to."""
    admin = connect("sales")
    _run(
        admin,
        f"CREATE USER {name} PASSWORD '{PASSWORD}'",
        f"ALTER USER {name} SET search_path TO {name}, public",
        f"ALTER USER {name} SET query_group TO 'night'",
    )
    user = connect("sales", user=name)
    assert _run(user, "SHOW search_path").fetchone() == (f"{name}, public",)
    assert _run(user, "SET query_group TO 'x'", "RESET ALL", "SHOW query_group").fetchone() == (
        "night",
    )


@pytest.mark.parametrize("form", ["md5", "sha256"])
def test_hashed_passwords_log_in(connect: Connect, node: RunningNode, name: str, form: str) -> None:
    """A password given as md5 or sha256 form is the one that logs in."""
    import hashlib  # noqa: PLC0415

    digest = hashlib.md5(f"{PASSWORD}{name}".encode()).hexdigest()
    given = f"md5{digest}" if form == "md5" else f"sha256|{PASSWORD}"
    _run(connect("sales"), f"CREATE USER {name} PASSWORD '{given}'")
    node.connect("sales", user=name).close()


def test_groups_by_create_user(connect: Connect, name: str) -> None:
    """CREATE USER … IN GROUP reaches what the group holds."""
    admin = connect("sales")
    _run(
        admin,
        f"CREATE GROUP {name}",
        f"CREATE TABLE {name} (a integer)",
        f"GRANT SELECT ON {name} TO GROUP {name}",
        f"CREATE USER {name} PASSWORD '{PASSWORD}' IN GROUP {name}",
    )
    user = connect("sales", user=name)
    assert _run(user, f"SELECT * FROM {name}").fetchall() == []
    _run(admin, f"ALTER GROUP {name} DROP USER {name}")
    with pytest.raises(errors.InsufficientPrivilege):
        _run(user, f"SELECT * FROM {name}")


def test_session_authorization(connect: Connect, name: str) -> None:
    """A superuser works as another user with that user's rights, and comes back."""
    admin = connect("sales")
    _run(
        admin,
        f"CREATE USER {name} PASSWORD '{PASSWORD}'",
        f"CREATE TABLE {name} (a integer)",
        f"SET SESSION AUTHORIZATION {name}",
    )
    with pytest.raises(errors.InsufficientPrivilege):
        _run(admin, f"SELECT * FROM {name}")
    _run(admin, "RESET SESSION AUTHORIZATION", f"SELECT * FROM {name}")
    with pytest.raises(errors.InsufficientPrivilege, match="set session authorization"):
        _run(connect("sales", user=name), "SET SESSION AUTHORIZATION admin")


# --- prepared statements ------------------------------------------------------------------------


def test_execute_is_described_as_its_statement(connect: Connect, name: str) -> None:
    """EXECUTE through the extended protocol has the columns of the statement behind the name."""
    connection = connect("sales")
    _run(
        connection,
        f"CREATE TABLE {name} (id integer, day date)",
        f"INSERT INTO {name} VALUES (1, '2024-01-02')",
        f"PREPARE {name} (integer) AS SELECT id, day FROM {name} WHERE id = $1",
    )
    with connection.cursor() as cursor:
        cursor.execute(f"EXECUTE {name} (1)", prepare=True)  # type: ignore[call-overload]
        assert [column.type_code for column in cursor.description or ()] == [23, 1082]
        assert len(cursor.fetchall()) == 1


def test_prepare_runs_nothing(connect: Connect, name: str) -> None:
    """PREPARE of an INSERT writes no row; each EXECUTE writes one."""
    connection = connect("sales")
    _run(
        connection,
        f"CREATE TABLE {name} (id integer)",
        f"PREPARE {name} AS INSERT INTO {name} VALUES ($1)",
    )
    assert _run(connection, f"SELECT count(*) FROM {name}").fetchone() == (0,)
    assert _run(connection, f"EXECUTE {name} (7)").statusmessage == "INSERT 0 1"
    assert _run(connection, f"SELECT id FROM {name}").fetchall() == [(7,)]


def test_execute_checks_privileges_anew(connect: Connect, name: str) -> None:
    """What was prepared while it was allowed is refused once it is not."""
    admin = connect("sales")
    _run(
        admin,
        f"CREATE USER {name} PASSWORD '{PASSWORD}'",
        f"CREATE TABLE {name} (id integer)",
        f"GRANT SELECT ON {name} TO {name}",
    )
    user = connect("sales", user=name)
    _run(user, f"PREPARE p AS SELECT id FROM {name}", "EXECUTE p")
    _run(admin, f"REVOKE SELECT ON {name} FROM {name}")
    with pytest.raises(errors.InsufficientPrivilege):
        _run(user, "EXECUTE p")


def test_drivers_statements_are_deallocated_by_name(connect: Connect) -> None:
    """A client's own statement names are known to DEALLOCATE, as psycopg evicts them."""
    connection = connect("sales")
    connection.prepared_max = 1
    for number in range(4):
        for _ in range(7):
            value = connection.execute(f"SELECT {number} + %s", (1,)).fetchone()  # type: ignore[call-overload]
            assert value == (number + 1,)


# --- cursors ------------------------------------------------------------------------------------


def test_named_cursors_of_psycopg(connect: Connect, name: str) -> None:
    """A server-side cursor gives its rows in parts, other statements in between."""
    connection = connect("sales")
    _run(connection, f"CREATE TABLE {name} (i integer)")
    rows = ", ".join(f"({number})" for number in range(500))
    _run(connection, f"INSERT INTO {name} VALUES {rows}")
    with connection.transaction(), connection.cursor("named") as cursor:
        cursor.execute(f"SELECT i FROM {name} ORDER BY i")  # type: ignore[call-overload]
        first = cursor.fetchmany(100)
        _run(connection, f"DELETE FROM {name}")
        assert [row[0] for row in [*first, *cursor.fetchall()]] == list(range(500))


def test_fetch_is_described_as_its_query(connect: Connect, name: str) -> None:
    """FETCH through the extended protocol has the columns of the cursor's query."""
    connection = connect("sales")
    _run(connection, f"CREATE TABLE {name} (id integer, day date, price numeric(10,2))")
    _run(connection, f"INSERT INTO {name} VALUES (1, '2024-01-02', 1.5)")
    _run(connection, "BEGIN", f"DECLARE c CURSOR FOR SELECT * FROM {name}")
    with connection.cursor(binary=True) as cursor:
        cursor.execute("FETCH ALL FROM c", prepare=True)
        assert [column.type_code for column in cursor.description or ()] == [23, 1082, 1700]
        assert [str(value) for value in cursor.fetchall()[0]] == ["1", "2024-01-02", "1.50"]
    _run(connection, "ROLLBACK")


def test_a_cursor_larger_than_memory(connect: Connect, name: str) -> None:
    """Rows beyond what is kept in memory come back from the file, complete and in order."""
    connection = connect("sales")
    _run(connection, f"CREATE TABLE {name} (i integer, t varchar(100))")
    rows = ", ".join(f"({number}, '{'x' * 90}')" for number in range(1000))
    _run(connection, f"INSERT INTO {name} VALUES {rows}")
    _run(
        connection,
        "BEGIN",
        f"DECLARE c CURSOR FOR SELECT a.i * 1000 + b.i AS n, a.t || b.t FROM {name} a, {name} b"
        f" WHERE a.i < 200 ORDER BY n",
        "SELECT 1",
    )
    seen = 0
    while found := _run(connection, "FETCH 50000 FROM c").fetchall():
        assert [row[0] for row in found] == list(range(seen, seen + len(found)))
        seen += len(found)
    assert seen == 200_000
    _run(connection, "COMMIT")


def test_a_cursor_sees_its_own_snapshot(connect: Connect, name: str) -> None:
    """What the transaction writes after DECLARE is not among the cursor's rows."""
    connection = connect("sales")
    _run(connection, f"CREATE TABLE {name} (i integer)", f"INSERT INTO {name} VALUES (1)")
    _run(connection, "BEGIN", f"DECLARE c CURSOR FOR SELECT i FROM {name}")
    _run(connection, f"INSERT INTO {name} VALUES (2)")
    assert _run(connection, "FETCH ALL FROM c").fetchall() == [(1,)]
    _run(connection, "ROLLBACK")


def test_a_text_of_several_statements_is_a_block(connect: Connect) -> None:
    """A cursor declared in such a text is read in it, and ends with it."""
    connection = connect("sales")
    text = "DECLARE c CURSOR FOR SELECT 7; FETCH ALL FROM c"
    result = connection.pgconn.exec_(text.encode())
    assert (result.ntuples, result.get_value(0, 0)) == (1, b"7")
    with pytest.raises(errors.InvalidCursorName):
        _run(connection, "FETCH ALL FROM c")


def test_an_error_ends_the_cursors(connect: Connect) -> None:
    """A failed transaction has no cursors left once it is rolled back."""
    connection = connect("sales")
    _run(connection, "BEGIN", "DECLARE c CURSOR FOR SELECT 1")
    with pytest.raises(errors.UndefinedTable):
        _run(connection, "SELECT * FROM not_there")
    with pytest.raises(errors.InFailedSqlTransaction):
        _run(connection, "FETCH c")
    _run(connection, "ROLLBACK", "BEGIN", "DECLARE c CURSOR FOR SELECT 2")
    assert _run(connection, "FETCH c").fetchone() == (2,)
    _run(connection, "COMMIT")


# --- signals ------------------------------------------------------------------------------------


def _pid(connection: psycopg.Connection[Any]) -> int:
    found: int = _run(connection, "SELECT pg_backend_pid()").fetchone()[0]
    return found


SLOW = "SELECT count(*) FROM {0} a, {0} b, {0} c, {0} d"


@pytest.mark.parametrize("how", ["CANCEL {}", "SELECT pg_cancel_backend({})"])
def test_cancelling_another_session(connect: Connect, name: str, how: str) -> None:
    """A superuser ends what another session runs; the session goes on."""
    victim, admin = connect("sales"), connect("sales")
    _run(victim, f"CREATE TABLE {name} (i integer)")
    rows = ", ".join(f"({number})" for number in range(3000))
    _run(victim, f"INSERT INTO {name} VALUES {rows}")
    pid, failed = _pid(victim), threading.Event()

    def run() -> None:
        with contextlib.suppress(errors.QueryCanceled):
            _run(victim, SLOW.format(name))
            return
        failed.set()

    thread = threading.Thread(target=run)
    thread.start()
    # The statement may not have started when the first signal arrives.
    for _ in range(600):
        _run(admin, how.format(pid))
        if failed.wait(0.1):
            break
    thread.join(60)
    assert failed.is_set()
    assert _run(victim, "SELECT 1").fetchone() == (1,)


def test_terminating_another_session(connect: Connect, name: str) -> None:
    """pg_terminate_backend ends the connection; only for superusers and for one's own."""
    admin = connect("sales")
    _run(admin, f"CREATE USER {name} PASSWORD '{PASSWORD}'")
    user, other = connect("sales", user=name), connect("sales", user=name)
    with pytest.raises(errors.InsufficientPrivilege, match="must be superuser to signal"):
        _run(user, f"SELECT pg_terminate_backend({_pid(admin)})")
    with pytest.raises(errors.InsufficientPrivilege):
        _run(user, f"CANCEL {_pid(admin)}")
    assert _run(user, f"SELECT pg_terminate_backend({_pid(other)})").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError):
        _run(other, "SELECT 1")
    assert _run(admin, f"SELECT pg_terminate_backend({_pid(user)})").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError):
        _run(user, "SELECT 1")
    assert _run(admin, "SELECT pg_cancel_backend(1)").fetchone() == (0,)


def test_statement_timeout(connect: Connect, name: str) -> None:
    """A statement that takes longer than statement_timeout is cancelled."""
    connection = connect("sales")
    _run(connection, f"CREATE TABLE {name} (i integer)")
    rows = ", ".join(f"({number})" for number in range(3000))
    _run(connection, f"INSERT INTO {name} VALUES {rows}", "SET statement_timeout TO 200")
    with pytest.raises(errors.QueryCanceled):
        _run(connection, SLOW.format(name))
    assert _run(connection, "RESET statement_timeout", "SELECT 1").fetchone() == (1,)


# --- what is said beside the answer ---------------------------------------------------------------


def test_warnings_about_transactions(connect: Connect) -> None:
    """A nested BEGIN, and an end without a beginning, are warnings in PostgreSQL's words."""
    connection = connect("sales")
    said: list[tuple[str | None, str | None, str | None]] = []
    connection.add_notice_handler(
        lambda d: said.append((d.severity, d.sqlstate, d.message_primary))
    )
    _run(connection, "COMMIT", "BEGIN", "BEGIN", "ROLLBACK")
    assert said == [
        ("WARNING", "25P01", "there is no transaction in progress"),
        ("WARNING", "25001", "there is already a transaction in progress"),
    ]


def test_only_messages_that_are_wanted(connect: Connect) -> None:
    """client_min_messages keeps back what is less severe."""
    connection = connect("sales")
    said: list[str | None] = []
    connection.add_notice_handler(lambda d: said.append(d.message_primary))
    _run(connection, "SET client_min_messages TO error", "COMMIT")
    _run(connection, "CREATE SCHEMA IF NOT EXISTS public")
    assert said == []
    _run(connection, "SET client_min_messages TO warning", "COMMIT")
    _run(connection, "CREATE SCHEMA IF NOT EXISTS public")
    assert said == ["there is no transaction in progress"]
    _run(connection, "RESET client_min_messages", "CREATE SCHEMA IF NOT EXISTS public")
    assert len(said) == 2


def test_names_in_upper_case(connect: Connect) -> None:
    """describe_field_name_in_uppercase names a SELECT's columns in upper case."""
    connection = connect("sales")
    _run(connection, "SET describe_field_name_in_uppercase TO on")
    for prepare in (False, True):
        cursor = connection.execute("SELECT 1 AS one, 2 AS two", prepare=prepare)
        assert [column.name for column in cursor.description or ()] == ["ONE", "TWO"]
    _run(connection, "RESET describe_field_name_in_uppercase")
    cursor = connection.execute("SELECT 1 AS one")
    assert [column.name for column in cursor.description or ()] == ["one"]


def test_show_all(connect: Connect) -> None:
    """SHOW ALL lists every parameter."""
    connection = connect("sales")
    rows = dict(_run(connection, "SHOW ALL").fetchall())
    assert rows["search_path"] == "$user, public"
    assert len(rows) > 50


def test_lock_makes_other_writers_wait(connect: Connect, name: str) -> None:
    """LOCK keeps the write lock until its transaction ends: another writer ends after it."""
    one, two = connect("sales"), connect("sales")
    _run(one, f"CREATE TABLE {name} (i integer)", "BEGIN", f"LOCK {name}")
    order: list[str] = []

    def write() -> None:
        _run(two, f"INSERT INTO {name} VALUES (1)")
        order.append("writer")

    thread = threading.Thread(target=write)
    thread.start()
    thread.join(1)
    assert thread.is_alive()
    order.append("locker")
    _run(one, "COMMIT")
    thread.join(60)
    assert order == ["locker", "writer"]


def test_known_answers_are_true(connect: Connect) -> None:
    """A query of constants is answered from memory: never with what was true before."""
    with connect("sales") as one, connect("sales") as other:

        def asked(text: str, times: int = 3) -> set[Any]:
            return {one.execute(text).fetchall()[0][0] for _ in range(times)}

        assert asked("SELECT 1") == {1}
        assert asked("SELECT current_schema()") == {"public"}
        one.execute("CREATE SCHEMA known")
        one.execute("SET search_path TO known")
        assert asked("SELECT current_schema()") == {"known"}
        other.execute("DROP SCHEMA known")
        assert one.execute("SELECT current_schema()").fetchall()[0][0] != "known"
        assert asked("SELECT current_user") == {"admin"}
        one.execute("CREATE USER known_user PASSWORD 'Known_123456'")
        one.execute("SET SESSION AUTHORIZATION known_user")
        assert asked("SELECT current_user") == {"known_user"}
        one.execute("RESET SESSION AUTHORIZATION")
        assert asked("SELECT current_user") == {"admin"}
        other.execute("DROP USER known_user")
        assert one.execute("SELECT 1 AS a").description[0].name == "a"  # type: ignore[index]
        one.execute("SET describe_field_name_in_uppercase TO on")
        assert one.execute("SELECT 1 AS a").description[0].name == "A"  # type: ignore[index]
        one.execute("BEGIN")
        assert asked("SELECT 1") == {1}
        with pytest.raises(psycopg.Error):
            one.execute("SELECT missing")
        with pytest.raises(psycopg.errors.InFailedSqlTransaction):
            one.execute("SELECT 1")
        one.execute("ROLLBACK")
        assert len(asked("SELECT random()")) == 3


def test_known_answers_are_history(connect: Connect) -> None:
    with connect("sales") as session:
        for _ in range(4):
            session.execute("SELECT 41 AS known_answer")
        rows = session.execute(
            "SELECT count(*), count(DISTINCT query_id), count(DISTINCT transaction_id)"
            " FROM sys_query_history WHERE query_text = 'SELECT 41 AS known_answer'"
            " AND status = 'success' AND returned_rows = 1 AND end_time IS NOT NULL"
        ).fetchall()
    assert rows == [(4, 4, 4)]
