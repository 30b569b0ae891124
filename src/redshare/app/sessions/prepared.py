"""A statement as parsed, and what Describe says of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from redshare.core.access import ShareUse
from redshare.core.catalog import Catalog
from redshare.core.ids import NamespaceId, RelationId
from redshare.core.relation import Relation
from redshare.core.sql_errors import StalePreparedStatement
from redshare.sql.commands import Command
from redshare.sql.commands.values import bind as bind_command
from redshare.sql.commands.values import parameters as command_parameters
from redshare.sql.lex import Statement
from redshare.sql.result import ResultColumn


@dataclass(frozen=True, slots=True)
class Shared:
    """A relation that a statement reached through a share, as it was when it was prepared."""

    use: ShareUse
    relation: Relation

    def is_in(self, catalog: Catalog) -> bool:
        """Whether no DDL and no TRUNCATE has touched it there."""
        now = catalog.relation(self.relation.relation_id)
        if now is None or now is self.relation:
            return now is not None
        return now.as_defined() == self.relation.as_defined()

    def name_in(self, catalog: Catalog, consumer: NamespaceId) -> str:
        """Its name as the consumer writes it."""
        wanted = (self.use.share, self.use.catalog)
        sources = ((d.name, d.source) for d in catalog.databases(consumer) if d.source is not None)
        database = next((name for name, s in sources if (s.share, s.catalog) == wanted), "")
        schema = catalog.schema(self.relation.schema)
        return ".".join((database, "" if schema is None else schema.name, self.relation.name))


def shared(catalog: Catalog, uses: Iterable[ShareUse]) -> tuple[Shared, ...]:
    """The relations among what a statement reaches through shares."""
    found = ((use, catalog.relation(RelationId(use.member or ""))) for use in uses)
    return tuple(Shared(use, relation) for use, relation in found if relation is not None)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A command of the product, or a statement for the engine; neither where the text is empty.

    `shared` is what a named one reached through shares when it was prepared.
    """

    statement: Statement | None
    command: Command | None
    parameter_types: tuple[str | None, ...] = ()
    shared: tuple[Shared, ...] = ()

    def require_fresh(self, committed: Catalog, seen: Catalog, consumer: NamespaceId) -> None:
        """Raises StalePreparedStatement where neither has what it was prepared on.

        `seen` has the transaction's own changes laid over, which the statement may stand on.
        """
        for each in self.shared:
            if not each.is_in(committed) and not each.is_in(seen):
                raise StalePreparedStatement(each.name_in(committed, consumer))


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
