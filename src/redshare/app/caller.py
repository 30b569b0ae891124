"""Who calls an AWS operation, once the signature was found good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from redshare.core.ids import AccountId, Region
from redshare.ports import AuditRecord


@dataclass(frozen=True, slots=True)
class Caller:
    """A principal and its request."""

    account: AccountId
    principal: str
    access_key_id: str
    region: Region
    request_id: str
    source: str = ""

    def audit(
        self,
        at: datetime,
        action: str,
        resource: str,
        parameters: Mapping[str, Any],
        error: str = "",
    ) -> AuditRecord:
        """The audit row of this request."""
        return AuditRecord(
            at=at,
            account=self.account,
            principal=self.principal,
            action=action,
            resource=resource,
            request_id=self.request_id,
            parameters=parameters,
            error=error,
            source=self.source,
            region=self.region,
        )


@dataclass(frozen=True, slots=True)
class Call:
    """One mutating request: who, when, and what is told of it afterwards."""

    caller: Caller
    at: datetime
    operation: str
    resource: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def audit(self, error: str = "") -> AuditRecord:
        """Its audit row."""
        action = f"redshift:{self.operation}"
        return self.caller.audit(self.at, action, self.resource, self.parameters, error)
