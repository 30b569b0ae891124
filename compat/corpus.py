"""`python -m compat.corpus`: docs/compat/corpus.md, from what `make test` holds true."""

from __future__ import annotations

from collections import Counter

from compat.client import ROOT
from tests.corpus.reading import areas, blocks

PAGE = ROOT / "docs/compat/corpus.md"


def page() -> str:
    """Statements by area and outcome, then the refused ones by name."""
    lines = [
        "# The SQL corpus",
        "",
        "Made by `python -m compat.corpus` from `tests/corpus`, where every statement has the",
        "rows, types or error that Redshift gives; `make test` runs them through the wire.",
        "",
        "| area | statements | Redshift's answer | refused by name |",
        "| --- | --- | --- | --- |",
    ]
    whole: Counter[str] = Counter()
    refused: list[str] = []
    for area in areas():
        found = list(blocks(area))
        count = Counter("refused" if block.kind == "refused" else "right" for block in found)
        whole += count
        lines.append(f"| {area} | {len(found)} | {count['right']} | {count['refused']} |")
        refused += [
            f"| {b.area} | `{' '.join(b.sql.split())[:110]}` | {' '.join(b.words)} |"
            for b in found
            if b.kind == "refused"
        ]
    total, right = whole.total(), whole["right"]
    lines += [
        f"| **all** | {total} | {right} ({right / total:.1%}) | {whole['refused']} |",
        "",
        "## Refused",
        "",
        "| area | statement | refused as |",
        "| --- | --- | --- |",
        *refused,
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page())
