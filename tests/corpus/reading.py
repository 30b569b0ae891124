"""The corpus's fixture files: statements with what Redshift answers, one area a file.

Blocks are separated by an empty line; `#` begins a comment line. A block is one of

    statement                     runs without an error
    query [type ...]              answers the rows after `----`, in that order
    error SQLSTATE [text]         fails as Redshift fails
    refused [text]                runs on Redshift and is refused here by name, always 0A000

and the statement. Cells are the text form, separated by `|`; NULL is NULL, an empty string (empty).
Types are the wire's: int4, numeric(10,2), varchar. `----` without rows means that none come.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
KINDS = frozenset({"statement", "query", "error", "refused"})


@dataclass(frozen=True)
class Block:
    """One statement and what is expected of it; `words` is what stands behind the kind."""

    area: str
    line: int
    kind: str
    words: tuple[str, ...]
    sql: str
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def name(self) -> str:
        """Where it stands."""
        return f"{self.area}:{self.line}"


def areas() -> list[str]:
    """The areas, by name."""
    return sorted(path.stem for path in HERE.glob("*.test"))


def blocks(area: str) -> Iterator[Block]:
    """The blocks of an area's file. Raises ValueError where one is not of the form above."""
    lines = (HERE / f"{area}.test").read_text().splitlines()
    start: int | None = None
    for number, line in enumerate([*lines, ""]):
        if line.strip() and start is None:
            start = number
        elif not line.strip() and start is not None:
            kept = [text for text in lines[start:number] if not text.startswith("#")]
            if kept:
                yield _block(area, start + 1, kept)
            start = None


def _block(area: str, line: int, lines: list[str]) -> Block:
    kind, *words = lines[0].split()
    if kind not in KINDS or len(lines) < 2:
        raise ValueError(f"{area}:{line}: not a block: {lines[0]}")
    rows: list[tuple[str, ...]] = []
    body = lines[1:]
    if kind == "query":
        if "----" not in body:
            raise ValueError(f"{area}:{line}: a query without ----")
        cut = body.index("----")
        rows = [tuple(cell.strip() for cell in row.split("|")) for row in body[cut + 1 :]]
        body = body[:cut]
    return Block(area, line, kind, tuple(words), "\n".join(body), tuple(rows))
