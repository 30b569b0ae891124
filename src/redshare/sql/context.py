"""What a statement is bound against: one session's view of the world at one moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from redshare.core.catalog import Catalog, key_of
from redshare.core.database import Database, Schema
from redshare.core.ids import FunctionId, GroupId, RelationId
from redshare.core.loads import LastTransfers, LoadHistory
from redshare.core.membership import identities, system_privileges
from redshare.core.namespace import Namespace
from redshare.core.privileges import Grantee, GranteeKind
from redshare.core.relation import Column, Relation
from redshare.core.role import SECADMIN
from redshare.core.user import User
from redshare.sql.activity import Activity
from redshare.sql.share_log import ShareLog

DEFAULT_SEARCH_PATH = ("$user", "public")


@dataclass(frozen=True, slots=True)
class SqlContext:
    """`catalog` has the session's pending changes laid over; `use` is the database after USE."""

    catalog: Catalog
    namespace: Namespace
    database: Database
    user: User
    search_path: tuple[str, ...] = DEFAULT_SEARCH_PATH
    use: Database | None = None
    case_sensitive: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    #: Whether the session's warehouse is: some shares refuse such consumers.
    publicly_accessible: bool = False
    #: What pg_backend_pid() and the like answer.
    session_id: int = 0
    #: Where CREATE TEMP TABLE puts a table: in the catalogue from the first one on.
    temporary: Schema | None = None
    #: Inside a view that was bound when it was made: the relations its names mean.
    fixed: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    #: Inside a policy: the only tables it reads, each with the columns it knows.
    lookups: Mapping[RelationId, tuple[str, ...]] | None = None
    #: Inside a policy that was bound when it was made: the only functions it calls.
    functions: tuple[FunctionId, ...] | None = None
    last_transfers: LastTransfers = LastTransfers()  # noqa: RUF009 - an immutable value
    #: The loads and unloads of the namespace, for the views that show them.
    loads: Callable[[], LoadHistory] = LoadHistory
    #: Sessions and statements of this node; None where nobody keeps them.
    activity: Activity | None = None
    #: Changes and use of datashares; None where nobody keeps them.
    share_log: ShareLog | None = None
    #: The columns a late-binding view has at this moment, none where it does not bind.
    late_columns: Callable[[SqlContext, Relation], tuple[Column, ...]] = lambda _c, _r: ()
    #: Who logged in, where SET SESSION AUTHORIZATION made the session another user's.
    session_user: str = ""
    #: Who logged in with which groups beside its own (`catalog` key of the user): no other user,
    #: nor a view's owner, has them.
    login: str = ""
    login_groups: tuple[GroupId, ...] = ()
    #: Whom a grant may name to reach the user.
    identities: frozenset[Grantee] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        also = self.login_groups if key_of(self.user) == self.login else ()
        object.__setattr__(self, "identities", identities(self.catalog, self.user, also))

    def has_system(self, privilege: str) -> bool:
        """Whether the user is a superuser or one of its roles carries the system privilege."""
        if self.user.superuser:
            return True
        return bool(self.user.roles) and privilege in system_privileges(self.catalog, self.user)

    @property
    def security_admin(self) -> bool:
        """Whether the user may make policies: a superuser, or a holder of sys:secadmin."""
        return self.user.superuser or Grantee(GranteeKind.ROLE, SECADMIN) in self.identities

    @property
    def current(self) -> Database:
        """Where one- and two-part names resolve."""
        return self.use or self.database

    def folded(self, name: str) -> str:
        """An identifier as it is stored: quoting keeps letter case only where the session says."""
        return name if self.case_sensitive else name.lower()
