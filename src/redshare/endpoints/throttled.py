"""AWS operations at the rate that an account may call them."""

from __future__ import annotations

from functools import partial

from redshare.app.call_rates import CallRates
from redshare.app.caller import Caller
from redshare.endpoints.aws import Operation, Operations, Params


def throttled(operations: Operations, rates: CallRates) -> Operations:
    """The same operations, each of which takes a token of its caller's account first."""

    def run(operation: Operation, caller: Caller, params: Params) -> Params:
        """Raises Throttled, or what the operation does."""
        rates.take(caller.account)
        return operation(caller, params)

    return {
        service: {name: partial(run, operation) for name, operation in named.items()}
        for service, named in operations.items()
    }
