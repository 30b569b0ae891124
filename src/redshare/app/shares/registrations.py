"""Namespaces registered to a Data Catalog: each has an internal datashare for it.

https://docs.aws.amazon.com/redshift/latest/APIReference/API_RegisterNamespace.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from redshare.app.caller import Call, Caller
from redshare.app.warehouses.provision import ADMIN_ID
from redshare.app.work import Work
from redshare.core.aws_errors import InvalidNamespace, InvalidParameterValue
from redshare.core.catalog import Catalog, Change, Drop, Put
from redshare.core.consumer import Consumer, DataCatalogConsumer, parse_consumer
from redshare.core.ids import MalformedId, ShareKey
from redshare.core.namespace import Namespace
from redshare.core.share import INTERNAL, Datashare
from redshare.ports import Commit

INTERNAL_SHARE: Final = "ds_internal_namespace"


class Registrations:
    """Done when it is answered, though the answers say that it begins."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def register(self, caller: Caller, namespace: Namespace, consumers: Sequence[str]) -> None:
        """Offer the namespace to a Data Catalog. Raises InvalidParameterValue."""
        consumer = _consumer(consumers)
        call = self._call(caller, "RegisterNamespace", namespace, consumers)

        def decision(catalog: Catalog) -> tuple[Commit, None]:
            old = catalog.datashare_named(namespace.namespace_id, INTERNAL_SHARE)
            changes: list[Change] = []
            if old is None:
                now = catalog.namespace(namespace.namespace_id)
                if now is None:
                    raise InvalidNamespace(f"The namespace {namespace.name} is not there.")
                old = self._share(catalog, now, call)
                changes.append(Put(replace(now, next_share_id=now.next_share_id + 1)))
            if old.share_type != INTERNAL:
                raise InvalidNamespace(f"The name {INTERNAL_SHARE} is taken by another datashare.")
            share = old.grant(consumer, call.at).authorize(consumer, call.at, writes=False)
            return Commit((*changes, Put(share)), audit=(call.audit(),)), None

        self._work.decide(decision)

    def deregister(self, caller: Caller, namespace: Namespace, consumers: Sequence[str]) -> None:
        """Take it back. Raises InvalidNamespace where it was not registered to the consumer."""
        consumer = _consumer(consumers)
        call = self._call(caller, "DeregisterNamespace", namespace, consumers)

        def decision(catalog: Catalog) -> tuple[Commit, None]:
            share = catalog.datashare_named(namespace.namespace_id, INTERNAL_SHARE)
            if share is None or share.authorization(consumer) is None:
                raise InvalidNamespace(
                    f"The namespace {namespace.arn} isn't registered to {consumer}."
                )
            left = share.revoke(consumer)
            change = Put(left) if left.authorizations else Drop(share)
            return Commit((change,), audit=(call.audit(),)), None

        self._work.decide(decision)

    def _share(self, catalog: Catalog, namespace: Namespace, call: Call) -> Datashare:
        database = catalog.database_named(namespace.namespace_id, namespace.default_database)
        if database is None:
            raise InvalidNamespace(f"The namespace {namespace.name} has no default database.")
        return Datashare(
            share_key=ShareKey(self._work.ids.hex()),
            share_id=namespace.next_share_id,
            account=namespace.account,
            region=namespace.region,
            namespace=namespace.namespace_id,
            database=database.database_id,
            name=INTERNAL_SHARE,
            owner=ADMIN_ID,
            created=call.at,
            share_type=INTERNAL,
        )

    def _call(
        self, caller: Caller, operation: str, namespace: Namespace, consumers: Sequence[str]
    ) -> Call:
        arn = str(namespace.arn)
        parameters = {"namespaceArn": arn, "consumerIdentifiers": list(consumers)}
        return Call(caller, self._work.clock.now(), operation, arn, parameters)


def _consumer(texts: Sequence[str]) -> Consumer:
    if len(texts) != 1:
        raise InvalidParameterValue("ConsumerIdentifiers takes exactly one consumer.")
    try:
        found = parse_consumer(texts[0])
    except MalformedId as error:
        raise InvalidParameterValue(f"Invalid consumer identifier: {texts[0]!r}.") from error
    if not isinstance(found, DataCatalogConsumer):
        raise InvalidParameterValue(f"{texts[0]!r} is not a Data Catalog.")
    return found
