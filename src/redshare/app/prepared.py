"""A statement as parsed, and what Describe says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from redshare.sql.commands import Command
from redshare.sql.commands.values import bind as bind_command
from redshare.sql.commands.values import parameters as command_parameters
from redshare.sql.lex import Statement
from redshare.sql.result import ResultColumn


@dataclass(frozen=True, slots=True)
class Prepared:
    """A command of the product, or a statement for the engine; neither where the text is empty."""

    statement: Statement | None
    command: Command | None
    parameter_types: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Description:
    """What Describe answers: Redshift's names of the parameters' types, and the rows' columns."""

    parameters: tuple[str, ...]
    columns: tuple[ResultColumn, ...] | None = None


EMPTY: Final = Prepared(None, None)


def filled(command: Command, values: Sequence[object], *, case_sensitive: bool) -> Command:
    """A command with its placeholders filled in."""
    texts = ["" if value is None else str(value) for value in values]
    return bind_command(command, texts, fold=not case_sensitive)


def placeholders(command: Command) -> tuple[str, ...]:
    """The types of a command's parameters: all are text."""
    return ("character varying",) * len(command_parameters(command))
