"""What every definition of a table or view needs: its engine name, its defaults, its shares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlglot import exp

from redshare.core.catalog import Change, Put
from redshare.core.privileges import TABLE_PRIVILEGES, ObjectKind, Privilege
from redshare.core.relation import Column, Relation
from redshare.core.share import Datashare
from redshare.core.sql_errors import SqlError
from redshare.sql.context import SqlContext
from redshare.sql.lex import split
from redshare.sql.names import Resolved, ResolvedSchema
from redshare.sql.parse import parse
from redshare.sql.query import binder
from redshare.sql.scope import Scope
from redshare.sql.work import Env, Work


def quoted(name: str) -> str:
    """An engine identifier."""
    return '"' + name.replace('"', '""') + '"'


def lake_name(found: Resolved) -> str:
    """The engine's name of a relation's table."""
    return f'{quoted(f"lake_{found.lake}")}."main".{quoted(found.relation.lake_table)}'


def resolved_new(place: ResolvedSchema, relation: Relation) -> Resolved:
    """A relation that is being made, in its place."""
    return Resolved(
        place.place.database,
        place.schema,
        relation,
        place.place.lake,
        place.place.share,
        place.place.decision,
    )


def joining_shares(
    context: SqlContext, place: ResolvedSchema, relation: Relation, *, shareable: bool = True
) -> Iterator[Change]:
    """The shares a new relation joins: the one it was made through, and those with INCLUDENEW."""
    if relation.temporary:
        return
    through = place.place.share
    for share in context.catalog.datashares_of(place.place.storage.namespace):
        privileges = frozenset[Privilege]()
        if through is not None and share.share_key == through.share_key:
            privileges = TABLE_PRIVILEGES
        elif _includes_new(share, relation) and shareable:
            privileges = frozenset({Privilege.SELECT})
        if shareable:
            contents = share.contents
            privileges |= contents.scope(ObjectKind.TABLES, relation.schema)
            privileges |= contents.scope(ObjectKind.TABLES)
        if privileges:
            contents = share.contents.grant_relation(
                relation.relation_id, relation.schema, privileges
            )
            yield Put(replace(share, contents=contents))


def emptied(context: SqlContext, found: Resolved) -> Iterator[Change]:
    """What TRUNCATE changes of a table in a datashare: statements prepared on it are stale."""
    relation = found.relation
    storage = context.catalog.database(relation.database)
    if storage is None or relation.temporary:
        return
    shares = context.catalog.datashares_of(storage.namespace)
    if any(share.contents.has(relation.relation_id) for share in shares):
        yield Put(replace(relation, truncated=relation.truncated + 1))


def _includes_new(share: Datashare, relation: Relation) -> bool:
    member = share.contents.schema(relation.schema)
    return member is not None and member.include_new


def check_default(work: Work, context: SqlContext, column: Column) -> None:
    """A DEFAULT is an expression without columns, queries and parameters."""
    if column.default is None:
        return
    tree = parse(split(f"SELECT {column.default}")[0])
    if not isinstance(tree, exp.Select) or len(tree.expressions) != 1 or len(tree.args) != 1:
        leftover = [k for k, v in tree.args.items() if v and k != "expressions"]
        if leftover or not isinstance(tree, exp.Select) or len(tree.expressions) != 1:
            raise SqlError("syntax error in a column's default", "42601")
    if any(tree.find_all(exp.Column, exp.Query)) and next(tree.find_all(exp.Column), None):
        raise SqlError("cannot use column references in default expression", "0A000")
    if len(list(tree.find_all(exp.Query))) > 1 or tree.find(exp.Parameter):
        raise SqlError("cannot use subquery in default expression", "0A000")
    binder(work, Scope(Env(context))).bind(tree.expressions[0])
