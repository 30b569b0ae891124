"""STS: who am I. https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redshare.app.caller import Caller


def get_caller_identity(caller: Caller, _: Mapping[str, Any]) -> Mapping[str, Any]:
    """GetCallerIdentity: needs no permission."""
    return {"UserId": caller.account, "Account": caller.account, "Arn": caller.principal}


OPERATIONS = {"GetCallerIdentity": get_caller_identity}
