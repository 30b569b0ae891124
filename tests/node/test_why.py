"""Why a consumer reaches an object: asked by SQL, GET /explain and `redshare why`, and mended."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session
from typer.testing import CliRunner

from redshare.cli import app
from tests.node.conftest import Connect
from tests.node.explaining import MOST, Asking, broken, holds, refused, rows
from tests.node.running import CONSUMER, PASSWORD, PRODUCER, REGION, STRANGER, RunningNode
from tests.node.test_sharing import NOT_ACCESSIBLE, refusal

pytestmark = pytest.mark.server

Sql = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningNode]:
    """One of its own: where others left datashares, what is missing is another thing."""
    running = RunningNode(tmp_path_factory.mktemp("why"))
    yield running.start()
    running.stop()


@pytest.fixture(scope="module")
def asking(node: RunningNode) -> Asking:
    return Asking(node)


@pytest.fixture
def table(connect: Connect, name: str) -> str:
    """A table of the producer, in a schema of its own: `<name>s.t`."""
    sql = connect("sales")
    sql.execute(f"CREATE SCHEMA {name}s")
    sql.execute(f"CREATE TABLE {name}s.t (i integer)")
    sql.execute(f"INSERT INTO {name}s.t VALUES (1)")
    return f"{name}s.t"


def mended(asking: Asking, question: dict[str, str], account: str, done: list[str]) -> bool:
    """Ask and do the first mend until there is none for this account; whether access holds."""
    for _ in range(MOST):
        document = asking.ask(account, **question)
        link = broken(document)
        if link is None:
            return bool(document["holds"])
        side = "producer" if account == PRODUCER else "consumer"
        if link["mend"] is None or not link["mend"]["by"].startswith(side):
            return False
        asking.do(link["mend"])
        done.append(link["mend"]["text"])
    raise AssertionError(done)


def test_two_accounts_mend_from_nothing(
    asking: Asking, connect: Connect, name: str, table: str
) -> None:
    """Each side does what its own questions say, until an ordinary user of the consumer inserts."""
    node = asking.node
    connect("analytics").execute(f"CREATE USER {name}u PASSWORD '{PASSWORD}'")
    done: list[str] = []
    for action in ("select", "insert"):
        producers = {
            "consumer": CONSUMER,
            "object": f"dev.{table}",
            "producer": asking.guids["sales"],
            "action": action,
        }
        consumers = {
            "consumer": asking.guids["analytics"],
            "object": f"d_{name}.{table}",
            "as_": f"{name}u",
            "action": action,
        }
        mended(asking, producers, PRODUCER, done)
        consumers["datashare"] = node.share_arn(done[0].split()[-1])
        assert mended(asking, consumers, CONSUMER, done), done
        # Now the producer's own side has nothing left that is broken either.
        assert broken(asking.ask(PRODUCER, **producers)) is None
        user = connect("analytics", user=f"{name}u")
        if action == "select":
            assert user.execute(f"SELECT i FROM d_{name}.{table}").fetchall() == [(1,)]
            assert refusal(user, f"INSERT INTO d_{name}.{table} VALUES (2)")[0] == "42501"
        else:
            user.execute(f"INSERT INTO d_{name}.{table} VALUES (2)")
    assert connect("sales").execute(f"SELECT count(*) FROM {table}").fetchone() == (2,)
    assert len(done) == len(set(done)), done


@pytest.mark.parametrize("by", ["namespace", "account"])
def test_one_account_mends_its_whole_chain(
    asking: Asking, connect: Connect, name: str, table: str, by: str
) -> None:
    """Where both sides are one account's, one question leads from nothing to the INSERT.

    By its namespace the consumer is granted at once, by the account's id through the handshake.
    """
    connect("finance").execute(f"CREATE USER {name}u PASSWORD '{PASSWORD}'")
    question = {
        "consumer": asking.guids["finance"] if by == "namespace" else PRODUCER,
        "producer": asking.guids["sales"],
        "object": f"dev.{table}",
        "as_": f"{name}u",
    }
    done: list[str] = []
    for action in ("select", "insert"):
        for _ in range(MOST):
            document = asking.ask(PRODUCER, **question, action=action)
            if document["holds"]:
                break
            asking.do(broken(document)["mend"])
            done.append(broken(document)["mend"]["text"])
    assert any("authorize-data-share" in mend for mend in done) == (by == "account")
    share = done[0].split()[-1]
    user = connect("finance", user=f"{name}u")
    user.execute(f"INSERT INTO {share}.{table} VALUES (2)")
    assert user.execute(f"SELECT count(*) FROM {share}.{table}").fetchone() == (2,)


def test_sql_says_what_to_do(asking: Asking, connect: Connect, name: str, table: str) -> None:
    """Sessions of both sides print statements and AWS CLI commands that mend, word for word."""
    producer, consumer = connect("sales"), connect("analytics")
    from_producer = f"EXPLAIN ACCESS TO dev.{table} FOR CONSUMER '{CONSUMER}' ACTION DELETE"
    for _ in range(MOST):
        row = refused(producer, from_producer)
        if row is None:
            break
        mend, by = row[3], row[4]
        if by.endswith("SQL administrator"):
            producer.execute(mend)
        else:
            _command(asking, mend, by)
    from_consumer = f"explain access to d_{name}.{table} action delete"
    database = f"d_{name}"
    while (row := refused(consumer, from_consumer)) is not None:
        if row[3] is None:
            # The share was another test's too: a namespace has one database of it.
            database = str(row[2]).rpartition(": ")[2].partition(".")[0]
            from_consumer = f"explain access to {database}.{table} action delete"
        else:
            consumer.execute(row[3])
    assert holds(consumer, from_consumer)
    consumer.execute(f"DELETE FROM {database}.{table}")
    assert producer.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def _command(asking: Asking, text: str, by: str) -> None:
    """An AWS CLI command as boto3 runs it."""
    aws, service, operation, *words = shlex.split(text)
    assert (aws, service, words[-2:]) == ("aws", "redshift", ["--region", REGION])
    parameters: dict[str, Any] = {}
    for word in words[:-2]:
        if word.startswith("--"):
            member = "".join(part.capitalize() for part in word[2:].split("-"))
            parameters[member] = True
        else:
            parameters[member] = word
    account = PRODUCER if by == "producer account" else CONSUMER
    getattr(asking.clients[account], operation.replace("-", "_"))(**parameters)


def test_what_is_not_offered_is_not_there(
    asking: Asking, connect: Connect, name: str, table: str
) -> None:
    """Before the authorization, and to strangers always, a share is as one that never was."""
    node = asking.node
    question = {"consumer": asking.guids["analytics"], "object": f"d_{name}.{table}"}
    arn = node.share_arn(name)
    before = asking.ask(CONSUMER, **question)
    absent = asking.get(CONSUMER, **question, datashare=arn)
    sql = connect("sales")
    for statement in (
        f"CREATE DATASHARE {name}",
        f"ALTER DATASHARE {name} ADD SCHEMA {name}s",
        f"ALTER DATASHARE {name} ADD TABLE {table}",
        f"GRANT USAGE ON DATASHARE {name} TO ACCOUNT '{CONSUMER}'",
    ):
        sql.execute(statement)
    assert asking.ask(CONSUMER, **question) == before
    assert asking.get(CONSUMER, **question, datashare=arn) == absent
    assert absent[0] == 400
    assert absent[1]["__type"] == "InvalidDataShareFault"
    asking.clients[PRODUCER].authorize_data_share(DataShareArn=arn, ConsumerIdentifier=CONSUMER)
    seen = asking.ask(CONSUMER, **question, datashare=arn)
    assert broken(seen)["step"] == "associated"
    # What is in it is shown to those who may use it, by SVV_DATASHARE_OBJECTS.
    assert {x["step"]: x["status"] for x in seen["links"]}["object in the datashare"] == "unknown"
    stranger = asking.get(STRANGER, consumer=STRANGER, object="d.s.t", datashare=arn)
    assert stranger[1]["message"] == absent[1]["message"]
    # A session sees the usable shares, as SVV_DATASHARES does.
    row = refused(connect("analytics"), f"EXPLAIN ACCESS TO d_{name}.{table}")
    assert row is not None
    assert row[0] == "datashare"


def test_an_ordinary_user_asks_for_itself(connect: Connect, name: str, table: str) -> None:
    """From its own rights: nothing of the share without USAGE, nobody else's access at all."""
    producer, consumer = connect("sales"), connect("finance")
    finance = consumer.execute("SELECT current_namespace").fetchone()
    sales = producer.execute("SELECT current_namespace").fetchone()
    assert finance is not None
    assert sales is not None
    for statement in (
        f"CREATE DATASHARE {name}",
        f"ALTER DATASHARE {name} ADD SCHEMA {name}s",
        f"ALTER DATASHARE {name} ADD TABLE {table}",
        f"GRANT USAGE ON DATASHARE {name} TO NAMESPACE '{finance[0]}'",
    ):
        producer.execute(statement)
    consumer.execute(f"CREATE DATABASE {name} FROM DATASHARE {name} OF NAMESPACE '{sales[0]}'")
    consumer.execute(f"CREATE USER {name}u PASSWORD '{PASSWORD}'")
    user, question = connect("finance", user=f"{name}u"), f"EXPLAIN ACCESS TO {name}.{table}"
    row = refused(user, question)
    assert row is not None
    assert (row[0], row[3]) == (
        "usage of the database", f"GRANT USAGE ON DATABASE {name} TO {name}u",
    )  # fmt: skip
    by_step = {row[0]: row[1] for row in rows(user, question)}
    assert by_step["datashare"] == by_step["usage granted"] == "unknown"
    assert refusal(user, f"{question} AS admin") == (
        "42501",
        "must be superuser to explain another user's access",
    )
    assert rows(consumer, f"{question} AS {name}u")[-1] == rows(user, question)[-1]
    consumer.execute(row[3])
    assert holds(user, question)
    assert holds(consumer, f"{question} AS {name}u ACTION SELECT")
    producer.execute(f"DROP DATASHARE {name}")
    assert rows(user, question)[-1][2] == NOT_ACCESSIBLE


def test_the_statement_is_described_and_refused(connect: Connect) -> None:
    """Five columns of text; names and consumers that mean nothing are errors of the client."""
    sql = connect("sales")
    cursor = sql.execute("EXPLAIN ACCESS TO public.nothing ACTION TRUNCATE")
    assert [column.name for column in cursor.description or ()] == [
        "step", "status", "detail", "mend", "mended_by",
    ]  # fmt: skip
    assert cursor.statusmessage == "EXPLAIN"
    bound = sql.execute("EXPLAIN ACCESS TO dev.public.nothing FOR CONSUMER %s", [CONSUMER])
    assert bound.fetchone() == (
        "object", "broken", 'relation "dev.public.nothing" does not exist', None, None,
    )  # fmt: skip
    for text, sqlstate in (
        ("EXPLAIN ACCESS TO t", "42601"),
        ("EXPLAIN ACCESS TO a.b.c FOR CONSUMER 'x'", "22023"),
        ("EXPLAIN ACCESS TO a.b.c FOR CONSUMER '00000000-0000-4000-8000-000000000000'", "22023"),
        (f"EXPLAIN ACCESS TO a.b.c FOR CONSUMER '{CONSUMER}' AS u", "22023"),
        ("EXPLAIN ACCESS TO a.b.c AS nobody_there", "42704"),
        ("EXPLAIN ACCESS TO a.b.c ACTION REFERENCES", "42601"),
        ("EXPLAIN ACCESS a.b.c", "42601"),
    ):
        assert refusal(sql, text)[0] == sqlstate, text


BAD: list[tuple[dict[str, str], str]] = [
    ({}, "InvalidParameterValue"),
    ({"consumer": CONSUMER}, "InvalidParameterValue"),
    ({"consumer": CONSUMER, "object": ""}, "InvalidParameterValue"),
    ({"consumer": CONSUMER, "object": "s.t"}, "InvalidParameterValue"),
    ({"consumer": CONSUMER, "object": "d.s.t AS admin"}, "InvalidParameterValue"),
    ({"consumer": CONSUMER, "object": "d.s.t; DROP TABLE t"}, "InvalidParameterValue"),
    ({"consumer": CONSUMER, "object": "d.s.'"}, "InvalidParameterValue"),
    ({"consumer": CONSUMER, "object": "nowhere.s.t"}, "InvalidParameterValue"),
    ({"consumer": "12", "object": "d.s.t"}, "InvalidParameterValue"),
    ({"consumer": CONSUMER, "object": "dev.s.t", "action": "grant"}, "InvalidParameterValue"),
    ({"consumer": CONSUMER, "object": "dev.s.t", "as_": "u"}, "InvalidParameterCombination"),
    ({"consumer": PRODUCER, "object": "dev.s.t"}, "InvalidParameterValue"),
    ({"consumer": CONSUMER, "object": "dev.s.t", "producer": "x"}, "InvalidParameterValue"),
    ({"consumer": CONSUMER, "object": "dev.s.t", "more": "x"}, "InvalidQueryParameter"),
    ({"consumer": CONSUMER, "object": "dev.s.t", "datashare": "arn:x"}, "InvalidDataShareFault"),
]


def test_bad_questions_are_aws_errors(asking: Asking) -> None:
    """Each in JSON with its code; another account's namespace is as unknown as none."""
    for parameters, code in BAD:
        status, document = asking.get(PRODUCER, **parameters)
        assert (status, document["__type"]) == (400, code), (parameters, document)
        assert document["message"]
    foreign = asking.guids["analytics"]
    for guid in (foreign, "00000000-0000-4000-8000-000000000000"):
        for parameters in (
            {"consumer": guid, "object": "dev.s.t"},
            {"consumer": CONSUMER, "producer": guid, "object": "dev.s.t"},
        ):
            status, document = asking.get(PRODUCER, **parameters)
            assert (status, document["__type"]) == (400, "InvalidNamespaceFault")
            assert document["message"] == f"The namespace {guid} doesn't exist."
    assert asking.get(PRODUCER, method="POST")[1]["__type"] == "MalformedHttpRequestException"
    unsigned = AWSRequest("GET", f"{asking.node.ready['endpoint']}/explain?consumer=1")
    answer = URLLib3Session().send(unsigned.prepare())
    assert json.loads(answer.content)["__type"] == "MissingAuthenticationTokenException"


def test_the_command_line(asking: Asking, connect: Connect, name: str, table: str) -> None:
    """It finds keys and endpoint as AWS's tools do, and its exit code says whether access holds."""
    connect("sales").execute(f"CREATE USER {name}u PASSWORD '{PASSWORD}'")
    key = next(a for a in asking.node.ready["accounts"] if a["account_id"] == PRODUCER)
    environment: dict[str, str | None] = {
        **{name: None for name in os.environ if name.startswith("AWS_")},
        "AWS_ACCESS_KEY_ID": key["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": key["secret_access_key"],
        "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL": asking.node.ready["endpoint"],
    }

    def why(*options: str) -> Any:
        return CliRunner().invoke(app, ["why", *options], env=environment)

    asked = ("--consumer", asking.guids["sales"], "--object", f"dev.{table}")
    good = why(*asked, "--action", "insert")
    assert (good.exit_code, good.stderr) == (0, "")
    assert good.stdout.endswith("Access holds.\n")
    broken_ = why(*asked, "--as", f"{name}u")
    assert broken_.exit_code == 1
    assert f"GRANT USAGE ON SCHEMA dev.{name}s TO {name}u" in broken_.stdout
    assert json.loads(why(*asked, "--as", f"{name}u", "--json").stdout)["holds"] is False
    bad = why("--consumer", "x", "--object", f"dev.{table}")
    assert (bad.exit_code, bad.stdout) == (2, "")
    assert bad.stderr.startswith("redshare: InvalidParameterValue: consumer: ")
    environment["AWS_ENDPOINT_URL"] = None
    assert why(*asked).exit_code == 2
