"""The same cases for the product's evaluator and for an independent one in its own process.

@cloud-copilot/iam-simulate is an oracle and not AWS: where the two differ, AWS's pages decide, and
`cases` does not make such a case, with the reason beside it.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from compat.client import MADE
from compat.iam_simulate.cases import Case, case
from redshare.core.iam.decide import Allowed, Named, Policies, decide
from redshare.core.iam.parse import Use, parse
from redshare.core.iam.request import Context, Principal, Request

HERE = Path(__file__).parent
PLACE = MADE / "iam_simulate"


def installed() -> bool:
    """Whether the simulator is there."""
    return shutil.which("node") is not None and (PLACE / "node_modules").exists()


def differences(seed: int, count: int) -> Iterator[tuple[Case, str, str]]:
    """Cases with the two answers, where they are not the same."""
    rng = random.Random(seed)
    cases = [case(rng) for _ in range(count)]
    for one, theirs in zip(cases, _theirs(cases), strict=True):
        ours = _ours(one)
        if ours != theirs:
            yield one, ours, theirs


def _theirs(cases: Sequence[Case]) -> list[str]:
    shutil.copy(HERE / "decide.mjs", PLACE / "decide.mjs")
    lines = "".join(f"{one.simulation()}\n" for one in cases)
    done = subprocess.run(
        ["node", "--no-warnings", "decide.mjs"],
        input=lines,
        cwd=PLACE,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def question(one: Case) -> tuple[Request, Policies]:
    """As the product's evaluator is asked."""
    account = one.principal.split(":")[4]
    session = ":assumed-role/" in one.principal
    role = f"arn:aws:iam::{account}:role/analyst" if session else ""
    context = Context.of({k: v if isinstance(v, str) else tuple(v) for k, v in one.context.items()})
    request = Request(
        Principal(one.principal, account, role),
        one.action,
        one.resource,
        context,
        one.resource_account,
    )
    resource = one.resource_policy
    policies = Policies(
        identity=tuple(_named(f"p{i}", p) for i, p in enumerate(one.identity)),
        boundary=None if one.boundary is None else _named("b", one.boundary),
        session=None if one.session is None else (_named("s", one.session),),
        resource=None if resource is None else _named("r", resource, Use.RESOURCE),
    )
    return request, policies


def _ours(one: Case) -> str:
    decision = decide(*question(one))
    if isinstance(decision, Allowed):
        return "Allowed"
    return "ExplicitlyDenied" if decision.explicit else "ImplicitlyDenied"


def _named(name: str, policy: object, use: Use = Use.IDENTITY) -> Named:
    return Named(name, parse(json.dumps(policy), use))
