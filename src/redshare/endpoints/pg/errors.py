"""Errors as SQL clients see them: one table of the domain's other errors to SQLSTATE."""

from __future__ import annotations

from typing import Final

from redshare.core import aws_errors, errors, sql_errors
from redshare.wire.pg import messages as pg
from redshare.wire.pg.errors import ProtocolError
from redshare.wire.pg.sqlstate import SqlState

INTERNAL: Final = "XX000"

#: SqlError carries its own SQLSTATE; these are the ones that were made for the AWS side.
_SQLSTATE: Final[dict[type[errors.RedshareError], str]] = {
    errors.StoreUnavailable: "57P03",
    errors.StaleState: SqlState.SERIALIZATION_FAILURE,
    errors.DuplicateName: "42710",
    aws_errors.InvalidParameterValue: SqlState.INVALID_PARAMETER_VALUE,
    aws_errors.AlreadyExists: "42710",
    aws_errors.ResourceNotFound: "42704",
    aws_errors.InvalidState: "55000",
    aws_errors.AccessDenied: "42501",
}


def sqlstate(error: errors.RedshareError) -> str:
    """The SQLSTATE of a domain error."""
    if isinstance(error, sql_errors.SqlError):
        return error.sqlstate
    return next((str(s) for kind, s in _SQLSTATE.items() if isinstance(error, kind)), INTERNAL)


def error_bytes(error: errors.RedshareError | ProtocolError, severity: str = "ERROR") -> bytes:
    """The ErrorResponse."""
    if isinstance(error, ProtocolError):
        return pg.error_response(str(error.sqlstate), error.message, severity=severity)
    hint = getattr(error, "hint", "") or None
    position = getattr(error, "position", None)
    at = position if isinstance(position, int) else None
    return pg.error_response(
        sqlstate(error), error.message, severity=severity, hint=hint, position=at
    )
