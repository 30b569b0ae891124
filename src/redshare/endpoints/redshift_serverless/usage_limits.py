"""Usage limits of workgroups.

https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/API_CreateUsageLimit.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from redshare.app.caller import Caller
from redshare.app.paging import PageRequest
from redshare.app.warehouses.usage_limits import UsageLimits
from redshare.app.warehouses.warehouses import WORKGROUP, Warehouses
from redshare.core.aws_errors import ResourceNotFound
from redshare.core.resource_arn import resource_arn
from redshare.core.usage_limit import CROSS_REGION_DATASHARING, UsageLimit
from redshare.core.warehouse import Warehouse, WarehouseKind
from redshare.endpoints.redshift.usage_limits import PERIODS, one_of

Params = Mapping[str, Any]

#: Each usage with what its amount counts: RPU-hours, terabytes.
_USAGES: Final = {"serverless-compute": "time", CROSS_REGION_DATASHARING: "data-scanned"}
_ACTIONS: Final = frozenset({"log", "emit-metric", "deactivate"})


class ServerlessUsageLimitOperations:
    """Made, shown, changed, ended."""

    def __init__(self, limits: UsageLimits, warehouses: Warehouses) -> None:
        self._limits = limits
        self._warehouses = warehouses
        self.operations = {
            "CreateUsageLimit": self.create_usage_limit,
            "GetUsageLimit": self.get_usage_limit,
            "ListUsageLimits": self.list_usage_limits,
            "UpdateUsageLimit": self.update_usage_limit,
            "DeleteUsageLimit": self.delete_usage_limit,
        }

    def create_usage_limit(self, caller: Caller, params: Params) -> Params:
        """A limit of one usage of a workgroup."""
        usage = one_of("usageType", params["usageType"], _USAGES)
        made = self._limits.create(
            UsageLimit(
                self._limits.new_id(),
                caller.account,
                caller.region,
                self._workgroup(caller, params["resourceArn"]).warehouse_id,
                usage,
                _USAGES[usage],
                params["amount"],
                one_of("period", params.get("period") or "monthly", PERIODS),
                one_of("breachAction", params.get("breachAction") or "log", _ACTIONS),
            )
        )
        return self._answer(made)

    def get_usage_limit(self, caller: Caller, params: Params) -> Params:
        """One limit."""
        found = self._limits.limit(caller.account, caller.region, params["usageLimitId"])
        return self._answer(found)

    def list_usage_limits(self, caller: Caller, params: Params) -> Params:
        """A page of limits, of a workgroup or a usage."""
        arn, usage = params.get("resourceArn"), params.get("usageType")
        workgroups = {
            w.warehouse_id
            for w in ([self._workgroup(caller, arn)] if arn else self._workgroups(caller))
        }
        listing = ("ListUsageLimits", caller.account, caller.region, arn, usage)
        request = PageRequest(
            listing, params.get("maxResults"), params.get("nextToken"), name="maxResults"
        )
        page = request.of(
            (
                limit
                for limit in self._limits.all(caller.account, caller.region)
                if limit.warehouse in workgroups and usage in {None, limit.feature}
            ),
            lambda limit: [limit.limit_id],
        )
        return {
            "usageLimits": [self._answer(n)["usageLimit"] for n in page.items],
            "nextToken": page.marker,
        }

    def update_usage_limit(self, caller: Caller, params: Params) -> Params:
        """Another amount, another action."""
        action = params.get("breachAction")
        changed = self._limits.change(
            caller.account,
            caller.region,
            params["usageLimitId"],
            amount=params.get("amount"),
            breach_action=one_of("breachAction", action, _ACTIONS) if action else None,
        )
        return self._answer(changed)

    def delete_usage_limit(self, caller: Caller, params: Params) -> Params:
        """A limit that is no more; the answer shows what it was."""
        gone = self._limits.delete(caller.account, caller.region, params["usageLimitId"])
        return self._answer(gone)

    def _workgroups(self, caller: Caller) -> list[Warehouse]:
        return self._warehouses.all(WarehouseKind.WORKGROUP, caller.account, caller.region)

    def _workgroup(self, caller: Caller, arn: str) -> Warehouse:
        for workgroup in self._workgroups(caller):
            if resource_arn(workgroup) == arn:
                return workgroup
        raise ResourceNotFound(WORKGROUP, arn)

    def _answer(self, limit: UsageLimit) -> Params:
        workgroup = self._warehouses.by_id(limit.warehouse)
        place = f"{limit.region}:{limit.account}"
        return {
            "usageLimit": {
                "usageLimitId": limit.limit_id,
                "usageLimitArn": f"arn:aws:redshift-serverless:{place}:usagelimit/{limit.limit_id}",
                "resourceArn": None if workgroup is None else resource_arn(workgroup),
                "usageType": limit.feature,
                "amount": limit.amount,
                "period": limit.period,
                "breachAction": limit.breach_action,
            }
        }
