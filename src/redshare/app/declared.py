"""The audit rows of what a node makes by itself, because its world file says so.

Nobody calls, so the principal is the file; the event is that of the API which would make the same.
What the file says is in namespaces is made by a client of the node: its rows are that client's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from redshare.core.account import AccessKey, Account
from redshare.core.catalog import Change, Entity, Put, key_of
from redshare.core.ids import AccountId, NamespaceKind
from redshare.core.namespace import Namespace
from redshare.core.warehouse import Warehouse, WarehouseKind
from redshare.ports import AuditRecord


def principal(account: AccountId) -> str:
    """Who made it; no identity of IAM can have such an ARN."""
    return f"arn:aws:iam::{account}:system/world-file"


def rows_of(changes: Iterable[Change], at: datetime) -> Iterator[AuditRecord]:
    """One for each account, key, namespace and warehouse among the changes of a commit."""
    for change in changes:
        made = _made(change.entity) if isinstance(change, Put) else None
        if made is None:
            continue
        account, action, parameters = made
        yield AuditRecord(
            at=at,
            account=account,
            principal=principal(account),
            action=action,
            resource="",
            request_id="",
            parameters=parameters,
            region=str(getattr(change.entity, "region", "")),
        )


def _made(entity: Entity) -> tuple[AccountId, str, dict[str, Any]] | None:
    """The account, the operation and its parameters, without any secret."""
    parameters: dict[str, Any]
    match entity:
        case Account(account_id=account, alias=alias):
            new = entity.version == 0
            action = "organizations:CreateAccount" if new else "iam:CreateAccountAlias"
            parameters = {"accountId": account} if new else {}
            if alias:
                parameters["accountAlias"] = alias
            return account, action, parameters
        case AccessKey():
            return entity.account_id, "iam:CreateAccessKey", {"accessKeyId": key_of(entity)}
        case Namespace(kind=NamespaceKind.SERVERLESS):
            parameters = {"namespaceName": entity.name, "dbName": entity.default_database}
            return entity.account, "redshift-serverless:CreateNamespace", parameters
        case Warehouse(kind=WarehouseKind.CLUSTER):
            parameters = {"clusterIdentifier": entity.identifier, "nodeType": entity.node_type}
            return entity.account, "redshift:CreateCluster", parameters
        case Warehouse():
            parameters = {"workgroupName": entity.identifier}
            return entity.account, "redshift-serverless:CreateWorkgroup", parameters
        case _:
            return None
