"""Constraints of the model on parsed parameters, in the words each service uses.

redshift: MissingParameter and InvalidParameterValue, the first problem only. sts and iam:
ValidationError, redshift-data and redshift-serverless: ValidationException, all problems counted.

An empty string is a present value, as at AWS: it is refused here only where the model sets a
minimal length, a pattern or an enumeration. redshift_connector sends an empty CustomDomainName,
so more would be too much; an empty ARN is for the operation to refuse. The character U+0000 is
refused everywhere: no store behind these services can hold it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from redshare.wire.aws.errors import WireError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from botocore.model import OperationModel, Shape

SHOWN: Final = 100
# Patterns whose shape has no maximum length are still not tried on more than any ARN's length.
MAX_PATTERN_TEXT: Final = 2048

_ONE_CLASS: Final = re.compile(r"\^?(\[(\\.|[^\]\\])+\]|\\.|\.)[*+]?\$?", re.DOTALL)
_SEPARATORS: Final = " \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"  # \p{Z}


class ValidationFailure(WireError):
    """Parameters that the model does not allow."""


@dataclass(frozen=True, slots=True)
class Problem:
    path: str
    shown: str
    constraint: str
    missing: bool = False


def validate(operation: OperationModel, params: Mapping[str, Any]) -> None:
    """Raises: ValidationFailure."""
    shape = operation.input_shape
    if shape is None:
        return
    problems = tuple(_structure(shape, params, ""))
    if problems:
        raise _failure(str(operation.service_model.service_name), problems)


def _failure(service: str, problems: tuple[Problem, ...]) -> ValidationFailure:
    if service == "redshift":
        first = problems[0]
        if first.missing:
            return ValidationFailure(
                "MissingParameter", f"The request must contain the parameter {first.path}"
            )
        return ValidationFailure(
            "InvalidParameterValue",
            f"Invalid value {first.shown} for parameter {first.path}: {first.constraint}",
        )
    code = "ValidationError" if service in ("sts", "iam") else "ValidationException"
    counted = "1 validation error" if len(problems) == 1 else f"{len(problems)} validation errors"
    details = "; ".join(
        f"Value {problem.shown} at '{_camel(problem.path)}' failed to satisfy constraint: "
        f"{problem.constraint}"
        for problem in problems
    )
    return ValidationFailure(code, f"{counted} detected: {details}")


def _camel(path: str) -> str:
    return ".".join(part[:1].lower() + part[1:] for part in path.split("."))


def _structure(shape: Shape, value: Mapping[str, Any], path: str) -> Iterator[Problem]:
    for name in shape.required_members:
        if name not in value:
            yield Problem(_join(path, name), "null", "Member must not be null", missing=True)
    if shape.metadata.get("union") and len(value) != 1:
        yield Problem(path, "null", "Exactly one member must be set")
    for name, member in shape.members.items():
        if name in value:
            yield from _value(member, value[name], _join(path, name))


def _value(shape: Shape, value: Any, path: str) -> Iterator[Problem]:  # noqa: ANN401 - by shape
    match shape.type_name:
        case "structure":
            yield from _structure(shape, value, path)
        case "list":
            yield from _length(shape, value, path)
            for index, element in enumerate(value, 1):
                yield from _value(shape.member, element, f"{path}.{index}.member")
        case "map":
            yield from _length(shape, value, path)
            for key, element in value.items():
                yield from _value(shape.key, key, f"{path}.key")
                yield from _value(shape.value, element, f"{path}.{key[:SHOWN]}.member")
        case "string":
            yield from _string(shape, value, path)
        case "blob":
            yield from _length(shape, value, path)
        case "integer" | "long" | "float" | "double":
            yield from _range(shape, value, path)
        case _:
            return


def _string(shape: Shape, value: str, path: str) -> Iterator[Problem]:
    wrong_length = tuple(_length(shape, value, path))
    yield from wrong_length
    if "\0" in value:
        yield Problem(path, _show(shape, value), "Member must not contain the character U+0000")
    if shape.enum and value not in shape.enum:
        allowed = ", ".join(shape.enum)
        yield Problem(path, _show(shape, value), f"Member must satisfy enum value set: [{allowed}]")
    pattern = shape.metadata.get("pattern")
    # Some patterns take cubic time: text that the model calls too long is not tried on them.
    if pattern is not None and not wrong_length and not _matches(pattern, value):
        yield Problem(
            path,
            _show(shape, value),
            f"Member must satisfy regular expression pattern: {pattern}",
        )


def _length(shape: Shape, value: Any, path: str) -> Iterator[Problem]:  # noqa: ANN401 - likewise
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and len(value) < least:
        yield Problem(
            path,
            _show(shape, value),
            f"Member must have length greater than or equal to {least}",
        )
    if most is not None and len(value) > most:
        yield Problem(
            path, _show(shape, value), f"Member must have length less than or equal to {most}"
        )


def _range(shape: Shape, value: float, path: str) -> Iterator[Problem]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and value < least:
        yield Problem(
            path, _show(shape, value), f"Member must have value greater than or equal to {least}"
        )
    if most is not None and value > most:
        yield Problem(
            path, _show(shape, value), f"Member must have value less than or equal to {most}"
        )


def _show(shape: Shape, value: object) -> str:
    """The value as an error repeats it: cut, and never one the model calls sensitive."""
    if shape.metadata.get("sensitive") or isinstance(value, bytes):
        return "'***'"
    text = str(value)
    return f"'{text[:SHOWN]}{'…' if len(text) > SHOWN else ''}'"


def _matches(pattern: str, value: str) -> bool:
    if len(value) > MAX_PATTERN_TEXT and not _ONE_CLASS.fullmatch(pattern):
        return False
    return _compile(pattern).fullmatch(value) is not None


@lru_cache(maxsize=512)
def _compile(pattern: str) -> re.Pattern[str]:
    r"""The model's Java pattern in Python's words.

    `\p{L}` and `\p{N}` are inside `\w` when that is Unicode's; elsewhere `\w` is ASCII's.
    """
    python = pattern.replace(r"\u10000-\u10FFFF", "\U00010000-\U0010ffff")
    if r"\p{" not in python:
        return re.compile(python, re.ASCII)
    python = python.replace(r"[\p{L}_]", r"[^\W\d]").replace(r"\p{Z}", _SEPARATORS)
    return re.compile(python.replace(r"\p{L}", r"\w").replace(r"\p{N}", r"\w"))


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
