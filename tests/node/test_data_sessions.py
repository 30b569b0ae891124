"""Sessions of the Data API: what a statement leaves is there for the next one."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.node.conftest import Connect
from tests.node.data_api import TARGET, DataApi
from tests.node.running import CONSUMER, PASSWORD, RunningNode
from tests.node.test_data_api import refused


@pytest.fixture
def api(node: RunningNode) -> DataApi:
    return DataApi(node)


def session_of(api: DataApi, sql: str = "SELECT 1", seconds: int = 600) -> str:
    """A new session, whose first statement has ended."""
    found = api.run(sql, SessionKeepAliveSeconds=seconds)
    assert found["Status"] == "FINISHED", found
    return str(found["SessionId"])


def listed(api: DataApi, session: str) -> dict[str, object]:
    (found,) = api.client.list_sessions(SessionId=session)["Sessions"]
    return dict(found)


def test_a_session_keeps_its_state(api: DataApi, name: str) -> None:
    """Temporary tables, settings, prepared statements and an open transaction go on."""
    session = session_of(api, "CREATE TEMP TABLE mine (i integer)")
    assert api.run("INSERT INTO mine VALUES (1)", SessionId=session)["Status"] == "FINISHED"
    assert api.rows("SELECT i FROM mine", SessionId=session) == [[1]]
    api.run("SET query_group TO 'mine'", SessionId=session)
    assert api.rows("SHOW query_group", SessionId=session) == [["mine"]]
    first, second = (api.run("SELECT 1", SessionId=session) for _ in range(2))
    assert first["RedshiftPid"] == second["RedshiftPid"]
    assert second["SessionId"] == session
    assert (second["WorkgroupName"], second["Database"]) == ("sales-wg", "dev")
    api.run("BEGIN", SessionId=session)
    api.run(f"CREATE TABLE s_{name} (i integer)", SessionId=session)
    assert api.run(f"SELECT * FROM s_{name}")["Status"] == "FAILED"
    inside = api.batch(f"INSERT INTO s_{name} VALUES (1)", "COMMIT", SessionId=session)
    assert inside["Status"] == "FINISHED", inside
    assert api.rows(f"SELECT i FROM s_{name}") == [[1]]
    assert api.run("SELECT * FROM mine")["Status"] == "FAILED"


def test_a_failed_transaction_waits_for_its_end(api: DataApi) -> None:
    """After an error inside BEGIN every statement is refused until ROLLBACK."""
    session = session_of(api, "BEGIN")
    api.run("SELECT * FROM nothing_here", SessionId=session)
    refusal = api.run("SELECT 1", SessionId=session)
    assert "current transaction is aborted" in refusal["Error"]
    assert api.run("ROLLBACK", SessionId=session)["Status"] == "FINISHED"
    assert api.rows("SELECT 1", SessionId=session) == [[1]]


def test_one_statement_at_a_time(api: DataApi, name: str, connect: Connect) -> None:
    """A busy session refuses another statement and is listed with the one it runs."""
    api.run(f"CREATE TABLE w_{name} (i integer)")
    session = session_of(api)
    holder = connect("sales")
    holder.execute("BEGIN")
    holder.execute(f"LOCK w_{name}".encode())
    made = api.client.execute_statement(Sql=f"INSERT INTO w_{name} VALUES (1)", SessionId=session)
    assert made["SessionId"] == session
    assert "busy" in refused(api.client.execute_statement, Sql="SELECT 1", SessionId=session)
    found = listed(api, session)
    assert (found["Status"], found["CurrentStatementId"]) == ("BUSY", made["Id"])
    assert "SessionTtl" not in found
    holder.execute("ROLLBACK")
    assert api.ended(made["Id"])["Status"] == "FINISHED"
    found = listed(api, session)
    assert (found["Status"], found["SessionAliveSeconds"]) == ("AVAILABLE", 600)
    assert "CurrentStatementId" not in found
    assert api.rows(f"SELECT count(*) FROM w_{name}", SessionId=session) == [[1]]


def test_a_session_ends_with_its_time(api: DataApi) -> None:
    """When its seconds are over it is CLOSED and not available; 0 seconds end it at once."""
    short = session_of(api, seconds=1)
    while listed(api, short)["Status"] != "CLOSED":
        pass
    execute = api.client.execute_statement
    assert refused(execute, Sql="SELECT 1", SessionId=short) == "Session is not available."
    session = session_of(api)
    api.run("SELECT 1", SessionId=session, SessionKeepAliveSeconds=0)
    assert listed(api, session)["Status"] == "CLOSED"
    assert "SessionId" not in api.run("SELECT 1", SessionKeepAliveSeconds=0)


def test_a_session_that_never_opened_is_closed(api: DataApi, node: RunningNode) -> None:
    """The first statement could not connect: there is nothing to go on with."""
    nobody = DataApi(node, ClusterIdentifier="finance", Database="dev", DbUser="nobody")
    found = nobody.run("SELECT 1", SessionKeepAliveSeconds=60)
    assert found["Status"] == "FAILED"
    assert listed(api, found["SessionId"])["Status"] == "CLOSED"


def test_a_terminated_session_is_closed(api: DataApi, connect: Connect) -> None:
    """pg_terminate_backend ends a session of the Data API as it ends a connection."""
    session = session_of(api)
    pid = api.run("SELECT 1", SessionId=session)["RedshiftPid"]
    connect("sales").execute(f"SELECT pg_terminate_backend({pid})".encode())
    assert listed(api, session)["Status"] == "CLOSED"


def test_whose_sessions_are_listed(api: DataApi, node: RunningNode) -> None:
    """Open ones of the caller by default, by status, warehouse or database; nobody else's."""
    session, gone = session_of(api), session_of(api)
    api.run("SELECT 1", SessionId=gone, SessionKeepAliveSeconds=0)
    client = api.client

    def ids(**filters: object) -> set[str]:
        pages = client.get_paginator("list_sessions").paginate(**filters)
        return {s["SessionId"] for page in pages for s in page["Sessions"]}

    assert session in ids()
    assert gone not in ids()
    assert gone in ids(Status="CLOSED")
    assert session in ids(WorkgroupName="sales-wg", Database="dev", RoleLevel=False)
    assert session not in ids(ClusterIdentifier="finance") | ids(Database="other")
    assert len(client.list_sessions(MaxResults=1)["Sessions"]) == 1
    refused(client.list_sessions, SessionId=session, Status="BUSY")
    refused(client.list_sessions, NextToken="x")
    missing = session.translate(str.maketrans("0123456789abcdef", "f0123456789abcde"))
    other = node.client(CONSUMER, "redshift-data")
    refused(other.list_sessions, "ResourceNotFoundException", SessionId=session)
    refused(client.list_sessions, "ResourceNotFoundException", SessionId=missing)
    for stranger, named in ((other, session), (client, missing)):
        message = refused(stranger.execute_statement, Sql="SELECT 1", SessionId=named)
        assert message == f"Session with Id: {named} is invalid."
    message = refused(client.execute_statement, Sql="SELECT 1", SessionId=session, **TARGET)
    assert "SessionId" in message


def test_a_cancelled_statement_leaves_its_session(
    api: DataApi, name: str, connect: Connect
) -> None:
    """The session goes on behind a statement that was cancelled."""
    api.run(f"CREATE TABLE k_{name} (i integer)")
    session = session_of(api)
    holder = connect("sales")
    holder.execute("BEGIN")
    holder.execute(f"LOCK k_{name}".encode())
    made = api.client.execute_statement(Sql=f"INSERT INTO k_{name} VALUES (1)", SessionId=session)
    api.client.cancel_statement(Id=made["Id"])
    assert api.ended(made["Id"])["Status"] == "ABORTED"
    holder.execute("ROLLBACK")
    assert api.rows(f"SELECT count(*) FROM k_{name}", SessionId=session) == [[0]]


def test_sessions_have_limits_of_their_own(api: DataApi) -> None:
    """A day is the longest; more is refused."""
    execute = api.client.execute_statement
    with pytest.raises(ClientError):
        execute(Sql="SELECT 1", SessionKeepAliveSeconds=86_401, **TARGET)
    assert session_of(api, seconds=86_400)


def test_a_session_goes_with_its_warehouse(node: RunningNode, name: str) -> None:
    """DeleteCluster closes the sessions on it."""
    redshift = node.client()
    redshift.create_cluster(
        ClusterIdentifier=name,
        NodeType="ra3.xlplus",
        MasterUsername="chief",
        MasterUserPassword=PASSWORD,
        ClusterType="single-node",
    )
    redshift.get_waiter("cluster_available").wait(ClusterIdentifier=name)
    api = DataApi(node, ClusterIdentifier=name, Database="dev")
    session = session_of(api)
    redshift.delete_cluster(ClusterIdentifier=name, SkipFinalClusterSnapshot=True)
    while listed(api, session)["Status"] != "CLOSED":
        pass
