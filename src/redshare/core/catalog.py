"""The catalogue: everything the product knows, as one value that readers need no lock for.

A change is a Put or a Drop of one entity. `Catalog.after(changes)` is a new catalogue; the store
publishes one with every commit, and a transaction lays its own pending changes over the published
one in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from redshare.core.account import AccessKey, Account
from redshare.core.cluster_event import ClusterEvent
from redshare.core.database import Database, Schema
from redshare.core.function import Function
from redshare.core.group import Group
from redshare.core.iam.identity import IamRole, IamUser, ManagedPolicy
from redshare.core.ids import (
    AccountId,
    DatabaseId,
    DataShareArn,
    FunctionId,
    GroupId,
    NamespaceId,
    PolicyId,
    RelationId,
    RoleId,
    SchemaId,
    ShareKey,
    UserId,
    WarehouseId,
)
from redshare.core.namespace import Namespace
from redshare.core.parameter_group import ParameterGroup
from redshare.core.policy import Policy, PolicyKind
from redshare.core.relation import Relation
from redshare.core.resource_policy import ResourcePolicy
from redshare.core.role import Role
from redshare.core.share import Datashare
from redshare.core.snapshot import Snapshot
from redshare.core.subnet_group import SubnetGroup
from redshare.core.usage_breach import UsageBreach
from redshare.core.usage_limit import UsageLimit
from redshare.core.user import User
from redshare.core.warehouse import Warehouse

Entity = (
    Account
    | AccessKey
    | IamUser
    | IamRole
    | ManagedPolicy
    | Namespace
    | Warehouse
    | User
    | Group
    | Role
    | Database
    | Schema
    | Relation
    | Function
    | Policy
    | Datashare
    | ParameterGroup
    | SubnetGroup
    | UsageLimit
    | UsageBreach
    | ResourcePolicy
    | ClusterEvent
    | Snapshot
)

#: An entity's key within its kind, as text: what rows, changes and guards name it by.
Key = str


def key_of(entity: Entity) -> Key:
    """The key of an entity within its kind."""
    match entity:
        case Account():
            return entity.account_id
        case AccessKey():
            return entity.access_key_id
        case IamUser():
            return entity.user_id
        case IamRole():
            return entity.role_id
        case ManagedPolicy():
            return entity.policy_id
        case Namespace():
            return entity.namespace_id
        case Warehouse():
            return entity.warehouse_id
        case User():
            return f"{entity.namespace}/{entity.user_id}"
        case Group():
            return f"{entity.namespace}/{entity.group_id}"
        case Role():
            return f"{entity.namespace}/{entity.role_id}"
        case Database():
            return entity.database_id
        case Schema():
            return entity.schema_id
        case Relation():
            return entity.relation_id
        case Function():
            return entity.function_id
        case Policy():
            return entity.policy_id
        case Datashare():
            return entity.share_key
        case Snapshot():
            return entity.snapshot_id
        case ParameterGroup() | SubnetGroup():
            return f"{entity.account}/{entity.region}/{entity.name}"
        case UsageLimit():
            return entity.limit_id
        case UsageBreach():
            return entity.breach_id
        case ResourcePolicy():
            return entity.resource_arn
        case ClusterEvent():
            return entity.event_id


def name_of(entity: Entity) -> tuple[str, ...]:
    """What must be unique within the entity's kind beside its key; its first part is its parent."""
    match entity:
        case Account():
            return ("", entity.account_id)
        case AccessKey():
            return (entity.account_id, entity.access_key_id)
        case IamUser() | IamRole() | ManagedPolicy():
            # Names differ by more than letter case.
            return (entity.account, entity.name.lower())
        case Namespace():
            return (entity.account, entity.region, entity.kind, entity.name)
        case Warehouse():
            return (entity.account, entity.region, entity.kind, entity.identifier)
        case User() | Group() | Role():
            return (entity.namespace, entity.name)
        case Database():
            return (entity.namespace, entity.name)
        case Schema():
            return (entity.database, entity.name)
        case Relation():
            return (entity.schema, entity.name)
        case Function():
            return (entity.schema, entity.signature)
        case Policy():
            return (entity.database, entity.kind, entity.name)
        case Datashare():
            return (entity.namespace, entity.name)
        case Snapshot():
            return (entity.account, entity.region, entity.kind, entity.identifier)
        case ParameterGroup() | SubnetGroup():
            return (entity.account, entity.region, entity.name)
        case UsageLimit():
            return (entity.account, entity.limit_id)
        case UsageBreach():
            return (entity.namespace, entity.breach_id)
        case ResourcePolicy():
            return (entity.account, entity.resource_arn)
        case ClusterEvent():
            return (entity.account, entity.event_id)


KINDS: Final[tuple[type[Entity], ...]] = (
    Account,
    AccessKey,
    IamUser,
    IamRole,
    ManagedPolicy,
    Namespace,
    Warehouse,
    User,
    Group,
    Role,
    Database,
    Schema,
    Relation,
    Function,
    Policy,
    Datashare,
    ParameterGroup,
    SubnetGroup,
    UsageLimit,
    UsageBreach,
    ResourcePolicy,
    ClusterEvent,
    Snapshot,
)


@dataclass(frozen=True, slots=True)
class Put:
    """Make or replace an entity; `entity.version` is the one it was decided on (0: new)."""

    entity: Entity


@dataclass(frozen=True, slots=True)
class Drop:
    """Remove an entity, in the version it was decided on."""

    entity: Entity


Change = Put | Drop

_Table = Mapping[Key, Any]
#: parent -> rest of the name -> key
_Names = Mapping[str, Mapping[tuple[str, ...], Key]]


@dataclass(frozen=True, slots=True)
class Catalog:
    """All entities by kind and key, with an index of their names by parent."""

    version: int = 0
    tables: Mapping[type[Entity], _Table] = field(
        default_factory=lambda: {kind: {} for kind in KINDS}
    )
    names: Mapping[type[Entity], _Names] = field(
        default_factory=lambda: {kind: {} for kind in KINDS}
    )

    def after(self, changes: Iterable[Change], version: int | None = None) -> Catalog:
        """The catalogue with the changes made. Copies only the kinds and parents they touch."""
        tables = dict(self.tables)
        names = dict(self.names)
        copied: set[tuple[type[Entity], str | None]] = set()
        for change in changes:
            entity = change.entity
            kind, key = type(entity), key_of(entity)
            if (kind, None) not in copied:
                tables[kind], names[kind] = dict(tables[kind]), dict(names[kind])
                copied.add((kind, None))
            table: dict[Key, Entity] = tables[kind]  # type: ignore[assignment] # copied above
            index: dict[str, Mapping[tuple[str, ...], Key]] = names[kind]  # type: ignore[assignment]
            old = table.get(key)
            fresh = name_of(entity) if isinstance(change, Put) else None
            stale = None if old is None else name_of(old)
            for parent in {name[0] for name in (fresh, stale) if name is not None}:
                if (kind, parent) not in copied:
                    index[parent] = dict(index.get(parent, {}))
                    copied.add((kind, parent))
            if stale is not None and stale != fresh:
                siblings: dict[tuple[str, ...], Key] = index[stale[0]]  # type: ignore[assignment]
                # Another change of the same set may have taken the name already.
                if siblings.get(stale[1:]) == key:
                    del siblings[stale[1:]]
            if fresh is None:
                table.pop(key, None)
            else:
                table[key] = entity
                siblings = index[fresh[0]]  # type: ignore[assignment]
                siblings[fresh[1:]] = key
        for kind, left in copied:
            if left is not None and not names[kind][left]:
                del names[kind][left]  # type: ignore[attr-defined] # copied above
        return Catalog(self.version if version is None else version, tables, names)

    # --- look-ups -------------------------------------------------------------------------

    def get(self, kind: type[Entity], key: Key) -> Any:  # noqa: ANN401 - narrowed by its callers
        """The entity of that kind and key, or None."""
        return self.tables[kind].get(key)

    def named(self, kind: type[Entity], parent: str, *rest: str) -> Any:  # noqa: ANN401 - as above
        """The entity of that name, or None."""
        key = self.names[kind].get(parent, {}).get(rest)
        return None if key is None else self.tables[kind][key]

    def children(self, kind: type[Entity], parent: str) -> Iterator[Any]:
        """The entities of that kind under a parent, in the order they took their names."""
        table = self.tables[kind]
        for key in self.names[kind].get(parent, {}).values():
            yield table[key]

    def account(self, account: AccountId) -> Account | None:
        """An account."""
        found: Account | None = self.get(Account, account)
        return found

    def access_key(self, access_key_id: str) -> AccessKey | None:
        """An access key."""
        found: AccessKey | None = self.get(AccessKey, access_key_id)
        return found

    def access_keys(self, account: AccountId) -> Iterator[AccessKey]:
        """The access keys of an account."""
        return self.children(AccessKey, account)

    def iam_user(self, account: AccountId, name: str) -> IamUser | None:
        """An IAM user by name."""
        found: IamUser | None = self.named(IamUser, account, name.lower())
        return found

    def iam_user_by_id(self, user_id: str) -> IamUser | None:
        """An IAM user by id."""
        found: IamUser | None = self.get(IamUser, user_id)
        return found

    def iam_users(self, account: AccountId) -> Iterator[IamUser]:
        """The IAM users of an account."""
        return self.children(IamUser, account)

    def iam_role(self, account: AccountId, name: str) -> IamRole | None:
        """An IAM role by name."""
        found: IamRole | None = self.named(IamRole, account, name.lower())
        return found

    def iam_role_by_id(self, role_id: str) -> IamRole | None:
        """An IAM role by id."""
        found: IamRole | None = self.get(IamRole, role_id)
        return found

    def iam_roles(self, account: AccountId) -> Iterator[IamRole]:
        """The IAM roles of an account."""
        return self.children(IamRole, account)

    def managed_policy(self, account: AccountId, name: str) -> ManagedPolicy | None:
        """A managed policy by name."""
        found: ManagedPolicy | None = self.named(ManagedPolicy, account, name.lower())
        return found

    def managed_policies(self, account: AccountId) -> Iterator[ManagedPolicy]:
        """The managed policies of an account."""
        return self.children(ManagedPolicy, account)

    def namespace(self, namespace: NamespaceId) -> Namespace | None:
        """A namespace."""
        found: Namespace | None = self.get(Namespace, namespace)
        return found

    def namespaces(self, account: AccountId) -> Iterator[Namespace]:
        """The namespaces of an account."""
        return self.children(Namespace, account)

    def warehouse(self, warehouse: WarehouseId) -> Warehouse | None:
        """A warehouse."""
        found: Warehouse | None = self.get(Warehouse, warehouse)
        return found

    def warehouses(self, account: AccountId) -> Iterator[Warehouse]:
        """The warehouses of an account."""
        return self.children(Warehouse, account)

    def user(self, namespace: NamespaceId, name: str) -> User | None:
        """A user by name."""
        found: User | None = self.named(User, namespace, name)
        return found

    def user_by_id(self, namespace: NamespaceId, user: UserId) -> User | None:
        """A user by id."""
        found: User | None = self.get(User, f"{namespace}/{user}")
        return found

    def users(self, namespace: NamespaceId) -> Iterator[User]:
        """The users of a namespace."""
        return self.children(User, namespace)

    def group(self, namespace: NamespaceId, name: str) -> Group | None:
        """A group by name."""
        found: Group | None = self.named(Group, namespace, name)
        return found

    def group_by_id(self, namespace: NamespaceId, group: GroupId) -> Group | None:
        """A group by id."""
        found: Group | None = self.get(Group, f"{namespace}/{group}")
        return found

    def groups(self, namespace: NamespaceId) -> Iterator[Group]:
        """The groups of a namespace."""
        return self.children(Group, namespace)

    def role(self, namespace: NamespaceId, name: str) -> Role | None:
        """A role by name; the system's own are not kept."""
        found: Role | None = self.named(Role, namespace, name)
        return found

    def role_by_id(self, namespace: NamespaceId, role: RoleId) -> Role | None:
        """A role by id."""
        found: Role | None = self.get(Role, f"{namespace}/{role}")
        return found

    def roles(self, namespace: NamespaceId) -> Iterator[Role]:
        """The roles of a namespace."""
        return self.children(Role, namespace)

    def database(self, database: DatabaseId) -> Database | None:
        """A database by id."""
        found: Database | None = self.get(Database, database)
        return found

    def database_named(self, namespace: NamespaceId, name: str) -> Database | None:
        """A database by name."""
        found: Database | None = self.named(Database, namespace, name)
        return found

    def databases(self, namespace: NamespaceId) -> Iterator[Database]:
        """The databases of a namespace, local and shared."""
        return self.children(Database, namespace)

    def schema(self, schema: SchemaId) -> Schema | None:
        """A schema by id."""
        found: Schema | None = self.get(Schema, schema)
        return found

    def schema_named(self, database: DatabaseId, name: str) -> Schema | None:
        """A schema by name."""
        found: Schema | None = self.named(Schema, database, name)
        return found

    def schemas(self, database: DatabaseId) -> Iterator[Schema]:
        """The schemas of a local database."""
        return self.children(Schema, database)

    def relation(self, relation: RelationId) -> Relation | None:
        """A relation by id."""
        found: Relation | None = self.get(Relation, relation)
        return found

    def relation_named(self, schema: SchemaId, name: str) -> Relation | None:
        """A relation by name."""
        found: Relation | None = self.named(Relation, schema, name)
        return found

    def relations(self, schema: SchemaId) -> Iterator[Relation]:
        """The relations of a schema."""
        return self.children(Relation, schema)

    def function(self, function: FunctionId) -> Function | None:
        """A function by id."""
        found: Function | None = self.get(Function, function)
        return found

    def functions(self, schema: SchemaId) -> Iterator[Function]:
        """The functions of a schema."""
        return self.children(Function, schema)

    def policy(self, policy: PolicyId) -> Policy | None:
        """A policy by id."""
        found: Policy | None = self.get(Policy, policy)
        return found

    def policy_named(self, database: DatabaseId, kind: PolicyKind, name: str) -> Policy | None:
        """A policy of a database by name."""
        found: Policy | None = self.named(Policy, database, kind, name)
        return found

    def policies(self, database: DatabaseId) -> Iterator[Policy]:
        """The policies of a database."""
        return self.children(Policy, database)

    def datashare(self, share: ShareKey) -> Datashare | None:
        """A datashare by its instance."""
        found: Datashare | None = self.get(Datashare, share)
        return found

    def datashare_named(self, namespace: NamespaceId, name: str) -> Datashare | None:
        """A datashare of a namespace by its name now."""
        found: Datashare | None = self.named(Datashare, namespace, name)
        return found

    def datashare_of(self, arn: DataShareArn) -> Datashare | None:
        """The share an ARN means: account and Region must fit as well."""
        share = self.datashare_named(arn.namespace, arn.name)
        if share is None or (share.account, share.region) != (arn.account, arn.region):
            return None
        return share

    def datashares(self) -> Iterator[Datashare]:
        """Every datashare."""
        return iter(self.tables[Datashare].values())

    def datashares_of(self, namespace: NamespaceId) -> Iterator[Datashare]:
        """The datashares a namespace produces."""
        return self.children(Datashare, namespace)
