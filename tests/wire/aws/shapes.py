"""Random values that fit a shape, and what of them the query protocol can carry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from botocore.model import Shape

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SEVENTY_YEARS = 70 * 365 * 24 * 3600
BITS = {"integer": 31, "long": 63}
TEXTS = (
    "",
    " ",
    "plain",
    "a=b&c+d%20;e",
    "<tag attr='x'>&amp;</tag>]]>",
    "line\r\nline\rline\n\ttab",
    "Grüße, 世界, 🦆\u2028\x85",
    "true",
    "0012",
    "x" * 300,
)
LENGTHS = (0, 1, 2, 3, 11)
VANISHED = object()


def value(shape: Shape, random: Random, *, fine_times: bool) -> Any:
    """`fine_times`: times with microseconds, as clients send; else milliseconds, as we answer."""

    def make(part: Shape) -> Any:
        return value(part, random, fine_times=fine_times)

    match shape.type_name:
        case "structure":
            names = list(shape.members)
            if shape.metadata.get("union"):
                kept = [random.choice(names)]
            else:
                kept = [name for name in names if random.random() < 0.7]
            return {name: make(shape.members[name]) for name in kept}
        case "list":
            return [make(shape.member) for _ in range(random.choice(LENGTHS))]
        case "map":
            return {
                f"{random.choice(TEXTS)}{index}": make(shape.value)
                for index in range(random.choice(LENGTHS))
            }
        case "string":
            return random.choice(TEXTS)
        case "boolean":
            return random.random() < 0.5
        case "integer" | "long" as kind:
            edge = 2 ** BITS[kind]
            return random.choice((0, -1, edge - 1, -edge, random.randrange(-edge, edge)))
        case "float" | "double":
            return random.choice((0.0, -1.5, 1e300, 2.5e-9, random.uniform(-1e9, 1e9)))
        case "timestamp":
            unit = timedelta(microseconds=1) if fine_times else timedelta(milliseconds=1)
            whole = timedelta(seconds=random.randrange(SEVENTY_YEARS))
            return EPOCH + whole + unit * random.choice((0, random.randrange(1000)))
        case "blob":
            return random.randbytes(random.choice((0, 1, 2, 3, 50)))
        case kind:
            raise AssertionError(kind)


def carried(shape: Shape, given: Any) -> Any:
    """The value as a query request carries it: empty structures and maps cannot travel."""
    match shape.type_name:
        case "structure":
            kept = {name: carried(shape.members[name], part) for name, part in given.items()}
            kept = {name: part for name, part in kept.items() if part is not VANISHED}
            return kept or VANISHED
        case "list" if given:
            elements = [carried(shape.member, part) for part in given]
            return [part for part in elements if part is not VANISHED] or VANISHED
        case "map":
            pairs = {key: carried(shape.value, part) for key, part in given.items()}
            return {
                key: {} if part is VANISHED else part for key, part in pairs.items()
            } or VANISHED
        case _:
            return given
