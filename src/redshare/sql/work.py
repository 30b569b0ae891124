"""What accumulates while one statement is bound: lakes, shares, targets, inputs, parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from sqlglot import exp

from redshare.core.access import ShareUse
from redshare.core.database import Database
from redshare.core.ids import FunctionId, LakeId, RelationId
from redshare.core.plan import InputTable, LakeUse, WriteTarget, WriteVerb
from redshare.core.policy import AppliedPolicy
from redshare.core.sql_errors import FeatureNotSupported, SqlError
from redshare.sql.context import SqlContext
from redshare.sql.names import Resolved
from redshare.sql.types import (
    OPEN_NUMERIC,
    SUPER,
    UNKNOWN,
    VARCHAR,
    SqlType,
    engine_cast,
    engine_type,
    stored_type,
)
from redshare.sql.views.model import SystemView, ViewRows

#: How deep views may refer to views.
MAX_VIEW_DEPTH: Final = 32
_TYPE = "redshift_type"


def typed(node: exp.Expr, kind: SqlType) -> exp.Expr:
    """`node`, known to be of that type."""
    node.meta[_TYPE] = kind
    return node


def type_of(node: object) -> SqlType:
    """What `typed` said of a node; UNKNOWN is a bare string literal or NULL."""
    if not isinstance(node, exp.Expr):
        return UNKNOWN
    found = node.meta.get(_TYPE, UNKNOWN)
    assert isinstance(found, SqlType)
    return found


@dataclass(frozen=True, slots=True)
class Cte:
    """A common table expression: the engine knows it by a name no user chose."""

    internal: str
    columns: tuple[tuple[str, SqlType], ...]


@dataclass(frozen=True, slots=True)
class Env:
    """In whose name names are resolved (a view's owner inside a view), and the CTEs in sight."""

    context: SqlContext
    ctes: Mapping[str, Cte] = field(default_factory=dict)
    depth: int = 0
    #: What $1… stand for inside a function's body.
    arguments: tuple[exp.Expr, ...] | None = None

    def with_cte(self, name: str, cte: Cte) -> Env:
        """With one more CTE in sight."""
        return replace(self, ctes={**self.ctes, name: cte})


@dataclass(slots=True)
class _Lake:
    may_write: bool
    tables: set[str] | None


@dataclass(slots=True)
class Work:
    """One statement's binding. `session` is who asks, whatever view is being expanded."""

    session: SqlContext
    new_id: Callable[[], str]
    parameter_types: dict[int, SqlType] = field(default_factory=dict)
    #: Of parameters whose values are known: precision and scale, were they numeric.
    numerics: Mapping[int, SqlType] = field(default_factory=dict)
    inputs: list[InputTable] = field(default_factory=list)
    targets: list[WriteTarget] = field(default_factory=list)
    uses: set[ShareUse] = field(default_factory=set)
    wrote_share: bool = False
    tables: list[exp.Table] = field(default_factory=list)
    #: What the statement itself names, views' insides apart: a name to a relation's id, and
    #: functions' ids.
    named: dict[tuple[str, ...], Resolved] = field(default_factory=dict)
    functions: set[str] = field(default_factory=set)
    #: Every relation that is read, views' insides too, by its id.
    read: set[RelationId] = field(default_factory=set)
    #: The row-level security that leaves out rows which the user may not see.
    applied: set[AppliedPolicy] = field(default_factory=set)
    _inputs: list[tuple[SystemView, SqlContext, str]] = field(default_factory=list)
    _lakes: dict[LakeId, _Lake] = field(default_factory=dict)
    _parameters: list[tuple[int, exp.Expr]] = field(default_factory=list)
    _count: int = 0

    def fresh(self, prefix: str) -> str:
        """A name nobody can have typed."""
        self._count += 1
        return f"{prefix}_{self._count}_{self.new_id()}".replace("-", "")

    def own(self, table: exp.Table) -> exp.Table:
        """Mark a table node as the binder's: the last check lets no other pass."""
        self.tables.append(table)
        return table

    def again(self, node: exp.Expr) -> exp.Expr:
        """A copy of a bound tree for a second place, with its relations and parameters known."""
        mine = {id(table) for table in self.tables}
        copied = node.copy()
        for table, copy in zip(node.find_all(exp.Table), copied.find_all(exp.Table), strict=True):
            if id(table) in mine:
                self.own(copy)
        for holder in copied.find_all(exp.Paren):
            if "parameter" in holder.meta:
                self._parameters.append((holder.meta["parameter"], holder))
        return copied

    # --- lakes ----------------------------------------------------------------------------

    def use(self, found: Resolved) -> exp.Table:
        """The engine's name of a relation's data, noted as used."""
        self.use_lake(found, found.relation.lake_table)
        return self.own(
            exp.Table(
                this=exp.to_identifier(found.relation.lake_table, quoted=True),
                db=exp.to_identifier("main", quoted=True),
                catalog=exp.to_identifier(f"lake_{found.lake}", quoted=True),
            )
        )

    def use_lake(self, found: Resolved, table: str) -> None:
        """Note a lake; through a share only the named tables of it."""
        storage = self.session.catalog.database(found.relation.database)
        foreign = storage is None or storage.namespace != self.session.namespace.namespace_id
        may_write = not foreign or bool(found.decision and found.decision.writes)
        old = self._lakes.get(found.lake)
        if old is None:
            old = self._lakes[found.lake] = _Lake(may_write, set() if foreign else None)
        old.may_write = old.may_write or may_write
        if old.tables is not None:
            old.tables.add(table)
        if found.share is not None:
            self.reach(found.database, found.relation.relation_id)

    def reach(self, database: Database, member: RelationId | FunctionId) -> None:
        """Note what is reached through a share, by the database made from it."""
        assert database.source is not None, "only shared databases stand for a share"
        self.uses.add(ShareUse(database.source.share, member, database.source.catalog))

    def write(self, found: Resolved, verb: WriteVerb) -> None:
        """Note a written table."""
        self.targets.append(WriteTarget(found.lake, found.relation.lake_table, verb))
        self.wrote_share = self.wrote_share or found.share is not None

    def lakes(self) -> tuple[LakeUse, ...]:
        """All lakes used."""
        return tuple(
            LakeUse(lake, use.may_write, None if use.tables is None else frozenset(use.tables))
            for lake, use in self._lakes.items()
        )

    # --- rows the node supplies -----------------------------------------------------------

    def input(self, view: SystemView, context: SqlContext) -> exp.Table:
        """A system view as a table of rows beside the plan, once however often it is named."""
        name = next((n for v, c, n in self._inputs if v is view and c is context), None)
        if name is None:
            name = self.fresh("input")
            self._inputs.append((view, context, name))
            columns = tuple((c, engine_type(stored_type(kind))) for c, kind in view.all_columns)
            self.inputs.append(InputTable(name, columns, ViewRows(view, context)))
        return self.own(exp.Table(this=exp.to_identifier(name, quoted=True)))

    # --- parameters -----------------------------------------------------------------------

    def parameter(self, number: int) -> exp.Expr:
        """A placeholder; its type may become known later."""
        holder = exp.Paren(this=exp.Parameter(this=exp.Literal.number(number)))
        holder.meta["parameter"] = number
        self._parameters.append((number, holder))
        return typed(holder, self.parameter_types.get(number, UNKNOWN))

    def infer(self, node: object, kind: SqlType) -> None:
        """If `node` is a parameter of unknown type, it is of that one."""
        if not isinstance(node, exp.Expr) or kind == UNKNOWN:
            return
        number = node.meta.get("parameter")
        if number is None:
            if isinstance(node, (exp.Paren, exp.Neg)) and type_of(node) == UNKNOWN:
                self.infer(node.this, kind)
                typed(node, type_of(node.this))
            return
        self.expect(number, kind)
        typed(node, self.parameter_types.get(number, UNKNOWN))

    def expect(self, number: int, kind: SqlType) -> None:
        """A parameter stands where that type is wanted: of a numeric, its value has the digits."""
        if kind == SUPER:
            kind = VARCHAR  # A parameter is a string there: SUPER has no parameters of its own.
        if self.parameter_types.get(number, UNKNOWN) == UNKNOWN and kind != UNKNOWN:
            wanted = self.numerics.get(number, OPEN_NUMERIC) if kind.name == "numeric" else kind
            self.parameter_types[number] = wanted

    def finish_parameters(self) -> tuple[str, ...]:
        """Give every placeholder its type in the tree, and say all of them in order."""
        numbers = {number for number, _ in self._parameters}
        most = max(numbers | set(self.parameter_types), default=0)
        if most > 32767:
            raise SqlError("there are too many parameters", "54023")
        for number, holder in self._parameters:
            kind = self.parameter_types.get(number, UNKNOWN)
            holder.set("this", engine_cast(holder.this.copy(), kind))
        kinds = (self.parameter_types.get(n, UNKNOWN) for n in range(1, most + 1))
        return tuple(str(VARCHAR if kind == UNKNOWN else kind) for kind in kinds)


def refuse(what: str) -> FeatureNotSupported:
    """The one form of every refusal by name."""
    return FeatureNotSupported(f"{what} is not supported")
