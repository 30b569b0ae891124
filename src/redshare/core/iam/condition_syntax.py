"""The Condition element: operators, keys and values, checked against the operators there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from redshare.core.iam.condition import NULL
from redshare.core.iam.document import Condition, Quantifier
from redshare.core.iam.errors import MalformedPolicyDocument
from redshare.core.iam.operators import OPERATORS, boolean
from redshare.core.iam.template import MalformedVariable, Template, template

_QUANTIFIERS: Final = {q.value: q for q in Quantifier if q.value}
_IF_EXISTS: Final = "IfExists"
#: As they are written, whatever their letter case.
_NAMES: Final = {name.lower(): name for name in (*OPERATORS, NULL)}


def conditions(written: object, *, variables: bool) -> tuple[Condition, ...]:
    """The conditions of a statement; all of them must hold. Raises MalformedPolicyDocument."""
    if not isinstance(written, dict):
        raise MalformedPolicyDocument("Syntax errors in policy.")
    return tuple(_all(written, variables=variables))


def _all(written: Mapping[str, Any], *, variables: bool) -> Iterator[Condition]:
    for said, keys in written.items():
        operator, quantifier, if_exists = _operator(said)
        if not isinstance(keys, dict):
            raise MalformedPolicyDocument("Syntax errors in policy.")
        for key, given in keys.items():
            if ":" not in key:
                raise MalformedPolicyDocument(
                    "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
                )
            texts = _texts(given)
            values = tuple(_value(operator, text, variables=variables) for text in texts)
            yield Condition(operator, quantifier, if_exists, key.lower(), values)


def _operator(said: str) -> tuple[str, Quantifier, bool]:
    prefix, colon, rest = said.partition(":")
    quantifier = _QUANTIFIERS.get(prefix) if colon else Quantifier.NONE
    base = rest if colon else said
    if_exists = base.endswith(_IF_EXISTS)
    name = _NAMES.get(base.removesuffix(_IF_EXISTS).lower())
    if quantifier is None or name is None or (name == NULL and (if_exists or colon)):
        raise MalformedPolicyDocument(f"Invalid Condition type : {said}.")
    return name, quantifier, if_exists


def _texts(given: object) -> list[str]:
    """Strings, and what JSON writes without quotes as it is written."""
    listed = given if isinstance(given, list) else [given]
    texts = []
    for value in listed:
        if isinstance(value, bool):
            texts.append("true" if value else "false")
        elif isinstance(value, str):
            texts.append(value)
        else:
            raise MalformedPolicyDocument("Syntax errors in policy.")
    return texts


def _value(name: str, text: str, *, variables: bool) -> Template:
    if name == NULL:
        return _checked(boolean, name, text)
    operator = OPERATORS[name]
    if operator.read is not None:
        return _checked(operator.read, name, text)
    try:
        return template(
            text, variables=variables and operator.variables, wildcards=operator.wildcards
        )
    except MalformedVariable as error:
        raise MalformedPolicyDocument(f"Invalid policy variable {error}.") from error


def _checked(read: Any, name: str, text: str) -> Template:  # noqa: ANN401 - of its family
    try:
        read(text)
    except ValueError as error:
        raise MalformedPolicyDocument(
            f"Invalid value {text} of the condition operator {name}."
        ) from error
    return tuple(text)
