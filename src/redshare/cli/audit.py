"""`redshare audit verify`: prove that the audit is whole.

Exit code 0 where it is, 1 where the chain is broken (it names the row's sequence number), 2
where it cannot be read.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from redshare.adapters.directory import DirectoryInUse
from redshare.adapters.postgres import PostgresError
from redshare.adapters.store.proof import NoChain, Proof
from redshare.bootstrap import prove_audit
from redshare.core.errors import RedshareError

app = typer.Typer(help="The record of who changed what.", no_args_is_help=True)

BROKEN = 1
USAGE_ERROR = 2


@app.callback()
def audit() -> None:
    """The record of who changed what."""


@app.command()
def verify(
    directory: Annotated[Path, typer.Option("--dir", help="The node's directory.")] = Path(
        ".redshare"
    ),
    store_url: Annotated[
        str | None,
        typer.Option(envvar="REDSHARE_STORE_URL", help="The PostgreSQL that keeps the state."),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Read the audit's chain of hashes from its start; the node may run meanwhile."""
    try:
        proof = prove_audit(directory, store_url)
    except NoChain:
        _fail("the state has no audit chain: it is of an older version, or not a node's")
    except (DirectoryInUse, PostgresError, OSError) as error:
        _fail(str(error))
    except RedshareError as error:
        _fail(error.message)
    typer.echo(_json(proof) if json_ else _text(proof))
    if proof.broken is not None:
        raise typer.Exit(BROKEN)


def _text(proof: Proof) -> str:
    if proof.broken is None:
        return f"The audit is whole: {proof.rows} rows, last hash {proof.head}"
    return f"The audit is broken at row {proof.broken.sequence}: {proof.broken.reason}"


def _json(proof: Proof) -> str:
    broken = proof.broken
    return json.dumps(
        {
            "whole": broken is None,
            "rows": proof.rows,
            "head": proof.head,
            "broken_at": None if broken is None else broken.sequence,
            "reason": None if broken is None else broken.reason,
        }
    )


def _fail(message: str) -> NoReturn:
    print(f"redshare: {message}", file=sys.stderr)
    raise typer.Exit(USAGE_ERROR)
