"""Results of the Data API's statements, page by page; each format has an operation of its own.

https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_GetStatementResult.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redshare.app.caller import Caller
from redshare.app.data.results import columns_of
from redshare.app.data.statements import Statements
from redshare.app.paging import PageRequest
from redshare.core.aws_errors import InvalidPageMarker, InvalidParameterValue
from redshare.core.data_statement import DataStatement, ResultFormat
from redshare.endpoints.redshift_data.connection import owner_of
from redshare.endpoints.redshift_data.records import column_metadata, csv, records
from redshare.sql.result import ResultColumn

Params = Mapping[str, Any]


class DataResultOperations:
    """Records out."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements
        self.operations = {
            "GetStatementResult": self.get_statement_result,
            "GetStatementResultV2": self.get_statement_result_v2,
        }

    def get_statement_result(self, caller: Caller, params: Params) -> Params:
        """A page of typed records."""
        found = self._page(caller, params, ResultFormat.JSON)
        batch, columns = found.pop("page"), found.pop("columns")
        return {**found, "Records": [] if batch is None else records(batch, columns)}

    def get_statement_result_v2(self, caller: Caller, params: Params) -> Params:
        """A page of CSV."""
        found = self._page(caller, params, ResultFormat.CSV)
        batch, columns = found.pop("page"), found.pop("columns")
        lines = [] if batch is None else [{"CSVRecords": csv(batch, columns)}]
        return {**found, "Records": lines, "ResultFormat": ResultFormat.CSV.value}

    def _page(self, caller: Caller, params: Params, wanted: ResultFormat) -> dict[str, Any]:
        """A page with what both formats say of it."""
        asked = params["Id"]
        found = self._statements.wait(owner_of(caller), asked, params.get("WaitTimeSeconds"))
        number = _number(found, asked)
        if found.result_format is not wanted:
            other = "GetStatementResult" if wanted is ResultFormat.CSV else "GetStatementResultV2"
            raise InvalidParameterValue(
                f"The result format is {found.result_format}: use {other} to read it."
            )
        columns: tuple[ResultColumn, ...] = columns_of(self._statements.schema(found, number))
        listing = PageRequest(("Result", found.part_id(number)), marker=params.get("NextToken"))
        start = _place_of(listing)
        batch = self._statements.page(found, number, start)
        if batch is None and start:
            raise InvalidPageMarker(params["NextToken"])
        more = self._statements.page(found, number, start + 1) is not None
        return {
            "page": batch,
            "columns": columns,
            "ColumnMetadata": [column_metadata(column) for column in columns],
            "TotalNumRows": found.parts[number - 1].rows,
            "NextToken": listing.marker_after([str(start + 1)]) if more else None,
        }


def _number(found: DataStatement, asked: str) -> int:
    """The part that an id means. Raises InvalidParameterValue for a batch as a whole."""
    _, colon, number = asked.partition(":")
    if colon:
        return int(number)
    if found.batch:
        raise InvalidParameterValue(
            f"{asked} is a batch: ask for the result of a sub-statement, such as {asked}:1."
        )
    return 1


def _place_of(listing: PageRequest) -> int:
    """The page that a token asks for. Raises InvalidPageMarker."""
    key = listing.after()
    if key is None:
        return 0
    if len(key) != 1 or not (key[0].isascii() and key[0].isdecimal() and len(key[0]) < 10):
        raise InvalidPageMarker(listing.marker or "")
    return int(key[0])
