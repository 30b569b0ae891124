"""Short ways to write a policy and to ask it."""

from __future__ import annotations

import json
from typing import Any

from redshare.core.iam.decide import Allowed, Decision, Named, Policies, decide
from redshare.core.iam.parse import Use, parse
from redshare.core.iam.request import Context, Principal, Request, Values

ACCOUNT, OTHER = "111111111111", "222222222222"
GUID = "11111111-2222-3333-4444-555555555555"
SHARE = f"arn:aws:redshift:us-east-1:{ACCOUNT}:datashare:{GUID}/sales"
ANA = Principal(f"arn:aws:iam::{ACCOUNT}:user/ana", ACCOUNT, unique_id="AIDAANA0000000000001")
FOREIGNER = Principal(f"arn:aws:iam::{OTHER}:user/bo", OTHER, unique_id="AIDABO00000000000001")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/analyst"
SESSION = Principal(
    f"arn:aws:sts::{ACCOUNT}:assumed-role/analyst/monday", ACCOUNT, ROLE, "AROAANALYST000000001"
)


def statement(effect: str = "Allow", action: Any = "*", resource: Any = "*", **more: Any) -> Any:
    """One statement."""
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def policy(*statements: Any, version: str = "2012-10-17") -> str:
    """A document's text."""
    return json.dumps({"Version": version, "Statement": list(statements)})


def named(*statements: Any, use: Use = Use.IDENTITY, name: str = "p") -> Named:
    """A document with a name."""
    return Named(name, parse(policy(*statements), use))


def ask(
    policies: Policies,
    principal: Principal = ANA,
    action: str = "redshift:AuthorizeDataShare",
    resource: str = SHARE,
    owner: str = ACCOUNT,
    **context: Values,
) -> Decision:
    """The decision; context keys are written with `__` for their colon."""
    keys = {key.replace("__", ":"): value for key, value in context.items()}
    return decide(Request(principal, action, resource, Context.of(keys), owner), policies)


def allows(*statements: Any, **request: Any) -> bool:
    """Whether an identity's policy of these statements allows the request."""
    return isinstance(ask(Policies((named(*statements),)), **request), Allowed)
