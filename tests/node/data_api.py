"""What tests of the Data API share: statements that are waited for, by long polling."""

from __future__ import annotations

from typing import Any

from tests.node.running import RunningNode

TARGET = {"WorkgroupName": "sales-wg", "Database": "dev"}
DONE = {"FINISHED", "FAILED", "ABORTED"}


class DataApi:
    """An unmodified client of one account, and the target that its statements have."""

    def __init__(self, node: RunningNode, account: str | None = None, **target: str) -> None:
        self.client = (
            node.client(service="redshift-data")
            if account is None
            else node.client(account, "redshift-data")
        )
        self.target: dict[str, str] = target or TARGET

    def run(self, sql: str, **more: Any) -> dict[str, Any]:
        """The description of an ended statement."""
        where = {} if "SessionId" in more else self.target
        made = self.client.execute_statement(Sql=sql, **where, **more)
        return self.ended(made["Id"])

    def batch(self, *sqls: str, **more: Any) -> dict[str, Any]:
        """The description of an ended batch."""
        where = {} if "SessionId" in more else self.target
        made = self.client.batch_execute_statement(Sqls=sqls, **where, **more)
        return self.ended(made["Id"])

    def ended(self, statement: str) -> dict[str, Any]:
        """The description of a statement when it has ended."""
        while True:
            found: dict[str, Any] = self.client.describe_statement(Id=statement, WaitTimeSeconds=30)
            if found["Status"] in DONE:
                return found

    def rows(self, sql: str, **more: Any) -> list[list[Any]]:
        """The values of a query's records, whatever their types."""
        found = self.run(sql, **more)
        assert found["Status"] == "FINISHED", found
        records = self.client.get_statement_result(Id=found["Id"])["Records"]
        return [[value for field in record for value in field.values()] for record in records]
