"""AWS operations as a test's fault rules let them run; a node without test controls has none."""

from __future__ import annotations

import time
from functools import partial

from redshare.app.caller import Caller
from redshare.app.faults import Faults
from redshare.core.aws_errors import InjectedFault, InvalidParameterValue
from redshare.endpoints.aws import Operation, Operations, Params


def faulty(operations: Operations, faults: Faults) -> Operations:
    """The same operations, each of which asks the rules first."""
    describe = operations["redshift"]["DescribeDataShares"]

    def run(
        service: str, name: str, operation: Operation, caller: Caller, params: Params
    ) -> Params:
        """Raises what a rule asks for, or what the operation does."""
        stuck = False
        for rule in faults.take(caller, service, name):
            time.sleep(rule.delay_seconds)
            if rule.error is not None:
                raise InjectedFault(rule.error.message, rule.error.code, rule.error.status)
            if rule.writes_unavailable and params.get("AllowWrites"):
                raise InvalidParameterValue("DATA_SHARING_WRITES support is not yet available.")
            stuck = stuck or rule.stuck_pending
        if stuck and name == "AuthorizeDataShare":
            shares: list[Params] = describe(caller, {"DataShareArn": params["DataShareArn"]})[
                "DataShares"
            ]
            return shares[0]
        return operation(caller, params)

    return {
        service: {name: partial(run, service, name, op) for name, op in named.items()}
        for service, named in operations.items()
    }
