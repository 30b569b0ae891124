"""Who calls an AWS operation, once the signature was found good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from redshare.app.iam.speaker import Speaker
from redshare.core.ids import AccountId, Region
from redshare.ports import AuditRecord


@dataclass(frozen=True, slots=True)
class Caller:
    """A principal and its request; `secure`: it came over TLS."""

    speaker: Speaker
    access_key_id: str
    region: Region
    request_id: str
    source: str = ""
    user_agent: str = ""
    secure: bool = False

    @property
    def account(self) -> AccountId:
        """The principal's account."""
        return AccountId(self.speaker.principal.account)

    @property
    def principal(self) -> str:
        """The principal's ARN."""
        return self.speaker.principal.arn

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
    service: str = "redshift"

    def audit(self, error: str = "") -> AuditRecord:
        """Its audit row."""
        action = f"{self.service}:{self.operation}"
        return self.caller.audit(self.at, action, self.resource, self.parameters, error)
