"""`redshare world`: a system's accounts, databases and shares as one file, and back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from redshare.adapters.world import (
    apply_contents,
    file_accounts,
    profile_account,
    read_system,
)
from redshare.app.world import WorldError, differences
from redshare.cli.world_file import dump_world, load_keys, load_world

DIFFERENT = 1
FAILURE = 2

app = typer.Typer(
    name="world",
    help="Export, import, compare and apply world files through the AWS API of a running system.",
    no_args_is_help=True,
)

_File = Annotated[Path, typer.Argument(help="The world file; its access keys are used.")]
_Keys = Annotated[
    Path, typer.Argument(help="A world file with access keys, or the line of `serve --json`.")
]
_Endpoint = Annotated[
    str | None,
    typer.Option("--endpoint-url", help="The system's endpoint; without it, AWS."),
]
_Output = Annotated[
    Path | None, typer.Option("--output", help="Where to write; without it, standard output.")
]


@app.command("export")
def export(file: _Keys, endpoint_url: _Endpoint = None, output: _Output = None) -> None:
    """Read the accounts whose keys FILE has, and write their world file."""
    try:
        declared, endpoint = load_keys(file)
        accounts = file_accounts(declared, endpoint_url or endpoint)
        found = read_system(accounts, declared.region, _left_out)
        _write(dump_world(found), output)
    except WorldError as error:
        _fail(error)


@app.command("import")
def import_(
    profile: Annotated[str | None, typer.Option(help="The profile of AWS's configuration.")] = None,
    region: Annotated[str | None, typer.Option(help="The Region; else the profile's.")] = None,
    endpoint_url: _Endpoint = None,
    output: _Output = None,
) -> None:
    """Read the account of a profile, and write its world file. Nothing there is changed."""
    try:
        account, found = profile_account(profile, region, endpoint_url)
        _write(dump_world(read_system([account], found, _left_out)), output)
    except WorldError as error:
        _fail(error)


@app.command()
def diff(file: _File, endpoint_url: _Endpoint = None) -> None:
    """Compare FILE with the system: exit code 0 where it is so, 1 with lines where it is not."""
    try:
        declared = load_world(file)
        found = read_system(file_accounts(declared, endpoint_url), declared.region, _not_compared)
    except WorldError as error:
        _fail(error)
    lines = differences(declared, found)
    for line in lines:
        print(line)
    if lines:
        raise typer.Exit(DIFFERENT)


@app.command()
def apply(file: _File, endpoint_url: _Endpoint = None) -> None:
    """Make what FILE says and the system has not; print what was made."""
    try:
        declared = load_world(file)
        accounts = file_accounts(declared, endpoint_url)
        for line in apply_contents(declared, accounts, file.parent, _not_made):
            print(line, flush=True)
    except WorldError as error:
        _fail(error)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        print(text, end="")
        return
    try:
        output.write_text(text, "utf-8")
    except OSError as error:
        raise WorldError(f"{output}: {error.strerror}") from error


def _left_out(what: str) -> None:
    print(f"redshare: not in the file: {what}", file=sys.stderr)


def _not_compared(what: str) -> None:
    print(f"redshare: not compared: {what}", file=sys.stderr)


def _not_made(what: str) -> None:
    print(f"redshare: not made: {what}", file=sys.stderr)


def _fail(error: WorldError) -> NoReturn:
    print(f"redshare: {error}", file=sys.stderr)
    raise typer.Exit(FAILURE)
