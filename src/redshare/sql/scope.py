"""What column names mean at one level of a query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from sqlglot import exp

from redshare.core.sql_errors import SqlError, UndefinedColumn, UndefinedTable
from redshare.sql.columns import require_granted
from redshare.sql.result import Origin, from_origin
from redshare.sql.types import SUPER, SqlType
from redshare.sql.work import Env, refuse, type_of, typed

#: Columns the engine adds to every table: it would take a bare alias of that name for them.
_ENGINE_COLUMNS: Final = frozenset(
    {"rowid", "filename", "file_row_number", "file_index", "snapshot_id"}
)


@dataclass(frozen=True, slots=True)
class Visible:
    """A column in sight: its name, and the engine's expression for it, to be copied."""

    name: str
    node: exp.Expr

    @property
    def kind(self) -> SqlType:
        """Its type."""
        return type_of(self.node)

    def reference(self) -> exp.Expr:
        """The engine's form of a reference to it. Raises InsufficientPrivilege."""
        require_granted(self.node)
        return typed(self.node.copy(), self.kind)


@dataclass(frozen=True, slots=True)
class Source:
    """One item of FROM. `path` is (database, schema, name) where it has no alias of its own."""

    alias: str
    columns: tuple[Visible, ...]
    path: tuple[str, ...] = ()
    #: What stands in it is unnested from a SUPER value.
    lateral: bool = False
    #: Columns that are there for who names them, and no part of `*`.
    hidden: tuple[Visible, ...] = ()

    @classmethod
    def of(
        cls,
        alias: str,
        columns: Iterable[tuple[str, SqlType]],
        engine_alias: str,
        *,
        engine_names: Iterable[str] | None = None,
        path: tuple[str, ...] = (),
        origins: Mapping[str, Origin] | None = None,
        hidden: Iterable[tuple[str, SqlType]] = (),
    ) -> Self:
        """A source the engine knows under a name of its own; so its columns, where they differ."""
        items = list(columns)
        names = [name for name, _ in items] if engine_names is None else list(engine_names)
        visible = tuple(
            Visible(
                name,
                from_origin(_reference(engine, kind, engine_alias), (origins or {}).get(name)),
            )
            for (name, kind), engine in zip(items, names, strict=True)
        )
        unseen = tuple(Visible(n, _reference(n, kind, engine_alias)) for n, kind in hidden)
        return cls(alias, visible, path, hidden=unseen)

    def answers_to(self, qualifier: tuple[str, ...]) -> bool:
        """Whether `t`, `schema.t` or `database.schema.t` means this source."""
        if len(qualifier) == 1:
            return qualifier[0] == self.alias
        return bool(self.path) and self.path[-len(qualifier) :] == qualifier

    def hides(self, other: Source) -> bool:
        """Whether nothing could tell them apart; tables of two schemas are told by the schema."""
        return self.alias == other.alias and not (
            self.path and other.path and self.path != other.path
        )

    def column(self, name: str) -> Visible | None:
        """Its column of that name. Raises where there are several."""
        return _only(name, self.columns) or _only(name, self.hidden)


@dataclass(slots=True)
class Scope:
    """Sources in order, the `columns` of `*` in order, and `aliases` of the select list."""

    env: Env
    parent: Scope | None = None
    sources: list[Source] = field(default_factory=list)
    columns: list[Visible] = field(default_factory=list)
    aliases: dict[str, SqlType] = field(default_factory=dict)
    #: Aliases that several items have.
    repeated: set[str] = field(default_factory=set)
    windows: set[str] = field(default_factory=set)
    #: LEVEL of a hierarchy: a column where no other is called that.
    pseudo: dict[str, Visible] = field(default_factory=dict)
    #: What PRIOR looks into.
    prior: Scope | None = None

    def add(self, source: Source) -> None:
        """Bring a source into sight. Raises when its name is taken."""
        self.extend([source], source.columns)

    def extend(self, sources: Iterable[Source], columns: Iterable[Visible]) -> None:
        """Bring several into sight; a join may show fewer columns than its sources have."""
        for source in sources:
            if any(known.hides(source) for known in self.sources):
                raise SqlError(f'table name "{source.alias}" specified more than once', "42712")
            self.sources.append(source)
        self.columns.extend(columns)

    def column(self, parts: tuple[str, ...]) -> tuple[exp.Expr, tuple[str, ...]] | None:
        """The engine's form of a reference, and the parts behind it that go on into its value.

        None where a bare name is not known. Raises when it is ambiguous, or a qualifier is wrong.
        """
        scope: Scope | None = self
        while scope is not None:
            found = scope.here(parts)
            if found is not None:
                return found
            scope = scope.parent
        if len(parts) == 1:
            return None
        raise self._unknown(parts)

    def here(self, parts: tuple[str, ...]) -> tuple[exp.Expr, tuple[str, ...]] | None:
        """The same at this level alone: a table's column first, then a SUPER column's attribute."""
        if len(parts) > 1 and sum(source.answers_to(parts[:1]) for source in self.sources) > 1:
            raise SqlError(f'table reference "{parts[0]}" is ambiguous', "42P09")
        for count in range(1, min(len(parts), 4)):
            rest = parts[count + 1 :]
            for source in self.sources:
                visible = source.column(parts[count]) if source.answers_to(parts[:count]) else None
                if visible is not None and (not rest or visible.kind == SUPER):
                    return visible.reference(), rest
        if len(parts) == 2 and any(source.answers_to(parts[:1]) for source in self.sources):
            known = _only(parts[0], self.columns)
            if known is None or known.kind != SUPER:
                raise self._unknown(parts)
        found = self.bare(parts[0])
        if found is not None and (len(parts) == 1 or type_of(found) == SUPER):
            return found, parts[1:]
        return None

    def bare(self, name: str) -> exp.Expr | None:
        """A column without a qualifier, at this level alone."""
        found = _only(name, self.columns)
        found = found or _only(name, (c for source in self.sources for c in source.hidden))
        if found is not None:
            return found.reference()
        if name in self.pseudo:
            return self.pseudo[name].reference()
        if name in self.aliases:
            return self._alias(name)
        return None

    def _alias(self, name: str) -> exp.Expr:
        """A select list's item by its name, where the engine too sees nothing else under it."""
        same = [other for other in self.aliases if other.lower() == name.lower()]
        if len(same) > 1 or name in self.repeated:
            raise SqlError(f'column reference "{name}" is ambiguous', "42702")
        hidden = (column.name.lower() for v in self.columns for column in _columns(v.node))
        if name.lower() in _ENGINE_COLUMNS or name.lower() in set(hidden):
            raise refuse(f"the alias {name} in another expression")
        return _reference(name, self.aliases[name])

    def owner(self, parts: tuple[str, ...]) -> Source | None:
        """The source at this level that a column reference belongs to."""
        for source in self.sources:
            if len(parts) > 1 and not source.answers_to(parts[:-1]):
                continue
            if source.column(parts[-1]) is not None:
                self.column(parts)  # Raises where it is ambiguous.
                return source
        return None

    def _unknown(self, parts: tuple[str, ...]) -> SqlError:
        """What is missing: the column, where its table is there, or else the table."""
        scope: Scope | None = self
        while scope is not None:
            if any(source.answers_to(parts[:-1]) for source in scope.sources):
                return UndefinedColumn(f'column "{".".join(parts)}" does not exist')
            scope = scope.parent
        return _missing(parts[:-1])

    def star(self, qualifier: tuple[str, ...] = ()) -> Iterator[tuple[str, exp.Expr]]:
        """What `*` or `t.*` stands for, in order."""
        columns: Iterable[Visible] = self.columns
        if qualifier:
            named = [source for source in self.sources if source.answers_to(qualifier)]
            if not named:
                raise _missing(qualifier)
            if len(named) > 1:
                raise SqlError(f'table reference "{qualifier[-1]}" is ambiguous', "42P09")
            columns = named[0].columns
        for visible in columns:
            yield visible.name, visible.reference()


def _columns(node: exp.Expr) -> Iterator[exp.Column]:
    yield from node.find_all(exp.Column)


def _only(name: str, columns: Iterable[Visible]) -> Visible | None:
    found = [visible for visible in columns if visible.name == name]
    if len(found) > 1:
        raise SqlError(f'column reference "{name}" is ambiguous', "42702")
    return found[0] if found else None


def _missing(qualifier: tuple[str, ...]) -> SqlError:
    shown = ".".join(qualifier)
    return UndefinedTable(f'missing FROM-clause entry for table "{shown}"')


def _reference(name: str, kind: SqlType, alias: str | None = None) -> exp.Expr:
    table = None if alias is None else exp.to_identifier(alias, quoted=True)
    return typed(exp.Column(this=exp.to_identifier(name, quoted=True), table=table), kind)
