"""Shares and users by name, with the right to change them."""

from __future__ import annotations

from redshare.core.privileges import Privilege
from redshare.core.share import Datashare
from redshare.core.sql_errors import InsufficientPrivilege, UndefinedObject
from redshare.core.user import User
from redshare.sql.context import SqlContext


def require_share(context: SqlContext, name: str) -> Datashare:
    """A datashare of this namespace that the user may know of. Raises UndefinedObject."""
    share = context.catalog.datashare_named(context.namespace.namespace_id, name)
    known = share is not None and (
        _owns(context, share)
        or _held(context, share)
        or any(context.has_system(f"{verb} DATASHARE") for verb in ("ALTER", "DROP"))
    )
    if share is None or not known:
        raise UndefinedObject(f"Datashare {name} does not exist")
    return share


def owned_share(
    context: SqlContext, name: str, *, alter_is_enough: bool = True, system: str = ""
) -> Datashare:
    """A datashare the user may change, by `system` as well as by owning it.

    Raises UndefinedObject, InsufficientPrivilege.
    """
    share = require_share(context, name)
    if context.has_system(system or "ALTER DATASHARE") and (system or alter_is_enough):
        return share
    if _owns(context, share) or (alter_is_enough and Privilege.ALTER in _held(context, share)):
        return share
    raise InsufficientPrivilege(f"permission denied for datashare {name}")


def shareable(context: SqlContext, name: str) -> Datashare:
    """A datashare whose consumers the user may choose. Raises as owned_share."""
    share = require_share(context, name)
    if _owns(context, share) or Privilege.SHARE in _held(context, share):
        return share
    raise InsufficientPrivilege(f"permission denied for datashare {name}")


def user_named(context: SqlContext, name: str) -> User:
    """A user of this namespace. Raises UndefinedObject."""
    user = context.catalog.user(context.namespace.namespace_id, name)
    if user is None:
        raise UndefinedObject(f'user "{name}" does not exist')
    return user


def _owns(context: SqlContext, share: Datashare) -> bool:
    return context.user.superuser or share.owner == context.user.user_id


def _held(context: SqlContext, share: Datashare) -> frozenset[Privilege]:
    return share.acl.granted_to(context.identities)
