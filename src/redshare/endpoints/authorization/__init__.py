"""Authorization of AWS operations: which action on which resource with which keys a call needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from redshare.app.caller import Caller
from redshare.app.iam.authorizer import Authorizer
from redshare.app.work import Work
from redshare.core.data_statement import Owner
from redshare.endpoints.authorization.asked import Asked
from redshare.endpoints.authorization.needs import needs

__all__ = ["Authorization"]


class Authorization:
    """Asked before every operation; `statement_owner` is the Data API's."""

    def __init__(
        self, work: Work, authorizer: Authorizer, statement_owner: Callable[[str], Owner | None]
    ) -> None:
        self._work = work
        self._authorizer = authorizer
        self._statement_owner = statement_owner

    def check(
        self, caller: Caller, service: str, operation: str, params: Mapping[str, Any]
    ) -> None:
        """Raises AccessDenied."""
        asked = Asked(
            caller, service, operation, params, self._work.catalog(), self._statement_owner
        )
        for need in needs(asked):
            self._authorizer.check(caller, need)
