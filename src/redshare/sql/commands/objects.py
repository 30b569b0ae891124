"""What a statement names as a set: these tables, all tables of these schemas, a scope.

Shared by GRANT, REVOKE and ALTER DATASHARE, so that equal sets are equal values.
"""

from __future__ import annotations

from dataclasses import dataclass

from redshare.core.privileges import ObjectKind
from redshare.sql.commands.values import FunctionName, QName


@dataclass(frozen=True, slots=True)
class Tables:
    """Tables and views by name."""

    names: tuple[QName, ...]


@dataclass(frozen=True, slots=True)
class Schemas:
    """Schemas by name."""

    names: tuple[QName, ...]


@dataclass(frozen=True, slots=True)
class Databases:
    """Databases by name."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Functions:
    """Functions by name and argument types."""

    functions: tuple[FunctionName, ...]


@dataclass(frozen=True, slots=True)
class Procedures:
    """Stored procedures by name and argument types."""

    functions: tuple[FunctionName, ...]


@dataclass(frozen=True, slots=True)
class Languages:
    """Languages functions are written in."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AllTables:
    """The tables that are in these schemas now."""

    schemas: tuple[QName, ...]


@dataclass(frozen=True, slots=True)
class AllFunctions:
    """The functions that are in these schemas now."""

    schemas: tuple[QName, ...]


@dataclass(frozen=True, slots=True)
class AllProcedures:
    """The procedures that are in these schemas now."""

    schemas: tuple[QName, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """All of a kind, now and later, in a schema or a database; no database means the current."""

    kind: ObjectKind
    schema: str | None = None
    database: str | None = None


Objects = (
    Tables
    | Schemas
    | Databases
    | Functions
    | Procedures
    | Languages
    | AllTables
    | AllFunctions
    | AllProcedures
    | Scope
)
