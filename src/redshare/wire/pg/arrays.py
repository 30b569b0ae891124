"""One-dimensional arrays as results: what catalog columns such as access lists come in.

Parameters are never arrays. It must not know how the elements are encoded: that comes in.
Layout: https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO; binary as array_send has it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from redshare.wire.pg.types import Oid

Element: TypeAlias = Any
ElementEncoder = Callable[[Element], bytes]

# Array types and the type of their elements; those whose values need no zone or modifier.
ELEMENTS: dict[int, Oid] = {
    Oid.BOOL_ARRAY: Oid.BOOL,
    Oid.CHAR_ARRAY: Oid.CHAR,
    Oid.NAME_ARRAY: Oid.NAME,
    Oid.INT2_ARRAY: Oid.INT2,
    Oid.INT4_ARRAY: Oid.INT4,
    Oid.INT8_ARRAY: Oid.INT8,
    Oid.TEXT_ARRAY: Oid.TEXT,
    Oid.BPCHAR_ARRAY: Oid.BPCHAR,
    Oid.VARCHAR_ARRAY: Oid.VARCHAR,
    Oid.FLOAT4_ARRAY: Oid.FLOAT4,
    Oid.FLOAT8_ARRAY: Oid.FLOAT8,
    Oid.OID_ARRAY: Oid.OID,
    Oid.ACLITEM_ARRAY: Oid.ACLITEM,
}

# What an element cannot stand without quotes: nothing, NULL's word, and the signs of the syntax.
_NEEDS_QUOTES = re.compile(rb'^$|^null$|[{}",\\\s]', re.IGNORECASE)
_TO_ESCAPE = re.compile(rb'(["\\])')


def array_text(elements: Sequence[Element], encode: ElementEncoder) -> bytes:
    """For example {1,NULL,"a b"}."""
    return b"{" + b",".join(_element_text(element, encode) for element in elements) + b"}"


def array_binary(elements: Sequence[Element], element_oid: int, encode: ElementEncoder) -> bytes:
    """Dimensions, is there a NULL, the elements' OID, then each with its length."""
    has_null = any(element is None for element in elements)
    head = struct.pack("!iiI", 1 if elements else 0, has_null, element_oid)
    if not elements:
        return head
    parts = [head, struct.pack("!ii", len(elements), 1)]
    for element in elements:
        data = None if element is None else encode(element)
        parts.append(b"\xff\xff\xff\xff" if data is None else struct.pack("!i", len(data)) + data)
    return b"".join(parts)


def _element_text(element: Element, encode: ElementEncoder) -> bytes:
    if element is None:
        return b"NULL"
    text = encode(element)
    if _NEEDS_QUOTES.search(text) is None:
        return text
    return b'"' + _TO_ESCAPE.sub(rb"\\\1", text) + b'"'
