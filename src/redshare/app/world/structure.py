"""What a world file may say; what is None was not said, and is neither made nor compared.

Names are plain. What goes into SQL as it stands (the objects, grantees and privileges of grants,
signatures of functions) is written as in SQL, so that names there are quoted where they must be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from redshare.app.world.iam import WorldIam
from redshare.app.world.part import Part
from redshare.app.world.protection import WorldProtection, WorldRowSecurity
from redshare.app.world.warehouse import (
    WorldCluster,
    WorldParameterGroup,
    WorldServerless,
    WorldSubnetGroup,
    WorldUsageLimit,
)


class WorldKey(Part, frozen=True):
    """An access key of an account's administrator."""

    id: str
    secret: str


class WorldAdmin(Part, frozen=True):
    """A namespace's administrator."""

    user: str
    password: str


class WorldUser(Part, frozen=True):
    """A database user; without a password it logs in with temporary credentials alone."""

    password: str | None = None
    createdb: bool = False
    superuser: bool = False
    connection_limit: int | Literal["UNLIMITED"] | None = None
    syslog_access: Literal["RESTRICTED", "UNRESTRICTED"] | None = None
    #: Seconds; 0 is none.
    session_timeout: int | None = None
    valid_until: str | None = None
    external_id: str | None = None
    #: ALTER USER … SET.
    settings: Mapping[str, str] | None = None


class WorldRole(Part, frozen=True):
    """A role: its system privileges, and who holds it (`ann`, `ROLE boss`, as after GRANT)."""

    owner: str | None = None
    external_id: str | None = None
    privileges: tuple[str, ...] | None = None
    granted_to: tuple[str, ...] | None = None


class WorldRelation(Part, frozen=True):
    """A table or a view of any kind, by the statement that makes it."""

    ddl: str
    owner: str | None = None
    row_level_security: WorldRowSecurity = WorldRowSecurity()


class WorldFunction(Part, frozen=True):
    """A function, by the statement that makes it."""

    ddl: str


class WorldExternal(Part, frozen=True):
    """What an external schema stands for."""

    database: str
    schema: str = "public"


class WorldSchema(Part, frozen=True):
    """A schema; `functions` have their argument types in the name, `f(integer)`."""

    owner: str | None = None
    external: WorldExternal | None = None
    relations: Mapping[str, WorldRelation] | None = None
    functions: Mapping[str, WorldFunction] | None = None


#: Object -> grantee -> privileges, each as GRANT writes it: `TABLE s.t`, `ROLE r`, `SELECT`.
Grants = Mapping[str, Mapping[str, tuple[str, ...]]]


class WorldDefaults(Part, frozen=True):
    """ALTER DEFAULT PRIVILEGES: what objects that `user` makes later begin with."""

    user: str
    objects: Literal["TABLES", "FUNCTIONS", "PROCEDURES"]
    grants: Mapping[str, tuple[str, ...]]
    schema: str | None = None


class WorldDatabase(Part, frozen=True):
    """A local database, or one from a datashare (`ACCOUNT/NAMESPACE/SHARE`)."""

    owner: str | None = None
    schemas: Mapping[str, WorldSchema] | None = None
    #: Files of SQL, run once, when the database is made.
    scripts: tuple[str, ...] = ()
    grants: Grants | None = None
    default_privileges: tuple[WorldDefaults, ...] | None = None
    rls_policies: Mapping[str, WorldProtection] | None = None
    masking_policies: Mapping[str, WorldProtection] | None = None
    #: Object, as COMMENT ON names it -> text.
    comments: Mapping[str, str] | None = None
    from_datashare: str | None = None
    with_permissions: bool = False


class WorldShareSchema(Part, frozen=True):
    """A schema in a datashare, and what of it is in there."""

    include_new: bool = False
    relations: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()


class WorldConsumer(Part, frozen=True):
    """The authorization of an account; that of a namespace in the same account has no status."""

    status: Literal["PENDING_AUTHORIZATION", "AUTHORIZED", "DEAUTHORIZED", "REJECTED"] | None = None
    allow_writes: bool | None = None


class WorldDatashare(Part, frozen=True):
    """A datashare; consumers are `NAMESPACE n`, `ACCOUNT a [VIA DATA CATALOG]`, `ADX`."""

    database: str
    owner: str | None = None
    publicly_accessible: bool = False
    managed_by: Literal["ADX"] | None = None
    schemas: Mapping[str, WorldShareSchema] | None = None
    consumers: Mapping[str, WorldConsumer] | None = None


class WorldAssociation(Part, frozen=True):
    """A consumer's association of a datashare."""

    allow_writes: bool = False


#: What of a namespace is made by a client.
_CONTENTS: Final = (
    "tags", "cluster", "serverless", "usage_limits", "users", "groups", "roles", "databases",
    "datashares",
)  # fmt: skip


class WorldNamespace(Part, frozen=True):
    """A namespace with its warehouse: a workgroup, or the cluster of the same name."""

    admin: WorldAdmin
    kind: Literal["serverless", "provisioned"] = "serverless"
    #: For a namespace that a node makes from the file: its ARNs are then those of another system.
    guid: str | None = None
    database: str = "dev"
    workgroup: str | None = None
    port: int | None = None
    encrypted: bool = True
    publicly_accessible: bool = False
    #: Of the cluster, or of the serverless namespace.
    tags: Mapping[str, str] | None = None
    cluster: WorldCluster | None = None
    serverless: WorldServerless | None = None
    usage_limits: tuple[WorldUsageLimit, ...] | None = None
    users: Mapping[str, WorldUser] | None = None
    groups: Mapping[str, tuple[str, ...]] | None = None
    roles: Mapping[str, WorldRole] | None = None
    databases: Mapping[str, WorldDatabase] | None = None
    datashares: Mapping[str, WorldDatashare] | None = None


class WorldAccount(Part, frozen=True):
    """An account. Associations: `ACCOUNT/NAMESPACE/SHARE` -> `NAMESPACE n`, `REGION r`,
    `ENTIRE ACCOUNT`, `DATA CATALOG`.
    """

    alias: str = ""
    access_keys: tuple[WorldKey, ...] = ()
    namespaces: Mapping[str, WorldNamespace] = {}
    associations: Mapping[str, Mapping[str, WorldAssociation]] | None = None
    iam: WorldIam | None = None
    parameter_groups: Mapping[str, WorldParameterGroup] | None = None
    subnet_groups: Mapping[str, WorldSubnetGroup] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it says no more than who the account is."""
        return self == WorldAccount(self.alias, self.access_keys)


class World(Part, frozen=True):
    """A whole file."""

    accounts: Mapping[str, WorldAccount]
    region: str = "us-east-1"

    @property
    def has_contents(self) -> bool:
        """Whether it says anything of identities, of what is in namespaces, or between accounts."""
        return any(
            account.associations
            or (account.iam, account.parameter_groups, account.subnet_groups) != (None,) * 3
            or any(
                any(getattr(namespace, part) is not None for part in _CONTENTS)
                for namespace in account.namespaces.values()
            )
            for account in self.accounts.values()
        )
