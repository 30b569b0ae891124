"""ListDatabases, ListSchemas, ListTables and DescribeTable, of local and of shared databases."""

from __future__ import annotations

from typing import Any

import pytest

from tests.node.conftest import Connect
from tests.node.running import CONSUMER, RunningNode
from tests.node.test_data_api import refused

TARGET = {"WorkgroupName": "sales-wg", "Database": "dev"}


@pytest.fixture
def client(node: RunningNode) -> Any:
    return node.client(service="redshift-data")


@pytest.fixture
def tables(name: str, connect: Connect) -> str:
    """A schema with two tables and a view."""
    connection = connect("sales")
    schema = f"l_{name}"
    for sql in (
        f"CREATE SCHEMA {schema}",
        f"CREATE TABLE {schema}.a_one (i integer NOT NULL, n numeric(10,2) DEFAULT 1,"
        " w varchar(7), c char(3), t timestamp, b boolean, f real, v varbyte(9), s super)",
        f"CREATE TABLE {schema}.axone (i integer)",
        f"CREATE VIEW {schema}.looks AS SELECT i FROM {schema}.a_one",
    ):
        connection.execute(sql.encode())
    return schema


def test_schemas_and_tables_by_pattern(client: Any, tables: str) -> None:
    r"""% stands for any text, _ for one character, \ makes either plain."""
    like = tables.replace("_", r"\_")
    assert client.list_schemas(SchemaPattern=like, **TARGET)["Schemas"] == [tables]
    assert tables in client.list_schemas(**TARGET)["Schemas"]
    assert client.list_schemas(SchemaPattern="", **TARGET)["Schemas"] == []

    def found(pattern: str, **more: Any) -> list[str]:
        answer = client.list_tables(SchemaPattern=like, TablePattern=pattern, **TARGET, **more)
        return [table["name"] for table in answer["Tables"]]

    assert found("%") == ["a_one", "axone", "looks"]
    assert found("a_one") == ["a_one", "axone"]
    assert found(r"a\_one") == ["a_one"]
    assert found("'; DROP") == []
    listed = client.list_tables(SchemaPattern=like, **TARGET)["Tables"]
    assert listed[0] == {"schema": tables, "name": "a_one", "type": "TABLE"}
    assert [table["type"] for table in listed] == ["TABLE", "TABLE", "VIEW"]


def test_lists_come_in_pages(client: Any, tables: str) -> None:
    """Each item once; 0 is the default size, and a token is of its own listing."""
    paginator = client.get_paginator("list_tables")
    size = {"PaginationConfig": {"PageSize": 2}}
    pages = list(paginator.paginate(SchemaPattern=tables, **TARGET, **size))
    assert [len(page["Tables"]) for page in pages] == [2, 1]
    listing = client.list_tables
    first = listing(SchemaPattern=tables, MaxResults=1, **TARGET)
    assert len(listing(SchemaPattern=tables, MaxResults=0, **TARGET)["Tables"]) == 3
    refused(listing, NextToken=first["NextToken"], **TARGET)
    refused(listing, SchemaPattern=tables, NextToken=first["NextToken"][:-4], **TARGET)
    columns = client.get_paginator("describe_table").paginate(
        Schema=tables, Table="a_one", **TARGET, **size
    )
    found = [column["name"] for page in columns for column in page["ColumnList"]]
    assert found == ["i", "n", "w", "c", "t", "b", "f", "v", "s"]


def test_columns_are_described(client: Any, tables: str) -> None:
    """Type, sizes, default and whether NULL is allowed."""
    found = client.describe_table(Schema=tables, Table="a_one", **TARGET)
    assert found["TableName"] == "a_one"
    shown = {
        c["name"]: (c["typeName"], c["precision"], c["scale"], c["length"], c["nullable"])
        for c in found["ColumnList"]
    }
    assert shown["i"] == ("int4", 32, 0, 32, 0) or shown["i"][:3] == ("int4", 10, 0)
    assert shown["n"][:3] == ("numeric", 10, 2)
    assert shown["w"] == ("varchar", 7, 0, 7, 1)
    assert [shown[name][0] for name in "ctbfvs"] == [
        "bpchar", "timestamp", "bool", "float4", "varbyte", "super",
    ]  # fmt: skip
    columns = {c["name"]: c for c in found["ColumnList"]}
    assert columns["n"]["columnDefault"].startswith("1")
    assert "columnDefault" not in columns["i"]
    assert (columns["w"]["isCaseSensitive"], columns["i"]["isSigned"]) == (True, True)
    assert (columns["w"]["schemaName"], columns["w"]["tableName"]) == (tables, "a_one")
    everywhere = client.describe_table(Schema=tables, **TARGET)["ColumnList"]
    assert {c["tableName"] for c in everywhere} == {"a_one", "axone", "looks"}
    assert client.describe_table(Schema=tables, Table="none", **TARGET)["ColumnList"] == []


def test_shared_databases_are_listed(
    node: RunningNode, tables: str, name: str, connect: Connect
) -> None:
    """From a local database and from inside; only what the share has and the user may see."""
    producer, consumer = connect("sales"), connect("analytics")
    share = f"ls_{name}"
    for sql in (
        f"CREATE DATASHARE {share}",
        f"ALTER DATASHARE {share} ADD SCHEMA {tables}",
        f"ALTER DATASHARE {share} ADD TABLE {tables}.a_one",
        f"GRANT USAGE ON DATASHARE {share} TO ACCOUNT '{CONSUMER}'",
    ):
        producer.execute(sql.encode())
    arn = node.share_arn(share)
    node.client().authorize_data_share(DataShareArn=arn, ConsumerIdentifier=CONSUMER)
    node.client(CONSUMER).associate_data_share_consumer(
        DataShareArn=arn, ConsumerArn=node.namespace_arn("analytics")
    )
    consumer.execute(
        f"CREATE DATABASE db_{name} FROM DATASHARE {share} OF ACCOUNT '111111111111' "
        f"NAMESPACE '{node.guid('sales')}'".encode()
    )
    client = node.client(CONSUMER, "redshift-data")
    local = {"WorkgroupName": "analytics-wg", "Database": "dev"}
    assert {"dev", f"db_{name}"} <= set(client.list_databases(**local)["Databases"])
    inside = {"WorkgroupName": "analytics-wg", "Database": f"db_{name}"}
    for where in ({**inside, "ConnectedDatabase": "dev"}, inside):
        assert tables in client.list_schemas(**where)["Schemas"]
        found = client.list_tables(SchemaPattern=tables, **where)["Tables"]
        assert [table["name"] for table in found] == ["a_one"]
        columns = client.describe_table(Schema=tables, Table="a_one", **where)["ColumnList"]
        assert [c["name"] for c in columns][:3] == ["i", "n", "w"]
    assert client.list_tables(SchemaPattern=tables, **local)["Tables"] == []


def test_what_cannot_be_looked_at(node: RunningNode, client: Any) -> None:
    """Whoever cannot connect is told so; other mistakes are the caller's."""
    failed = "DatabaseConnectionException"
    refused(client.list_databases, failed, WorkgroupName="sales-wg", Database="nowhere")
    finance = {"ClusterIdentifier": "finance", "Database": "dev"}
    assert "nobody" in refused(client.list_tables, failed, DbUser="nobody", **finance)
    nowhere = {"Database": "nowhere", "ConnectedDatabase": "dev", "WorkgroupName": "sales-wg"}
    for call in (client.list_schemas, client.list_tables, client.describe_table):
        assert "nowhere" in refused(call, **nowhere)
        refused(call, SecretArn="x", **TARGET)
        refused(call, "ResourceNotFoundException", Database="dev", WorkgroupName="no-such")
    unchecked = node.client(service="redshift-data", parameter_validation=False)
    for wrong in (-1, 1001, 10**9):
        refused(unchecked.list_tables, MaxResults=wrong, **TARGET)
    for length in (0, 1, 128, 500_000):
        text = "%" * length
        for name in ("ConnectedDatabase", "SchemaPattern", "TablePattern", "NextToken"):
            try:
                unchecked.list_tables(**{**TARGET, name: text})
            except client.exceptions.ClientError as error:
                code = error.response["Error"]["Code"]
                assert code in {"ValidationException", failed}, (name, length, error)
