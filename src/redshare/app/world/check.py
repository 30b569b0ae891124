"""What a world file may not say although each of its parts may be said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Final

from redshare.app.iam.access_keys import MOST as MOST_KEYS
from redshare.app.iam.managed_policies import MOST_VERSIONS
from redshare.app.world.grants import default_statements, each_grant, grant_statement
from redshare.app.world.iam import WorldIam
from redshare.app.world.literal import comment_statement
from redshare.app.world.protection import attach_statements
from redshare.app.world.references import (
    AssociationReference,
    ConsumerReference,
    ShareReference,
)
from redshare.app.world.structure import (
    World,
    WorldDatabase,
    WorldDatashare,
    WorldNamespace,
    WorldRole,
)
from redshare.core.ids import MalformedId, account_id, namespace_id, region_name
from redshare.core.sql_errors import SqlError
from redshare.sql.commands import parse_command
from redshare.sql.lex import split

_VERSION: Final = re.compile(r"v[1-9][0-9]{0,4}")


class WorldError(Exception):
    """The file says something that cannot be, or it cannot be made so."""


def check_world(world: World) -> None:
    """Raises WorldError naming the place."""
    try:
        region_name(world.region)
        for number in world.accounts:
            account_id(number)
    except MalformedId as error:
        raise WorldError(str(error)) from error
    _check_guids(world)
    for number, account in world.accounts.items():
        for name, namespace in account.namespaces.items():
            _check_namespace(world, number, f"{number}/{name}", namespace)
        if account.iam is not None:
            _check_iam(f"{number}: iam", account.iam)
        for text, scopes in (account.associations or {}).items():
            place = f"{number}: associations of {text}"
            _check_share(world, text, place)
            for scope in scopes:
                _check_scope(world, number, scope, place)


def _check_guids(world: World) -> None:
    seen: dict[str, str] = {}
    for number, account in world.accounts.items():
        for name, namespace in account.namespaces.items():
            if namespace.guid is None:
                continue
            place = f"{number}/{name}"
            try:
                guid = namespace_id(namespace.guid)
            except MalformedId as error:
                raise WorldError(f"{place}: {error}") from error
            if guid in seen:
                raise WorldError(f"{place}: {seen[guid]} has the same guid")
            seen[guid] = place


def _check_iam(place: str, iam: WorldIam) -> None:
    for name, policy in (iam.policies or {}).items():
        for version in policy.versions:
            if not _VERSION.fullmatch(version):
                raise WorldError(f"{place}: policy {name}: {version!r} is not a version, v1")
        if policy.default not in policy.versions:
            raise WorldError(f"{place}: policy {name}: there is no version {policy.default}")
        if len(policy.versions) > MOST_VERSIONS:
            raise WorldError(f"{place}: policy {name}: more than {MOST_VERSIONS} versions")
    for name, user in (iam.users or {}).items():
        if len(user.access_keys) > MOST_KEYS:
            raise WorldError(f"{place}: user {name}: more than {MOST_KEYS} access keys")


def _check_namespace(world: World, account: str, place: str, namespace: WorldNamespace) -> None:
    users = {namespace.admin.user, *(namespace.users or {})}
    for group, members in (namespace.groups or {}).items():
        if namespace.users is not None and (unknown := set(members) - users):
            raise WorldError(f"{place}: group {group}: there is no user {min(unknown)}")
    _check_roles(place, namespace.roles or {})
    other = namespace.serverless if namespace.kind == "provisioned" else namespace.cluster
    if other is not None:
        raise WorldError(f"{place}: has the attributes of the other kind")
    for name, database in (namespace.databases or {}).items():
        _check_database(world, f"{place}: database {name}", database)
    for name, share in (namespace.datashares or {}).items():
        _check_datashare(world, account, namespace, f"{place}: datashare {name}", share)


def _check_roles(place: str, roles: Mapping[str, WorldRole]) -> None:
    holders = {
        name: {
            holder.partition(" WITH ")[0].removeprefix("ROLE ").strip('"')
            for holder in role.granted_to or ()
            if holder.startswith("ROLE ")
        }
        for name, role in roles.items()
    }
    try:
        TopologicalSorter(holders).prepare()
    except CycleError as error:
        raise WorldError(f"{place}: roles in a circle: {', '.join(error.args[1])}") from error


def _check_database(world: World, place: str, database: WorldDatabase) -> None:
    if database.from_datashare is not None:
        own = (
            database.schemas,
            database.rls_policies,
            database.masking_policies,
            database.comments,
        )
        if own != (None,) * 4 or database.scripts:
            raise WorldError(
                f"{place}: what is from a datashare has no schemas, scripts, policies, comments"
            )
        _check_share(world, database.from_datashare, place)
    elif database.with_permissions:
        raise WorldError(f"{place}: with_permissions is for databases from a datashare")
    for schema, part in (database.schemas or {}).items():
        for name, relation in (part.relations or {}).items():
            security = relation.row_level_security
            if not (security.enabled or security.for_datashares):
                raise WorldError(f"{place}: {schema}.{name}: row-level security is not enabled")
    for statement in _statements(database):
        try:
            parsed = [parse_command(each) for each in split(statement)]
        except SqlError as error:
            raise WorldError(f"{place}: {statement}: {error.message}") from error
        if len(parsed) != 1 or parsed[0] is None:
            raise WorldError(f"{place}: {statement}: is not one statement")


def _statements(database: WorldDatabase) -> Iterator[str]:
    for grant in each_grant(database.grants or {}):
        yield grant_statement(grant)
    for defaults in database.default_privileges or ():
        yield from default_statements(defaults)
    for target, text in (database.comments or {}).items():
        yield comment_statement(target, text)
    for _, statement in attach_statements("RLS", database.rls_policies):
        yield statement
    for _, statement in attach_statements("MASKING", database.masking_policies):
        yield statement


def _check_datashare(
    world: World, account: str, namespace: WorldNamespace, place: str, share: WorldDatashare
) -> None:
    databases = namespace.databases
    if databases is not None and share.database not in {namespace.database, *databases}:
        raise WorldError(f"{place}: there is no database {share.database}")
    for text, consumer in (share.consumers or {}).items():
        try:
            found = ConsumerReference.parse(text)
        except ValueError as error:
            raise WorldError(
                f"{place}: {text!r} is not NAMESPACE n, ACCOUNT a [VIA DATA CATALOG] or ADX"
            ) from error
        if found.namespace is not None:
            _check_named(world, account, found.namespace, place)
            if consumer.status is not None or consumer.allow_writes is not None:
                raise WorldError(f"{place}: {text} needs no authorization")


def _check_scope(world: World, account: str, text: str, place: str) -> None:
    try:
        scope = AssociationReference.parse(text)
    except ValueError as error:
        raise WorldError(
            f"{place}: {text!r} is not NAMESPACE n, REGION r, ENTIRE ACCOUNT or DATA CATALOG"
        ) from error
    if scope.namespace is not None:
        _check_named(world, account, scope.namespace, place)


def _check_share(world: World, text: str, place: str) -> None:
    try:
        share = ShareReference.parse(text)
        account_id(share.account)
    except ValueError as error:
        raise WorldError(f"{place}: {text!r} is not ACCOUNT/NAMESPACE/SHARE") from error
    _check_named(world, share.account, share.namespace, place)
    account = world.accounts.get(share.account)
    namespace = account.namespaces.get(share.namespace) if account else None
    if namespace is not None and share.share not in (namespace.datashares or {}):
        raise WorldError(f"{place}: there is no datashare {share}")


def _check_named(world: World, account: str, name: str, place: str) -> None:
    """A namespace is one of the file, or a GUID."""
    found = world.accounts.get(account)
    if found is not None and name in found.namespaces:
        return
    try:
        namespace_id(name)
    except MalformedId as error:
        raise WorldError(f"{place}: there is no namespace {account}/{name}") from error
