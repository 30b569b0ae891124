"""SQL statements on datashares, as the audit keeps them."""

from __future__ import annotations

from typing import Any, Final

from redshare.app.session import SqlSession
from redshare.core.ids import AccountId, DataShareArn, NamespaceId
from redshare.core.namespace import Namespace
from redshare.ports import AuditRecord
from redshare.sql.commands import Command
from redshare.sql.commands.database import CreateDatabaseFromDatashare
from redshare.sql.commands.datashare import (
    AlterDatashareObjects,
    AlterDatashareOwner,
    AlterDatashareSet,
    CreateDatashare,
    DropDatashare,
)
from redshare.sql.commands.grant import GrantDatashareUsage, GrantOnDatashare, GrantToDatashare

#: The names of their events; REVOKE's are made of GRANT's.
_NAMES: Final[dict[type, str]] = {
    CreateDatashare: "CreateDatashare",
    AlterDatashareObjects: "AlterDatashare",
    AlterDatashareSet: "AlterDatashare",
    AlterDatashareOwner: "AlterDatashare",
    DropDatashare: "DropDatashare",
    GrantDatashareUsage: "GrantDatashareUsage",
    GrantOnDatashare: "GrantOnDatashare",
    GrantToDatashare: "GrantToDatashare",
    CreateDatabaseFromDatashare: "CreateDatabaseFromDatashare",
}


def audited(command: Command) -> bool:
    """Whether the statement is one that the audit keeps."""
    return type(command) in _NAMES


def record(
    session: SqlSession,
    command: Any,  # noqa: ANN401 - one of _NAMES: each names a share
    error: str = "",
) -> AuditRecord:
    """The audit row of a statement; `error` is the SQLSTATE of one that failed."""
    context = session.context()
    namespace = context.namespace
    name = _NAMES[type(command)]
    if getattr(command, "revoke", False):
        name = name.replace("Grant", "Revoke")
    parameters: dict[str, Any] = {
        "datashare": command.share,
        "namespace": namespace.namespace_id,
        "sessionId": session.session_id,
    }
    if isinstance(command, GrantDatashareUsage):
        parameters["consumers"] = [each.value for each in command.consumers]
    if isinstance(command, CreateDatabaseFromDatashare):
        parameters["database"] = command.name
    return AuditRecord(
        at=session.work.clock.now(),
        account=namespace.account,
        principal=f"arn:aws:redshift:{namespace.region}:{namespace.account}"
        f":dbuser:{namespace.namespace_id}/{context.user.name}",
        action=f"redshift:{name}",
        resource=_arn(namespace, command),
        request_id="",
        parameters=parameters,
        error=error,
        region=namespace.region,
    )


def _arn(namespace: Namespace, command: Any) -> str:  # noqa: ANN401 - as above
    if isinstance(command, CreateDatabaseFromDatashare):
        account, producer = command.account or namespace.account, command.namespace
    else:
        account, producer = namespace.account, namespace.namespace_id
    return str(
        DataShareArn(namespace.region, AccountId(account), NamespaceId(producer), command.share)
    )
