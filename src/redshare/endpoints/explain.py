"""GET /explain: parameters of a query string to a question, an explanation to JSON.

It is no operation of AWS's: signed as the Redshift API is, answered in JSON, as its errors are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from redshare.app.caller import Caller
from redshare.app.shares.access_questions import AccessQuestion, AccessQuestions
from redshare.core.aws_errors import InvalidParameterValue
from redshare.core.explanation import ApiMend, Explanation, Link, Mend, SqlMend
from redshare.wire.aws import errors as wire

PATH: Final = "/explain"
#: The members of the question by their parameters.
_PARAMETERS: Final = {
    "consumer": "consumer",
    "object": "object",
    "as": "user",
    "action": "action",
    "producer": "producer",
    "datashare": "datashare",
}


class Explain:
    """The one endpoint that is not in AWS's models."""

    def __init__(self, questions: AccessQuestions) -> None:
        self._questions = questions

    def answer(self, caller: Caller, fields: Mapping[str, str]) -> dict[str, Any]:
        """The document. Raises WireError, InvalidParameterValue and what the question does."""
        unknown = sorted(fields.keys() - _PARAMETERS.keys())
        if unknown:
            raise wire.unknown_parameter(unknown[0])
        for name in ("consumer", "object"):
            if not fields.get(name):
                raise InvalidParameterValue(f"{name}: the parameter is required.")
        question = AccessQuestion(**{_PARAMETERS[name]: text for name, text in fields.items()})
        return _document(question, self._questions.explain(caller, question))


def _document(question: AccessQuestion, explanation: Explanation) -> dict[str, Any]:
    broken = explanation.broken
    return {
        "consumer": question.consumer,
        "object": question.object,
        "action": question.action.upper(),
        "holds": explanation.holds,
        "broken": None if broken is None else broken.step,
        "links": [_link(link) for link in explanation.links],
    }


def _link(link: Link) -> dict[str, Any]:
    return {
        "step": link.step,
        "status": link.status,
        "detail": link.detail,
        "mend": None if link.mend is None else _mend(link.mend),
    }


def _mend(mend: Mend) -> dict[str, Any]:
    told: dict[str, Any] = {"by": mend.by, "text": str(mend)}
    match mend:
        case SqlMend():
            told["sql"] = {
                "statement": mend.statement,
                "namespace": mend.namespace,
                "database": mend.database or None,
            }
        case ApiMend():
            told["api"] = {
                "account": mend.account,
                "operation": mend.operation,
                "parameters": dict(mend.parameters),
                "region": mend.region,
            }
    return told
