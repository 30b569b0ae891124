"""The texts that clients match on, and what each SQL error says by default."""

from __future__ import annotations

import pytest

from redshare.core import aws_errors, errors, sql_errors

TEXTS = [
    (
        aws_errors.DatashareArnUnknown("associate", "arn"),
        "You can't associate the data share arn because the ARN doesn't exist.",
    ),
    (aws_errors.ResourceNotFound("Cluster", "c"), "Cluster c not found."),
    (aws_errors.AlreadyExists("Cluster", "c"), "Cluster c already exists."),
    (aws_errors.InvalidState("Cluster", "It is paused."), "It is paused."),
    (aws_errors.InvalidPageMarker("m"), "The marker 'm' is not valid."),
    (errors.DuplicateName("Datashare", "s"), "Datashare s already exists."),
    (errors.StaleState(), "The resource was changed at the same time. Try again."),
    (
        errors.StoreUnavailable(),
        "The service's state is unavailable. Nothing was changed; try again.",
    ),
]

SQL = [
    (sql_errors.UndefinedDatabase("d"), "3D000", 'database "d" does not exist'),
    (
        sql_errors.SharedOperationNotSupported(),
        "0A000",
        "Operation is not supported through datashares",
    ),
    (
        sql_errors.ShareNotAccessible(),
        "XX000",
        "The requested data share doesn't exist or is not accessible.",
    ),
    (
        sql_errors.StalePreparedStatement("d.s.t"),
        "XX000",
        "[Data Sharing] Error Code 34510: Concurrent DDL committed on d.s.t between Prepare and "
        "Execute",
    ),
    (
        sql_errors.ShareWritesNotConsented(),
        "42501",
        "Datashare writes are not authorized by producer or associated by consumer",
    ),
    (
        sql_errors.ActiveTransaction("VACUUM"),
        "25001",
        "VACUUM cannot run inside a transaction block",
    ),
    (
        sql_errors.InFailedTransaction(),
        "25P02",
        "current transaction is aborted, commands ignored until end of transaction block",
    ),
    (
        sql_errors.ReadOnlyTransaction("INSERT"),
        "25006",
        "transaction is read-only: INSERT is not allowed",
    ),
    (
        sql_errors.SerializationFailure("t"),
        "40001",
        "1023 DETAIL: Serializable isolation violation on table - t",
    ),
    (
        sql_errors.MultipleDatabaseWrite(),
        "0A000",
        "Writing to multiple databases in one transaction is not supported.",
    ),
    (sql_errors.QueryCanceled(), "57014", "Query cancelled on user's request"),
    (
        sql_errors.EngineUnavailable(),
        "57P01",
        "The warehouse's compute was restarted. The transaction was rolled back; try again.",
    ),
    (sql_errors.ExecutionError("division by zero", "22012"), "22012", "division by zero"),
    (sql_errors.UndefinedTable("x"), "42P01", "x"),
]


@pytest.mark.parametrize(("error", "text"), TEXTS)
def test_an_error_says_its_text(error: errors.RedshareError, text: str) -> None:
    """The message is the documented one, and what str() shows."""
    assert (text, text) == (error.message, str(error))


@pytest.mark.parametrize(("error", "sqlstate", "text"), SQL)
def test_an_sql_error_has_its_state(error: sql_errors.SqlError, sqlstate: str, text: str) -> None:
    """Each SQL error has its SQLSTATE and text, and no hint of its own."""
    assert (sqlstate, text, "") == (error.sqlstate, error.message, error.hint)


def test_a_given_state_is_that_errors_alone() -> None:
    """An SQLSTATE given to one error does not become its class's."""
    assert sql_errors.ExecutionError("x", "22012", hint="h").hint == "h"
    assert sql_errors.ExecutionError("x").sqlstate == "XX000"
