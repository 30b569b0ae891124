"""ALTER TABLE, VIEW and MATERIALIZED VIEW, bound: lake and catalogue change together.

https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import assert_never

from redshare.core.catalog import Put
from redshare.core.plan import WriteVerb
from redshare.core.privileges import Privilege
from redshare.core.relation import Column, Constraint, Relation, RelationKind
from redshare.core.sql_errors import (
    DuplicateObject,
    FeatureNotSupported,
    InsufficientPrivilege,
    SharedOperationNotSupported,
    SqlError,
    UndefinedColumn,
    UndefinedObject,
)
from redshare.sql.bound import Bound
from redshare.sql.commands import table as commands
from redshare.sql.context import SqlContext
from redshare.sql.cursor import Cursor
from redshare.sql.ddl.column_syntax import check_encoding, read_column, read_constraint, read_type
from redshare.sql.ddl.definitions import check_default, lake_name, quoted
from redshare.sql.ddl.drop import Dropping, local, named_as, resolved
from redshare.sql.dependents import blocked, broken_by
from redshare.sql.lex import split
from redshare.sql.may import owns
from redshare.sql.names import Resolved
from redshare.sql.policy.applied import uses_column
from redshare.sql.policy.body import looking_up
from redshare.sql.policy.protection import with_masking, with_row_security
from redshare.sql.query import bind_query
from redshare.sql.types import MAX_VARCHAR, engine_type, stored_type
from redshare.sql.work import Work, refuse

_PLAIN = re.compile(r"(?i:true|false|null)|[+-]?[0-9]+(\.[0-9]+)?")
#: What can be said of a materialized view's rows as well.
_PHYSICAL = (commands.AlterDistStyle, commands.AlterSortKey, commands.AutoRefresh)
#: What a consumer may do to a shared table.
_SHAREABLE = (
    commands.RenameTo,
    commands.RenameColumn,
    commands.AddColumn,
    commands.DropColumn,
)
#: What security administrators say, whoever owns the relation, of views as well.
_PROTECTING = (commands.RowLevelSecurity, commands.Masking)


def bind_alter(command: commands.AlterRelation, context: SqlContext, work: Work) -> Bound:
    """ALTER TABLE or VIEW with its one action. Raises SqlError kinds."""
    shareable = isinstance(command.action, _SHAREABLE)
    needs = () if isinstance(command.action, _PROTECTING) else (Privilege.ALTER,)
    found = resolved(context, tuple(command.name), *needs, shareable=shareable)
    _check_kind(command, found)
    sql, relation = _act(command.action, found, context, work)
    dropping = Dropping(context, work)
    _check_views(command.action, found, relation, dropping, work)
    if sql:
        work.use(found)
        work.write(found, WriteVerb.DDL)
        dropping.run(f"ALTER TABLE {lake_name(found)} {sql}")
    elif found.share is not None:
        work.reach(found.database, found.relation.relation_id)
        work.wrote_share = True
    dropping.change(Put(relation))
    return dropping.bound(command.tag)


def _check_views(
    action: commands.TableAction, found: Resolved, changed: Relation, dropping: Dropping, work: Work
) -> None:
    """A column that a view shows stays as it is, or its views go with it."""
    context, relation = dropping.context, found.relation
    match action:
        case (
            commands.DropColumn(column)
            | commands.RenameColumn(column)
            | commands.AlterColumnType(column)
        ) if (
            policy := uses_column(context.catalog, relation, column)
            or looking_up(context, relation, column, work.new_id, bind_query)
        ) is not None:
            raise SqlError(
                f"cannot alter column {column} of table {relation.name} because policy "
                f"{policy.name} depends on it",
                "2BP01",
            )
        case commands.DropColumn(column, cascade):
            views = broken_by(context, changed, work.new_id)
            if views and (found.share is not None or not cascade):
                raise blocked(f"column {column} of table", relation.name)
            for view in views:
                dropping.drop(local(dropping.context, view), cascade=True)
        case commands.RenameColumn():
            if broken_by(context, changed, work.new_id):
                raise refuse("renaming a column that a view uses")
        case commands.AlterColumnType(column):
            rest = tuple(c for c in relation.columns if c.name != column)
            if broken_by(context, replace(relation, columns=rest), work.new_id):
                raise FeatureNotSupported("cannot alter type of a column used by a view or rule")
        case _:
            pass


def _check_kind(command: commands.AlterRelation, found: Resolved) -> None:
    view = found.relation.kind is not RelationKind.TABLE
    movable = isinstance(command.action, (commands.RenameTo, commands.OwnerTo))
    materialized = found.relation.kind is RelationKind.MATERIALIZED_VIEW
    if materialized and isinstance(command.action, _PHYSICAL):
        movable = command.kind is commands.RelationKind.MATERIALIZED_VIEW
    if command.kind is not commands.RelationKind.TABLE and named_as(found.relation) != command.kind:
        raise SqlError(f'"{found.relation.name}" is not a {command.kind.lower()}', "42809")
    protects = isinstance(command.action, _PROTECTING) and found.share is None
    if view and not (movable or protects):
        raise SqlError(f'"{found.relation.name}" is not a table', "42809")
    if found.share is not None and view:
        raise SharedOperationNotSupported


def _act(
    action: commands.TableAction, found: Resolved, context: SqlContext, work: Work
) -> tuple[str, Relation]:
    """The engine's clause (empty where only the catalogue changes) and the relation after it."""
    relation = found.relation
    match action:
        case commands.RenameTo(new_name):
            return "", _renamed(context, relation, new_name)
        case commands.RenameColumn(column, new_name):
            return _rename_column(relation, column, new_name)
        case commands.AddColumn(column, definition):
            return _add_column(relation, column, definition, context, work)
        case commands.DropColumn(column):
            return _drop_column(relation, column)
        case commands.AlterColumnType(column, kind):
            return "", _widened(relation, column, kind)
        case commands.AlterColumnEncode(changes):
            for column, encoding in changes:
                made = replace(_column(relation, column), encoding=encoding.lower())
                check_encoding(made)
                relation = _with(relation, column, made)
            return "", relation
        case commands.OwnerTo(owner):
            return "", _owned(context, relation, owner)
        case commands.AddConstraint(definition):
            constraint = _constraint(relation, definition)
            return "", replace(relation, constraints=(*relation.constraints, constraint))
        case commands.DropConstraint(name):
            return "", _without_constraint(relation, name)
        case commands.AlterDistStyle(style, key):
            return "", _distributed(relation, style, key)
        case commands.AlterSortKey():
            return "", _sorted(relation, action)
        case commands.AlterEncodeAuto():
            return "", relation
        case commands.AutoRefresh(on):
            if relation.kind is not RelationKind.MATERIALIZED_VIEW:
                raise SqlError(f'"{relation.name}" is not a materialized view', "42809")
            return "", replace(relation, auto_refresh=on)
        case commands.RowLevelSecurity():
            return "", with_row_security(context, relation, action, work.new_id)
        case commands.Masking(on):
            return "", with_masking(context, relation, on=on)
        case commands.SetSchema():
            raise refuse(f"ALTER TABLE … {type(action).__name__}")
        case _:
            assert_never(action)


def _column(relation: Relation, name: str) -> Column:
    found = relation.column(name)
    if found is None:
        raise UndefinedColumn(f'column "{name}" of relation "{relation.name}" does not exist')
    return found


def _with(relation: Relation, name: str, made: Column) -> Relation:
    return replace(relation, columns=tuple(made if c.name == name else c for c in relation.columns))


def _renamed(context: SqlContext, relation: Relation, new_name: str) -> Relation:
    if context.catalog.relation_named(relation.schema, new_name) is not None:
        raise DuplicateObject(f'Relation "{new_name}" already exists', "42P07")
    return replace(relation, name=new_name)


def _rename_column(relation: Relation, name: str, new_name: str) -> tuple[str, Relation]:
    column = _column(relation, name)
    _require_free(relation, new_name)
    constraints = tuple(
        replace(c, columns=tuple(new_name if x == name else x for x in c.columns))
        for c in relation.constraints
    )
    changed = replace(
        _with(relation, name, replace(column, name=new_name)), constraints=constraints
    )
    return f"RENAME COLUMN {quoted(name)} TO {quoted(new_name)}", changed


def _require_free(relation: Relation, name: str) -> None:
    # The engine's names know no letter case, so neither may ours within one table.
    if any(column.name.lower() == name.lower() for column in relation.columns):
        raise DuplicateObject(
            f'column "{name}" of relation "{relation.name}" already exists', "42701"
        )


def _add_column(
    relation: Relation, name: str, definition: str, context: SqlContext, work: Work
) -> tuple[str, Relation]:
    """ADD COLUMN: existing rows get the default; NOT NULL needs one."""
    _require_free(relation, name)
    column = read_column(name, definition)
    if column.identity is not None or column.distkey or column.sortkey:
        raise refuse("ADD COLUMN with IDENTITY, DISTKEY or SORTKEY")
    check_default(work, context, column)
    if not column.nullable and column.default is None:
        raise SqlError(
            "ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression",
            "0A000",
        )
    sql = f"ADD COLUMN {quoted(name)} {engine_type(stored_type(column.type))}"
    if column.default is not None:
        sql += f" DEFAULT {_constant(column)}"
    return sql, replace(relation, columns=(*relation.columns, column))


def _constant(column: Column) -> str:
    """A literal default, in the engine's words: what the lake can give to rows that exist."""
    cursor = Cursor(split(f"{column.default}")[0])
    token = cursor.token
    if token is None or len(cursor.tokens) > 2:
        raise FeatureNotSupported("ADD COLUMN with a default that is not a literal")
    text = str(token.text)
    if column.default is not None and column.default.lstrip().startswith("'"):
        return "'" + text.replace("'", "''") + "'"
    plain = (column.default or "").strip()
    if _PLAIN.fullmatch(plain):
        return plain.upper()
    raise FeatureNotSupported("ADD COLUMN with a default that is not a literal")


def _drop_column(relation: Relation, name: str) -> tuple[str, Relation]:
    column = _column(relation, name)
    if len(relation.columns) == 1:
        raise SqlError("cannot drop the only column of a table", "0A000")
    if column.distkey or column.sortkey:
        raise SqlError(f'cannot drop column "{name}": it is a distribution or sort key', "0A000")
    columns = tuple(c for c in relation.columns if c.name != name)
    constraints = tuple(c for c in relation.constraints if name not in c.columns)
    changed = replace(relation, columns=columns, constraints=constraints)
    return f"DROP COLUMN {quoted(name)}", changed


def _widened(relation: Relation, name: str, text: str) -> Relation:
    """ALTER COLUMN TYPE: only a longer VARCHAR, which the data fit already."""
    column = _column(relation, name)
    cursor = Cursor(split(text)[0])
    wanted = read_type(cursor)
    cursor.finish()
    if column.default is not None:
        raise SqlError(f'cannot alter type of column "{name}" that has a default', "0A000")
    old = stored_type(column.type)
    if old.name != "character varying" or wanted.name != old.name:
        raise SqlError(f'cannot alter type of column "{name}" from {old} to {wanted}', "0A000")
    if (wanted.a or MAX_VARCHAR) < (old.a or MAX_VARCHAR):
        raise FeatureNotSupported("ALTER COLUMN TYPE to a shorter VARCHAR is not supported")
    return _with(relation, name, replace(column, type=str(wanted)))


def _owned(context: SqlContext, relation: Relation, owner: str) -> Relation:
    if not owns(context, relation):
        raise InsufficientPrivilege(f"must be owner of relation {relation.name}")
    user = context.catalog.user(context.namespace.namespace_id, owner)
    if user is None:
        raise UndefinedObject(f'user "{owner}" does not exist')
    return replace(relation, owner=user.user_id)


def _constraint(relation: Relation, definition: str) -> Constraint:
    found: Constraint = read_constraint(definition)
    for name in found.columns:
        _column(relation, name)
    if found.kind == "PRIMARY KEY" and any(c.kind == found.kind for c in relation.constraints):
        raise SqlError(
            f'multiple primary keys for table "{relation.name}" are not allowed', "42P16"
        )
    wanted = relation.constraint_name(found)
    if any(relation.constraint_name(c) == wanted for c in relation.constraints):
        raise DuplicateObject(
            f'constraint "{wanted}" for relation "{relation.name}" already exists'
        )
    return found


def _without_constraint(relation: Relation, name: str) -> Relation:
    kept = tuple(c for c in relation.constraints if relation.constraint_name(c) != name)
    if len(kept) == len(relation.constraints):
        raise UndefinedObject(f'constraint "{name}" of relation "{relation.name}" does not exist')
    return replace(relation, constraints=kept)


def _distributed(relation: Relation, style: str, key: str | None) -> Relation:
    if key is not None:
        _column(relation, key)
    columns = tuple(replace(c, distkey=c.name == key) for c in relation.columns)
    return replace(relation, columns=columns, diststyle=style.upper())


def _sorted(relation: Relation, action: commands.AlterSortKey) -> Relation:
    if action.interleaved:
        raise refuse("ALTER TABLE … ALTER INTERLEAVED SORTKEY")
    for name in action.columns:
        _column(relation, name)
    columns = tuple(
        replace(c, sortkey=action.columns.index(c.name) + 1 if c.name in action.columns else 0)
        for c in relation.columns
    )
    style = "COMPOUND" if action.columns else ("AUTO" if action.automatic else "")
    return replace(relation, columns=columns, sortstyle=style)
