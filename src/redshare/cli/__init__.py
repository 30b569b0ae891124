"""The command line: thin commands, each with `--json`."""

from __future__ import annotations

import typer

from redshare import __version__
from redshare.cli.audit import app as audit
from redshare.cli.demo import demo
from redshare.cli.serve import serve
from redshare.cli.why import why
from redshare.cli.world import app as world

app = typer.Typer(
    name="redshare",
    help="Amazon Redshift data sharing that anyone can run.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)
app.command()(serve)
app.command()(demo)
app.command()(why)
app.add_typer(audit, name="audit")
app.add_typer(world, name="world")


@app.command()
def version() -> None:
    """The version."""
    typer.echo(__version__)


def main() -> None:
    """Run the command line."""
    app()
