"""COPY bound: the table, the columns its files fill, and the INSERT over the streamed rows.

No option of COPY and no word of a file reaches the engine: it sees columns c0, c1, … of the table's
own types. https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-column-mapping.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from redshare.core.plan import StreamedInput, WriteVerb
from redshare.core.privileges import Privilege
from redshare.core.relation import Column
from redshare.core.sql_errors import FeatureNotSupported, SharedOperationNotSupported, SqlError
from redshare.sql.bound import Bound, finished
from redshare.sql.commands.copy import Copy
from redshare.sql.context import SqlContext
from redshare.sql.dml import assigned, default_of, target
from redshare.sql.dml.insert import next_identity
from redshare.sql.dml.target import columns_named, names_of
from redshare.sql.names import Resolved
from redshare.sql.query import table_alias
from redshare.sql.super.text import parsed
from redshare.sql.types import SUPER, stored_type
from redshare.sql.work import Env, Work, typed

_ALIAS = "loaded"


@dataclass(frozen=True, slots=True)
class LoadTarget:
    """What a COPY fills: `fields` are the columns the files have, `stored` those of them kept."""

    found: Resolved
    fields: tuple[Column, ...]
    stored: tuple[Column, ...]


def copy_target(command: Copy, context: SqlContext) -> LoadTarget:
    """The table and its columns. Raises what resolving does, and for columns that cannot be."""
    found = target(context, command.name, (Privilege.INSERT,))
    options = command.options
    if found.share is not None and options.compupdate in {"on", "preset"}:
        raise SharedOperationNotSupported
    fields = tuple(columns_named(found.relation, list(command.columns) or None))
    identities = [c for c in found.relation.columns if c.identity is not None]
    if options.explicit_ids:
        _check_explicit(identities, fields, found)
    elif command.columns and any(column in fields for column in identities):
        raise SqlError(
            "cannot set an identity column to a value; use EXPLICIT_IDS to load it", "0A000"
        )
    by_name = options.format == "json"
    if by_name and not options.explicit_ids:
        fields = tuple(c for c in fields if c.identity is None)
    stored = tuple(c for c in fields if options.explicit_ids or c.identity is None)
    for column in found.relation.columns:
        absent = column not in stored and column.identity is None
        if absent and not column.nullable and column.default is None:
            raise SqlError(f"Cannot insert a NULL value into column {column.name}", "23502")
    for column in stored:
        if stored_type(column.type).name.startswith("interval"):
            raise FeatureNotSupported(f"COPY into a column of type {column.type} is not supported")
    return LoadTarget(found, fields, stored)


def _check_explicit(
    identities: Sequence[Column], fields: Sequence[Column], found: Resolved
) -> None:
    if not identities:
        name = found.relation.name
        raise SqlError(f"EXPLICIT_IDS: table {name} has no IDENTITY column", "42601")
    if any(column not in fields for column in identities):
        raise SqlError("EXPLICIT_IDS: the column list must have the IDENTITY column", "42601")


def bind_copy(
    place: LoadTarget,
    context: SqlContext,
    schema: Any,  # noqa: ANN401 - a pyarrow.Schema
    rows: Callable[[], Iterator[Any]],
    *,
    new_id: Callable[[], str],
) -> Bound:
    """INSERT INTO t (…) SELECT … FROM (the streamed rows): every column is written."""
    work = Work(context, new_id)
    found, env = place.found, Env(context)
    generates = any(
        c.identity is not None and c not in place.stored for c in found.relation.columns
    )
    # Values that follow on those in the table make it depend on what others inserted.
    work.write(found, WriteVerb.MERGE if generates else WriteVerb.INSERT)
    into = exp.Schema(this=work.use(found), expressions=names_of(found.relation.columns))
    items = [_value(work, env, place, column) for column in found.relation.columns]
    name = work.fresh("stream")
    source = work.own(exp.Table(this=exp.to_identifier(name, quoted=True)))
    names = [(f"c{at}", stored_type(c.type)) for at, c in enumerate(place.stored)]
    source.set("alias", table_alias(_ALIAS, names))
    select = exp.Select(expressions=items, from_=exp.From(this=source))
    bound = finished(work, Copy.tag, exp.Insert(this=into, expression=select))
    assert bound.plan is not None
    return replace(bound, plan=replace(bound.plan, stream=StreamedInput(name, schema, rows)))


def _value(work: Work, env: Env, place: LoadTarget, column: Column) -> exp.Expr:
    if column in place.stored:
        given: exp.Expr = exp.Column(
            this=exp.to_identifier(f"c{place.stored.index(column)}", quoted=True),
            table=exp.to_identifier(_ALIAS, quoted=True),
        )
        kind = stored_type(column.type)
        given = parsed(given) if kind == SUPER else typed(given, kind)
        return assigned(work, given, column)
    if column.identity is not None:
        return next_identity(work, place.found, column)
    return assigned(work, default_of(work, env, column), column)
