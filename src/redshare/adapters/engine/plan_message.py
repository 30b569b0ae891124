"""core.plan.EnginePlan as a message."""

from __future__ import annotations

from redshare.adapters.engine.protocol import Input, Plan, Target, Use
from redshare.adapters.engine.values import encode
from redshare.core.plan import EnginePlan


def plan_message(plan: EnginePlan) -> Plan:
    return Plan(
        plan.sql,
        [
            Use(use.lake, use.may_write, None if use.tables is None else sorted(use.tables))
            for use in plan.lakes
        ],
        [Target(target.lake, target.table, target.verb) for target in plan.targets],
        [
            Input(
                given.name,
                list(given.columns),
                [[encode(value) for value in row] for row in given.rows],
            )
            for given in plan.inputs
        ],
        plan.returns_rows,
        None if plan.stream is None else plan.stream.name,
    )
