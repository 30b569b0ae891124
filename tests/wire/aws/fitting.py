"""Random values that a shape allows: its lengths, ranges, enumerations and patterns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from botocore.model import Shape
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from redshare.wire.aws import validate

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SEVENTY_YEARS = 70 * 365 * 24 * 3600
BITS = {"integer": 31, "long": 63}
#: Text of no pattern, and what it is cut from: everything a form, XML and JSON escape.
PIECES = ("a", "=", "&", "+", "%20", ";", "<", ">", '"', "'", "]]>", "\r\n", "\t", "ü", "世", "🦆")
SAMPLES = 25


class NothingFits(Exception):
    """No sample of a pattern has a length its shape allows."""


def fitting(shape: Shape, random: Random, *, nested: bool = False) -> Any:
    """A value; every required member is there."""
    match shape.type_name:
        case "structure":
            return _structure(shape, random, nested=nested)
        case "list":
            least, most = _bounds(shape, 3)
            count = random.randint(least, most)
            return [fitting(shape.member, random, nested=True) for _ in range(count)]
        case "map":
            least, most = _bounds(shape, 3)
            return {
                fitting(shape.key, random): fitting(shape.value, random, nested=True)
                for _ in range(random.randint(max(least, 1), most))  # likewise no empty one
            }
        case "string":
            return _text(shape, random)
        case "boolean":
            return random.random() < 0.5
        case "integer" | "long" as kind:
            low = int(shape.metadata.get("min", -(2 ** BITS[kind])))
            high = int(shape.metadata.get("max", 2 ** BITS[kind] - 1))
            return random.choice((low, high, random.randint(low, high)))
        case "float" | "double":
            low = float(shape.metadata.get("min", -1e9))
            high = float(shape.metadata.get("max", 1e9))
            return random.choice((low, high, random.uniform(low, high)))
        case "timestamp":
            return EPOCH + timedelta(
                seconds=random.randrange(SEVENTY_YEARS), milliseconds=random.randrange(1000)
            )
        case "blob":
            least, most = _bounds(shape, 40)
            return random.randbytes(random.randint(least, most))
        case kind:
            raise AssertionError(kind)


def _structure(shape: Shape, random: Random, *, nested: bool) -> dict[str, Any]:
    names = list(shape.members)
    if shape.metadata.get("union"):
        kept = [random.choice(names)]
    else:
        kept = [n for n in names if n in shape.required_members or random.random() < 0.6]
    if not kept and names and nested:  # a form cannot carry an empty structure
        kept = [random.choice(names)]
    return {name: fitting(shape.members[name], random, nested=True) for name in kept}


def _bounds(shape: Shape, above: int) -> tuple[int, int]:
    least = int(shape.metadata.get("min", 0))
    return least, min(int(shape.metadata.get("max", least + above)), least + above)


def _text(shape: Shape, random: Random) -> str:
    if shape.enum:
        return str(random.choice(shape.enum))
    least = int(shape.metadata.get("min", 0))
    pattern = shape.metadata.get("pattern")
    most = int(shape.metadata.get("max", least + (30 if pattern is None else 10_000)))
    if pattern is not None:
        samples = [text for text in matching(pattern) if least <= len(text) <= most]
        if not samples:
            samples = [_stretched(pattern, least, most)]
        return random.choice(samples)
    length = random.choice((least, min(most, least + 30)))
    text = ""
    while len(text) < length:
        text += random.choice(PIECES)
    return text[:length]


@cache
def matching(pattern: str) -> tuple[str, ...]:
    """Samples of what a pattern of the models matches, always the same ones."""
    compiled = validate._compile(pattern)
    found: set[str] = set()

    @settings(
        max_examples=SAMPLES,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.from_regex(compiled, fullmatch=True).filter(lambda text: "\0" not in text))
    def collect(text: str) -> None:
        found.add(text)

    collect()
    return tuple(sorted(found))


@cache
def _stretched(pattern: str, least: int, most: int) -> str:
    """A sample made as long as is needed by doubling one of its characters where that fits."""
    compiled = validate._compile(pattern)
    for text in matching(pattern):
        for at in range(len(text)):
            longer = text[:at] + text[at] * (least - len(text) + 1) + text[at + 1 :]
            if least <= len(longer) <= most and compiled.fullmatch(longer):
                return longer
    raise NothingFits(pattern, least, most)
