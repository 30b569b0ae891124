"""Resource policies of namespaces.

https://docs.aws.amazon.com/redshift/latest/APIReference/API_PutResourcePolicy.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redshare.app.caller import Caller
from redshare.app.warehouses.resource_policies import ResourcePolicies
from redshare.core.resource_policy import ResourcePolicy

Params = Mapping[str, Any]


class ResourcePolicyOperations:
    """Put, shown, ended."""

    def __init__(self, policies: ResourcePolicies) -> None:
        self._policies = policies
        self.operations = {
            "PutResourcePolicy": self.put_resource_policy,
            "GetResourcePolicy": self.get_resource_policy,
            "DeleteResourcePolicy": self.delete_resource_policy,
        }

    def put_resource_policy(self, caller: Caller, params: Params) -> Params:
        """A policy, in the place of an older one."""
        arn, policy = params["ResourceArn"], params["Policy"]
        return _answer(self._policies.put(caller.account, caller.region, arn, policy))

    def get_resource_policy(self, caller: Caller, params: Params) -> Params:
        """The policy as it was given."""
        return _answer(self._policies.get(caller.account, caller.region, params["ResourceArn"]))

    def delete_resource_policy(self, caller: Caller, params: Params) -> Params:
        """A policy that is no more."""
        self._policies.delete(caller.account, caller.region, params["ResourceArn"])
        return {}


def _answer(policy: ResourcePolicy) -> Params:
    return {"ResourcePolicy": {"ResourceArn": policy.resource_arn, "Policy": policy.policy}}
