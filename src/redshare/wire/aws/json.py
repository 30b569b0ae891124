"""The `json` 1.1 protocol: bodies to parameters, results and errors to bodies.

It knows shapes only. Types are strict: what is no JSON, nests too deep, holds NaN, Infinity, half
a surrogate pair or the wrong JSON type is a SerializationException. A member that is null is
absent; a member the shape does not have is refused.
https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NoReturn

from redshare.wire.aws import errors, timestamp
from redshare.wire.aws.form import MAX_BODY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.model import OperationModel, Shape

    from redshare.wire.aws.model import Service

MAX_DEPTH: Final = 32
MAX_DIGITS: Final = 19
_BITS: Final = {"integer": 31, "long": 63}


# --- requests ---------------------------------------------------------------------------------


def parse(service: Service, operation_name: str | None, body: bytes) -> tuple[str, dict[str, Any]]:
    """The operation's name and its parameters; an empty body is an empty object.

    Raises: WireError.
    """
    operation = None if operation_name is None else service.operations.get(operation_name)
    if operation is None:
        raise errors.unknown_operation(operation_name and f"{service.name}.{operation_name}")
    document = _load(body) if body.strip() else {}
    shape = operation.input_shape
    if shape is None:
        if document != {}:
            raise errors.serialization("The operation has no parameters.")
        return str(operation.name), {}
    return str(operation.name), _structure(shape, document, "")


def _load(body: bytes) -> object:
    if len(body) > MAX_BODY:
        raise errors.too_large(MAX_BODY, json=True)
    try:
        document: object = json.loads(
            body.decode("utf-8"),
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_constant,
        )
    except (ValueError, RecursionError) as error:
        raise errors.serialization("The body is not valid JSON.") from error
    _check_depth(document)
    return document


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > MAX_DIGITS:
        raise errors.serialization(f"An integer has more than {MAX_DIGITS} digits.")
    return int(text)


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise errors.serialization("A number is out of range.")
    return number


def _constant(name: str) -> NoReturn:
    raise errors.serialization(f"{name} is not JSON.")


def _check_depth(document: object) -> None:
    level = [document]
    for _ in range(MAX_DEPTH + 1):
        below: list[object] = []
        for value in level:
            if isinstance(value, dict):
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
        if not below:
            return
        level = below
    raise errors.serialization(f"The body nests deeper than {MAX_DEPTH} levels.")


def _value(shape: Shape, value: object, name: str) -> object:
    match shape.type_name, value:
        case "structure", _:
            return _structure(shape, value, name)
        case "list", list():
            return [
                _value(shape.member, element, f"{name}.{index}")
                for index, element in enumerate(value, 1)
            ]
        case "map", dict():
            return {
                _text(key, name): _value(shape.value, element, f"{name}.{key}")
                for key, element in value.items()
            }
        case "string", str():
            return _text(value, name)
        case "boolean", bool():
            return value
        case ("integer" | "long") as kind, int() if not isinstance(value, bool):
            return _ranged(value, name, _BITS[kind])
        case (("float" | "double"), int() | float()) if not isinstance(value, bool):
            return float(value)
        case "timestamp", int() | float() | str() if not isinstance(value, bool):
            return _time(shape, value, name)
        case "blob", str():
            return _blob(value, name)
        case kind, _:
            raise _wrong(name, f"a {kind}")


def _structure(shape: Shape, value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(name, "an object")
    members = {
        member.serialization.get("name", key): (key, member)
        for key, member in shape.members.items()
    }
    unknown = next((key for key in value if key not in members), None)
    if unknown is not None:
        raise errors.serialization(f"{_path(name, unknown)} is not a known member.")
    return {
        key: _value(member, value[wire], f"{name}.{wire}" if name else wire)
        for wire, (key, member) in members.items()
        if value.get(wire) is not None
    }


def _text(text: str, name: str) -> str:
    # JSON can escape half a surrogate pair, which no UTF-8 text can hold.
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise _wrong(name, "text of whole characters")
    return text


def _ranged(number: int, name: str, bits: int) -> int:
    if not -(2**bits) <= number < 2**bits:
        raise _wrong(name, f"an integer of {bits + 1} bits")
    return number


def _time(shape: Shape, value: str | float, name: str) -> datetime:
    try:
        return timestamp.read(value, _time_format(shape))
    except ValueError as error:
        raise _wrong(name, f"a time ({_time_format(shape)})") from error


def _blob(text: str, name: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _wrong(name, "base64") from error


def _time_format(shape: Shape) -> timestamp.Format:
    return timestamp.form(shape, timestamp.Format.UNIX)


def _wrong(name: str, expected: str) -> errors.WireError:
    return errors.serialization(f"{_path('', name or 'The body')} must be {expected}.")


def _path(name: str, part: str) -> str:
    path = f"{name}.{part}" if name else part
    return path[:100].encode(errors="replace").decode()


# --- responses --------------------------------------------------------------------------------


def serialize(
    service: Service, operation: OperationModel, result: Mapping[str, object], request_id: str
) -> bytes:
    """The answer's JSON; None members are left out, unknown ones are a mistake of ours.

    The request id travels in a header (`respond`).

    Raises: ValueError, TypeError when `result` does not fit the model.
    """
    del service, request_id
    shape = operation.output_shape
    if shape is None and result:
        raise ValueError(f"{operation.name} has no result")
    document = {} if shape is None else _members(shape, result)
    return json.dumps(document, allow_nan=False, separators=(",", ":")).encode()


def serialize_error(
    service: Service | None,
    code: str,
    message: str,
    request_id: str,
    *,
    sender: bool,
    fields: Mapping[str, str] | None = None,
) -> bytes:
    """The error's JSON; `fields` are a modelled error's further members, such as ResourceId.

    Both spellings of the message are sent: redshift-data reads one, redshift-serverless the other.
    """
    del service, request_id, sender
    document = {**(fields or {}), "__type": code, "message": message, "Message": message}
    return json.dumps(document, separators=(",", ":")).encode()


def _members(shape: Shape, value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError(f"{shape.name} is a structure, not {type(value).__name__}")
    present = {key: member for key, member in value.items() if member is not None}
    if shape.metadata.get("union") and len(present) != 1:
        raise ValueError(f"{shape.name} has exactly one member, not {sorted(present)}")
    unknown = present.keys() - shape.members.keys()
    if unknown:
        raise ValueError(f"{shape.name} has no member {sorted(unknown)}")
    return {
        member.serialization.get("name", key): _write(member, present[key])
        for key, member in shape.members.items()
        if key in present
    }


def _number(value: float) -> float | str:
    """The protocol's own names stand for what JSON has no numbers for."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _write(shape: Shape, value: object) -> object:
    match shape.type_name, value:
        case "structure", _:
            return _members(shape, value)
        case "list", list() | tuple():
            return [_write(shape.member, element) for element in value]
        case "map", dict():
            return {
                str(_write(shape.key, key)): _write(shape.value, element)
                for key, element in value.items()
            }
        case ("string", str()) | ("boolean", bool()):
            return value
        case (("integer" | "long"), int()) if not isinstance(value, bool):
            return value
        case (("float" | "double"), int() | float()) if not isinstance(value, bool):
            return _number(float(value))
        case "timestamp", datetime():
            return timestamp.write(value, _time_format(shape))
        case "blob", bytes():
            return base64.b64encode(value).decode("ascii")
        case kind, _:
            raise TypeError(f"{shape.name} is a {kind}, not {type(value).__name__}")
