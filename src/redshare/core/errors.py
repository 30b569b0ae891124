"""The domain's errors: one class a situation, its message made here and safe to show.

What an AWS client or an SQL client sees of each is decided by the endpoints' tables, not here.
Texts follow what tools match on (Terraform's provider, data.all, DSF); see docs/compat/sharing.md.
"""

from __future__ import annotations

from datetime import datetime


class RedshareError(Exception):
    """A situation the caller is told about, in its own protocol."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


# --- the AWS side -----------------------------------------------------------------------------


class InvalidParameterValue(RedshareError):
    """A parameter has a value that is not allowed."""


class InvalidTag(InvalidParameterValue):
    """A key or a value that no tag can have."""

    def __init__(self, key: str) -> None:
        super().__init__(f"The tag {key!r} is not valid.")


class InvalidPolicy(RedshareError):
    """A resource policy that is not one."""


class InvalidParameterCombination(RedshareError):
    """Parameters that exclude each other, or one missing beside another."""


class InjectedFault(RedshareError):
    """What a test asked for: a code of the service's model, or any other, with its status."""

    def __init__(self, message: str, code: str, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class Throttled(RedshareError):
    """The account makes more calls than it may."""

    def __init__(self) -> None:
        super().__init__("Rate exceeded")


class AccessDenied(RedshareError):
    """The caller may not do this, whatever exists."""


class MalformedPolicyDocument(RedshareError):
    """A policy's text is not a policy."""


class NoSuchEntity(RedshareError):
    """An IAM entity of this name is not there."""


class EntityAlreadyExists(RedshareError):
    """An IAM entity of this name is there already."""


class DeleteConflict(RedshareError):
    """What is to be deleted still has something of its own."""


class QuotaExceeded(RedshareError):
    """More than a quota of IAM allows."""


class InvalidInput(RedshareError):
    """A parameter of IAM has a value that is not allowed."""


class ValidationError(RedshareError):
    """A parameter of STS has a value that is not allowed."""


class PackedPolicyTooLarge(RedshareError):
    """A session's policies and tags are more than a token holds."""


class InvalidDataShare(RedshareError):
    """The datashare, or its state for this caller, does not allow the request."""


class DatashareArnUnknown(InvalidDataShare):
    """No datashare with this ARN exists for this caller."""

    def __init__(self, verb: str, arn: str) -> None:
        super().__init__(f"You can't {verb} the data share {arn} because the ARN doesn't exist.")


class AlreadyDeauthorized(InvalidDataShare):
    """The authorization was removed before."""

    def __init__(self, arn: str, consumer: str) -> None:
        super().__init__(
            f"You can't remove authorization from the data share {arn} for the data consumer "
            f"{consumer} because you have already removed authorization from the data share."
        )


class NotAConsumer(InvalidDataShare):
    """The share is not there for this data consumer, or not associated with it."""

    def __init__(self, arn: str) -> None:
        super().__init__(
            f"The data share {arn} either doesn't exist or isn't associated with this data "
            "consumer."
        )


class InvalidNamespace(RedshareError):
    """No such namespace, or an ARN that names none."""


class ResourceNotFound(RedshareError):
    """A cluster, workgroup, namespace or statement that is not there; `kind` says which."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"{kind} {name} not found.")
        self.kind = kind
        self.name = name


class AlreadyExists(RedshareError):
    """The name is taken; `kind` says by what."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"{kind} {name} already exists.")
        self.kind = kind
        self.name = name


class InvalidState(RedshareError):
    """The resource is not in a state that allows the request; `kind` says which resource."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class LimitExceeded(RedshareError):
    """More than there may be; `kind` says of what."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class UnsupportedOperation(RedshareError):
    """Known to AWS, not to this product."""


class InvalidPageMarker(InvalidParameterValue):
    """The marker is not one this operation gave out."""

    def __init__(self, marker: str) -> None:
        super().__init__(f"The marker {marker[:100]!r} is not valid.")


class StatementNotFound(RedshareError):
    """No statement of the Data API that this caller may know of."""

    def __init__(self, statement_id: str) -> None:
        super().__init__("Query does not exist.")
        self.name = statement_id


class ResultNotFound(RedshareError):
    """A statement of the Data API that has no result, or has none yet."""

    def __init__(self, statement_id: str) -> None:
        super().__init__(
            "Query does not have result. Please check query status with DescribeStatement."
        )
        self.name = statement_id


class ActiveStatementsExceeded(RedshareError):
    """A warehouse has as many statements of the Data API as it may."""

    def __init__(self, most: int) -> None:
        super().__init__(f"Active statements exceeded the allowed quota ({most}).")


class ActiveSessionsExceeded(RedshareError):
    """A warehouse has as many sessions of the Data API as it may."""

    def __init__(self, most: int) -> None:
        super().__init__(f"Active sessions exceeded the allowed quota ({most}).")


class ActiveWaitingRequestsExceeded(RedshareError):
    """As many requests as may wait for the end of one statement."""

    def __init__(self, most: int) -> None:
        super().__init__(f"Active waiting requests exceeded the allowed quota ({most}).")


class DatabaseConnectionFailed(RedshareError):
    """The Data API could not connect as the database user."""


class QueryTimedOut(RedshareError):
    """A query of the Data API's own, about the catalogue, took too long."""


# --- the SQL side -----------------------------------------------------------------------------


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


class DuplicateName(RedshareError):
    """The name was taken at the same time by someone else."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"{kind} {name} already exists.")
        self.kind = kind
        self.name = name


class StaleState(RedshareError):
    """Someone changed what this change was decided on; decide again."""

    def __init__(self) -> None:
        super().__init__("The resource was changed at the same time. Try again.")


class StoreUnavailable(RedshareError):
    """State cannot be read or written now; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("The service's state is unavailable. Nothing was changed; try again.")
