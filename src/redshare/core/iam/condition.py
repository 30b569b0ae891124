"""Whether a condition holds: the operator over all values of its key and of the policy.

- A key that the request does not have fails every operator but the negated ones, `…IfExists`,
  `Null` and `ForAllValues`.
- A negated operator holds where none of the policy's values compares.
- `ForAllValues` asks each value of the request, `ForAnyValue` any of them.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
"""

from __future__ import annotations

from typing import Final

from redshare.core.iam.document import Condition, Quantifier
from redshare.core.iam.operators import OPERATORS
from redshare.core.iam.request import Context
from redshare.core.iam.template import Template, text_of

NULL: Final = "Null"


def holds(condition: Condition, context: Context) -> bool:
    """Whether the request is as the condition wants it."""
    given = context.all(condition.key)
    if condition.operator == NULL:
        return _absent(condition, given)
    operator = OPERATORS[condition.operator]
    if not given:
        if condition.if_exists or condition.quantifier is Quantifier.ALL:
            return True
        return operator.negated and condition.quantifier is Quantifier.NONE
    one = [_one(condition, value, context) for value in given]
    match condition.quantifier:
        case Quantifier.ALL:
            return all(one)
        case Quantifier.ANY:
            return any(one)
        case Quantifier.NONE:
            return all(one) if operator.negated else any(one)


def _one(condition: Condition, value: str, context: Context) -> bool:
    """Whether one value of the request compares with any of the policy's, or with none."""
    operator = OPERATORS[condition.operator]
    compared = any(operator.compare(written, value, context) for written in condition.values)
    return compared != operator.negated


def _absent(condition: Condition, given: tuple[str, ...] | None) -> bool:
    return any(_true(written) != bool(given) for written in condition.values)


def _true(written: Template) -> bool:
    return text_of(written).lower() == "true"  # type: ignore[arg-type] # plain text, by parsing
