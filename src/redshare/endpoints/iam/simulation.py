"""SimulatePrincipalPolicy and SimulateCustomPolicy."""

from __future__ import annotations

from typing import Final

from redshare.app.caller import Caller
from redshare.app.iam.simulation import Evaluation, Simulated, Simulation
from redshare.core.iam.decide import Allowed, Kind, Reason
from redshare.core.iam.errors import InvalidInput
from redshare.core.iam.request import Values
from redshare.endpoints.iam.views import Params, page

#: AWS's words of where a statement stands.
_SOURCES: Final = {
    Kind.IDENTITY: "IAM Policy",
    Kind.BOUNDARY: "IAM Policy",
    Kind.SESSION: "IAM Policy",
    Kind.RESOURCE: "Resource Policy",
}


class SimulationOperations:
    """Parameters in, decisions with their statements out."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self.operations = {
            "SimulatePrincipalPolicy": self.simulate_principal_policy,
            "SimulateCustomPolicy": self.simulate_custom_policy,
        }

    def simulate_principal_policy(self, caller: Caller, params: Params) -> Params:
        """With the policies that a user or role has."""
        found = self._simulation.of_principal(caller, params["PolicySourceArn"], _asked(params))
        return _page(caller, params, "SimulatePrincipalPolicy", found)

    def simulate_custom_policy(self, caller: Caller, params: Params) -> Params:
        """With the policies of the request alone."""
        found = self._simulation.of_policies(caller, _asked(params))
        return _page(caller, params, "SimulateCustomPolicy", found)


def _asked(params: Params) -> Simulated:
    boundaries = params.get("PermissionsBoundaryPolicyInputList", ())
    if len(boundaries) > 1:
        raise InvalidInput("Only one permissions boundary policy is allowed.")
    for name in ("PolicyExclusionList", "OrderedOrganizationPolicyInputList"):
        if params.get(name):
            raise InvalidInput(f"{name} is not supported.")
    return Simulated(
        actions=tuple(params["ActionNames"]),
        resources=tuple(params.get("ResourceArns") or ("*",)),
        policies=tuple(params.get("PolicyInputList", ())),
        boundary=boundaries[0] if boundaries else "",
        resource_policy=params.get("ResourcePolicy", ""),
        resource_owner=params.get("ResourceOwner", ""),
        caller_arn=params.get("CallerArn", ""),
        context=dict(_entry(entry) for entry in params.get("ContextEntries", ())),
    )


def _entry(entry: Params) -> tuple[str, Values]:
    values = tuple(entry.get("ContextKeyValues", ()))
    several = str(entry.get("ContextKeyType", "")).endswith("List")
    return str(entry.get("ContextKeyName", "")), values if several else "".join(values[:1])


def _page(caller: Caller, params: Params, operation: str, found: list[Evaluation]) -> Params:
    numbered = list(enumerate(found))
    return page(
        caller,
        params,
        operation,
        "EvaluationResults",
        numbered,
        lambda pair: f"{pair[0]:010}",
        lambda pair: _shown(pair[1]),
    )


def _shown(evaluation: Evaluation) -> Params:
    decision = evaluation.decision
    match decision:
        case Allowed():
            said, statements = "allowed", decision.because
        case _:
            said = "explicitDeny" if decision.explicit else "implicitDeny"
            statements = decision.explicit
    within = evaluation.within_boundary
    detail = None if within is None else {"AllowedByPermissionsBoundary": within}
    return {
        "EvalActionName": evaluation.action,
        "EvalResourceName": evaluation.resource,
        "EvalDecision": said,
        "MatchedStatements": [_statement(reason) for reason in statements],
        "MissingContextValues": [],
        "PermissionsBoundaryDecisionDetail": detail,
    }


def _statement(reason: Reason) -> Params:
    return {"SourcePolicyId": reason.policy, "SourcePolicyType": _SOURCES[reason.kind]}
