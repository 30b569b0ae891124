"""The accounts' consents that are missing: authorizations and associations, and their end."""

from __future__ import annotations

from collections.abc import Iterator

from redshare.adapters.world.account import AwsAccount
from redshare.adapters.world.places import Places
from redshare.app.world import World, WorldError
from redshare.app.world.references import AssociationReference, ConsumerReference, ShareReference
from redshare.app.world.structure import WorldAssociation, WorldConsumer
from redshare.core.ids import AccountId, DataShareArn, GlueCatalogArn, NamespaceId, Region

_NOT_YET = WorldConsumer("PENDING_AUTHORIZATION")


class ConsentMaker:
    """`wanted` and `found` are whole worlds."""

    def __init__(self, places: Places, wanted: World, found: World) -> None:
        self._places = places
        self._wanted = wanted
        self._found = found

    def authorizations(self) -> Iterator[str]:
        """AuthorizeDataShare, also for what ends as DEAUTHORIZED or REJECTED."""
        for account, arn, consumer, wanted, found in self._consumers():
            writes = wanted.allow_writes
            done = found.status == wanted.status and writes in {None, found.allow_writes}
            pending = wanted.status in {None, "PENDING_AUTHORIZATION"}
            deauthorized = wanted.status == "DEAUTHORIZED" and writes is None
            if done or pending or deauthorized:
                continue
            account.redshift.authorize_data_share(
                DataShareArn=arn,
                ConsumerIdentifier=consumer.identifier,
                AllowWrites=bool(writes),
            )
            yield f"authorization of {consumer} on {_short(arn)}"

    def associations(self) -> Iterator[str]:
        """AssociateDataShareConsumer."""
        for number, account in self._wanted.accounts.items():
            found = self._found.accounts.get(number)
            for text, scopes in (account.associations or {}).items():
                known = ((found.associations or {}) if found else {}).get(text, {})
                for scope, wanted in scopes.items():
                    if known.get(scope) != wanted:
                        self._associate(self._account(number), text, scope, wanted)
                        yield f"association of {scope} with {text}"

    def ends(self) -> Iterator[str]:
        """DeauthorizeDataShare and RejectDataShare."""
        for account, arn, consumer, wanted, found in self._consumers():
            if wanted.status == found.status and wanted.allow_writes in {None, found.allow_writes}:
                continue
            if wanted.status == "DEAUTHORIZED":
                account.redshift.deauthorize_data_share(
                    DataShareArn=arn, ConsumerIdentifier=consumer.identifier
                )
                yield f"deauthorization of {consumer} on {_short(arn)}"
            elif wanted.status == "REJECTED":
                rejecting = self._account(consumer.account or "ADX")
                rejecting.redshift.reject_data_share(DataShareArn=arn)
                yield f"rejection by {consumer} of {_short(arn)}"

    # --- how ------------------------------------------------------------------------------

    def _consumers(
        self,
    ) -> Iterator[tuple[AwsAccount, str, ConsumerReference, WorldConsumer, WorldConsumer]]:
        for number, account in self._wanted.accounts.items():
            for name, namespace in account.namespaces.items():
                for share, datashare in (namespace.datashares or {}).items():
                    for text, wanted in (datashare.consumers or {}).items():
                        consumer = ConsumerReference.parse(text)
                        if consumer.namespace is None:
                            arn = self._places.all[number][name].share_arn(share)
                            found = self._known(number, name, share, text)
                            yield self._account(number), arn, consumer, wanted, found

    def _known(self, account: str, namespace: str, share: str, consumer: str) -> WorldConsumer:
        found = self._found.accounts[account].namespaces[namespace]
        datashare = (found.datashares or {}).get(share)
        known = (datashare.consumers or {}).get(consumer) if datashare else None
        return known or _NOT_YET

    def _account(self, number: str) -> AwsAccount:
        try:
            return self._places.accounts[number]
        except KeyError as error:
            raise WorldError(f"the file has no access key of the account {number}") from error

    def _associate(
        self, account: AwsAccount, text: str, scope: str, wanted: WorldAssociation
    ) -> None:
        share, consumer = ShareReference.parse(text), AssociationReference.parse(scope)
        region, partition = Region(self._wanted.region), account.redshift.meta.partition
        guid = self._places.guid_of(share.account, share.namespace)
        producer = AccountId(share.account)
        arn = DataShareArn(region, producer, NamespaceId(guid), share.share, partition)
        selector: dict[str, object] = {"AssociateEntireAccount": True}
        if consumer.namespace is not None:
            found = self._places.arn_of(account.number, consumer.namespace)
            selector = {"ConsumerArn": found}
        elif consumer.region is not None:
            selector = {"ConsumerRegion": consumer.region}
        elif consumer.data_catalog:
            glue = GlueCatalogArn(region, AccountId(account.number), partition)
            selector = {"ConsumerArn": str(glue)}
        account.redshift.associate_data_share_consumer(
            DataShareArn=str(arn), AllowWrites=wanted.allow_writes, **selector
        )


def _short(arn: str) -> str:
    return arn.rpartition("datashare:")[2].partition("/")[2]
