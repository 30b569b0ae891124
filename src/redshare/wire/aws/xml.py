"""Results and errors of the `query` protocol as XML; knows shapes only.

A carriage return is written `&#13;`, or XML's line-end rule would drop it; a character that XML
cannot hold becomes U+FFFD, so that the document stays one.
"""

from __future__ import annotations

import base64
import math
import re
from datetime import datetime
from typing import TYPE_CHECKING, Final

from redshare.wire.aws import timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.model import OperationModel, Shape

    from redshare.wire.aws.model import Service

_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_XML_ESCAPES: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}
)


def serialize(
    service: Service, operation: OperationModel, result: Mapping[str, object], request_id: str
) -> bytes:
    """The answer's XML; None members are left out, unknown ones are a mistake of ours.

    Raises: ValueError, TypeError when `result` does not fit the model.
    """
    shape = operation.output_shape
    inner = ""
    if shape is not None:
        wrapper = shape.serialization["resultWrapper"]
        inner = f"<{wrapper}>{_members(shape, result)}</{wrapper}>"
    elif result:
        raise ValueError(f"{operation.name} has no result")
    root = f"{operation.name}Response"
    return (
        f'<{root} xmlns="{service.xml_namespace}">{inner}<ResponseMetadata>'
        f"{_tag('RequestId', _text(request_id))}</ResponseMetadata></{root}>"
    ).encode()


def serialize_error(
    service: Service | None, code: str, message: str, request_id: str, *, sender: bool
) -> bytes:
    """The error's XML; `service` None is a request that no service can be found for."""
    namespace = f' xmlns="{service.xml_namespace}"' if service and service.xml_namespace else ""
    body = (
        _tag("Type", "Sender" if sender else "Receiver")
        + _tag("Code", _text(code))
        + _tag("Message", _text(message))
    )
    return (
        f"<ErrorResponse{namespace}><Error>{body}</Error>"
        f"{_tag('RequestId', _text(request_id))}</ErrorResponse>"
    ).encode()


def _members(shape: Shape, value: object) -> str:
    if not hasattr(value, "items"):
        raise TypeError(f"{shape.name} is a structure, not {type(value).__name__}")
    present = {key: member for key, member in value.items() if member is not None}
    if shape.metadata.get("union") and len(present) != 1:
        raise ValueError(f"{shape.name} has exactly one member, not {sorted(present)}")
    unknown = present.keys() - shape.members.keys()
    if unknown:
        raise ValueError(f"{shape.name} has no member {sorted(unknown)}")
    return "".join(
        _tag(member.serialization.get("name", key), _write(member, present[key]))
        for key, member in shape.members.items()
        if key in present
    )


def _write(shape: Shape, value: object) -> str:
    match shape.type_name, value:
        case "structure", _:
            return _members(shape, value)
        case "list", list() | tuple():
            name = shape.member.serialization.get("name", "member")
            return "".join(_tag(name, _write(shape.member, element)) for element in value)
        case "map", dict():
            return "".join(_entry(shape, key, element) for key, element in value.items())
        case "string", str():
            return _text(value)
        case "boolean", bool():
            return "true" if value else "false"
        case (("integer" | "long"), int()) if not isinstance(value, bool):
            return str(value)
        case (("float" | "double"), int() | float()) if not isinstance(value, bool):
            return _finite(value)
        case "timestamp", datetime():
            return str(timestamp.write(value, timestamp.form(shape, timestamp.Format.ISO8601)))
        case "blob", bytes():
            return base64.b64encode(value).decode("ascii")
        case kind, _:
            raise TypeError(f"{shape.name} is a {kind}, not {type(value).__name__}")


def _finite(number: float) -> str:
    if not math.isfinite(number):
        raise ValueError(f"{number} cannot be written")
    return repr(float(number))


def _entry(shape: Shape, key: object, value: object) -> str:
    key_name = shape.key.serialization.get("name", "key")
    value_name = shape.value.serialization.get("name", "value")
    return _tag(
        "entry",
        _tag(key_name, _write(shape.key, key)) + _tag(value_name, _write(shape.value, value)),
    )


def _tag(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>"


def _text(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text).translate(_XML_ESCAPES)
