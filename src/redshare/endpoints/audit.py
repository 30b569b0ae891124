"""What the audit keeps of a call: CloudTrail's requestParameters and responseElements, no secrets.

Kept are the calls that change something, those that hand out credentials, and the statements of
the Data API where they were refused: what ran is in the audit as SQL.
https://docs.aws.amazon.com/redshift/latest/mgmt/logging-with-cloudtrail.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from redshare.app.caller import Caller
from redshare.app.shares.call_changes import CALLS, of_call
from redshare.app.trail import AuditedCall, Respond
from redshare.app.work import Work
from redshare.ports import AuditRecord
from redshare.wire.aws.model import Service

if TYPE_CHECKING:
    from botocore.model import OperationModel, Shape

Params = Mapping[str, Any]
#: (service, operation, caller, parameters) -> how the call will be answered.
Answers = Callable[[Service, "OperationModel", Caller, Params], Respond]

_READS: Final = re.compile(r"(Describe|List|Get|Simulate|Decode)[A-Z].*")
_CREDENTIALS: Final = frozenset(
    {
        "GetClusterCredentials",
        "GetClusterCredentialsWithIAM",
        "GetCredentials",
        "GetSessionToken",
        "GetFederationToken",
    }
)
_STATEMENTS: Final = frozenset({"ExecuteStatement", "BatchExecuteStatement", "CancelStatement"})
#: What the models do not call sensitive and CloudTrail hides.
_OMITTED: Final = {
    "redshift-data": ({"Sql", "Sqls", "StatementName", "Parameters"}, "***OMITTED***"),
    "sts": ({"SessionToken"}, "HIDDEN_DUE_TO_SECURITY_REASONS"),
}
_HIDDEN: Final = {"redshift": "****"}
_HIDDEN_ELSEWHERE: Final = "HIDDEN_DUE_TO_SECURITY_REASONS"
#: CloudTrail leaves out what is longer, in bytes of JSON.
MAX_ELEMENTS: Final = 100 * 1024
#: The parameters that name a resource by its ARN.
_RESOURCES: Final = ("DataShareArn", "ResourceName", "ResourceArn", "resourceArn")


class CallAudit:
    """Makes the rows of calls, and keeps those that no mutation takes along."""

    def __init__(self, work: Work, answers: Answers) -> None:
        self._work = work
        self._answers = answers

    def began(
        self, caller: Caller, service: Service, operation: OperationModel, params: Params
    ) -> AuditedCall | None:
        """A call that is about to run; None where the audit keeps nothing of it."""
        if not is_audited(operation.name) or operation.name in _STATEMENTS:
            return None
        return AuditedCall(
            self._record(caller, service, operation, params),
            self._answers(service, operation, caller, params),
        )

    def calling(self, call: AuditedCall) -> AbstractContextManager[AuditedCall]:
        """The call runs in this thread."""
        return self._work.trail.calling(call)

    def ended(
        self, call: AuditedCall, service: Service, operation: OperationModel, result: Params
    ) -> None:
        """The call succeeded: one that changed nothing has no row yet. Raises StoreUnavailable."""
        if not call.kept:
            response = document(service, operation.output_shape, result)
            self._work.store.record([replace(call.record, response=response)])

    def refused(
        self,
        caller: Caller,
        service: Service,
        operation: OperationModel,
        params: Params,
        error: tuple[str, str],
    ) -> None:
        """The call failed, or never ran: with a code and a message. Raises StoreUnavailable."""
        if is_audited(operation.name):
            code, message = error
            record = self._record(caller, service, operation, params, code)
            shared = operation.name in CALLS
            change = of_call(operation.name, caller.account, params) if shared else None
            self._work.store.record([replace(record, message=message, change=change)])

    def _record(
        self,
        caller: Caller,
        service: Service,
        operation: OperationModel,
        params: Params,
        error: str = "",
    ) -> AuditRecord:
        return caller.audit(
            self._work.clock.now(),
            f"{service.name}:{operation.name}",
            _resource(caller, params),
            document(service, operation.input_shape, params) or {},
            error,
        )


def is_audited(operation: str) -> bool:
    """Whether the audit keeps anything of the operation."""
    return operation in _CREDENTIALS or _READS.fullmatch(operation) is None


def document(service: Service, shape: Shape | None, value: Params) -> Params | None:
    """Parameters or an answer as CloudTrail shows them; None where there are none, or too many."""
    if shape is None:
        return None
    shown = _shown(service, shape, value)
    whole = len(json.dumps(shown, default=str)) <= MAX_ELEMENTS
    return shown if isinstance(shown, dict) and shown and whole else None


def _shown(service: Service, shape: Shape, value: object) -> Any:  # noqa: ANN401 - any JSON
    if shape.metadata.get("sensitive"):
        return _HIDDEN.get(service.name, _HIDDEN_ELSEWHERE)
    if shape.type_name == "structure" and isinstance(value, Mapping):
        names, instead = _OMITTED.get(service.name, (frozenset[str](), ""))
        return {
            lowered(name): instead if name in names else _shown(service, member, value[name])
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if shape.type_name == "list" and isinstance(value, list | tuple):
        return [_shown(service, shape.member, each) for each in value]
    if shape.type_name == "map" and isinstance(value, Mapping):
        return {k: _shown(service, shape.value, v) for k, v in value.items()}
    return _plain(value)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return moment(value)
    return value if isinstance(value, bool | int | float | str) else str(value)


def moment(at: datetime) -> str:
    """A time in a row's elements."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def lowered(name: str) -> str:
    """`dataShareArn` of `DataShareArn`, `dBName` of `DBName`, as CloudTrail writes them."""
    return name[:1].lower() + name[1:]


def _resource(caller: Caller, params: Params) -> str:
    for name in _RESOURCES:
        if isinstance(params.get(name), str):
            return str(params[name])
    cluster = params.get("ClusterIdentifier")
    if isinstance(cluster, str) and cluster:
        return f"arn:aws:redshift:{caller.region}:{caller.account}:cluster:{cluster.lower()}"
    return ""
