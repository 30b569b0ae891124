"""COPY and UNLOAD against a real S3 server: with the node's key, own ones, and wrong ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest
import yaml

from tests.node.running import RunningNode
from tests.node.s3_server import KEY_ID, SECRET, S3Server, executable, running_s3

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(executable() is None, reason="no S3 server for this machine"),
]

Sql = psycopg.Connection[Any]
ROLE = "IAM_ROLE default"


@pytest.fixture(scope="module", name="s3")
def _s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with running_s3(tmp_path_factory.mktemp("s3")) as server:
        server.client().create_bucket(Bucket="warehouse")
        yield server


@pytest.fixture(scope="module", name="sql")
def _sql(s3: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sql]:
    """A connection to a node that has the S3 server, by the command line and the environment."""
    node = RunningNode(
        tmp_path_factory.mktemp("node"),
        arguments=("--s3-endpoint", s3.url),
        environment={
            "REDSHARE_S3_ACCESS_KEY_ID": KEY_ID,
            "REDSHARE_S3_SECRET_ACCESS_KEY": SECRET,
            # Whatever the machine has is not asked.
            "AWS_ACCESS_KEY_ID": "wrong",
            "AWS_SECRET_ACCESS_KEY": "wrong",
        },
    ).start()
    with closing(node.connect("sales")) as connection:
        connection.execute("CREATE TABLE t (i integer, s varchar(20))")
        yield connection
    assert node.stop() == 0


def refusal(sql: Sql, statement: str) -> tuple[Any, str]:
    with pytest.raises(psycopg.Error) as raised:
        sql.execute(statement)
    return raised.value.diag.sqlstate, str(raised.value.diag.message_primary)


def test_copy_and_unload(sql: Sql, s3: S3Server) -> None:
    """An object that another client made is loaded; what is unloaded another client reads."""
    client = s3.client()
    client.put_object(Bucket="warehouse", Key="in/a b+c.csv", Body="1,ünï\n2,b\n".encode())
    sql.execute(f"COPY t FROM 's3://warehouse/in/' {ROLE} CSV")
    sql.execute(f"UNLOAD ('SELECT * FROM t ORDER BY i') TO 's3://warehouse/out/' {ROLE} CSV GZIP")
    found = client.list_objects_v2(Bucket="warehouse", Prefix="out/")["Contents"]
    assert [o["Key"] for o in found] == ["out/0000_part_00.gz"]
    sql.execute(f"COPY t FROM 's3://warehouse/out/' {ROLE} CSV GZIP")
    rows = sql.execute("SELECT i, s, count(*) FROM t GROUP BY 1, 2 ORDER BY 1").fetchall()
    assert rows == [(1, "ünï", 2), (2, "b", 2)]


def test_many_objects_and_a_large_one(sql: Sql, s3: S3Server) -> None:
    """More than a page of the listing, and more than one part of an upload."""
    client = s3.client()
    for number in range(30):
        client.put_object(Bucket="warehouse", Key=f"many/{number:04}", Body=f"{number}\n".encode())
    sql.execute("CREATE TABLE many (i integer)")
    sql.execute(f"COPY many FROM 's3://warehouse/many/' {ROLE}")
    assert sql.execute("SELECT count(*), sum(i) FROM many").fetchone() == (30, 435)
    query = "SELECT a.i, repeat(''x'', 1000) FROM many a, many b, many c"
    sql.execute(f"UNLOAD ('{query}') TO 's3://warehouse/large/' {ROLE} PARALLEL OFF")
    found = client.head_object(Bucket="warehouse", Key="large/000")
    assert found["ContentLength"] > 20_000_000


def test_what_s3_refuses(sql: Sql) -> None:
    """A wrong key, a wrong secret, no such bucket, no such prefix: S3's own answer."""
    copy = "COPY t FROM 's3://warehouse/in/'"
    wrong_secret = f"ACCESS_KEY_ID '{KEY_ID}' SECRET_ACCESS_KEY 'wrong' CSV"
    wrong_key = "CREDENTIALS 'aws_access_key_id=AKIANOBODY;aws_secret_access_key=wrong' CSV"
    assert "Status 403,Error SignatureDoesNotMatch" in refusal(sql, f"{copy} {wrong_secret}")[1]
    assert "Status 403,Error InvalidAccessKeyId" in refusal(sql, f"{copy} {wrong_key}")[1]
    unload = f"UNLOAD ('SELECT 1') TO 's3://warehouse/wrong/' {wrong_secret}"
    assert "Status 403" in refusal(sql, unload)[1]
    missing = refusal(sql, f"COPY t FROM 's3://no-such-bucket/x' {ROLE}")
    assert "Status 404,Error NoSuchBucket" in missing[1]
    assert refusal(sql, f"COPY t FROM 's3://warehouse/nothing' {ROLE}") == (
        "XX000",
        "The specified S3 prefix 'nothing' does not exist",
    )


def test_a_statements_own_keys(sql: Sql) -> None:
    """They are used in place of the node's."""
    keys = f"CREDENTIALS 'aws_access_key_id={KEY_ID};aws_secret_access_key={SECRET}'"
    sql.execute("CREATE TABLE own (i integer, s varchar(20))")
    sql.execute(f"COPY own FROM 's3://warehouse/in/' {keys} CSV")
    assert sql.execute("SELECT count(*) FROM own").fetchone() == (2,)


def test_a_node_with_the_wrong_key(s3: S3Server, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Endpoints of a file: a wrong key is S3's refusal, a dead endpoint an error, none a secret."""
    directory = tmp_path_factory.mktemp("wrong")
    file = directory / "s3.yaml"
    entry = {"url": s3.url, "access_key_id": KEY_ID, "secret_access_key": "not-the-secret"}
    dead = {"url": "http://127.0.0.1:9", "buckets": ["elsewhere"]}
    file.write_text(yaml.safe_dump({"endpoints": [entry, dead]}))
    node = RunningNode(directory, arguments=("--s3-config", str(file))).start()
    with closing(node.connect("sales")) as connection:
        connection.execute("CREATE TABLE t (i integer, s varchar(20))")
        found = refusal(connection, f"COPY t FROM 's3://warehouse/in/' {ROLE} CSV")
        assert "Status 403" in found[1]
        found = refusal(connection, f"COPY t FROM 's3://elsewhere/in/' {ROLE} CSV")
        assert "Status 503" in found[1]
        assert "127.0.0.1" not in found[1]
    assert node.stop() == 0
    assert "not-the-secret" not in (directory / "node.log").read_text()
