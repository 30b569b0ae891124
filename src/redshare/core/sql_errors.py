"""The errors of SQL statements, with their SQLSTATE. Texts are those that tools match on."""

from __future__ import annotations

from datetime import datetime

from redshare.core.errors import RedshareError


class SqlError(RedshareError):
    """An error of a statement. `sqlstate` is PostgreSQL's, or what Redshift is known to send."""

    sqlstate = "XX000"

    def __init__(self, message: str, sqlstate: str | None = None, hint: str = "") -> None:
        super().__init__(message)
        if sqlstate is not None:
            self.sqlstate = sqlstate
        self.hint = hint


class UndefinedObject(SqlError):
    """A name that stands for nothing this user may know of."""

    sqlstate = "42704"


class UndefinedTable(SqlError):
    """A relation that is not there."""

    sqlstate = "42P01"


class UndefinedSchema(SqlError):
    """A schema that is not there."""

    sqlstate = "3F000"


class UndefinedDatabase(SqlError):
    """A database that is not there."""

    sqlstate = "3D000"

    def __init__(self, name: str) -> None:
        super().__init__(f'database "{name}" does not exist')


class UndefinedColumn(SqlError):
    """A column that is not there."""

    sqlstate = "42703"


class DuplicateObject(SqlError):
    """The name is taken."""

    sqlstate = "42710"


class InsufficientPrivilege(SqlError):
    """The user lacks a privilege."""

    sqlstate = "42501"


class DependentPrivileges(SqlError):
    """What was granted has been passed on, and nobody said CASCADE."""

    sqlstate = "2BP01"

    def __init__(self) -> None:
        super().__init__("dependent privileges exist", hint="Use CASCADE to revoke them too.")


class FeatureNotSupported(SqlError):
    """Understood and refused by name."""

    sqlstate = "0A000"


class SharedOperationNotSupported(FeatureNotSupported):
    """A statement that does not work on objects of a datashare."""

    def __init__(self) -> None:
        super().__init__("Operation is not supported through datashares")


class ShareRefusal(SqlError):
    """A share does not give what was asked of it; `share` is its key, where one is meant."""

    def __init__(self, message: str, share: str = "") -> None:
        super().__init__(message)
        self.share = share


class ShareNotAccessible(ShareRefusal):
    """The share is gone, was never granted, or its authorization or association ended."""

    sqlstate = "XX000"

    def __init__(self, share: str = "") -> None:
        super().__init__("The requested data share doesn't exist or is not accessible.", share)


class StalePreparedStatement(SqlError):
    """A shared relation was changed since the statement was prepared: prepare it again."""

    sqlstate = "XX000"

    def __init__(self, relation: str) -> None:
        super().__init__(
            f"[Data Sharing] Error Code 34510: Concurrent DDL committed on {relation} "
            "between Prepare and Execute"
        )


class UsageLimitReached(SqlError):
    """Reads across Regions are disabled until the period of a usage limit is over."""

    sqlstate = "53400"

    def __init__(self, until: datetime) -> None:
        super().__init__(
            "The usage limit of cross-region-datasharing is reached: datashares of other Regions "
            f"can't be read until {until:%Y-%m-%d %H:%M} UTC."
        )


class ShareWritesNotConsented(ShareRefusal):
    """One of the two consents to write is missing."""

    sqlstate = "42501"

    def __init__(self, share: str = "") -> None:
        super().__init__(
            "Datashare writes are not authorized by producer or associated by consumer", share
        )


class SnapshotIsolationRequired(ShareRefusal):
    """A write through a datashare of a database whose transactions are serializable."""

    sqlstate = "0A000"

    def __init__(self, share: str = "") -> None:
        super().__init__(
            "Datashare writes require snapshot isolation of the producer's database", share
        )


class ActiveTransaction(SqlError):
    """The statement cannot run inside a transaction block."""

    sqlstate = "25001"

    def __init__(self, statement: str) -> None:
        super().__init__(f"{statement} cannot run inside a transaction block")


class InFailedTransaction(SqlError):
    """Everything but the end of the transaction is refused after an error."""

    sqlstate = "25P02"

    def __init__(self) -> None:
        super().__init__(
            "current transaction is aborted, commands ignored until end of transaction block"
        )


class ReadOnlyTransaction(SqlError):
    """A write inside BEGIN READ ONLY."""

    sqlstate = "25006"

    def __init__(self, statement: str) -> None:
        super().__init__(f"transaction is read-only: {statement} is not allowed")


class SerializationFailure(SqlError):
    """Two transactions touched the same table; this one lost."""

    sqlstate = "40001"

    def __init__(self, detail: str = "a table was changed by another transaction") -> None:
        super().__init__(f"1023 DETAIL: Serializable isolation violation on table - {detail}")


class MultipleDatabaseWrite(SqlError):
    """A transaction writes one database."""

    sqlstate = "0A000"

    def __init__(self) -> None:
        super().__init__("Writing to multiple databases in one transaction is not supported.")


class QueryCanceled(SqlError):
    """The client, a limit or a revocation ended the statement."""

    sqlstate = "57014"

    def __init__(self, message: str = "Query cancelled on user's request") -> None:
        super().__init__(message)


class LockNotAvailable(SqlError):
    """Another transaction kept its lock longer than this one would wait."""

    sqlstate = "55P03"


class CursorTooLarge(SqlError):
    """The rows of open cursors are more than the node keeps."""

    sqlstate = "53400"

    def __init__(self, megabytes: int) -> None:
        super().__init__(
            f"exceeded the maximum size allowed for the total set of cursor data: {megabytes}MB."
        )


class EngineUnavailable(SqlError):
    """The warehouse's compute process ended under the statement; nothing committed is lost."""

    sqlstate = "57P01"

    def __init__(self) -> None:
        super().__init__(
            "The warehouse's compute was restarted. The transaction was rolled back; try again."
        )


class ExecutionError(SqlError):
    """The engine refused the statement while running it."""


class InvalidObjectUrl(SqlError):
    """A COPY or UNLOAD names a place that is no `s3://bucket/key`."""

    sqlstate = "22023"

    def __init__(self, url: str, why: str) -> None:
        super().__init__(f"Invalid S3 URL '{url[:1100]}': {why}.")


class ObjectStoreError(SqlError):
    """What S3 answers instead of an object, in the words Redshift passes on."""

    def __init__(self, message: str, status: int, code: str, request_id: str = "") -> None:
        text = message.rstrip(".")
        super().__init__(
            f"S3ServiceException:{text},Status {status},Error {code},Rid {request_id},CanRetry 1"
        )
        self.status = status
        self.code = code


class ResultTooLarge(SqlError):
    """More rows than the Data API gives back, or than the node keeps of all statements."""

    sqlstate = "54000"

    def __init__(self, megabytes: int, whose: str) -> None:
        super().__init__(f"The result exceeds the maximum size of {megabytes} MB of {whose}.")


class ResultNotKept(SqlError):
    """A result could not be written to the disk."""

    sqlstate = "53100"

    def __init__(self, why: str) -> None:
        super().__init__(f"The result could not be kept: {why}.")


class LoadFailed(SqlError):
    """A COPY met rows that it cannot load, more than it may; the views say which."""

    def __init__(self, table: str) -> None:
        super().__init__(
            f"Load into table '{table}' failed.  Check 'stl_load_errors' system table for details."
        )


class UnloadTargetNotEmpty(SqlError):
    """An UNLOAD would possibly overwrite what is there."""

    def __init__(self) -> None:
        super().__init__(
            "Specified unload destination on S3 is not empty. Consider using a different bucket / "
            "prefix, manually removing the target files in S3, or using the ALLOWOVERWRITE option."
        )
