"""Random requests with random policies, made so that statements often nearly apply."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ACCOUNT, OTHER = "111111111111", "222222222222"
GUID = "11111111-2222-3333-4444-555555555555"
SHARE = f"arn:aws:redshift:us-east-1:{ACCOUNT}:datashare:{GUID}/sales"
USER = "arn:aws:iam::{}:user/ana"
ROLE = "arn:aws:iam::{}:role/analyst"
SESSION = "arn:aws:sts::{}:assumed-role/analyst/monday"

ACTIONS = ("AuthorizeDataShare", "DeauthorizeDataShare", "AssociateDataShareConsumer")
ACTION_PATTERNS = (
    "redshift:*",
    "redshift:Authorize*",
    "redshift:*DataShare",
    "REDSHIFT:authorizedatashare",
    "redshift:?uthorizeDataShare",
    "redshift:AssociateDataShareConsumer",
    "s3:*",
    "*",
)
RESOURCE_PATTERNS = (
    "*",
    SHARE,
    f"arn:aws:redshift:us-east-1:{ACCOUNT}:datashare:{GUID}/*",
    f"arn:aws:redshift:*:{ACCOUNT}:datashare:*/sal?s",
    f"arn:aws:redshift:*:{ACCOUNT}:datashare:*/${{aws:username}}",
    f"arn:aws:redshift:us-east-1:{OTHER}:datashare:{GUID}/sales",
    "arn:aws:s3:::bucket/*",
    f"arn:aws:redshift:us-east-1:{ACCOUNT}:datashare:{GUID}/${{aws:PrincipalTag/team, 'sales'}}",
)


@dataclass(frozen=True, slots=True)
class Case:
    """One question to both."""

    principal: str
    action: str
    resource: str
    resource_account: str
    context: Mapping[str, str | Sequence[str]]
    identity: Sequence[Mapping[str, Any]]
    boundary: Mapping[str, Any] | None
    session: Mapping[str, Any] | None
    resource_policy: Mapping[str, Any] | None

    def simulation(self) -> str:
        """As the simulator reads it."""
        written: dict[str, Any] = {
            "request": {
                "principal": self.principal,
                "action": self.action,
                "resource": {"resource": self.resource, "accountId": self.resource_account},
                "contextVariables": self.context,
            },
            "identityPolicies": [
                {"name": f"p{i}", "policy": policy} for i, policy in enumerate(self.identity)
            ],
            "serviceControlPolicies": [],
            "resourceControlPolicies": [],
        }
        if self.boundary is not None:
            written["permissionBoundaryPolicies"] = [{"name": "b", "policy": self.boundary}]
        if self.session is not None:
            written["sessionPolicy"] = self.session
        if self.resource_policy is not None:
            written["resourcePolicy"] = self.resource_policy
        return json.dumps(written)


#: operator -> (key, values of policies)
_CONDITIONS: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "StringEquals": (("redshift:ConsumerIdentifier", "aws:PrincipalTag/team"), (OTHER, "sales")),
    "StringNotEquals": (("redshift:ConsumerIdentifier",), (OTHER, "ADX")),
    "StringEqualsIgnoreCase": (("aws:PrincipalTag/team",), ("SALES", "Dev")),
    "StringNotEqualsIgnoreCase": (("aws:PrincipalTag/team",), ("SALES", "Dev")),
    "StringLike": (("aws:PrincipalTag/team", "aws:UserAgent"), ("s*s", "?ev", "*", "${*}x")),
    "StringNotLike": (("aws:PrincipalTag/team",), ("s*", "d?v")),
    "NumericEquals": (("aws:MultiFactorAuthAge",), ("5", "60")),
    "NumericNotEquals": (("aws:MultiFactorAuthAge",), ("5", "60")),
    "NumericLessThan": (("aws:MultiFactorAuthAge",), ("6", "60")),
    "NumericLessThanEquals": (("aws:MultiFactorAuthAge",), ("5", "59")),
    "NumericGreaterThan": (("aws:MultiFactorAuthAge",), ("5", "10")),
    "NumericGreaterThanEquals": (("aws:MultiFactorAuthAge",), ("60", "61")),
    "DateEquals": (("aws:CurrentTime",), ("2026-01-01T00:00:00Z", "2026-06-01T12:00:00Z")),
    "DateNotEquals": (("aws:CurrentTime",), ("2026-01-01T00:00:00Z",)),
    "DateLessThan": (("aws:CurrentTime",), ("2026-03-01T00:00:00Z", "2025-01-01T00:00:00Z")),
    "DateLessThanEquals": (("aws:CurrentTime",), ("2026-01-01T00:00:00Z",)),
    "DateGreaterThan": (("aws:CurrentTime",), ("2026-03-01T00:00:00Z",)),
    "DateGreaterThanEquals": (("aws:CurrentTime",), ("2026-06-01T12:00:00Z",)),
    "Bool": (("aws:SecureTransport", "redshift:AllowWrites"), ("true", "false")),
    "IpAddress": (("aws:SourceIp",), ("10.0.0.0/8", "10.1.2.3", "192.168.0.0/16", "2001:db8::/32")),
    "NotIpAddress": (("aws:SourceIp",), ("10.0.0.0/8", "10.1.2.3/32", "2001:db8::/32")),
    "ArnEquals": (("aws:PrincipalArn",), (USER.format(ACCOUNT), "arn:aws:iam::*:role/an*")),
    "ArnLike": (("aws:PrincipalArn",), ("arn:aws:iam::*:user/*", "arn:aws:iam::*:role/analyst")),
    "ArnNotEquals": (("aws:PrincipalArn",), (USER.format(ACCOUNT), ROLE.format(ACCOUNT))),
    "ArnNotLike": (("aws:PrincipalArn",), ("arn:aws:iam::*:user/*",)),
    "Null": (("redshift:ConsumerIdentifier", "aws:PrincipalTag/team"), ("true", "false")),
    "ForAnyValue:StringEquals": (("aws:TagKeys",), ("env", "cost")),
    "ForAllValues:StringEquals": (("aws:TagKeys",), ("env", "cost")),
    "ForAnyValue:StringLike": (("aws:TagKeys",), ("e*", "c?st")),
    "ForAllValues:StringLike": (("aws:TagKeys",), ("e*", "c?st")),
    "ForAllValues:StringNotEquals": (("aws:TagKeys",), ("env",)),
    "ForAnyValue:StringNotEquals": (("aws:TagKeys",), ("env",)),
}


def case(rng: random.Random) -> Case:
    """One."""
    account = rng.choice((ACCOUNT, ACCOUNT, OTHER))
    by_role = rng.random() < 0.5
    action = rng.choice(ACTIONS)
    principal = (SESSION if by_role else USER).format(account)
    resource_policy = rng.random() < (0.4 if account == ACCOUNT else 0.8)
    # What the account's own resource gives the session itself no session policy takes away, say
    # AWS's pages; the simulator limits it.
    limited = not (resource_policy and account == ACCOUNT)
    return Case(
        principal=principal,
        action=f"redshift:{action}",
        resource=SHARE,
        resource_account=ACCOUNT,
        context=_context(rng, action, by_role=by_role, account=account),
        identity=[_policy(rng) for _ in range(rng.choice((0, 1, 1, 2)))],
        boundary=_policy(rng) if rng.random() < 0.25 else None,
        session=_policy(rng) if by_role and limited and rng.random() < 0.3 else None,
        resource_policy=_policy(rng, account=account) if resource_policy else None,
    )


def _context(
    rng: random.Random, action: str, *, by_role: bool, account: str
) -> dict[str, str | Sequence[str]]:
    all_of_it: dict[str, str | Sequence[str]] = {
        "redshift:ConsumerIdentifier": rng.choice((OTHER, "ADX", "333333333333")),
        "redshift:AllowWrites": rng.choice(("true", "false")),
        "aws:PrincipalTag/team": rng.choice(("sales", "dev", "*x")),
        "aws:UserAgent": rng.choice(("Boto3/1.44", "sss")),
        "aws:MultiFactorAuthAge": rng.choice(("5", "60")),
        "aws:CurrentTime": rng.choice(("2026-01-01T00:00:00Z", "2026-06-01T12:00:00Z")),
        "aws:SecureTransport": rng.choice(("true", "false")),
        "aws:SourceIp": rng.choice(("10.1.2.3", "192.168.1.1", "2001:db8::1")),
        "aws:TagKeys": rng.choice((["env"], ["env", "cost"], ["cost", "owner"])),
        "aws:username": rng.choice(("sales", "ana")),
    }
    kept = {key: value for key, value in all_of_it.items() if rng.random() < 0.75}
    if by_role:
        kept.pop("aws:username", None)
    # The simulator drops keys that the action does not have.
    if action == "AssociateDataShareConsumer":
        kept.pop("redshift:ConsumerIdentifier", None)
    if action == "DeauthorizeDataShare":
        kept.pop("redshift:AllowWrites", None)
    kept["aws:PrincipalArn"] = (ROLE if by_role else USER).format(account)
    return kept


def _policy(rng: random.Random, account: str = "") -> dict[str, Any]:
    statements = [_statement(rng, account) for _ in range(rng.choice((1, 1, 2, 3)))]
    # The simulator knows variables in every version; AWS knows them since 2012-10-17.
    old = "${" not in json.dumps(statements) and rng.random() < 0.3
    return {"Version": "2008-10-17" if old else "2012-10-17", "Statement": statements}


def _statement(rng: random.Random, account: str) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": "Allow" if rng.random() < 0.75 else "Deny"}
    actions = rng.sample(ACTION_PATTERNS, rng.choice((1, 1, 2)))
    made["NotAction" if rng.random() < 0.1 else "Action"] = actions
    resources = rng.sample(RESOURCE_PATTERNS, rng.choice((1, 1, 2)))
    made["NotResource" if rng.random() < 0.1 else "Resource"] = resources
    if account:
        made["Principal"] = _principals(rng, account)
    if rng.random() < 0.6:
        made["Condition"] = _condition(rng)
    return made


def _principals(rng: random.Random, account: str) -> str | dict[str, Any]:
    choices = (
        "*",
        account,
        OTHER,
        f"arn:aws:iam::{account}:root",
        USER.format(account),
        ROLE.format(account),
        SESSION.format(account),
        "arn:aws:iam::333333333333:root",
    )
    chosen = rng.choice(choices)
    if chosen == "*":
        return rng.choice(("*", {"AWS": "*"}))  # type: ignore[arg-type] # a text or a map
    return {"AWS": rng.sample(choices[1:], 2) if rng.random() < 0.3 else chosen}


def _condition(rng: random.Random) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name in rng.sample(list(_CONDITIONS), rng.choice((1, 1, 2))):
        keys, values = _CONDITIONS[name]
        # ForAnyValue with IfExists on a missing key: AWS's pages say true, the simulator false.
        optional = name != "Null" and not name.startswith("ForAnyValue")
        if_exists = "IfExists" if optional and rng.random() < 0.2 else ""
        several = name != "Null" and rng.random() < 0.3
        chosen = rng.sample(values, min(len(values), 2 if several else 1))
        made[name + if_exists] = {rng.choice(keys): chosen if len(chosen) > 1 else chosen[0]}
    return made
