"""Make in a running system what a world file says and the system has not.

What is there stays as it is, so that applying again makes nothing. The order is that of need:
identities, what is local and what protects it, datashares, the producers' consent, the consumers',
shared databases, what reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from redshare.adapters.world.account import AwsAccount
from redshare.adapters.world.cluster_groups import make_groups
from redshare.adapters.world.make_attributes import make_attributes
from redshare.adapters.world.make_consents import ConsentMaker
from redshare.adapters.world.make_iam import make_iam
from redshare.adapters.world.make_local import LocalMaker
from redshare.adapters.world.make_namespaces import make_namespace
from redshare.adapters.world.make_protection import ProtectionMaker
from redshare.adapters.world.make_shares import ShareMaker
from redshare.adapters.world.places import Places
from redshare.adapters.world.read import read_system
from redshare.adapters.world.scripts import Script, Where, read_scripts, run_script
from redshare.app.world import World, WorldError, WorldNamespace


def apply_contents(
    world: World,
    accounts: list[AwsAccount],
    folder: Path,
    left_out: Callable[[str], None] = lambda _: None,
) -> Iterator[str]:
    """What was made, in words, as it is made; scripts are in `folder`, and `left_out` is told what
    the file says and no API makes. Raises WorldError.
    """
    scripts = read_scripts(world, folder)
    try:
        yield from _namespaces(world, accounts)
        places, found = Places(accounts), read_system(accounts, world.region)
        yield from make_iam(world, found, places.accounts, left_out)
        yield from _contents(world, found, places, scripts)
    except (BotoCoreError, ClientError) as error:
        raise WorldError(str(error)) from error


def _namespaces(world: World, accounts: list[AwsAccount]) -> Iterator[str]:
    places = Places(accounts)
    for number, account in world.accounts.items():
        if account.parameter_groups or account.subnet_groups:
            yield from make_groups(places.accounts[number], account)
        for name, namespace in account.namespaces.items():
            found = places.all[number].get(name)
            yield from make_namespace(places.accounts[number], name, namespace, found)


def _contents(
    world: World, found: World, places: Places, scripts: dict[Where, list[Script]]
) -> Iterator[str]:
    local: list[LocalMaker] = []
    shares: list[ShareMaker] = []
    protections: list[ProtectionMaker] = []
    for number, account in world.accounts.items():
        for name, namespace in account.namespaces.items():
            place, known = places.all[number][name], found.accounts[number].namespaces[name]
            yield from make_attributes(place, namespace, known)
            maker = LocalMaker(place, namespace, known)
            local.append(maker)
            shares.append(ShareMaker(place, places, namespace, known, maker))
            yield from maker.identities()
            yield from maker.databases()
            for (owner, where, database), files in scripts.items():
                if (owner, where) == (number, name) and _is_empty(known, database):
                    for script in files:
                        run_script(script, place, database, namespace.admin)
                        yield f"script {script.name} in {number}/{name}/{database}"
            yield from maker.relations()
            protection = ProtectionMaker(known, maker)
            protections.append(protection)
            yield from protection.policies()
            yield from protection.protections()
    consents = ConsentMaker(places, world, found)
    for sharing in shares:
        yield from sharing.datashares()
    yield from consents.authorizations()
    yield from consents.associations()
    for maker, sharing, protection in zip(local, shares, protections, strict=True):
        yield from sharing.shared_databases()
        yield from maker.remaining()
        yield from protection.protections()
        yield from maker.comments()
        yield from maker.owners()
        yield from sharing.grants()
    yield from consents.ends()


def _is_empty(namespace: WorldNamespace, database: str) -> bool:
    """Whether scripts are still to run: nobody has made anything in the database."""
    known = (namespace.databases or {}).get(database)
    schemas = (known.schemas or {}) if known else {}
    return not any(schema.relations or schema.functions for schema in schemas.values())
