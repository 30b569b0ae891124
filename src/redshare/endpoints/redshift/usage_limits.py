"""Usage limits of clusters.

https://docs.aws.amazon.com/redshift/latest/APIReference/API_CreateUsageLimit.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from redshare.app.caller import Caller
from redshare.app.warehouses.usage_limits import USAGE_LIMIT, UsageLimits
from redshare.app.warehouses.warehouses import Warehouses
from redshare.core.aws_errors import InvalidParameterValue, InvalidState
from redshare.core.ids import WarehouseId
from redshare.core.usage_limit import CROSS_REGION_DATASHARING, UsageLimit
from redshare.core.warehouse import WarehouseKind
from redshare.endpoints.redshift.cluster import Clusters
from redshare.endpoints.redshift.pages import page_request
from redshare.endpoints.redshift.tag_lists import read_tags, shown_tags, tagged

Params = Mapping[str, Any]

#: Each feature with what its amount counts.
_FEATURES: Final = {
    "spectrum": "data-scanned",
    "concurrency-scaling": "time",
    CROSS_REGION_DATASHARING: "data-scanned",
    "extra-compute-for-automatic-optimization": "time",
}
PERIODS: Final = frozenset({"daily", "weekly", "monthly"})
_ACTIONS: Final = frozenset({"log", "emit-metric", "disable"})


class UsageLimitOperations:
    """Made, shown, changed, ended."""

    def __init__(self, limits: UsageLimits, clusters: Clusters, warehouses: Warehouses) -> None:
        self._limits = limits
        self._clusters = clusters
        self._warehouses = warehouses
        self.operations = {
            "CreateUsageLimit": self.create_usage_limit,
            "DescribeUsageLimits": self.describe_usage_limits,
            "ModifyUsageLimit": self.modify_usage_limit,
            "DeleteUsageLimit": self.delete_usage_limit,
        }

    def create_usage_limit(self, caller: Caller, params: Params) -> Params:
        """A limit of one feature."""
        cluster = self._clusters.find(caller, params["ClusterIdentifier"])
        feature = one_of("FeatureType", params["FeatureType"], _FEATURES)
        counted = one_of("LimitType", params["LimitType"], _FEATURES.values())
        if counted != _FEATURES[feature]:
            raise InvalidState(USAGE_LIMIT, f"A limit of {feature} is of {_FEATURES[feature]}.")
        made = self._limits.create(
            UsageLimit(
                self._limits.new_id(),
                caller.account,
                caller.region,
                cluster.warehouse_id,
                feature,
                counted,
                params["Amount"],
                one_of("Period", params.get("Period") or "monthly", PERIODS),
                one_of("BreachAction", params.get("BreachAction") or "log", _ACTIONS),
                read_tags(params),
            )
        )
        return self._limit(made)

    def describe_usage_limits(self, caller: Caller, params: Params) -> Params:
        """A page of limits, of a cluster or a feature."""
        feature, wanted = params.get("FeatureType"), params.get("UsageLimitId")
        if feature:
            one_of("FeatureType", feature, _FEATURES)
        identifier = params.get("ClusterIdentifier")
        cluster = self._clusters.find(caller, identifier) if identifier else None
        page = page_request("DescribeUsageLimits", caller, params).of(
            (
                limit
                for limit in self._limits.all(caller.account, caller.region)
                if self._of_cluster(limit.warehouse)
                and (cluster is None or limit.warehouse == cluster.warehouse_id)
                and feature in {None, "", limit.feature}
                and wanted in {None, "", limit.limit_id}
                and tagged(limit.tags, params)
            ),
            lambda limit: [limit.limit_id],
        )
        return {"UsageLimits": [self._limit(n) for n in page.items], "Marker": page.marker}

    def modify_usage_limit(self, caller: Caller, params: Params) -> Params:
        """Another amount, another action."""
        action = params.get("BreachAction")
        changed = self._limits.change(
            caller.account,
            caller.region,
            params["UsageLimitId"],
            amount=params.get("Amount"),
            breach_action=one_of("BreachAction", action, _ACTIONS) if action else None,
        )
        return self._limit(changed)

    def delete_usage_limit(self, caller: Caller, params: Params) -> Params:
        """A limit that is no more."""
        self._limits.delete(caller.account, caller.region, params["UsageLimitId"])
        return {}

    def _of_cluster(self, warehouse: WarehouseId) -> bool:
        found = self._warehouses.by_id(warehouse)
        return found is not None and found.kind is WarehouseKind.CLUSTER

    def _limit(self, limit: UsageLimit) -> Params:
        cluster = self._warehouses.by_id(limit.warehouse)
        return {
            "UsageLimitId": limit.limit_id,
            "ClusterIdentifier": None if cluster is None else cluster.identifier,
            "FeatureType": limit.feature,
            "LimitType": limit.limit_type,
            "Amount": limit.amount,
            "Period": limit.period,
            "BreachAction": limit.breach_action,
            "Tags": shown_tags(limit.tags),
        }


def one_of(name: str, value: str, allowed: Any) -> str:  # noqa: ANN401 - any collection of texts
    """The value. Raises InvalidParameterValue."""
    if value not in allowed:
        raise InvalidParameterValue(f"Invalid {name}: {value!r}.")
    return value
