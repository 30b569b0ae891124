"""The acceptance scenarios of data sharing by number, and those that have no test yet, with why."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tests.scripts.reading import scripts

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "compat" / "scenarios.md"
TITLES: Final = dict(
    enumerate(
        (
            "A read within one account",
            "Live, no copy",
            "One snapshot a transaction",
            "REVOKE USAGE",
            "A namespace that is not quoted",
            "A namespace that is no GUID",
            "Another account's namespace",
            "The handshake across accounts",
            "Nothing listed before a grant",
            "Authorized too early",
            "An unknown ARN",
            "Deauthorized twice",
            "Authorized again",
            "Disassociated, one by one",
            "Disassociated without association",
            "Rejected",
            "One scope replaces another",
            "One selector of three",
            "One's own account id",
            "The calls of Terraform's resources",
            "Writes with both consents",
            "Writes with one consent",
            "Writes without the producer's grant",
            "DDL by a consumer",
            "TRUNCATE in a transaction",
            "One database written a transaction",
            "A prepared statement gone stale",
            "WITH PERMISSIONS",
            "A second database of a share",
            "Members added twice, removed when absent",
            "INCLUDENEW",
            "Scoped grants to a datashare",
            "ALTER DATASHARE in a transaction",
            "A publicly accessible consumer",
            "AWS Data Exchange",
            "DROP DATASHARE",
            "An external schema",
            "Views",
            "Row-level security and masking",
            "USE and metadata",
            "Connected to a shared database",
            "The columns of SHOW, DESC and the views",
            "The reserved role",
            "DROP USER",
            "Encryption that does not fit",
            "Pages",
            "The AWS wire",
            "IAM",
            "Audit",
            "ARNs of a serverless producer",
        ),
        start=1,
    )
)
PENDING: Final[Mapping[int, str]] = {}


def by_number() -> dict[int, list[tuple[str, str]]]:
    """(test, way) for each number, from the `scenario` marks and the scripts."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for path in sorted((ROOT / "tests" / "node").glob("test_*.py")):
        for number, test in _marked(path):
            found[number].append((f"tests/node/{path.name}::{test}", "clients"))
    for script in scripts():
        for way in script.ways:
            test = f"tests/scripts/test_scripts.py::test_script[{script.path.stem}-{way}]"
            found[script.number].append((test, way))
    return found


def _marked(path: Path) -> Iterator[tuple[int, str]]:
    for function in ast.walk(ast.parse(path.read_text())):
        if isinstance(function, ast.FunctionDef):
            for mark in function.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func).endswith("mark.scenario"):
                    yield from ((ast.literal_eval(each), function.name) for each in mark.args)


def page(results: Mapping[str, str]) -> str:
    """The page, with the result of each test by its id."""
    found = by_number()
    lines = [
        "# Acceptance scenarios",
        "",
        "<!-- Made by `python -m tests.scripts`, which runs them. Do not edit. -->",
        "",
        "Each runs against a node with unmodified clients: `psycopg` and `data-api` (boto3) play a",
        "script of `tests/scripts`, `clients` is a test that uses what it needs of both.",
        "",
        "| | scenario | test | ways | result |",
        "| --- | --- | --- | --- | --- |",
    ]
    for number, title in TITLES.items():
        for test, way in found.get(number, ()):
            result = results.get(test, "not run")
            lines.append(f"| {number} | {title} | `{test}` | {way} | {result} |")
        if number in PENDING:
            lines.append(f"| {number} | {title} | | | pending: {PENDING[number]} |")
    alone = [f"- `{s.path.name}`: psycopg alone: {s.because}" for s in scripts() if s.because]
    return "\n".join([*lines, "", *alone, ""])
