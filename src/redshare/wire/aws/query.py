"""The `query` protocol: form fields to parameters; results and errors are written by `xml`.

It knows shapes only. Rules that are easy to get wrong, both seen from real clients:

- an empty list arrives as `Name=`, which differs from absence;
- an element that is an empty structure cannot travel, so list indices have gaps: they are sorted
  as numbers and read to the last.

The shapes use no flattened list and no XML attribute; `tests/wire/aws/test_drift.py` says when
that changes. https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from redshare.wire.aws import errors, timestamp
from redshare.wire.aws.xml import serialize, serialize_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from botocore.model import OperationModel, Shape

    from redshare.wire.aws.model import Service

__all__ = ["parse", "serialize", "serialize_error"]

MAX_DEPTH: Final = 32
SHOWN: Final = 100  # characters of a bad value that an error repeats

Node: TypeAlias = "dict[str, Node] | str"

_INDEX: Final = re.compile(r"[1-9][0-9]{0,8}")
_INTEGER: Final = re.compile(r"-?[0-9]{1,19}")
_FLOAT: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_BITS: Final = {"integer": 31, "long": 63}


def parse(service: Service, form: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """The operation's name and its parameters.

    A field the operation does not have is refused, as is a value of the wrong type.

    Raises: WireError.
    """
    operation = _operation(service, form)
    fields = {name: value for name, value in form.items() if name not in ("Action", "Version")}
    shape = operation.input_shape
    if shape is None:
        if fields:
            raise errors.unknown_parameter(next(iter(fields)))
        return str(operation.name), {}
    return str(operation.name), _structure(shape, _tree(fields), "")


def _operation(service: Service, form: Mapping[str, str]) -> OperationModel:
    action, version = form.get("Action"), form.get("Version")
    if not action:
        raise errors.missing_action()
    operation = service.operations.get(action)
    if operation is None or version != service.api_version:
        raise errors.invalid_action(action[:SHOWN], version and version[:SHOWN])
    return operation


def _tree(fields: Mapping[str, str]) -> dict[str, Node]:
    """`A.B.1=x` as nested mappings; a name that is both a value and a prefix is refused."""
    root: dict[str, Node] = {}
    for name, value in fields.items():
        *path, last = name.split(".", MAX_DEPTH)
        if len(path) >= MAX_DEPTH:
            raise errors.malformed_query(f"a name of more than {MAX_DEPTH} parts")
        node = root
        for part in path:
            below = node.setdefault(part, {})
            if isinstance(below, str):
                raise _contradiction(name)
            node = below
        if last in node:
            raise _contradiction(name)
        node[last] = value
    return root


def _contradiction(name: str) -> errors.WireError:
    return errors.malformed_query(f"{name[:SHOWN]} has a value and members")


def _value(shape: Shape, node: Node, name: str) -> object:
    match shape.type_name:
        case "structure":
            return _structure(shape, _branch(node, name), name)
        case "list":
            return [] if node == "" else _list(shape, _branch(node, name), name)
        case "map":
            return {} if node == "" else _map(shape, _branch(node, name), name)
        case _:
            if not isinstance(node, str):
                raise errors.malformed_query(f"{name} is a value, not a structure")
            return _scalar(shape, node, name)


def _branch(node: Node, name: str) -> dict[str, Node]:
    if isinstance(node, str):
        raise errors.malformed_query(f"{name} is a structure, not a value")
    return node


def _structure(shape: Shape, node: dict[str, Node], name: str) -> dict[str, Any]:
    members = {
        member.serialization.get("name", key): (key, member)
        for key, member in shape.members.items()
    }
    unknown = next((key for key in node if key not in members), None)
    if unknown is not None:
        raise errors.unknown_parameter(_join(name, unknown)[:SHOWN])
    return {
        key: _value(member, node[wire], _join(name, wire))
        for wire, (key, member) in members.items()
        if wire in node
    }


def _list(shape: Shape, node: dict[str, Node], name: str) -> list[object]:
    element = shape.member.serialization.get("name", "member")
    return [
        _value(shape.member, below, f"{name}.{element}.{index}")
        for index, below in _indexed(node, element, name)
    ]


def _map(shape: Shape, node: dict[str, Node], name: str) -> dict[str, object]:
    key_name = shape.key.serialization.get("name", "key")
    value_name = shape.value.serialization.get("name", "value")
    result: dict[str, object] = {}
    for index, below in _indexed(node, "entry", name):
        entry = _branch(below, f"{name}.entry.{index}")
        key = entry.get(key_name)
        unknown = next((part for part in entry if part not in (key_name, value_name)), None)
        if not isinstance(key, str) or unknown is not None:
            raise errors.malformed_query(f"{name}.entry.{index} is no pair of key and value")
        # A value that is an empty structure cannot travel: the key alone stands for it.
        empty: Node = {} if shape.value.type_name == "structure" else ""
        value = entry.get(value_name, empty)
        result[key] = _value(shape.value, value, f"{name}.entry.{index}.{value_name}")
    return result


def _indexed(node: dict[str, Node], element: str, name: str) -> Iterator[tuple[int, Node]]:
    """The elements below `name`.`element` in the order of their numbers, gaps skipped."""
    unknown = next((key for key in node if key != element), None)
    if unknown is not None:
        raise errors.unknown_parameter(_join(name, unknown)[:SHOWN])
    elements = _branch(node[element], f"{name}.{element}")
    bad = next((key for key in elements if not _INDEX.fullmatch(key)), None)
    if bad is not None:
        raise errors.malformed_query(f"{name}.{element} is numbered from 1, not {bad[:SHOWN]!r}")
    for index in sorted(elements, key=int):
        yield int(index), elements[index]


def _scalar(shape: Shape, text: str, name: str) -> object:
    match shape.type_name:
        case "string":
            return text
        case "boolean":
            if text.lower() not in ("true", "false"):
                raise errors.invalid_value(name, text[:SHOWN], "true or false")
            return text.lower() == "true"
        case "integer" | "long" as kind:
            return _integer(text, name, _BITS[kind])
        case "float" | "double":
            number = float(text) if _FLOAT.fullmatch(text) else math.inf
            if not math.isfinite(number):
                raise errors.invalid_value(name, text[:SHOWN], "a number")
            return number
        case "timestamp":
            try:
                return timestamp.read(text, timestamp.form(shape, timestamp.Format.ISO8601))
            except ValueError as error:
                raise errors.invalid_value(name, text[:SHOWN], "a time (ISO 8601)") from error
        case "blob":
            try:
                return base64.b64decode(text, validate=True)
            except (binascii.Error, ValueError) as error:
                raise errors.invalid_value(name, text[:SHOWN], "base64") from error
        case kind:
            raise NotImplementedError(f"a {kind} in the query protocol")


def _integer(text: str, name: str, bits: int) -> int:
    number = int(text) if _INTEGER.fullmatch(text) else None
    if number is None or not -(2**bits) <= number < 2**bits:
        raise errors.invalid_value(name, text[:SHOWN], f"an integer of {bits + 1} bits")
    return number


def _join(name: str, part: str) -> str:
    return f"{name}.{part}" if name else part
