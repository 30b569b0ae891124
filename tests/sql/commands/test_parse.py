"""Every command is read as what it means; what is none is refused where it goes wrong."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redshare.sql.commands import SPECS, Command, bind, parameters, parse_command
from redshare.sql.commands.match import Matching
from redshare.sql.commands.readers import READERS
from redshare.sql.commands.session import Execute, Prepare
from redshare.sql.commands.show import ShowTables
from redshare.sql.commands.spec import Spec
from redshare.sql.commands.user import CreateUser
from redshare.sql.commands.values import Password
from redshare.sql.errors import (
    NameTooLong,
    SqlSyntaxError,
    UndefinedParameter,
    UnsupportedStatement,
)
from redshare.sql.lex import split
from tests.sql.commands import cases_objects, cases_policies, cases_session, cases_sharing

ACCEPTED = [
    *cases_sharing.DATASHARES,
    *cases_sharing.GRANTS,
    *cases_sharing.DATABASES,
    *cases_objects.SCHEMAS,
    *cases_objects.TABLES,
    *cases_objects.USERS,
    *cases_objects.SHOWS,
    *cases_objects.DATA,
    *cases_policies.POLICIES,
    *cases_session.SESSIONS,
    *cases_session.TRANSACTIONS,
    *cases_session.CURSORS,
]

UNSUPPORTED = [
    ("SAVEPOINT a", "SAVEPOINT"),
    ("ROLLBACK TO SAVEPOINT a", "SAVEPOINT"),
    ("rollback work to a", "SAVEPOINT"),
    ("RELEASE SAVEPOINT a", "SAVEPOINT"),
    ("PREPARE TRANSACTION 'x'", "PREPARE TRANSACTION"),
    ("MOVE 5 FROM c", "MOVE"),
    ("GRANT ASSUMEROLE ON 'arn:aws:iam::1:role/r' TO u FOR ALL", "GRANT ASSUMEROLE"),
    ("revoke assumerole on all from u for copy", "REVOKE ASSUMEROLE"),
    ("DECLARE c SCROLL CURSOR FOR select 1", "SCROLL CURSOR"),
    ("FETCH PRIOR FROM c", "FETCH other than forward"),
    ("COPY t FROM STDIN", "COPY FROM STDIN"),
    ("copy t (a) from stdin with csv", "COPY FROM STDIN"),
    ("COPY t TO STDOUT", "COPY TO"),
    ("COPY (select 1) TO STDOUT", "COPY TO"),
    ("COPY JOB LIST", "COPY JOB"),
    ("copy t from 's3://b/k' iam_role default job create nightly auto on", "COPY JOB"),
    ("copy t from 's3://b/k' iam_role default encrypted", "COPY of ENCRYPTED files"),
    ("copy t from 's3://b/k' iam_role default ssh", "COPY from SSH"),
    ("EXPLAIN ANALYZE select 1", "EXPLAIN ANALYZE"),
    ("ANALYZE COMPRESSION t", "ANALYZE COMPRESSION"),
    ("CREATE EXTERNAL FUNCTION f(int) RETURNS int STABLE LAMBDA 'x'", "CREATE EXTERNAL FUNCTION"),
    ("CREATE PROCEDURE p() AS $$ $$ LANGUAGE plpgsql", "CREATE PROCEDURE"),
    ("DROP PROCEDURE p()", "DROP PROCEDURE"),
    ("ALTER PROCEDURE p() RENAME TO q", "ALTER PROCEDURE"),
    ("CREATE LIBRARY l LANGUAGE plpythonu FROM 's3://b/k'", "CREATE LIBRARY"),
    ("DROP LIBRARY l", "DROP LIBRARY"),
    ("CREATE MODEL m FROM t", "CREATE MODEL"),
    ("DROP MODEL m", "DROP MODEL"),
    ("CREATE EXTERNAL TABLE s.t (a int)", "CREATE EXTERNAL TABLE"),
    *(
        (
            f"CREATE EXTERNAL SCHEMA x FROM {kind} DATABASE 'd'",
            f"CREATE EXTERNAL SCHEMA FROM {kind}",
        )
        for kind in (
            "DATA CATALOG",
            "HIVE METASTORE",
            "POSTGRES",
            "MYSQL",
            "KINESIS",
            "KAFKA",
            "MSK",
        )
    ),
    ("CREATE SCHEMA s CREATE TABLE t (a int)", "CREATE SCHEMA with schema elements"),
]

REFUSED = [
    ("CREATE DATASHARE", "end of input", 17),
    ("CREATE DATASHARE IF NOT EXISTS s", '"NOT"', 21),
    ("CREATE DATASHARE a-b", '"-"', 19),
    ("CREATE DATASHARE 'a'", "\"'a'\"", 18),
    ("CREATE DATASHARE user", '"user"', 18),
    ("CREATE DATASHARE s PUBLICACCESSIBLE MAYBE", '"MAYBE"', 37),
    ("CREATE DATASHARE s extra", '"extra"', 20),
    ("ALTER DATASHARE s ADD TABEL t", '"TABEL"', 23),
    ("ALTER DATASHARE s ADD TABLE t,", "end of input", 31),
    ("ALTER DATASHARE s ADD TABLE t u", '"u"', 31),
    ("ALTER DATASHARE s SET INCLUDENEW TRUE", "end of input", 38),
    ("ALTER DATASHARE s", "end of input", 18),
    ("ALTER DATASHARE s PUBLICACCESSIBLE TRUE", '"PUBLICACCESSIBLE"', 19),
    ("DROP DATASHARE IF EXISTS s", '"EXISTS"', 19),
    ("DROP DATASHARE s CASCADE", '"CASCADE"', 18),
    ("DESC DATASHARE s OF ACCOUNT '1'", "end of input", 32),
    ("GRANT USAGE ON salesshare TO ACCOUNT '1'", "\"'1'\"", 38),
    ("GRANT USAGE ON DATASHARE s TO ACCOUNT '1' WITH GRANT OPTION", '"WITH"', 43),
    ("GRANT USAGE ON DATASHARE s TO NAMESPACE '1' VIA DATA CATALOG", '"VIA"', 45),
    ("GRANT USAGE ON DATASHARE s FROM NAMESPACE '1'", '"FROM"', 28),
    ("GRANT FLY ON t TO bob", '"FLY"', 7),
    ("GRANT SELECT ON t TO", "end of input", 21),
    ("GRANT SELECT ON TABLE user TO bob", '"user"', 23),
    ("GRANT USAGE (a) ON SCHEMA s TO bob", '"s"', 27),
    ("REVOKE SELECT ON t TO bob", '"TO"', 20),
    ("grant\n  select on t to bob,", "end of input", 28),
    ("CREATE DATABASE d FROM DATASHARE s", "end of input", 35),
    ("CREATE DATABASE d FROM DATASHARE s OF NAMESPACE 'x' OWNER bob", '"OWNER"', 53),
    ("DROP DATABASE IF EXISTS d", '"EXISTS"', 18),
    ("DROP TABLE", "end of input", 11),
    ("DROP TABLE t,,u", '","', 14),
    ("DROP TABLE select", '"select"', 12),
    ("ALTER TABLE t FROBNICATE", '"FROBNICATE"', 15),
    ("BEGIN NOW", '"NOW"', 7),
    ("SET search_path", "end of input", 16),
    ("SET search_path TO", "end of input", 19),
    ("SHOW $1", '"$1"', 6),
    ("FETCH", "end of input", 6),
    ("EXPLAIN", "end of input", 8),
    ("EXPLAIN ACCESS d.s.t", '"d"', 16),
    ("EXPLAIN ACCESS TO d.s.t ACTION GRANT", '"GRANT"', 32),
    ("DROP DATASHARE @1", '"@"', 16),
    ("DROP DATASHARE @¹", '"@"', 16),
    (f"DROP DATASHARE ${'9' * 5000}", '"$"', 16),
    ("UNLISTEN 'x'", "\"'x'\"", 10),
]

ENGINE = [
    "select 1",
    "SELECT * FROM datashare",
    "with a as (select 1) select * from a",
    "insert into t values ($1,$2)",
    "update t set a = 1",
    "delete from t",
    "merge into t using u on t.a = u.a when matched then delete",
    "values (1)",
    "create table t (a int)",
    "create temp table t (a int)",
    "create or replace view v as select 1",
    "create view v as select 1",
    "create materialized view v as select 1",
    "(select 1)",
    '"show" x',
]


def read(sql: str, *, fold: bool = True) -> Command | None:
    (statement,) = split(sql)
    return parse_command(statement, fold=fold)


@pytest.mark.parametrize(("sql", "expected"), ACCEPTED, ids=[sql for sql, _ in ACCEPTED])
def test_accepted(sql: str, expected: object) -> None:
    """A command in each of its spellings is one value, and has a command tag."""
    command = read(sql)
    assert expected == command
    assert command is not None
    assert re.fullmatch(r"[A-Z]+( [A-Z]+)*", command.tag)


@pytest.mark.parametrize(("sql", "feature"), UNSUPPORTED)
def test_unsupported(sql: str, feature: str) -> None:
    """What Redshift does not have, or the product not yet, is refused by its name."""
    with pytest.raises(UnsupportedStatement) as refused:
        read(sql)
    assert (feature, "0A000") == (refused.value.feature, refused.value.sqlstate)


@pytest.mark.parametrize(("sql", "near", "position"), REFUSED)
def test_refused(sql: str, near: str, position: int) -> None:
    """What starts like a command and goes wrong is a syntax error where it went wrong."""
    with pytest.raises(SqlSyntaxError) as refused:
        read(sql)
    where = near if near == "end of input" else f"or near {near}"
    assert (f"syntax error at {where}", position) == (
        refused.value.message,
        refused.value.position,
    )
    assert refused.value.sqlstate == "42601"


@pytest.mark.parametrize("sql", ENGINE)
def test_not_a_command(sql: str) -> None:
    """What the engine runs is none of the commands."""
    assert read(sql) is None


def reached_by(sql: str) -> set[str]:
    """The specs that fit a statement: the first of those that are tried."""
    (statement,) = split(sql)
    for spec in SPECS:
        m = Matching(statement, True)
        try:
            if spec.match(m) is not None:
                return {spec.text}
        except UnsupportedStatement:
            return {spec.text}
        except SqlSyntaxError:
            continue
    return set()


def test_every_spec_is_reached() -> None:
    """Each line of the tables has a statement here that it, and no line before it, takes."""
    statements = [sql for sql, _ in ACCEPTED] + [sql for sql, _ in UNSUPPORTED]
    reached = set[str]().union(*map(reached_by, statements))
    assert [spec.text for spec in SPECS if spec.text not in reached] == []


def test_there_are_many_cases() -> None:
    """The table of accepted statements does not shrink unnoticed."""
    assert len(ACCEPTED) >= 200


def test_positions_count_over_the_whole_text() -> None:
    """The second statement of a text is refused at its place in the text."""
    first, second = split("select $1,$2; drop datashare")
    assert parse_command(first) is None
    with pytest.raises(SqlSyntaxError) as refused:
        parse_command(second)
    assert refused.value.position == 29


def test_quoted_names_keep_case_only_when_told() -> None:
    """Redshift folds quoted names too, unless the session is case sensitive."""
    assert ShowTables(("Ab",)) == read('show tables from schema "Ab"', fold=False)
    assert ShowTables(("ab",)) == read('show tables from schema "Ab"')
    assert ShowTables(("ab",)) == read("show tables from schema Ab", fold=False)


def test_a_long_name_is_refused() -> None:
    """127 bytes are a name, 128 are none."""
    assert read(f"drop datashare {'é' * 63}a") is not None
    with pytest.raises(NameTooLong):
        read(f"drop datashare {'é' * 64}")


def test_an_empty_name_is_refused() -> None:
    """Two double quotes are no name."""
    with pytest.raises(SqlSyntaxError, match="zero-length delimited identifier") as refused:
        read('drop datashare ""')
    assert refused.value.position == 16


def test_too_many_parts_are_refused() -> None:
    """Four parts name nothing."""
    with pytest.raises(SqlSyntaxError, match="improper qualified name"):
        read("drop table a.b.c.d")


def test_a_repeated_option_is_refused() -> None:
    """An option given twice is not the last one of them."""
    with pytest.raises(SqlSyntaxError, match="conflicting or redundant options"):
        read("create user bob createdb nocreatedb")


def test_a_password_is_not_shown() -> None:
    """No text of a command has its password in it."""
    command = read("create user bob password 'Secret123'")
    assert isinstance(command, CreateUser)
    assert command.options.password == Password("Secret123")
    assert "Secret123" not in repr(command)


def test_credentials_are_not_shown() -> None:
    """COPY's options may hold a secret key."""
    assert "SECRET" not in repr(read("copy t from 's3://b/k' secret_access_key 'SECRET'"))


def test_parameters_are_bound() -> None:
    """Placeholders become names and strings; names fold, patterns do not."""
    command = read("SHOW TABLES FROM SCHEMA $2.$1 LIKE $3")
    assert frozenset({1, 2, 3}) == parameters(command)
    assert ShowTables(("d", "s"), pattern="A%") == bind(command, ["S", "D", "A%"])
    assert ShowTables(("D", "S"), pattern="A%") == bind(command, ["S", "D", "A%"], fold=False)


def test_missing_parameters_are_refused() -> None:
    """A placeholder without a value ends the statement."""
    with pytest.raises(UndefinedParameter, match=r"there is no parameter \$1"):
        bind(read("drop datashare $1"), [])


def test_a_command_without_parameters_is_itself() -> None:
    """Binding nothing changes nothing."""
    command = read("drop datashare s")
    assert bind(command, ["x"]) is command


def test_the_body_of_prepare_keeps_its_place() -> None:
    """An inner statement's errors are placed in the client's text."""
    (statement,) = split("prepare p as select $1,$2, x")
    command = parse_command(statement)
    assert isinstance(command, Prepare)
    assert command.body.text == "select $1,$2, x"
    last = command.body.tokens[-1]
    assert command.body.position(last.start) == 28


def test_a_long_list_does_not_exhaust_the_stack() -> None:
    """Depth is that of the grammar, not of the statement."""
    command = read("drop table " + ", ".join(["t"] * 20_000))
    assert command is not None
    with pytest.raises(SqlSyntaxError, match="redundant"):
        read("create user bob" + " createdb" * 20_000)
    assert isinstance(read(f"execute p({', '.join(['1'] * 20_000)})"), Execute)


def test_a_spec_with_an_error_is_no_spec() -> None:
    """A wrong table is found when it is loaded."""
    for text in ("A [ B", "A ]", "A { B ]"):
        with pytest.raises(AssertionError):
            Spec[Any](text, dict)
    with pytest.raises(KeyError):
        Spec[Any]("A <b:nothing>", dict)
    assert "name" in READERS


WORDS = sorted({word for spec in SPECS for word in re.findall(r"[A-Za-z]+", spec.text)})
SOUP = st.lists(
    st.one_of(
        st.sampled_from(WORDS),
        st.sampled_from(
            [*"(),.=*;-+[]?", "$1", "$0", "'x'", '"y"', '""', "1", "1.5", "::", "$$z$$"]
        ),
        st.sampled_from(
            ["a", "b.c", "E'\\000'", "{#", "'", '"', "/*", "--", "\n", "é", "#t", "\\"]
        ),
        st.text(max_size=3),
    ),
    max_size=15,
)


@settings(max_examples=600, deadline=None)
@given(SOUP, st.sampled_from([" ", " ", ""]), st.sampled_from(SPECS))
def test_soup_is_refused_in_words(parts: list[str], glue: str, spec: Spec[Any]) -> None:
    """Nothing a client can send ends in anything but a command, None or an error with its code."""
    text = " ".join([*spec.head, glue.join(parts)])
    try:
        for statement in split(text):
            parse_command(statement)
    except (SqlSyntaxError, UnsupportedStatement, NameTooLong):
        pass


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([sql for sql, _ in ACCEPTED]), st.data())
def test_cut_statements_are_refused_in_words(sql: str, data: st.DataObject) -> None:
    """A statement that lost or gained a piece is read or refused, nothing else."""
    start = data.draw(st.integers(0, len(sql)))
    end = data.draw(st.integers(start, len(sql)))
    middle = data.draw(st.text(max_size=2))
    try:
        for statement in split(sql[:start] + middle + sql[end:]):
            parse_command(statement)
    except (SqlSyntaxError, UnsupportedStatement, NameTooLong):
        pass
