"""Users, groups and roles: CREATE, ALTER, DROP.

https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_USER.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from redshare.sql.commands.spec import Spec
from redshare.sql.commands.values import Password

#: CONNECTION LIMIT UNLIMITED.
UNLIMITED: Final = -1


@dataclass(frozen=True, slots=True)
class UserOptions:
    """What CREATE and ALTER USER have in common; what is None was not said."""

    password: Password | None = None
    #: PASSWORD DISABLE: only temporary credentials.
    password_disabled: bool | None = None
    create_db: bool | None = None
    create_user: bool | None = None
    syslog_unrestricted: bool | None = None
    valid_until: str | None = None
    connection_limit: int | None = None
    session_timeout: int | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class CreateUser:
    """`groups` by IN GROUP."""

    tag: ClassVar[str] = "CREATE USER"
    name: str
    options: UserOptions = UserOptions()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlterUser:
    """Options, or a new name."""

    tag: ClassVar[str] = "ALTER USER"
    name: str
    options: UserOptions = UserOptions()
    new_name: str | None = None
    reset_session_timeout: bool = False


@dataclass(frozen=True, slots=True)
class AlterUserSet:
    """A default for later sessions; no values removes it (SET ... DEFAULT, RESET)."""

    tag: ClassVar[str] = "ALTER USER"
    name: str
    parameter: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DropUser:
    """DROP USER."""

    tag: ClassVar[str] = "DROP USER"
    names: tuple[str, ...]
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class CreateGroup:
    """`users` are its first."""

    tag: ClassVar[str] = "CREATE GROUP"
    name: str
    users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlterGroup:
    """ADD, DROP or RENAME TO."""

    tag: ClassVar[str] = "ALTER GROUP"
    name: str
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    new_name: str | None = None


@dataclass(frozen=True, slots=True)
class DropGroup:
    """DROP GROUP."""

    tag: ClassVar[str] = "DROP GROUP"
    name: str


@dataclass(frozen=True, slots=True)
class CreateRole:
    """`external_id` is an identity provider's."""

    tag: ClassVar[str] = "CREATE ROLE"
    name: str
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class AlterRole:
    """One of them is given."""

    tag: ClassVar[str] = "ALTER ROLE"
    name: str
    new_name: str | None = None
    owner: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class DropRole:
    """`force` revokes it first."""

    tag: ClassVar[str] = "DROP ROLE"
    name: str
    force: bool = False


UserCommand = (
    CreateUser
    | AlterUser
    | AlterUserSet
    | DropUser
    | CreateGroup
    | AlterGroup
    | DropGroup
    | CreateRole
    | AlterRole
    | DropRole
)

_OPTIONS: Final = (
    "PASSWORD <password:password> | PASSWORD DISABLE @password_disabled"
    " | CREATEDB @create_db=true | NOCREATEDB @create_db=false"
    " | CREATEUSER @create_user=true | NOCREATEUSER @create_user=false"
    " | SYSLOG ACCESS { RESTRICTED @syslog_unrestricted=false"
    " | UNRESTRICTED @syslog_unrestricted=true }"
    " | VALID UNTIL <valid_until:string>"
    " | CONNECTION LIMIT { <connection_limit:integer> | UNLIMITED @unlimited }"
    " | SESSION TIMEOUT <session_timeout:integer>"
    " | EXTERNALID <external_id:text>"
)
_OWN: Final = frozenset({"name", "groups", "reset_session_timeout"})


def _options(found: dict[str, object]) -> dict[str, object]:
    """The fields with those of UserOptions put into one."""
    if found.pop("unlimited", False):
        found["connection_limit"] = UNLIMITED
    own = {key: value for key, value in found.items() if key in _OWN}
    rest = {key: value for key, value in found.items() if key not in _OWN}
    return {**own, "options": UserOptions(**rest)}  # type: ignore[arg-type]


def _create_user(**found: object) -> CreateUser:
    return CreateUser(**_options(found))  # type: ignore[arg-type]


def _alter_user(**found: object) -> AlterUser:
    return AlterUser(**_options(found))  # type: ignore[arg-type]


SPECS: Final[tuple[Spec[UserCommand], ...]] = (
    Spec(
        f"CREATE USER <name:name> [ WITH ] {{ {_OPTIONS} | IN GROUP <groups:name,...> }}...",
        _create_user,
    ),
    Spec("ALTER USER <name:name> RENAME TO <new_name:name>", AlterUser),
    Spec(
        f"ALTER USER <name:name> [ WITH ] {{ {_OPTIONS}"
        " | RESET SESSION TIMEOUT @reset_session_timeout }+...",
        _alter_user,
    ),
    Spec("ALTER USER <name:name> SET <parameter:setting> { TO | = } DEFAULT", AlterUserSet),
    Spec(
        "ALTER USER <name:name> SET <parameter:setting> { TO | = } <values:value,...>",
        AlterUserSet,
    ),
    Spec("ALTER USER <name:name> RESET <parameter:setting>", AlterUserSet),
    Spec("DROP USER [ IF EXISTS @if_exists ] <names:name,...>", DropUser),
    Spec("CREATE GROUP <name:name> [ [ WITH ] USER <users:name,...> ]", CreateGroup),
    Spec("ALTER GROUP <name:name> ADD USER <add:name,...>", AlterGroup),
    Spec("ALTER GROUP <name:name> DROP USER <drop:name,...>", AlterGroup),
    Spec("ALTER GROUP <name:name> RENAME TO <new_name:name>", AlterGroup),
    Spec("DROP GROUP <name:name>", DropGroup),
    Spec("CREATE ROLE <name:name> [ EXTERNALID <external_id:text> ]", CreateRole),
    Spec("ALTER ROLE <name:name> [ WITH ] RENAME TO <new_name:name>", AlterRole),
    Spec("ALTER ROLE <name:name> [ WITH ] OWNER TO <owner:name>", AlterRole),
    Spec("ALTER ROLE <name:name> [ WITH ] EXTERNALID [ TO ] <external_id:text>", AlterRole),
    Spec("DROP ROLE <name:name> [ FORCE @force | RESTRICT ]", DropRole),
)
