"""What binding answers, and the one place where a checked tree becomes engine SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ErrorLevel, SqlglotError

from redshare.core.access import ShareUse
from redshare.core.catalog import Change
from redshare.core.plan import EnginePlan
from redshare.sql.barrier import raise_barriers
from redshare.sql.constants import Constant, constants
from redshare.sql.result import ResultColumn
from redshare.sql.shapes import check
from redshare.sql.work import Work, refuse

_DIALECT: Final = DuckDB()


@dataclass(frozen=True, slots=True)
class Bound:
    """What is to be run, and what must be known to run it.

    `parameters` are the types of $1…$n, `columns` those of the rows, if it answers any, and
    `constants` the only row, where it is known. `changes` commit together with the plan.
    """

    tag: str
    plan: EnginePlan | None
    parameters: tuple[str, ...] = ()
    uses: frozenset[ShareUse] = frozenset()
    wrote_share: bool = False
    changes: tuple[Change, ...] = ()
    columns: tuple[ResultColumn, ...] = ()
    constants: tuple[Constant, ...] | None = None


def generate(tree: exp.Expr, work: Work) -> str:
    """Engine SQL of a checked tree."""
    if work.applied:
        raise_barriers(tree)
    check(tree, work.tables)
    try:
        generator = _DIALECT.generator(
            identify=True, comments=False, unsupported_level=ErrorLevel.RAISE
        )
        return str(generator.generate(tree, copy=False))
    except SqlglotError as error:
        raise refuse("this statement") from error


def engine_plan(work: Work, sql: str, *, returns_rows: bool) -> EnginePlan:
    """The plan of what `work` gathered."""
    return EnginePlan(
        sql,
        work.lakes(),
        tuple(work.targets),
        tuple(work.inputs),
        returns_rows=returns_rows,
        applied=tuple(sorted(work.applied)),
    )


def finished(
    work: Work, tag: str, tree: exp.Expr, columns: tuple[ResultColumn, ...] | None = None
) -> Bound:
    """The bound statement of a rebuilt tree; `columns` of one that answers rows."""
    parameters = work.finish_parameters()
    sql = generate(tree, work)
    plan = engine_plan(work, sql, returns_rows=columns is not None)
    return Bound(
        tag,
        plan,
        parameters,
        uses=frozenset(work.uses),
        wrote_share=work.wrote_share,
        columns=columns or (),
        constants=constants(tree) if columns else None,
    )
