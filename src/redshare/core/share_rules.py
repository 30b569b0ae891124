"""What AWS asks of the two sides' storage and compute, explained.

Encryption, public warehouses, and the usage limits of reads across Regions.

https://docs.aws.amazon.com/redshift/latest/dg/considerations-datashare-general.html
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from redshare.core.access import Allowed, ShareUse, encryption_fits, may_query
from redshare.core.catalog import Catalog
from redshare.core.consents import Consents
from redshare.core.cross_region import disabled_until
from redshare.core.explanation import Chain, SqlMend, Step
from redshare.core.lifecycle import Actor
from redshare.core.namespace import Namespace
from redshare.core.share import Datashare
from redshare.core.sql_errors import UsageLimitReached

_OPEN: Final = "the share is open to the consumer's warehouse"
_FITS: Final = "the encryption of both sides allows sharing"
_ENCRYPTION: Final = (
    "within an account and Region both sides are encrypted or neither is, else both are"
)


def explain_rules(
    chain: Chain, catalog: Catalog, consents: Consents, *, both: bool, public: bool
) -> None:
    """The rules for who sees the consumer's side, or the producer's, or both.

    Of the consumer's side, where the asker sees it, `public` says whether its warehouse is publicly
    accessible; `both`: the producer's side is the asker's as well.
    """
    share, target = consents.share, consents.target
    producer, consumer = catalog.namespace(share.namespace), target.namespace
    if producer is None:
        return
    if consumer is None or not target.inside:
        # The other side's encryption is not in sight: across accounts both need it.
        if target.account != producer.account and not producer.encrypted:
            chain.broken(Step.ENCRYPTION, _ENCRYPTION)
        chain.unknown(Step.ENCRYPTION, Step.ACCESSIBILITY)
        return
    if both:
        fits = encryption_fits(producer, consumer, catalog=target.catalog)
        chain.say(Step.ENCRYPTION, _FITS if fits else None, _ENCRYPTION)
    elif (target.catalog or _apart(producer, consumer)) and not consumer.encrypted:
        chain.broken(Step.ENCRYPTION, _ENCRYPTION)
    if public and not share.publicly_accessible:
        statement = f"ALTER DATASHARE {consents.name} SET PUBLICACCESSIBLE TRUE"
        mend = SqlMend(Actor.PRODUCER_SQL, statement, share.namespace, consents.database)
        said = "the warehouse is publicly accessible and the share is closed to such consumers"
        chain.broken(Step.ACCESSIBILITY, said, mend)
    else:
        chain.held(Step.ACCESSIBILITY, _OPEN)
    use = ShareUse(share.share_key, catalog=target.catalog)
    explain_access(chain, catalog, use, consumer, public=public)


def _apart(producer: Namespace, consumer: Namespace) -> bool:
    return (producer.account, producer.region) != (consumer.account, consumer.region)


def explain_access(
    chain: Chain, catalog: Catalog, use: ShareUse, consumer: Namespace, *, public: bool
) -> None:
    """The same rules for who knows no more than whether the share can be queried."""
    decision = may_query(catalog, use, consumer, publicly_accessible=public)
    if isinstance(decision, Allowed):
        chain.held(Step.ENCRYPTION, _FITS)
        chain.held(Step.ACCESSIBILITY, _OPEN)
    chain.unknown(Step.ENCRYPTION, Step.ACCESSIBILITY)


def explain_limit(
    chain: Chain, catalog: Catalog, share: Datashare, consumer: Namespace, now: datetime
) -> None:
    """Whether a usage limit of the consumer disables the read; within a Region none does."""
    producer = catalog.namespace(share.namespace)
    if producer is None or producer.region == consumer.region:
        return
    ends = (
        disabled_until(catalog, warehouse.warehouse_id, now)
        for warehouse in catalog.warehouses(consumer.account)
        if warehouse.namespace == consumer.namespace_id
    )
    until = next((end for end in ends if end is not None), None)
    said = "no usage limit disables reads from other Regions"
    broken = "" if until is None else UsageLimitReached(until).message
    chain.say(Step.USAGE_LIMIT, said if until is None else None, broken)
