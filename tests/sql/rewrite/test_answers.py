"""Redshift's answers, computed by the engine from rewritten SQL."""
# ruff: noqa: DTZ001, E501 - timestamps without a zone are the subject; a table has long rows

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import pytest

from redshare.core.sql_errors import FeatureNotSupported
from redshare.sql.raised import parse_raised
from tests.sql.world import Engine, World, engines

WORLD = World()


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """An engine with five rows in `u` and three in `t`."""
    for made in engines(WORLD):
        made.run(WORLD.bind("insert into u values (1,'a'),(2,'b'),(3,'b'),(4,null),(7,'x')").plan)
        made.run(
            WORLD.bind(
                "insert into t (id, name, price, qty, big, ratio, day, at, ok) values "
                "(1,'a',1.50,3,10,0.5,'2020-01-31','2020-01-31 10:11:12',true),"
                "(2,'bb',2.25,4,20,1.5,'2020-02-29','2020-02-29 23:59:59',false),"
                "(7,'c',null,null,null,null,null,null,null)"
            ).plan
        )
        yield made


ANSWERS = [
    # division
    ("1/2", 0),
    ("-7/2", -3),
    ("7 % 3", 1),
    ("-7 % 3", -1),
    ("5/2.0", Decimal("2.5000")),
    ("5/2::float", 2.5),
    ("(2+3)/(1+1)", 2),
    ("10/(5/2)", 5),
    ("10 - (5 - 2)", 7),
    ("2 * (3 + 4)", 14),
    ("32767::smallint + 1", 32768),
    ("99999999999999999999", Decimal(99999999999999999999)),
    # numbers
    ("round(2.567, 2)", Decimal("2.57")),
    ("round(-2.5)", Decimal(-3)),
    ("trunc(2.567)", Decimal(2)),
    ("ceil(2.1)", Decimal(3)),
    ("floor(-2.1)", Decimal(-3)),
    ("abs(-3)", 3),
    ("sign(-2)", -1),
    ("power(2, 10)", 1024.0),
    ("sqrt(16)", 4.0),
    ("mod(10, 4)", 2),
    ("log(1000)", 3.0),
    ("dlog10(100)", 2.0),
    ("exp(0)", 1.0),
    ("greatest(1, 3, 2)", 3),
    ("least(3, 1, null)", 1),
    # strings
    ("'a' || null", None),
    ("'a' || 1", "a1"),
    ("concat('a', null)", None),
    ("concat('a', 'b')", "ab"),
    ("len('abc')", 3),
    ("octet_length('ä')", 2),
    ("upper('aB') || lower('Cd')", "ABcd"),
    ("substring('abcdef', 2, 3)", "bcd"),
    ("substring('abcdef', 0, 3)", "ab"),
    ("substring('abcdef', -1, 3)", "a"),
    ("substring('abcdef', -5, 3)", ""),
    ("substring('abcdef', 4)", "def"),
    ("substring('abcdef', -2)", "abcdef"),
    ("substr('abcdef', 3, 2)", "cd"),
    ("left('abc', 2) || right('abc', 1)", "abc"),
    ("charindex('c', 'abc')", 3),
    ("strpos('abc', 'z')", 0),
    ("position('b' in 'abc')", 2),
    ("replace('aXbX', 'X', '-')", "a-b-"),
    ("trim('  a ')", "a"),
    ("ltrim('xxa', 'x')", "a"),
    ("rtrim('axx', 'x')", "a"),
    ("btrim('xax', 'x')", "a"),
    ("lpad('a', 3)", "  a"),
    ("rpad('a', 3, '-')", "a--"),
    ("initcap('hello world')", "Hello World"),
    ("reverse('abc')", "cba"),
    ("repeat('ab', 2)", "abab"),
    ("replicate('ab', 2)", "abab"),
    ("split_part('a-b-c', '-', 2)", "b"),
    ("chr(65)", "A"),
    ("ascii('A')", 65),
    ("translate('abc', 'ab', 'xy')", "xyc"),
    ("md5('a')", "0cc175b9c0f1b6a831c399e269772661"),
    ("sha2('a', 256)", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
    ("to_hex(255)", "ff"),
    # patterns
    ("'abc' like 'a%'", True),
    ("'abc' not like 'a%'", False),
    (r"'a_c' like 'a\\_c'", True),
    (r"'abc' like 'a\\_c'", False),
    ("'a_c' like 'a!_c' escape '!'", True),
    ("'abc' not like 'a!_c' escape '!'", True),
    ("'ABC' ilike 'a%'", True),
    ("'abd' similar to '%(b|d)%'", True),
    ("'a.c' similar to 'a.c'", True),
    ("'abc' similar to 'a.c'", False),
    ("'abc' not similar to 'a_c'", False),
    ("'abc' ~ '^a.c$'", True),
    ("'abc' !~ 'z'", True),
    ("'ABC' ~* 'b'", True),
    ("regexp_replace('aXbX', 'X', '-')", "a-b-"),
    ("regexp_replace('aXbx', 'x', '-', 1, 'i')", "a-b-"),
    ("regexp_replace('aXb', 'X')", "ab"),
    ("regexp_substr('abc123', '[0-9]+')", "123"),
    ("regexp_count('abcabc', 'b')", 2),
    # conditionals
    ("nvl(null, 2)", 2),
    ("nvl2('a', 1, 2)", 1),
    ("nvl2(null, 1, 2)", 2),
    ("coalesce(null, null, 3)", 3),
    ("nullif(1, 1)", None),
    ("decode(2, 1, 'x', 2, 'y', 'z')", "y"),
    ("decode(null, null, 'same', 'other')", "same"),
    ("decode(9, 1, 'x')", None),
    ("case when 1 > 2 then 'a' else 'b' end", "b"),
    ("case 3 when 3 then 1 end", 1),
    ("1 between 0 and 2", True),
    ("1 in (1, 2)", True),
    ("null is null", True),
    ("true is not false", True),
    # casts
    ("'abcdef'::varchar(3)", "abc"),
    ("cast(12.5 as int)", 13),
    ("'2020-02-30' is null", False),
    ("12::varchar", "12"),
    ("'12'::int + 1", 13),
    ("1.239::decimal(4,2)", Decimal("1.24")),
    ("true::varchar", "true"),
    # dates
    ("dateadd(month, 1, '2020-01-31')", datetime(2020, 2, 29)),
    ("dateadd(quarter, -1, '2020-01-31'::date)", datetime(2019, 10, 31)),
    ("dateadd(week, 1, '2020-01-31'::date)", datetime(2020, 2, 7)),
    ("dateadd(minute, 90, '2020-01-31'::timestamp)", datetime(2020, 1, 31, 1, 30)),
    ("dateadd('day', 1, '2020-01-31'::date)", datetime(2020, 2, 1)),
    ("add_months('2020-02-29'::date, 1)", datetime(2020, 3, 31)),
    ("add_months('2020-01-15 10:00'::timestamp, 1)", datetime(2020, 2, 15, 10)),
    ("datediff(month, '2020-01-31', '2020-02-01')", 1),
    ("datediff(day, '2020-01-31'::date, '2020-01-01'::date)", -30),
    ("datediff(hour, '2020-01-01 10:59', '2020-01-01 11:01')", 1),
    ("date_trunc('month', '2020-02-29'::date)", datetime(2020, 2, 1)),
    ("date_part(year, '2020-02-29'::date)", 2020),
    ("extract(dow from '2020-02-02'::date)", 0),
    ("extract(epoch from '1970-01-02'::date)", 86400),
    ("extract(quarter from '2020-05-01'::date)", 2),
    ("last_day('2020-02-01'::date)", date(2020, 2, 29)),
    ("'2020-02-29'::date + 1", date(2020, 3, 1)),
    ("'2020-03-01'::date - '2020-02-01'::date", 29),
    ("'2020-01-31'::date + interval '1 day'", datetime(2020, 2, 1)),
    ("'2020-01-31'::timestamp - interval '2 hours'", datetime(2020, 1, 30, 22)),
    ("convert_timezone('US/Pacific', '2020-01-31 12:00')", datetime(2020, 1, 31, 4)),
    ("convert_timezone('UTC', 'Europe/Berlin', '2020-07-01 12:00')", datetime(2020, 7, 1, 14)),
    ("trunc('2020-01-31 10:00'::timestamp)", date(2020, 1, 31)),
    ("to_char('2020-01-31'::date, 'YYYY-MM-DD')", "2020-01-31"),
    ("to_char('2020-01-31 14:05:06'::timestamp, 'HH24:MI:SS')", "14:05:06"),
    ("to_char('2020-01-31 14:05:06'::timestamp, 'HH12:MI AM')", "02:05 PM"),
    ("to_char('2020-01-31'::date, 'Mon MON mon')", "Jan JAN jan"),
    ("to_char('2020-01-31'::date, 'Month|')", "January  |"),
    ("to_char('2020-01-31'::date, 'FMMonth|')", "January|"),
    ("to_char('2020-05-31'::date, 'Q')", "2"),
    ("to_char('2020-01-31'::date, '\"year\" YYYY')", "year 2020"),
    ("to_date('31 Jan 2020', 'DD Mon YYYY')", date(2020, 1, 31)),
    ("to_date('20200131', 'YYYYMMDD')", date(2020, 1, 31)),
    ("getdate() > '2020-01-01'", True),
    ("sysdate::date = current_date", True),
    # the session
    ("current_user", "admin"),
    ("session_user", "admin"),
    ("current_database()", "dev"),
    ("current_schema()", "public"),
    ("current_namespace", "22222222-2222-4222-8222-222222222222"),
    ("current_aws_account", "111111111111"),
    ("pg_backend_pid()", 0),
    ("pg_catalog.current_database()", "dev"),
    # queries
    ("(select sum(id) from u)", 17),
    ("(select avg(id) from u)", 3),
    ("(select avg(price) from t)", Decimal("1.87")),
    ("(select count(*) from u where note is null)", 1),
    ("(select count(distinct note) from u)", 3),
    ("(select sum(distinct id) from u where id < 4)", 6),
    ("(select listagg(note, ',') within group (order by id) from u)", "a,b,b,x"),
    ("(select listagg(note) within group (order by id) from u)", "abbx"),
    ("(select max(note) from u)", "x"),
    ("(select median(id) from u)", 3.0),
    ("(select percentile_cont(0.5) within group (order by id) from u)", 3.0),
    ("(select count(*) from u where note = 'b' or (id = 1 and note = 'a'))", 3),
    ("(select bool_or(ok) from t)", True),
    ("(select max(x) from (values (1), (5)) v(x))", 5),
    ("exists (select 1 from u where u.id > 6)", True),
    ("2 = any (select id from u)", True),
    ("8 > all (select id from u)", True),
    ("(select count(*) from t join u on t.id = u.id)", 3),
    ("(select count(*) from t, u)", 15),
    ("(select count(*) from t full outer join u using (id))", 5),
    ("(with x as (select id from u where id > 2) select count(*) from x)", 3),
    ("(with recursive c(n) as (select 1 union all select n+1 from c where n<5) select sum(n) from c)",
     15),
    ("(select count(*) from (select note from u union select name from t))", 6),
    ("(select count(*) from (select id from u except select id from t))", 2),
    ("(select count(*) from (select id from u intersect select id from t))", 3),
    ("(select min(r) from (select row_number() over (order by id desc) r, id from u) where id=7)", 1),
    ("(select max(s) from (select sum(id) over (order by id rows unbounded preceding) s from u))",
     17),
    ("(select top 1 id from u order by id desc)", 7),
    ("(select id from u order by id limit 1 offset 1)", 2),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "expected"), ANSWERS)
def test_answer(engine: Engine, expression: str, expected: object) -> None:
    """An expression has Redshift's answer."""
    rows = engine.run(WORLD.bind(f"select {expression}").plan)

    assert rows == [(expected,)]


UNKNOWN = [
    "to_char(1234, '9.9EEEE')", "to_char(1, 'B9')", "to_date('x', 'J')",
    "regexp_instr('a', '(a)', 1, 1, 0, 'e')", "regexp_replace('a', '(a)', '$1')",
    "regexp_substr('a', '(?=a)', 1, 1, 'p')", "'a' similar to name", "object_transform(name)",
    "sha2('a', 512)", "nosuch(1)", "date_part(timezone, sysdate)", "to_char(sysdate, name)",
    "fnv_hash(price)", "to_varbyte('a', 'rot13')", "substring('abc'::varbyte, 1, 2)", "hll(id)",
    "listagg(name, name)", "percentile_disc(price) within group (order by id)", "checksum(id)",
]  # fmt: skip


@pytest.mark.parametrize("expression", UNKNOWN)
def test_not_known(expression: str) -> None:
    """What might be answered wrongly is refused by name."""
    with pytest.raises(FeatureNotSupported) as caught:
        World().bind(f"select {expression} from t")

    assert "is not supported" in caught.value.message


@pytest.mark.parametrize(
    ("text", "sqlstate", "message"),
    [
        ("select 1/0", "22012", "Divide by zero"),
        ("select id % 0 from u", "22012", "Divide by zero"),
        ("select 1.0/(id - id) from u", "22012", "Divide by zero"),
        (
            "update u set note = 'far too long for the column'",
            "22001",
            "value too long for type character varying(20)",
        ),
        (
            "insert into t (id, name) values (1, 'ääääääää')",
            "22001",
            "value too long for type character varying(10)",
        ),
    ],
)
def test_raised(engine: Engine, text: str, sqlstate: str, message: str) -> None:
    """Errors that the engine would not raise come with Redshift's SQLSTATE and text."""
    with pytest.raises(Exception, match="#") as caught:
        engine.run(WORLD.bind(text).plan)

    found = parse_raised(str(caught.value))

    assert found is not None
    assert (found.sqlstate, found.message) == (sqlstate, message)


def test_blanks_beyond_the_end_are_cut(engine: Engine) -> None:
    """Blanks beyond a column's length are no error; those within it stay."""
    engine.run(WORLD.bind("insert into t (id, name) values (50, 'abc            ')").plan)

    assert engine.run(WORLD.bind("select name from t where id = 50").plan) == [("abc       ",)]
    engine.run(WORLD.bind("delete from t where id = 50").plan)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("select id, name n, count(*), 1, 'a', id::varchar, max(id) from t group by 1, 2, 4, 5, 6",
         ["id", "n", "count", "?column?", "?column?", "id", "max"]),
        ("select * exclude (id, price, big, ratio, day, at, ok) from t", ["name", "qty"]),
        ("select u.*, t.id from t join u using (id)", ["id", "note", "id"]),
        ("select * from u join (select id, note other from u) x using (id)",
         ["id", "note", "other"]),
        ("select dateadd(day, 1, day), datediff(day, day, at), date_part(year, day), "
         "extract(year from day), ltrim(name), rtrim(name), trim(name), lpad(name, 2), sysdate, "
         "strtol('f', 16), regexp_substr(name, 'a'), bit_and(qty) from t group by day, at, name",
         ["date_add", "date_diff", "pgdate_part", "date_part", "ltrim", "rtrim", "btrim", "lpad",
          "sysdate", "strtol", "regexp_substr", "bit_and"]),
        ("select getdate(), len('a'), nvl(1, 2), to_char(sysdate, 'YYYY')",
         ["getdate", "len", "coalesce", "to_char"]),
    ],
)  # fmt: skip
def test_column_names(engine: Engine, text: str, names: list[str]) -> None:
    """Columns are called what Redshift calls them."""
    plan = WORLD.bind(text).plan
    assert plan is not None

    cursor = engine.connection.execute(plan.sql)

    assert [c[0] for c in cursor.description] == names


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("select * from t where id = $1 and price > $2", ("integer", "numeric(38,18)")),
        ("insert into t (id, name) values($1,$2)", ("integer", "character varying(10)")),
        ("update t set day = $1 where $2 = name", ("date", "character varying(10)")),
        ("select $1", ("character varying",)),
        ("select $2::int, $1::date", ("date", "integer")),
        ("select id from t limit $1", ("bigint",)),
        ("select id from t where id in ($1, $2) or ok = $3", ("integer", "integer", "boolean")),
        ("select coalesce($1, id) from t where day between $2 and $3",
         ("integer", "date", "date")),
    ],
)  # fmt: skip
def test_parameter_types(text: str, parameters: tuple[str, ...]) -> None:
    """A parameter has the type of what it is compared with, assigned to or cast to."""
    assert World().bind(text).parameters == parameters
