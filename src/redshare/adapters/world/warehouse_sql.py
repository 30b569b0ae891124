"""SQL on one namespace, through the Data API.

Statements go in batches, for one call takes as long as forty: a batch is one transaction.
https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_BatchExecuteStatement.html
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

from redshare.app.world import WorldError

#: BatchExecuteStatement takes no more statements.
BATCH: Final = 40
#: Seconds between two looks at a statement that runs: first, at most.
_FIRST_WAIT, _LONGEST_WAIT = 0.01, 1.0

Row = tuple[Any, ...]


#: What a statement is for a reader, who must not see passwords, and the statement.
Step = tuple[str, str]


class StatementRefused(WorldError):
    """A statement failed, with the database's message."""


class WarehouseSql:
    """`target` names the warehouse in the Data API's words, `place` for a reader."""

    def __init__(self, data: Any, target: dict[str, str], place: str) -> None:  # noqa: ANN401 - a boto3 client
        self._data = data
        self._target = target
        self._place = place

    def query(self, database: str, statements: Sequence[str]) -> list[list[Row]]:
        """The rows of each statement. Raises StatementRefused."""
        answers: list[list[Row]] = []
        for batch in _batches([(sql, sql) for sql in statements]):
            done = self._run(database, batch)
            answers += [self._rows(part["Id"]) for part in done.get("SubStatements", (done,))]
        return answers

    def execute(self, database: str, steps: Sequence[Step]) -> Iterator[str]:
        """What was done. A batch is done whole or not at all. Raises StatementRefused."""
        for batch in _batches(steps):
            self._run(database, batch)
            yield from (what for what, _ in batch)

    def execute_alone(self, database: str, step: Step) -> str:
        """A statement that no transaction may have. Raises StatementRefused."""
        self._run(database, [step])
        return step[0]

    def _run(self, database: str, batch: Sequence[Step]) -> dict[str, Any]:
        target = {**self._target, "Database": database}
        if len(batch) == 1:
            started = self._data.execute_statement(Sql=batch[0][1], **target)
        else:
            started = self._data.batch_execute_statement(Sqls=[sql for _, sql in batch], **target)
        wait = _FIRST_WAIT
        while True:
            found: dict[str, Any] = self._data.describe_statement(Id=started["Id"])
            if found["Status"] == "FINISHED":
                return found
            if found["Status"] in {"FAILED", "ABORTED"}:
                raise self._refused(found, batch)
            time.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)

    def _refused(self, found: dict[str, Any], batch: Sequence[Step]) -> StatementRefused:
        parts = found.get("SubStatements", (found,))
        for (what, _), part in zip(batch, parts, strict=True):
            if part["Status"] == "FAILED":
                return StatementRefused(f"{self._place}: {what}: {part.get('Error')}")
        return StatementRefused(f"{self._place}: {batch[0][0]}: {found.get('Error')}")

    def _rows(self, statement: str) -> list[Row]:
        pages = self._data.get_paginator("get_statement_result").paginate(Id=statement)
        records = (record for page in pages for record in page["Records"])
        return [tuple(_value(field) for field in record) for record in records]


def _batches(steps: Sequence[Step]) -> Iterator[Sequence[Step]]:
    return (steps[start : start + BATCH] for start in range(0, len(steps), BATCH))


def _value(field: dict[str, Any]) -> Any:  # noqa: ANN401 - of whatever type the column is
    return None if field.get("isNull") else next(iter(field.values()))
