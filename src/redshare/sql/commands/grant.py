"""GRANT and REVOKE in all their forms; which one it is is a field, for they mirror each other.

https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html; the forms TO DATASHARE are on the
pages about writing through datashares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from redshare.core.privileges import ObjectKind
from redshare.sql.commands.grant_readers import (
    GRANT_READERS,
    DatashareConsumer,
    ObjectPrivilege,
    Recipient,
)
from redshare.sql.commands.objects import (
    AllFunctions,
    AllProcedures,
    AllTables,
    Databases,
    Functions,
    Languages,
    Objects,
    Procedures,
    Schemas,
    Scope,
    Tables,
)
from redshare.sql.commands.spec import Spec, refuse


class _Either:
    """A statement that is GRANT, or REVOKE."""

    __slots__ = ()
    revoke: bool

    @property
    def tag(self) -> str:
        """The command tag."""
        return "REVOKE" if self.revoke else "GRANT"


@dataclass(frozen=True, slots=True)
class Grant(_Either):
    """On objects, to users, roles, groups and PUBLIC. `option_only`: GRANT OPTION FOR."""

    privileges: tuple[ObjectPrivilege, ...]
    objects: Objects
    recipients: tuple[Recipient, ...]
    revoke: bool = False
    option_only: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class GrantToDatashare(_Either):
    """On objects, to a datashare: what its consumers may do with them."""

    privileges: tuple[ObjectPrivilege, ...]
    objects: Objects
    share: str
    revoke: bool = False


@dataclass(frozen=True, slots=True)
class GrantOnDatashare(_Either):
    """ALTER and SHARE on a datashare, within the namespace."""

    privileges: tuple[ObjectPrivilege, ...]
    share: str
    recipients: tuple[Recipient, ...]
    revoke: bool = False
    option_only: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class GrantDatashareUsage(_Either):
    """USAGE on a datashare: the authorization of consumers outside the namespace."""

    share: str
    consumers: tuple[DatashareConsumer, ...]
    revoke: bool = False


@dataclass(frozen=True, slots=True)
class GrantRole(_Either):
    """Roles to users and roles. `option_only`: ADMIN OPTION FOR."""

    roles: tuple[str, ...]
    recipients: tuple[Recipient, ...]
    revoke: bool = False
    option_only: bool = False


@dataclass(frozen=True, slots=True)
class GrantSystem(_Either):
    """System privileges (`CREATE USER`, ...; `ALL` alone) to roles."""

    privileges: tuple[str, ...]
    roles: tuple[str, ...]
    revoke: bool = False
    admin_option: bool = False


@dataclass(frozen=True, slots=True)
class AlterDefaultPrivileges:
    """What objects made later start with; no users means the current one."""

    privileges: tuple[ObjectPrivilege, ...]
    kind: ObjectKind
    recipients: tuple[Recipient, ...]
    users: tuple[str, ...] = ()
    schemas: tuple[str, ...] = ()
    revoke: bool = False
    option_only: bool = False
    cascade: bool = False

    @property
    def tag(self) -> str:
        """The command tag."""
        return "ALTER DEFAULT PRIVILEGES"


GrantCommand = (
    Grant
    | GrantToDatashare
    | GrantOnDatashare
    | GrantDatashareUsage
    | GrantRole
    | GrantSystem
    | AlterDefaultPrivileges
)

Make = Callable[..., GrantCommand]
_OPTION: Final = "[ GRANT OPTION FOR @option_only ]"
_BEHAVIOUR: Final = "[ CASCADE @cascade | RESTRICT ]"
#: The kinds of objects, the fields that name them, and their words.
_ON: Final[tuple[tuple[type[Objects], tuple[str, ...], str], ...]] = (
    (AllTables, ("schemas",), "ON ALL TABLES IN SCHEMA <schemas:qname,...>"),
    (AllFunctions, ("schemas",), "ON ALL FUNCTIONS IN SCHEMA <schemas:qname,...>"),
    (AllProcedures, ("schemas",), "ON ALL PROCEDURES IN SCHEMA <schemas:qname,...>"),
    (Schemas, ("names",), "ON SCHEMA <names:qname,...>"),
    (Databases, ("names",), "ON DATABASE <names:name,...>"),
    (Functions, ("functions",), "ON FUNCTION <functions:function,...>"),
    (Procedures, ("functions",), "ON PROCEDURE <functions:function,...>"),
    (Languages, ("names",), "ON LANGUAGE <names:name,...>"),
    (Tables, ("names",), "ON [ TABLE ] <names:qname,...>"),
    (
        Scope,
        ("kind", "schema", "database"),
        (
            "FOR { SCHEMAS @kind=SCHEMAS | TABLES @kind=TABLES | FUNCTIONS @kind=FUNCTIONS"
            " | PROCEDURES @kind=PROCEDURES | LANGUAGES @kind=LANGUAGES }"
            " IN { SCHEMA <schema:name> [ DATABASE <database:name> ] | DATABASE <database:name> }"
        ),
    ),
)


def _spec(text: str, make: Make) -> Spec[GrantCommand]:
    return Spec(text, make, enums={"kind": ObjectKind}, readers=GRANT_READERS)


def _making(command: Make, objects: type[Objects], keys: tuple[str, ...]) -> Make:
    """`command` over `objects`, which takes the fields of its own."""

    def make(**found: Any) -> GrantCommand:  # noqa: ANN401 - a spec's fields
        own = {key: found.pop(key) for key in keys if key in found}
        return command(objects=objects(**own), **found)

    return make


def _object_specs() -> Iterator[Spec[GrantCommand]]:
    for objects, keys, on in _ON:
        privilege = "column_privilege" if objects in {Tables, AllTables} else "privilege"
        what = f"<privileges:{privilege},...> {on}"
        to_share = _making(GrantToDatashare, objects, keys)
        yield _spec(f"GRANT {what} TO DATASHARE <share:name>", to_share)
        yield _spec(f"REVOKE @revoke {what} FROM DATASHARE <share:name>", to_share)
        to_users = _making(Grant, objects, keys)
        yield _spec(f"GRANT {what} TO <recipients:recipient,...>", to_users)
        yield _spec(
            f"REVOKE @revoke {_OPTION} {what} FROM <recipients:grantee,...> {_BEHAVIOUR}", to_users
        )


_DEFAULTS: Final = (
    "ALTER DEFAULT PRIVILEGES [ FOR USER <users:name,...> ] [ IN SCHEMA <schemas:name,...> ]"
)
_DEFAULT_KIND: Final = (
    "<privileges:privilege,...> ON"
    " { TABLES @kind=TABLES | FUNCTIONS @kind=FUNCTIONS | PROCEDURES @kind=PROCEDURES }"
)

SPECS: Final[tuple[Spec[GrantCommand], ...]] = (
    Spec("GRANT ASSUMEROLE <rest:rest>", refuse("GRANT ASSUMEROLE")),
    Spec("REVOKE ASSUMEROLE <rest:rest>", refuse("REVOKE ASSUMEROLE")),
    _spec("GRANT USAGE ON DATASHARE <share:name> TO <consumers:consumer,...>", GrantDatashareUsage),
    _spec(
        "REVOKE @revoke USAGE ON DATASHARE <share:name> FROM <consumers:consumer,...>",
        GrantDatashareUsage,
    ),
    _spec(
        "GRANT <privileges:privilege,...> ON DATASHARE <share:name> TO <recipients:recipient,...>",
        GrantOnDatashare,
    ),
    _spec(
        f"REVOKE @revoke {_OPTION} <privileges:privilege,...> ON DATASHARE <share:name>"
        f" FROM <recipients:grantee,...> {_BEHAVIOUR}",
        GrantOnDatashare,
    ),
    *_object_specs(),
    _spec("GRANT ROLE <roles:role,...> TO <recipients:member,...>", GrantRole),
    _spec(
        "REVOKE @revoke [ ADMIN OPTION FOR @option_only ] ROLE <roles:role,...>"
        " FROM <recipients:grantee,...>",
        GrantRole,
    ),
    _spec(
        "GRANT <privileges:system> TO ROLE <roles:role,...> [ WITH ADMIN OPTION @admin_option ]",
        GrantSystem,
    ),
    _spec(
        "REVOKE @revoke [ ADMIN OPTION FOR @admin_option ] <privileges:system>"
        " FROM ROLE <roles:role,...>",
        GrantSystem,
    ),
    _spec(
        f"{_DEFAULTS} GRANT {_DEFAULT_KIND} TO <recipients:recipient,...>", AlterDefaultPrivileges
    ),
    _spec(
        f"{_DEFAULTS} REVOKE @revoke {_OPTION} {_DEFAULT_KIND}"
        f" FROM <recipients:grantee,...> {_BEHAVIOUR}",
        AlterDefaultPrivileges,
    ),
)
