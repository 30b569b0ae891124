"""Privileges and who holds them: the access control list of an object as a value.

https://docs.aws.amazon.com/redshift/latest/dg/r_GRANT.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from redshare.core.sql_errors import DependentPrivileges


class Privilege(StrEnum):
    """A right on an object, in Redshift's word for it."""

    SELECT = "SELECT"
    INSERT = "INSERT"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    TRUNCATE = "TRUNCATE"
    DROP = "DROP"
    ALTER = "ALTER"
    REFERENCES = "REFERENCES"
    USAGE = "USAGE"
    CREATE = "CREATE"
    TEMP = "TEMP"
    SHARE = "SHARE"
    EXECUTE = "EXECUTE"


TABLE_PRIVILEGES: Final = frozenset(
    {
        Privilege.SELECT,
        Privilege.INSERT,
        Privilege.UPDATE,
        Privilege.DELETE,
        Privilege.TRUNCATE,
        Privilege.DROP,
        Privilege.ALTER,
        Privilege.REFERENCES,
    }
)
SCHEMA_PRIVILEGES: Final = frozenset(
    {Privilege.USAGE, Privilege.CREATE, Privilege.ALTER, Privilege.DROP}
)
DATABASE_PRIVILEGES: Final = frozenset(
    {Privilege.USAGE, Privilege.CREATE, Privilege.TEMP, Privilege.ALTER, Privilege.DROP}
)
DATASHARE_PRIVILEGES: Final = frozenset({Privilege.ALTER, Privilege.SHARE})
FUNCTION_PRIVILEGES: Final = frozenset({Privilege.EXECUTE})
LANGUAGE_PRIVILEGES: Final = frozenset({Privilege.USAGE})
#: What can be granted on a single column.
COLUMN_PRIVILEGES: Final = frozenset({Privilege.SELECT, Privilege.UPDATE})


class ObjectKind(StrEnum):
    """What scoped and default privileges are on."""

    SCHEMAS = "SCHEMAS"
    TABLES = "TABLES"
    FUNCTIONS = "FUNCTIONS"
    PROCEDURES = "PROCEDURES"
    LANGUAGES = "LANGUAGES"


#: What can be granted on each kind of object.
PRIVILEGES_OF: Final[dict[ObjectKind, frozenset[Privilege]]] = {
    ObjectKind.SCHEMAS: SCHEMA_PRIVILEGES,
    ObjectKind.TABLES: TABLE_PRIVILEGES,
    ObjectKind.FUNCTIONS: FUNCTION_PRIVILEGES,
    ObjectKind.PROCEDURES: FUNCTION_PRIVILEGES,
    ObjectKind.LANGUAGES: LANGUAGE_PRIVILEGES,
}


class GranteeKind(StrEnum):
    """Who can hold a privilege."""

    USER = "user"
    ROLE = "role"
    GROUP = "group"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True, order=True)
class Grantee:
    """A user, role or group by its name's id within the namespace; PUBLIC has the id 0."""

    kind: GranteeKind
    id: int = 0


PUBLIC: Final = Grantee(GranteeKind.PUBLIC)


#: The grantor of what an owner grants, or a superuser in the owner's place.
OWNER: Final = 0


@dataclass(frozen=True, slots=True)
class Grant:
    """What one grantee holds from one grantor, and which of it may be passed on."""

    grantee: Grantee
    privileges: frozenset[Privilege]
    grantable: frozenset[Privilege] = frozenset()
    grantor: int = OWNER


@dataclass(frozen=True, slots=True)
class Acl:
    """All grants on one object, in the order of first grant."""

    grants: tuple[Grant, ...] = ()

    def granted_to(self, grantees: Iterable[Grantee]) -> frozenset[Privilege]:
        """What these grantees hold together."""
        held = frozenset(grantees)
        return frozenset(p for g in self.grants if g.grantee in held for p in g.privileges)

    def grantable_by(self, grantees: Iterable[Grantee]) -> frozenset[Privilege]:
        """What these grantees may pass on."""
        held = frozenset(grantees)
        return frozenset(p for g in self.grants if g.grantee in held for p in g.grantable)

    def mentions(self, grantee: Grantee) -> bool:
        """Whether the grantee holds anything here."""
        return any(g.grantee == grantee for g in self.grants)

    def grant(
        self,
        grantee: Grantee,
        privileges: frozenset[Privilege],
        *,
        option: bool,
        grantor: int = OWNER,
    ) -> Acl:
        """With `privileges` added; `option` lets the grantee pass them on."""
        old = self._of(grantee, grantor)
        grantable = old.grantable | privileges if option else old.grantable
        return self._with(Grant(grantee, old.privileges | privileges, grantable, grantor))

    def revoke(
        self,
        grantee: Grantee,
        privileges: frozenset[Privilege],
        *,
        option_only: bool = False,
        grantor: int = OWNER,
        cascade: bool = False,
    ) -> Acl:
        """Without what `grantor` granted of `privileges`, or without the right to pass them on.

        What the grantee passed on depends on it: CASCADE takes that too.
        Raises DependentPrivileges.
        """
        old = self._of(grantee, grantor)
        kept = old.privileges if option_only else old.privileges - privileges
        left = self._with(Grant(grantee, kept, old.grantable - privileges, grantor))
        for dependent, lost in left._dependents(grantee, privileges):  # noqa: SLF001 - its own kind
            if not cascade:
                raise DependentPrivileges
            left = left.revoke(dependent, lost, grantor=grantee.id, cascade=True)
        return left

    def _dependents(
        self, grantee: Grantee, privileges: frozenset[Privilege]
    ) -> list[tuple[Grantee, frozenset[Privilege]]]:
        """What it passed on without having the right any more. Only users can pass on."""
        if grantee.kind is not GranteeKind.USER or grantee.id == OWNER:
            return []
        lost = privileges - self.grantable_by((grantee,))
        return [
            (grant.grantee, grant.privileges & lost)
            for grant in self.grants
            if grant.grantor == grantee.id and grant.privileges & lost
        ]

    def _of(self, grantee: Grantee, grantor: int) -> Grant:
        for grant in self.grants:
            if (grant.grantee, grant.grantor) == (grantee, grantor):
                return grant
        return Grant(grantee, frozenset(), grantor=grantor)

    def _with(self, new: Grant) -> Acl:
        where = (new.grantee, new.grantor)
        if any((g.grantee, g.grantor) == where for g in self.grants):
            grants = tuple(new if (g.grantee, g.grantor) == where else g for g in self.grants)
        else:
            grants = (*self.grants, new)
        return replace(self, grants=tuple(g for g in grants if g.privileges))


@dataclass(frozen=True, slots=True)
class Scoped:
    """What is granted on all objects of a kind, those to come as well, in one place."""

    kind: ObjectKind
    acl: Acl


def scoped_acl(scopes: Iterable[Scoped], kind: ObjectKind) -> Acl:
    """The grants on a kind."""
    return next((scoped.acl for scoped in scopes if scoped.kind is kind), Acl())


def with_scoped(scopes: Iterable[Scoped], kind: ObjectKind, acl: Acl) -> tuple[Scoped, ...]:
    """With the grants on a kind replaced."""
    others = tuple(scoped for scoped in scopes if scoped.kind is not kind)
    return (*others, Scoped(kind, acl)) if acl.grants else others
