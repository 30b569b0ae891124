"""MERGE … REMOVE DUPLICATES: what matches is deleted, and every row of the source inserted.

So of several rows that match one row of the source a single one is left, with its values.
https://docs.aws.amazon.com/redshift/latest/dg/r_MERGE.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlglot import exp

from redshare.core.privileges import Privilege
from redshare.core.sql_errors import SqlError
from redshare.sql.bound import Bound, engine_plan, generate
from redshare.sql.cursor import Cursor
from redshare.sql.dml.assigned import assigned, check_assignable
from redshare.sql.dml.merge import merged
from redshare.sql.dml.target import names_of
from redshare.sql.lex import Statement, split
from redshare.sql.parse import parse, syntax_error
from redshare.sql.rewrite.rule import present
from redshare.sql.scope import Scope
from redshare.sql.work import Env, Work, refuse, type_of

_WORDS: Final = ("REMOVE", "DUPLICATES")
#: What the parser is given in their place: it takes no MERGE without a WHEN.
_INSTEAD: Final = " WHEN MATCHED THEN DELETE"
_NEEDS: Final = frozenset({Privilege.SELECT, Privilege.INSERT, Privilege.DELETE})


def removes_duplicates(statement: Statement) -> bool:
    """Whether this is a MERGE in the simplified form."""
    cursor = Cursor(statement)
    if not cursor.take("MERGE"):
        return False
    cursor.at = max(len(cursor.tokens) - len(_WORDS), 0)
    return cursor.take(*_WORDS)


def bind_remove_duplicates(work: Work, statement: Statement) -> Bound:
    """MERGE INTO t USING s ON … REMOVE DUPLICATES. Raises SqlError kinds."""
    cursor = Cursor(statement)
    end = cursor.tokens[-len(_WORDS)].start
    (plain,) = split(statement.clean[:end] + _INSTEAD)
    tree = parse(
        replace(plain, offset=statement.offset), case_sensitive=work.session.case_sensitive
    )
    if not isinstance(tree, exp.Merge) or len(tree.args["whens"].expressions) != 1:
        raise syntax_error(": REMOVE DUPLICATES stands in the place of WHEN")
    present(tree, "this", "using", "on", "whens")
    scope = Scope(Env(work.session))
    found, table, using, on = merged(work, tree, scope, set(_NEEDS))
    (source,) = scope.sources[1:]
    columns = found.relation.columns
    if len(source.columns) != len(columns):
        raise SqlError(
            "MERGE with REMOVE DUPLICATES needs a source with the columns of the target", "0A000"
        )
    items = []
    for column, given in zip(columns, source.columns, strict=True):
        value = given.reference()
        check_assignable(type_of(value), column)
        items.append(assigned(work, value, column))
    into = exp.Schema(this=work.use(found), expressions=names_of(columns))
    rows = exp.Select(expressions=items, from_=exp.From(this=work.again(using)))
    delete = exp.Delete(this=table, using=[using], where=exp.Where(this=on))
    insert = exp.Insert(this=into, expression=rows)
    if work.finish_parameters():
        raise refuse("a parameter in MERGE with REMOVE DUPLICATES")
    # The source is looked at once more after the deletion, which it cannot see: what was wrong
    # with it has been found by then.
    sql = f"{generate(delete, work)}; {generate(insert, work)}"
    plan = engine_plan(work, sql, returns_rows=False)
    return Bound("MERGE", plan, uses=frozenset(work.uses), wrote_share=work.wrote_share)
