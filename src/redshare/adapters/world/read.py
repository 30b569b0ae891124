"""A world from a running system, read-only: Describe and List calls, SVV views, SHOW."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from redshare.adapters.world import read_database, read_identities, read_shares
from redshare.adapters.world.account import AwsAccount
from redshare.adapters.world.cluster_groups import read_parameter_groups, read_subnet_groups
from redshare.adapters.world.places import Place, Places
from redshare.adapters.world.read_attributes import read_attributes
from redshare.adapters.world.read_comments import read_comments
from redshare.adapters.world.read_grants import read_local_grants, read_shared_grants
from redshare.adapters.world.read_iam import read_iam
from redshare.adapters.world.read_identities import Identities
from redshare.adapters.world.read_protection import read_protection
from redshare.adapters.world.warehouse_sql import Row
from redshare.app.world import (
    World,
    WorldAccount,
    WorldAdmin,
    WorldError,
    WorldKey,
    WorldNamespace,
)
from redshare.app.world.grants import implied
from redshare.app.world.references import ShareReference
from redshare.app.world.structure import WorldDatabase, WorldDatashare

_DATABASES: Final = (
    "SELECT database_name, database_owner FROM svv_redshift_databases"
    " WHERE database_type = 'local' ORDER BY database_name",
    "SELECT consumer_database, share_name, producer_account, producer_namespace"
    " FROM svv_datashares WHERE share_type = 'INBOUND' AND consumer_database IS NOT NULL"
    " ORDER BY consumer_database",
    "SHOW DATABASES",
)
#: Namespaces read at the same time.
_AT_ONCE: Final = 4
#: Databases of the service's own.
_SYSTEM: Final = frozenset(
    {"padb_harvest", "sys:internal", "template0", "template1", "awsdatacatalog"}
)


def read_system(
    accounts: list[AwsAccount], region: str, left_out: Callable[[str], None] = lambda _: None
) -> World:
    """What the accounts have in the Region; `left_out` is told what a world file has no words for
    and its reader must know of. Raises WorldError.
    """
    try:
        return _read(accounts, region, left_out)
    except (BotoCoreError, ClientError) as error:
        raise WorldError(str(error)) from error


def _read(accounts: list[AwsAccount], region: str, left_out: Callable[[str], None]) -> World:
    places = Places(accounts)
    found = {}
    for account in accounts:
        described = read_shares.described_shares(account)
        found_here = places.all[account.number]
        readers = [_Namespace(place, places, described, left_out) for place in found_here.values()]
        # The Data API is waited for, not the machine.
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            read = pool.map(_Namespace.read, readers)
            namespaces = dict(zip(found_here, read, strict=True))
        granted = set(_granted(account.number, places, namespaces))
        secret = f"${{SECRET_{account.number}}}"
        found[account.number] = WorldAccount(
            access_keys=(WorldKey(_key(account), secret),),
            namespaces=namespaces,
            associations=read_shares.read_associations(account, places, described, granted),
            iam=read_iam(account, left_out),
            parameter_groups=read_parameter_groups(account),
            subnet_groups=read_subnet_groups(account),
        )
    return World(found, region)


def _key(account: AwsAccount) -> str:
    """Keys of roles and sessions mean nothing elsewhere: such an account gets one of its own."""
    return account.key if account.key.startswith("AKIA") else f"AKIA{account.number}0001"


def _granted(account: str, places: Places, namespaces: dict[str, WorldNamespace]) -> Iterator[str]:
    for name, namespace in namespaces.items():
        place = places.all[account][name]
        for share, datashare in (namespace.datashares or {}).items():
            for consumer in datashare.consumers or {}:
                if consumer.startswith("NAMESPACE "):
                    guid = places.guid_of(account, consumer.removeprefix("NAMESPACE "))
                    yield f"{place.share_arn(share)} {guid}"


class _Namespace:
    """One namespace being read."""

    def __init__(
        self,
        place: Place,
        places: Places,
        described: dict[str, read_shares.Described],
        left_out: Callable[[str], None],
    ) -> None:
        self._place = place
        self._label = f"{place.account.number}/{place.name}"
        self._places = places
        self._described = described
        self._left_out = left_out

    def read(self) -> WorldNamespace:
        """All of it; of one without a warehouse what the API tells."""
        place = self._place
        variable = f"PASSWORD_{place.account.number}_{place.name}".upper().replace("-", "_")
        shown: dict[str, Any] = {
            "admin": WorldAdmin(place.admin, f"${{{variable}}}"),
            "kind": place.kind,
            "guid": place.guid,
            "database": place.database,
            "workgroup": place.workgroup,
            "encrypted": place.encrypted,
            "publicly_accessible": place.publicly_accessible,
            **read_attributes(place),
        }
        return _explicit(WorldNamespace(**shown, **self._contents()))

    def _contents(self) -> dict[str, Any]:
        sql = self._place.sql
        if sql is None:
            self._left_out(f"{self._label}: what is in it, for it has no workgroup")
            return {}
        asked = (*_DATABASES, *read_identities.QUERIES, *read_shares.QUERIES)
        answers = iter(sql.query(self._place.database, asked))
        local, shared, shown = (next(answers) for _ in _DATABASES)
        identities = Identities([next(answers) for _ in read_identities.QUERIES], self._place.admin)
        shares = read_shares.read_datashares(
            self._place, self._places, identities.names, list(answers), self._described
        )
        databases = {
            name: self._local(name, owner, identities, shares)
            for name, owner in local
            if name not in _SYSTEM
        }
        parameters = {row[0]: (row[1], json.loads(row[4])) for row in shown if row[4]}
        for row in shared:
            databases[row[0]] = self._shared(row, identities, *parameters.get(row[0], (0, {})))
        return {
            "users": identities.users,
            "groups": identities.groups,
            "roles": identities.roles,
            "databases": databases,
            "datashares": shares,
        }

    def _local(
        self, name: str, owner: int, identities: Identities, shares: dict[str, WorldDatashare]
    ) -> WorldDatabase:
        assert self._place.sql is not None
        mine = [share for share, found in shares.items() if found.database == name]
        grants, defaults = read_local_grants(self._place.sql, name, mine)
        protection = read_protection(self._place.sql, name)
        return WorldDatabase(
            identities.names.get(owner),
            read_database.read_schemas(
                self._place.sql, name, identities.names, protection.relations
            ),
            rls_policies=protection.rls_policies,
            masking_policies=protection.masking_policies,
            comments=read_comments(self._place.sql, name),
            grants=grants,
            default_privileges=defaults,
        )

    def _shared(
        self, row: Row, identities: Identities, owner: int, parameters: dict[str, Any]
    ) -> WorldDatabase:
        assert self._place.sql is not None
        name, share, account, namespace = row
        producer = self._places.name_of(account, namespace)
        return WorldDatabase(
            identities.names.get(owner),
            from_datashare=str(ShareReference(account, producer, share)),
            with_permissions=bool(parameters.get("permissions")),
            grants=read_shared_grants(self._place.sql, self._place.database, name),
        )


def _explicit(namespace: WorldNamespace) -> WorldNamespace:
    """With an empty list where a grantee does not hold what Redshift would grant of itself."""
    databases = {}
    for name, database in (namespace.databases or {}).items():
        grants = {target: dict(held) for target, held in (database.grants or {}).items()}
        for target, grantee, _ in implied(namespace, name):
            grants.setdefault(target, {}).setdefault(grantee, ())
        databases[name] = msgspec.structs.replace(database, grants=grants)
    if namespace.databases is None:
        return namespace
    return msgspec.structs.replace(namespace, databases=databases)
