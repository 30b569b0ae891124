"""Tags of everything that has an ARN here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from redshare.app.work import Work
from redshare.core.aws_errors import InvalidTag, LimitExceeded, ResourceNotFound
from redshare.core.catalog import Catalog, Put
from redshare.core.ids import AccountId, Region
from redshare.core.namespace import Namespace
from redshare.core.parameter_group import ParameterGroup
from redshare.core.resource_arn import Tagged
from redshare.core.snapshot import Snapshot
from redshare.core.subnet_group import SubnetGroup
from redshare.core.tagged import find_tagged
from redshare.core.usage_limit import UsageLimit
from redshare.core.warehouse import Warehouse
from redshare.ports import Commit

#: How errors name them; the endpoints' tables have their faults.
RESOURCE: Final = "Resource"
TAGS: Final = "Tags"
#: https://docs.aws.amazon.com/redshift/latest/mgmt/amazon-redshift-tagging.html
MAX_TAGS: Final = 50
_MAX_KEY: Final = 128
_MAX_VALUE: Final = 256


class Tags:
    """A resource is named by its ARN; another account's is not there."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def resource(self, account: AccountId, region: Region, arn: str) -> Tagged:
        """Raises ResourceNotFound."""
        return _required(self._work.catalog(), account, region, arn)

    def resources(self, account: AccountId, region: Region) -> list[Tagged]:
        """Everything an account has in a Region."""
        return list(_resources(self._work.catalog(), account, region))

    def add(self, account: AccountId, region: Region, arn: str, tags: Mapping[str, str]) -> None:
        """Add tags, or give their keys other values. Raises ResourceNotFound, LimitExceeded."""
        check_tags(tags.items())
        self._change(account, region, arn, lambda old: {**old, **tags})

    def remove(self, account: AccountId, region: Region, arn: str, keys: Iterable[str]) -> None:
        """Remove tags; keys that are not there do not matter. Raises ResourceNotFound."""
        gone = frozenset(keys)
        self._change(
            account, region, arn, lambda old: {k: v for k, v in old.items() if k not in gone}
        )

    def _change(
        self,
        account: AccountId,
        region: Region,
        arn: str,
        changed: Callable[[Mapping[str, str]], Mapping[str, str]],
    ) -> None:
        def decision(catalog: Catalog) -> tuple[Commit, None]:
            old = _required(catalog, account, region, arn)
            tags = tuple(changed(dict(old.tags)).items())
            if len(tags) > MAX_TAGS:
                raise LimitExceeded(TAGS, f"A resource has at most {MAX_TAGS} tags.")
            return Commit((Put(replace(old, tags=tags)),)), None

        self._work.decide(decision)


def check_tags(tags: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The tags a new resource gets. Raises InvalidTag, LimitExceeded."""
    found = tuple(dict(tags).items())
    for key, value in found:
        if not 1 <= len(key) <= _MAX_KEY or len(value) > _MAX_VALUE or key.startswith("aws:"):
            raise InvalidTag(key)
    if len(found) > MAX_TAGS:
        raise LimitExceeded(TAGS, f"A resource has at most {MAX_TAGS} tags.")
    return found


def _resources(catalog: Catalog, account: AccountId, region: Region) -> Iterator[Tagged]:
    for kind in (Warehouse, Namespace, ParameterGroup, SubnetGroup, UsageLimit, Snapshot):
        for resource in catalog.children(kind, account):
            if resource.region == region:
                yield resource


def _required(catalog: Catalog, account: AccountId, region: Region, arn: str) -> Tagged:
    found = find_tagged(catalog, arn)
    if found is None or (found.account, found.region) != (account, region):
        raise ResourceNotFound(RESOURCE, arn)
    return found
