"""The Data API by boto3: statements, batches, results, lists, tokens."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.node.conftest import Connect
from tests.node.data_api import TARGET, DataApi
from tests.node.running import CONSUMER, RunningNode


@pytest.fixture
def api(node: RunningNode) -> DataApi:
    return DataApi(node)


def refused(call: Any, code: str = "ValidationException", **params: Any) -> str:
    """The message of a call that is refused with a code."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    assert caught.value.response["Error"]["Code"] == code, caught.value
    return str(caught.value.response["Error"]["Message"])


# --- one statement --------------------------------------------------------------------------------


def test_a_statement_is_described_whole(api: DataApi, name: str) -> None:
    """Every member of DescribeStatement, of a statement that writes and of one that reads."""
    made = api.run(f"CREATE TABLE d_{name} (i integer)")
    assert (made["HasResultSet"], made["ResultRows"], made["ResultSize"]) == (False, 0, 0)
    written = api.run(f"INSERT INTO d_{name} VALUES (1), (2)", StatementName=name)
    assert (written["ResultRows"], written["ResultSize"]) == (2, 0)
    found = api.run(f"SELECT i FROM d_{name}", StatementName=name)
    assert (found["HasResultSet"], found["ResultRows"]) == (True, 2)
    assert found["ResultSize"] > 0
    assert found["Duration"] > 0
    assert found["Duration"] % 1000 == 0
    assert found["RedshiftPid"] > 0
    assert found["QueryString"] == f"SELECT i FROM d_{name}"
    assert (found["Database"], found["WorkgroupName"]) == ("dev", "sales-wg")
    assert (found["DbUser"], found["ResultFormat"]) == ("admin", "JSON")
    assert found["CreatedAt"] <= found["UpdatedAt"]
    (query,) = api.rows(
        f"SELECT query_text FROM sys_query_history WHERE query_id = {found['RedshiftQueryId']}"
    )
    assert query == [f"SELECT i FROM d_{name}"]


def test_waiting_answers_with_the_end(api: DataApi) -> None:
    """ExecuteStatement with WaitTimeSeconds tells how it ended; without, it tells nothing."""
    made = api.client.execute_statement(Sql="SELECT 1", WaitTimeSeconds=30, **TARGET)
    assert (made["Status"], made["HasResultSet"]) == ("FINISHED", True)
    assert made["RedshiftPid"] > 0
    assert "Status" not in api.client.execute_statement(Sql="SELECT 1", **TARGET)


def test_errors_of_sql_are_told_later(api: DataApi) -> None:
    """What SQL refuses is a FAILED statement, not a refused call, syntax errors too."""
    failed = api.run("SELECT * FROM nothing_here")
    assert failed["Status"] == "FAILED"
    assert failed["Error"].startswith("ERROR: relation")
    assert (failed["ResultRows"], failed["HasResultSet"]) == (-1, False)
    given = {"Parameters": [{"name": "x", "value": "1"}]}
    for sql in ("SELEC 1", "SELECT 'open", "SELECT 1; SELECT 2", "SELECT :x FROM ("):
        broken = api.run(sql, **(given if ":x" in sql else {}))
        assert broken["Status"] == "FAILED", sql
        assert broken["Error"].startswith("ERROR: "), sql
    message = refused(api.client.get_statement_result, "ResourceNotFoundException", Id=failed["Id"])
    assert message.startswith("Query does not have result")


def test_secrets_in_sql_are_not_shown(api: DataApi, name: str) -> None:
    """A password in a statement works and is shown by no operation."""
    made = api.run(f"CREATE USER u_{name} PASSWORD 'Hidden123'", StatementName=name)
    assert made["Status"] == "FINISHED"
    assert "Hidden123" not in str(made)
    assert "Hidden123" not in str(api.client.list_statements(StatementName=name))
    long = "SELECT '" + "x" * 90_000 + "'"
    assert api.run(long)["QueryString"] == long


@pytest.mark.parametrize(
    ("sql", "value", "expected"),
    [
        ("SELECT :v::int + 1", "41", {"longValue": 42}),
        ("SELECT 1 WHERE 2.50 = :v", "2.5", {"longValue": 1}),
        ("SELECT 1 WHERE DATE '2026-01-02' = :v", "2026-01-02", {"longValue": 1}),
        ("SELECT 1 WHERE true = :v", "true", {"longValue": 1}),
        ("SELECT 1 WHERE TIMESTAMP '2026-01-02 03:04:05' > :v", "2026-01-02", {"longValue": 1}),
        ("SELECT :v || 'x'", "null", {"stringValue": "nullx"}),
        ("SELECT ':v' || :v || ':v'", "it's \u00e9", {"stringValue": ":vit's \u00e9:v"}),
        ("SELECT 7 LIMIT :v", "1", {"longValue": 7}),
    ],
)
def test_parameters_take_the_type_of_their_place(
    api: DataApi, sql: str, value: str, expected: dict[str, Any]
) -> None:
    """A value is text that becomes what its place in the SQL wants; it never becomes SQL."""
    found = api.run(sql, Parameters=[{"name": "v", "value": value}])
    assert found["Status"] == "FINISHED", found
    assert found["QueryParameters"] == [{"name": "v", "value": value}]
    assert found["QueryString"] == sql
    assert api.client.get_statement_result(Id=found["Id"])["Records"] == [[expected]]


def test_parameters_that_do_not_fit(api: DataApi) -> None:
    """Unused, missing, repeated and empty ones are refused; a value of another type fails."""
    execute = api.client.execute_statement
    one = {"name": "a", "value": "1"}
    assert "not used" in refused(execute, Sql="SELECT 1", Parameters=[one], **TARGET)
    assert ":b" in refused(execute, Sql="SELECT :a, :b", Parameters=[one], **TARGET)
    assert "twice" in refused(execute, Sql="SELECT :a", Parameters=[one, one], **TARGET)
    wrong = api.run("SELECT 1 WHERE 1 = :a", Parameters=[{"name": "a", "value": "x"}])
    assert wrong["Status"] == "FAILED"


# --- records --------------------------------------------------------------------------------------

TYPES = {
    "1::smallint": ({"longValue": 1}, "int2"),
    "2::integer": ({"longValue": 2}, "int4"),
    "-9223372036854775807::bigint": ({"longValue": -9223372036854775807}, "int8"),
    "1.1::real": ({"doubleValue": 1.1}, "float4"),
    "2.5::double precision": ({"doubleValue": 2.5}, "float8"),
    "1.50::numeric(10,2)": ({"stringValue": "1.50"}, "numeric"),
    "true": ({"booleanValue": True}, "bool"),
    "'a,b'::varchar(5)": ({"stringValue": "a,b"}, "varchar"),
    "'x'::char(3)": ({"stringValue": "x  "}, "bpchar"),
    "DATE '2026-01-02'": ({"stringValue": "2026-01-02"}, "date"),
    "TIME '03:04:05'": ({"stringValue": "03:04:05"}, "time"),
    "TIMESTAMP '2026-01-02 03:04:05.5'": ({"stringValue": "2026-01-02 03:04:05.5"}, "timestamp"),
    "TIMESTAMPTZ '2026-01-02 03:04:05+00'": (
        {"stringValue": "2026-01-02 03:04:05+00"},
        "timestamptz",
    ),
    "JSON_PARSE('{\"a\":[1,null]}')": ({"stringValue": '{"a":[1,null]}'}, "super"),
    "TO_VARBYTE('00ff', 'hex')": ({"blobValue": b"\x00\xff"}, "varbyte"),
    "NULL::integer": ({"isNull": True}, "int4"),
    "''::varchar(3)": ({"stringValue": ""}, "varchar"),
}


def test_every_type_of_record(api: DataApi) -> None:
    """Numbers, truth values and bytes are typed; numerics and times are SQL's text."""
    found = api.run("SELECT " + ", ".join(f"{sql} AS c" for sql in TYPES))
    assert found["Status"] == "FINISHED", found
    result = api.client.get_statement_result(Id=found["Id"])
    (record,) = result["Records"]
    shown = [c["typeName"] for c in result["ColumnMetadata"]]
    assert dict(zip(TYPES, zip(record, shown, strict=True), strict=True)) == TYPES


def test_numbers_that_json_has_not(api: DataApi) -> None:
    """NaN and the infinities travel under the protocol's names for them."""
    found = api.rows("SELECT 'NaN'::float8, 'Infinity'::float8, '-Infinity'::float4")
    assert [str(float(value)) for value in found[0]] == ["nan", "inf", "-inf"]


def test_csv(api: DataApi) -> None:
    """GetStatementResultV2 gives lines of CSV; each format has its own operation."""
    sql = """SELECT 1 AS a, 'x,"y"' AS b, NULL AS c, '' AS d, true AS e, 1.50 AS f
        UNION ALL SELECT 2, 'line\nbreak', 'z', 'w', false, 2 ORDER BY 1"""
    found = api.run(sql, ResultFormat="CSV")
    assert found["ResultFormat"] == "CSV"
    result = api.client.get_statement_result_v2(Id=found["Id"])
    (lines,) = result["Records"]
    assert lines == {
        "CSVRecords": '1,"x,""y""",,"",true,1.50\r\n2,"line\nbreak",z,w,false,2.00\r\n'
    }
    assert (result["TotalNumRows"], result["ResultFormat"]) == (2, "CSV")
    assert [c["name"] for c in result["ColumnMetadata"]] == list("abcdef")
    assert "NextToken" not in result
    assert "V2" in refused(api.client.get_statement_result, Id=found["Id"])
    plain = api.run("SELECT 1")
    refused(api.client.get_statement_result_v2, Id=plain["Id"])


def test_large_results_come_in_pages(api: DataApi, name: str) -> None:
    """A paginator reads each row once, long rows too; a token is of one result alone."""
    series = "SELECT 10 * a.n + b.n AS n FROM d_%s AS a, d_%s AS b"
    api.run(f"CREATE TABLE d_{name} (n integer)")
    api.run(f"INSERT INTO d_{name} VALUES " + ",".join(f"({n})" for n in range(10)))
    tens = series % (name, name)
    numbers = f"SELECT 100 * x.n + y.n AS n FROM ({tens}) AS x, ({tens}) AS y WHERE x.n < 25"
    found = api.run(f"{numbers} ORDER BY 1")
    pages = list(api.client.get_paginator("get_statement_result").paginate(Id=found["Id"]))
    assert [len(page["Records"]) for page in pages] == [1000, 1000, 500]
    assert [r[0]["longValue"] for page in pages for r in page["Records"]] == list(range(2500))
    assert {page["TotalNumRows"] for page in pages} == {2500}
    long = api.run(f"SELECT n, REPEAT('x', 60000) FROM ({numbers}) AS t WHERE n < 150 ORDER BY 1")
    pages = list(api.client.get_paginator("get_statement_result").paginate(Id=long["Id"]))
    assert len(pages) > 2
    assert [r[0]["longValue"] for page in pages for r in page["Records"]] == list(range(150))
    result = api.client.get_statement_result
    token = result(Id=found["Id"])["NextToken"]
    for wrong in (token[:-3], token + "x", "1", "\u00e9", "[" * 100_000, "MQ==", "x" * 10_000):
        refused(result, Id=found["Id"], NextToken=wrong)
    refused(result, Id=long["Id"], NextToken=token)
    csv = api.run(f"{numbers} ORDER BY 1", ResultFormat="CSV")
    paginator = api.client.get_paginator("get_statement_result_v2")
    lines = "".join(
        page["Records"][0]["CSVRecords"] for page in paginator.paginate(Id=csv["Id"])
    ).splitlines()
    assert lines == [str(n) for n in range(2500)]


def test_an_empty_result_is_a_result(api: DataApi) -> None:
    """No rows, but columns."""
    found = api.run("SELECT 1 AS one WHERE false")
    assert (found["HasResultSet"], found["ResultRows"], found["ResultSize"]) == (True, 0, 0)
    result = api.client.get_statement_result(Id=found["Id"])
    assert (result["Records"], result["TotalNumRows"]) == ([], 0)
    assert [c["name"] for c in result["ColumnMetadata"]] == ["one"]


# --- batches --------------------------------------------------------------------------------------


def test_a_batch_is_one_transaction(api: DataApi, name: str) -> None:
    """All or nothing; each sub-statement has its own id, error and result."""
    good = api.batch(
        f"CREATE TABLE b_{name} (i integer)",
        f"INSERT INTO b_{name} VALUES (1), (2)",
        f"SELECT count(*) FROM b_{name}",
    )
    assert (good["Status"], good["HasResultSet"]) == ("FINISHED", True)
    assert (good["ResultRows"], good["RedshiftQueryId"]) == (-1, -1)
    assert [s["Id"] for s in good["SubStatements"]] == [f"{good['Id']}:{n}" for n in (1, 2, 3)]
    assert [s["ResultRows"] for s in good["SubStatements"]] == [0, 2, 1]
    assert [s["HasResultSet"] for s in good["SubStatements"]] == [False, False, True]
    second = api.client.describe_statement(Id=f"{good['Id']}:2")
    assert (second["QueryString"], second["ResultRows"]) == (
        f"INSERT INTO b_{name} VALUES (1), (2)",
        2,
    )
    result = api.client.get_statement_result
    assert result(Id=f"{good['Id']}:3")["Records"] == [[{"longValue": 2}]]
    assert ":1" in refused(result, Id=good["Id"])
    for wrong in (":0", ":4", ":"):
        refused(result, "ResourceNotFoundException", Id=good["Id"] + wrong)
    refused(result, "ResourceNotFoundException", Id=f"{good['Id']}:1")
    bad = api.batch(f"INSERT INTO b_{name} VALUES (3)", "SELECT * FROM nothing_here", "SELECT 3")
    assert bad["Status"] == "FAILED"
    assert [s["Status"] for s in bad["SubStatements"]] == ["FINISHED", "FAILED", "ABORTED"]
    assert bad["Error"] == bad["SubStatements"][1]["Error"]
    assert api.rows(f"SELECT count(*) FROM b_{name}") == [[2]]


def test_a_batch_of_transactions(api: DataApi, name: str) -> None:
    """AUTO_COMMIT goes on behind an error and keeps what succeeded."""
    found = api.batch(
        f"CREATE TABLE a_{name} (i integer)",
        f"INSERT INTO a_{name} VALUES (1)",
        "SELECT * FROM nothing_here",
        f"INSERT INTO a_{name} VALUES (2)",
        ExecutionMode="AUTO_COMMIT",
    )
    assert found["ExecutionMode"] == "AUTO_COMMIT"
    assert [s["Status"] for s in found["SubStatements"]] == [
        "FINISHED", "FINISHED", "FAILED", "FINISHED",
    ]  # fmt: skip
    assert found["Status"] == "FAILED"
    assert api.rows(f"SELECT count(*) FROM a_{name}") == [[2]]


def test_a_batch_shares_its_parameters(api: DataApi, name: str) -> None:
    """Each statement uses those it names; one that none names is refused."""
    given = [{"name": "a", "value": "1"}, {"name": "b", "value": "x"}]
    found = api.batch(
        f"CREATE TABLE p_{name} (i integer, w varchar(3))",
        f"INSERT INTO p_{name} VALUES (:a, :b)",
        f"SELECT w FROM p_{name} WHERE i = :a",
        Parameters=given,
    )
    assert found["Status"] == "FINISHED", found
    result = api.client.get_statement_result(Id=f"{found['Id']}:3")
    assert result["Records"] == [[{"stringValue": "x"}]]
    batch = api.client.batch_execute_statement
    assert "b" in refused(batch, Sqls=["SELECT :a"], Parameters=given, **TARGET)


def test_a_batch_with_its_own_transaction(api: DataApi, name: str) -> None:
    """BEGIN READ ONLY … ROLLBACK, as the Redshift MCP server sends it."""
    read = api.batch("BEGIN READ ONLY", "SELECT 1", "ROLLBACK")
    assert read["Status"] == "FINISHED", read
    written = api.batch("BEGIN READ ONLY", f"CREATE TABLE m_{name} (i integer)", "ROLLBACK")
    assert written["Status"] == "FAILED"
    assert api.rows(f"SELECT count(*) FROM svv_tables WHERE table_name = 'm_{name}'") == [[0]]


# --- idempotency, lists, cancel -------------------------------------------------------------------


def test_a_client_token_runs_once(api: DataApi, name: str) -> None:
    """The same request has the same id, also at the same time; another request is refused."""
    api.run(f"CREATE TABLE t_{name} (i integer)")
    sql = f"INSERT INTO t_{name} VALUES (1)"
    ids: list[str] = []

    def submit() -> None:
        ids.append(api.client.execute_statement(Sql=sql, ClientToken=name * 8, **TARGET)["Id"])

    threads = [threading.Thread(target=submit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 8
    assert len(set(ids)) == 1
    api.ended(ids[0])
    assert api.rows(f"SELECT count(*) FROM t_{name}") == [[1]]
    execute = api.client.execute_statement
    assert "token" in refused(execute, Sql="SELECT 2", ClientToken=name * 8, **TARGET)
    assert "token" in refused(
        execute, Sql=sql, ClientToken=name * 8, **{**TARGET, "Database": "other"}
    )


def test_statements_are_listed(api: DataApi, node: RunningNode, name: str) -> None:
    """By status, name, warehouse and database, newest first, in pages; only the owner's."""
    api.run("SELECT 1", StatementName=f"{name}.a")
    api.run("SELECT * FROM nothing_here", StatementName=f"{name}.b")
    api.batch("SELECT 1", "SELECT 2", StatementName=f"{name}.c")

    def listed(**filters: Any) -> list[str]:
        found = api.client.list_statements(StatementName=f"{name}.", **filters)["Statements"]
        return [s["StatementName"].rpartition(".")[2] for s in found]

    assert listed() == ["c", "a"]
    assert listed(Status="ALL") == ["c", "b", "a"]
    assert listed(Status="FAILED") == ["b"]
    assert listed(Status="ALL", MaxResults=0) == ["c", "b", "a"]
    assert listed(WorkgroupName="sales-wg", Database="dev") == ["c", "a"]
    assert listed(Database="nowhere") == []
    assert listed(ClusterIdentifier="finance") == []
    assert listed(RoleLevel=False) == ["c", "a"]
    assert len(listed(Status="ALL", MaxResults=2)) == 2
    pages = api.client.get_paginator("list_statements").paginate(
        StatementName=f"{name}.", Status="ALL", PaginationConfig={"PageSize": 1}
    )
    found = [s for page in pages for s in page["Statements"]]
    assert [s["Status"] for s in found] == ["FINISHED", "FAILED", "FINISHED"]
    assert [s["IsBatchStatement"] for s in found] == [True, False, False]
    assert found[0]["QueryStrings"] == ["SELECT 1", "SELECT 2"]
    assert found[2]["QueryString"] == "SELECT 1"
    listing = api.client.list_statements
    token = listing(StatementName=f"{name}.", Status="ALL", MaxResults=1)["NextToken"]
    refused(listing, NextToken=token)
    refused(listing, ClusterIdentifier="finance", WorkgroupName="sales-wg")
    unchecked = node.client(service="redshift-data", parameter_validation=False)
    for wrong in (-1, 101, 10**9):
        refused(unchecked.list_statements, MaxResults=wrong)
    other = node.client(CONSUMER, "redshift-data")
    assert other.list_statements(StatementName=f"{name}.", Status="ALL")["Statements"] == []
    for call in (other.describe_statement, other.get_statement_result, other.cancel_statement):
        assert refused(call, "ResourceNotFoundException", Id=found[0]["Id"]) == (
            "Query does not exist."
        )


def test_a_missing_statement_is_named(api: DataApi) -> None:
    """ResourceNotFoundException has the id that was asked for."""
    missing = "00000000-0000-0000-0000-000000000000"
    with pytest.raises(api.client.exceptions.ResourceNotFoundException) as caught:
        api.client.describe_statement(Id=missing)
    assert caught.value.response["ResourceId"] == missing


def test_a_running_statement_is_cancelled(api: DataApi, name: str, connect: Connect) -> None:
    """It is ABORTED and nothing of it stays; one that ended cannot be cancelled."""
    api.run(f"CREATE TABLE c_{name} (i bigint)")
    holder = connect("sales")
    holder.execute("BEGIN")
    holder.execute(f"LOCK c_{name}".encode())
    made = api.client.execute_statement(Sql=f"INSERT INTO c_{name} VALUES (1)", **TARGET)
    while api.client.describe_statement(Id=made["Id"])["Status"] != "STARTED":
        pass
    waiting = api.client.describe_statement(Id=made["Id"], WaitTimeSeconds=1)
    assert (waiting["Status"], waiting["Duration"], waiting["ResultRows"]) == ("STARTED", -1, -1)
    assert "NextToken" not in waiting
    refused(api.client.get_statement_result, "ResourceNotFoundException", Id=made["Id"])
    assert api.client.cancel_statement(Id=made["Id"])["Status"] is True
    ended = api.ended(made["Id"])
    assert (ended["Status"], ended["HasResultSet"]) == ("ABORTED", False)
    assert "ABORTED" in refused(api.client.cancel_statement, Id=made["Id"])
    holder.execute("ROLLBACK")
    assert api.rows(f"SELECT count(*) FROM c_{name}") == [[0]]


# --- connections and limits -----------------------------------------------------------------------


def test_where_statements_run(api: DataApi, node: RunningNode) -> None:
    """A workgroup by name or ARN, a cluster with or without a user; nothing else, no secrets."""
    execute = api.client.execute_statement
    serverless = node.client(service="redshift-serverless")
    arn = serverless.get_workgroup(workgroupName="sales-wg")["workgroup"]["workgroupArn"]
    assert DataApi(node, WorkgroupName=arn, Database="dev").rows("SELECT 1") == [[1]]
    cluster = {"ClusterIdentifier": "finance", "Database": "dev"}
    assert DataApi(node, **cluster).rows("SELECT current_user") == [["admin"]]
    assert DataApi(node, **cluster, DbUser="admin").rows("SELECT 1") == [[1]]
    unknown = DataApi(node, **cluster, DbUser="nobody").run("SELECT 1")
    assert (unknown["Status"], "nobody" in unknown["Error"]) == ("FAILED", True)
    assert "SecretArn" in refused(execute, Sql="SELECT 1", SecretArn="x", **TARGET)
    assert "Database" in refused(execute, Sql="SELECT 1", WorkgroupName="sales-wg")
    refused(execute, Sql="SELECT 1", Database="dev")
    refused(execute, Sql="SELECT 1", **{**cluster, **TARGET})
    refused(execute, Sql="SELECT 1", DbUser="admin", **TARGET)
    for wrong in ({"WorkgroupName": "no-such"}, {"ClusterIdentifier": "no-such"}):
        refused(execute, "ResourceNotFoundException", Sql="SELECT 1", Database="dev", **wrong)
    refused(
        node.client(CONSUMER, "redshift-data").execute_statement,
        "ResourceNotFoundException", Sql="SELECT 1", WorkgroupName=arn, Database="dev",
    )  # fmt: skip


STRINGS = {
    "Sql": (100_000, 100_001),
    "Database": (127, 128),
    "DbUser": (127, 128),
    "SecretArn": (1, 2048),
    "StatementName": (2048, 2049),
    "ClientToken": (64, 65),
    "ClusterIdentifier": (63, 64),
    "WorkgroupName": (128, 129),
    "SessionId": (36, 40),
}


@pytest.mark.parametrize("parameter", STRINGS)
def test_texts_of_any_length(node: RunningNode, parameter: str) -> None:
    """Whatever a string's length, the answer is of the API, never a fault of the service."""
    client = node.client(service="redshift-data", parameter_validation=False)
    target: dict[str, str] = {"Sql": "SELECT 1", "Database": "dev", "ClusterIdentifier": "finance"}
    if parameter == "WorkgroupName":
        del target["ClusterIdentifier"]
    for length in (0, 1, *STRINGS[parameter], 500_000):
        text = "-" * length if parameter == "Sql" else "a" * length
        try:
            client.execute_statement(**{**target, parameter: text})
        except ClientError as error:
            code = error.response["Error"]["Code"]
            assert code in {"ValidationException", "ResourceNotFoundException"}, (length, error)


def test_the_longest_sql(api: DataApi) -> None:
    """100 000 bytes are run, one more is refused."""
    sql = "SELECT 1 -- " + "x" * (100_000 - 12)
    assert api.run(sql)["Status"] == "FINISHED"
    assert "100000" in refused(api.client.execute_statement, Sql=sql + "x", **TARGET)
    assert refused(api.client.execute_statement, Sql="", **TARGET)
    assert refused(api.client.batch_execute_statement, Sqls=["SELECT 1", sql + "x"], **TARGET)
