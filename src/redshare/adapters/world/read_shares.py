"""Datashares: what is in them from SVV views, who may use them from the API."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from redshare.adapters.world.account import AwsAccount
from redshare.adapters.world.places import Place, Places
from redshare.adapters.world.warehouse_sql import Row
from redshare.app.world.references import (
    ADX,
    AssociationReference,
    ConsumerReference,
    ShareReference,
)
from redshare.app.world.structure import (
    WorldAssociation,
    WorldConsumer,
    WorldDatashare,
    WorldShareSchema,
)
from redshare.core.ids import DataShareArn

QUERIES: Final = (
    "SELECT share_name, share_owner, source_database, is_publicaccessible, managed_by"
    " FROM svv_datashares WHERE share_type = 'OUTBOUND' ORDER BY share_id",
    "SELECT share_name, object_type, object_name, include_new FROM svv_datashare_objects"
    " WHERE share_type = 'OUTBOUND' ORDER BY share_name, object_name",
    "SELECT share_name, consumer_namespace FROM svv_datashare_consumers"
    " WHERE consumer_namespace IS NOT NULL ORDER BY share_name, consumer_namespace",
)
#: What a consumer sees of an authorization, and what it was to the producer.
_STATUS: Final = {"ACTIVE": "AUTHORIZED", "AVAILABLE": "AUTHORIZED"}

Described = dict[str, Any]


def read_datashares(
    place: Place,
    places: Places,
    owners: Mapping[int, str],
    answers: list[list[Row]],
    described: dict[str, Described],
) -> dict[str, WorldDatashare]:
    """The shares of a namespace; `described` are those of its account, by ARN."""
    shares, objects, granted = answers
    members: defaultdict[str, list[Row]] = defaultdict(list)
    for share, *member in objects:
        members[share].append(tuple(member))
    to_namespaces = {(share, namespace) for share, namespace in granted}
    by_name = {
        DataShareArn.parse(arn).name: share
        for arn, share in described.items()
        if DataShareArn.parse(arn).namespace == place.guid
    }
    return {
        name: WorldDatashare(
            database=database,
            owner=owners.get(owner),
            publicly_accessible=public,
            managed_by=managed or None,
            schemas=_schemas(members[name]),
            consumers=dict(
                _consumers(by_name.get(name, {}), places, place.account.number, to_namespaces)
            ),
        )
        for name, owner, database, public, managed in shares
    }


def _schemas(members: list[Row]) -> dict[str, WorldShareSchema]:
    found = {name: include for kind, name, include in members if kind == "schema"}
    relations: defaultdict[str, list[str]] = defaultdict(list)
    functions: defaultdict[str, list[str]] = defaultdict(list)
    for kind, name, _ in members:
        if kind == "schema":
            continue
        # Both parts may have a dot in them: the longest schema that fits is meant.
        schema = max((s for s in found if name.startswith(f"{s}.")), key=len)
        (functions if kind == "function" else relations)[schema].append(name[len(schema) + 1 :])
    return {
        name: WorldShareSchema(bool(include), tuple(relations[name]), tuple(functions[name]))
        for name, include in found.items()
    }


def _consumers(
    share: Described, places: Places, account: str, to_namespaces: set[tuple[str, str]]
) -> Iterator[tuple[str, WorldConsumer]]:
    """Whom the share was granted to, in order. Other entries are the consumers' associations."""
    for entry in share.get("DataShareAssociations", ()):
        identifier = entry["ConsumerIdentifier"]
        name = share["DataShareArn"].rpartition("/")[2]
        if (name, identifier[-36:]) in to_namespaces:
            yield f"NAMESPACE {places.name_of(account, identifier[-36:])}", WorldConsumer()
        elif not identifier.startswith("arn:") and "ConsumerRegion" not in entry:
            consumer = ConsumerReference()
            if identifier != ADX:
                granted = identifier.removeprefix("DataCatalog/")
                via = granted != identifier
                consumer = ConsumerReference(account=granted, via_data_catalog=via)
            status = _STATUS.get(entry["Status"], entry["Status"])
            yield str(consumer), WorldConsumer(status, entry.get("ProducerAllowedWrites"))


def described_shares(account: AwsAccount) -> dict[str, Described]:
    """All shares that the account's API shows, by ARN."""
    pages = account.redshift.get_paginator("describe_data_shares").paginate()
    return {share["DataShareArn"]: share for page in pages for share in page["DataShares"]}


def read_associations(
    account: AwsAccount, places: Places, described: dict[str, Described], granted: set[str]
) -> dict[str, dict[str, WorldAssociation]]:
    """What the account associated; `granted` are `ARN GUID` of grants to its namespaces."""
    found = {}
    for text, share in described.items():
        arn = DataShareArn.parse(text)
        scopes: dict[str, WorldAssociation] = {}
        offered = None
        for entry in share["DataShareAssociations"]:
            identifier = entry["ConsumerIdentifier"]
            accepted = WorldAssociation(entry.get("ConsumerAcceptedWrites", False))
            if "ConsumerRegion" in entry:
                scopes[str(AssociationReference(region=entry["ConsumerRegion"]))] = accepted
            elif identifier.startswith("arn:") and ":catalog" in identifier:
                scopes[str(AssociationReference(data_catalog=True))] = accepted
            elif identifier.startswith("arn:"):
                if f"{text} {identifier[-36:]}" not in granted:
                    name = places.name_of(account.number, identifier[-36:])
                    scopes[str(AssociationReference(namespace=name))] = accepted
            elif identifier == account.number and entry["Status"] == "ACTIVE":
                offered = accepted
        if not scopes and offered is not None:
            # The association of an entire account is the authorization's own entry.
            scopes[str(AssociationReference())] = offered
        if scopes:
            name = places.name_of(arn.account, arn.namespace)
            found[str(ShareReference(arn.account, name, arn.name))] = scopes
    return found
