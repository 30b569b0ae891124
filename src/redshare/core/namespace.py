"""A namespace: databases, users and shares of one owner, whatever compute is attached to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from redshare.core.ids import AccountId, NamespaceArn, NamespaceId, NamespaceKind, Region


@dataclass(frozen=True, slots=True)
class Namespace:
    """A provisioned cluster's namespace, or a serverless one; identified by its GUID."""

    namespace_id: NamespaceId
    account: AccountId
    region: Region
    kind: NamespaceKind
    #: The serverless namespace's name, or the identifier of the cluster it came with.
    name: str
    admin_username: str
    default_database: str
    created: datetime
    encrypted: bool = True
    kms_key_id: str = ""
    iam_roles: tuple[str, ...] = ()
    default_iam_role_arn: str = ""
    log_exports: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    next_user_id: int = 100
    next_share_id: int = 100_001
    next_group_id: int = 100
    next_role_id: int = 100_001
    version: int = 0

    @property
    def arn(self) -> NamespaceArn:
        """The ARN its service prints."""
        return NamespaceArn(self.kind, self.region, self.account, self.namespace_id)
