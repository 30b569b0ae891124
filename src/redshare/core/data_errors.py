"""The errors of the Redshift Data API."""

from __future__ import annotations

from redshare.core.errors import RedshareError


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
