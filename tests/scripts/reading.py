"""Two-party scripts: SQL with comments that say who runs it and what must come back.

    -- @ways psycopg, data-api          which clients run it (both, unless it says)
    -- @because …                       why not both
    -- @producer                        what follows is this party's (also @consumer, @other,
                                        @producer DATABASE, @consumer DATABASE USER)
    SELECT 1;                           one statement, up to a `;` at the end of a line
    -- @expect rows 1|a ; 2|NULL        what it answers: also `tag INSERT 0 1`, `columns a, b`,
    -- @expect error 42501 text         `count 3` (rows), or a refusal with its SQLSTATE
    -- @call other redshift authorize_data_share {"DataShareArn": "$arn"}
    -- @expect answer Status AUTHORIZED an API step, and a value anywhere in its answer
    -- @expect fault Code text          … or its refusal

`$name` is a name no other run has, `$producer`, `$consumer` and `$other` are the parties' namespace
GUIDs, `$producer_account` and `$other_account` their accounts, `$other_arn` a namespace's ARN and
`$arn` that of the datashare `$name`; `$$` is a dollar sign.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any, Final

FOLDER: Final = Path(__file__).parent
WAYS: Final = ("psycopg", "data-api")
#: The namespaces of the world that play: the consumer is of the producer's account, the other not.
NAMESPACES: Final = {"producer": "sales", "consumer": "finance", "other": "analytics"}
_FILE_NAME: Final = re.compile(r"(\d\d)_(\w+)\.sql")


class MalformedScript(Exception):
    """A line that says nothing this reader knows."""


@dataclass(frozen=True)
class Party:
    """Who runs a statement, and in which database."""

    namespace: str
    database: str = "dev"
    user: str = "admin"


@dataclass(frozen=True)
class Expected:
    """One `@expect`: its kind, and the rest of its line."""

    kind: str
    rest: str


@dataclass
class Statement:
    """SQL of a party."""

    party: Party
    sql: str
    expected: list[Expected] = field(default_factory=list)


@dataclass
class Call:
    """An operation of an AWS client of a party's account."""

    namespace: str
    service: str
    operation: str
    parameters: Mapping[str, Any]
    expected: list[Expected] = field(default_factory=list)


@dataclass(frozen=True)
class Script:
    """A file, not yet filled in with names."""

    path: Path
    number: int
    ways: tuple[str, ...]
    because: str

    def steps(self, names: Mapping[str, str]) -> list[Statement | Call]:
        """Its steps, with these names for `$name` and the like."""
        return list(_steps(Template(self.path.read_text()).substitute(names)))


def scripts() -> list[Script]:
    """Every script of the folder. Raises MalformedScript for a file of another name."""
    return [_script(path) for path in sorted(FOLDER.glob("*.sql"))]


def _script(path: Path) -> Script:
    named = _FILE_NAME.fullmatch(path.name)
    if named is None:
        raise MalformedScript(path.name)
    said = dict(re.findall(r"^-- @(ways|because) (.+)$", path.read_text(), re.MULTILINE))
    ways = tuple(way.strip() for way in said.get("ways", ", ".join(WAYS)).split(","))
    if not set(ways) <= set(WAYS) or (ways != WAYS and "because" not in said):
        raise MalformedScript(f"{path.name}: @ways {ways}, and why not both")
    return Script(path, int(named[1]), ways, said.get("because", ""))


def _steps(text: str) -> Iterator[Statement | Call]:
    party: Party | None = None
    last: Statement | Call | None = None
    sql: list[str] = []
    for line in text.splitlines():
        if not line.startswith("-- @"):
            if line.strip() and not line.startswith("--"):
                sql.append(line)
            if sql and line.rstrip().endswith(";"):
                if party is None:
                    raise MalformedScript(f"nobody runs {line}")
                last = Statement(party, "\n".join(sql).rstrip().rstrip(";"))
                sql = []
                yield last
            continue
        word, _, rest = line.removeprefix("-- @").partition(" ")
        if sql:
            raise MalformedScript(f"a statement has no end before {line}")
        if word in NAMESPACES:
            party = Party(NAMESPACES[word], *rest.split())
        elif word == "call":
            who, service, operation, parameters = rest.split(" ", 3)
            last = Call(NAMESPACES[who], service, operation, json.loads(parameters))
            yield last
        elif word == "expect" and last is not None:
            kind, _, rest = rest.partition(" ")
            last.expected.append(Expected(kind, rest))
        elif word not in {"ways", "because"}:
            raise MalformedScript(line)
    if sql:
        raise MalformedScript(f"a statement has no end: {sql}")
