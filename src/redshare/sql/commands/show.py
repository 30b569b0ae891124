"""SHOW over the catalog; SHOW of a configuration parameter is in `session`.

https://docs.aws.amazon.com/redshift/latest/dg/r_SHOW_TABLES.html. Drivers (redshift_connector 2.1,
Redshift's JDBC) bind names and patterns as parameters and have batch forms of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from redshare.sql.commands.grant_readers import GRANT_READERS, Recipient
from redshare.sql.commands.spec import Spec
from redshare.sql.commands.values import FunctionName, QName


class _Show:
    """All answer with the same tag."""

    __slots__ = ()
    tag: ClassVar[str] = "SHOW"


@dataclass(frozen=True, slots=True)
class ShowDatabases(_Show):
    """SHOW DATABASES."""

    pattern: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class ShowCatalogDatabases(_Show):
    """SHOW DATABASES FROM DATA CATALOG; without `accounts` that of the namespace's own account."""

    accounts: tuple[str, ...] = ()
    pattern: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class ShowSchemas(_Show):
    """SHOW SCHEMAS FROM DATABASE."""

    database: str
    pattern: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class ShowTables(_Show):
    """From a schema, or from a `database` with patterns for both."""

    schema: QName | None = None
    database: str | None = None
    schema_pattern: str | None = None
    pattern: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class ShowColumns(_Show):
    """From a table, or from a `database` with patterns for all three."""

    table: QName | None = None
    database: str | None = None
    schema_pattern: str | None = None
    table_pattern: str | None = None
    pattern: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class ShowTable(_Show):
    """The statement that would make the table."""

    table: QName


@dataclass(frozen=True, slots=True)
class ShowView(_Show):
    """The view's query."""

    view: QName


@dataclass(frozen=True, slots=True)
class ShowProcedure(_Show):
    """The statement that would make the procedure."""

    procedure: FunctionName


class GrantsOn(StrEnum):
    """The kinds of objects SHOW GRANTS ON knows."""

    DATABASE = "DATABASE"
    SCHEMA = "SCHEMA"
    TABLE = "TABLE"
    FUNCTION = "FUNCTION"
    PROCEDURE = "PROCEDURE"
    DATASHARE = "DATASHARE"


@dataclass(frozen=True, slots=True)
class ShowGrants(_Show):
    """On one object; `recipient` narrows it."""

    on: GrantsOn
    name: QName
    arguments: tuple[str, ...] | None = None
    recipient: Recipient | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class ShowGrantsFor(_Show):
    """What one user or role holds."""

    recipient: Recipient
    database: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class ShowTableGrants(_Show):
    """On all tables of a database whose names fit."""

    database: str
    schema_pattern: str | None = None
    pattern: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class ShowColumnGrants(_Show):
    """On the columns of a table."""

    table: QName
    pattern: str | None = None
    recipient: Recipient | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class ShowFunctions(_Show):
    """SHOW FUNCTIONS FROM SCHEMA."""

    schema: QName
    pattern: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class ShowProcedures(_Show):
    """SHOW PROCEDURES FROM SCHEMA."""

    schema: QName
    pattern: str | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class ShowParameters(_Show):
    """Of a function, or a `procedure`."""

    function: FunctionName
    procedure: bool = False
    pattern: str | None = None
    limit: int | None = None


class KeyKind(StrEnum):
    """Which constraints; EXPORTED are other tables' foreign keys to this one."""

    PRIMARY = "PRIMARY"
    FOREIGN = "FOREIGN"
    EXPORTED = "EXPORTED"


@dataclass(frozen=True, slots=True)
class ShowConstraints(_Show):
    """SHOW CONSTRAINTS ... FROM TABLE."""

    keys: KeyKind
    table: QName
    limit: int | None = None


ShowCommand = (
    ShowCatalogDatabases
    | ShowDatabases
    | ShowSchemas
    | ShowTables
    | ShowColumns
    | ShowTable
    | ShowView
    | ShowProcedure
    | ShowGrants
    | ShowGrantsFor
    | ShowTableGrants
    | ShowColumnGrants
    | ShowFunctions
    | ShowProcedures
    | ShowParameters
    | ShowConstraints
)

_LIKE: Final = "[ LIKE <pattern:string> ]"
_LIMIT: Final = "[ LIMIT <limit:integer> ]"
_FOR: Final = "[ FOR <recipient:grantee> ]"


def _where(*filters: tuple[str, str]) -> str:
    """`WHERE a LIKE x AND b LIKE y`, each of them optional."""
    ways = " | ".join(f"[ AND ] {column} LIKE <{name}:string>" for column, name in filters)
    return f"[ WHERE {{ {ways} }}+... ]"


_SCHEMA: Final = ("SCHEMA_NAME", "schema_pattern")


def _spec(text: str, make: Callable[..., ShowCommand]) -> Spec[ShowCommand]:
    return Spec(text, make, enums={"on": GrantsOn, "keys": KeyKind}, readers=GRANT_READERS)


def _show_routine_grants(**found: object) -> ShowGrants:
    function = found.pop("function")
    assert isinstance(function, FunctionName)
    return ShowGrants(name=function.name, arguments=function.arguments, **found)  # type: ignore[arg-type]


def _show_named_grants(**found: object) -> ShowGrants:
    return ShowGrants(name=(found.pop("single"),), **found)  # type: ignore[arg-type]


SPECS: Final[tuple[Spec[ShowCommand], ...]] = (
    _spec(f"SHOW DATABASES {_LIKE} {_LIMIT}", ShowDatabases),
    _spec(
        f"SHOW DATABASES FROM DATA CATALOG [ ACCOUNT <accounts:string,...> ] {_LIKE} {_LIMIT}",
        ShowCatalogDatabases,
    ),
    _spec(f"SHOW SCHEMAS FROM DATABASE <database:name> {_LIKE} {_LIMIT}", ShowSchemas),
    _spec(f"SHOW TABLES FROM SCHEMA <schema:qname> {_LIKE} {_LIMIT}", ShowTables),
    _spec(
        "SHOW TABLES FROM DATABASE <database:name>"
        f" {_where(_SCHEMA, ('TABLE_NAME', 'pattern'))} {_LIMIT}",
        ShowTables,
    ),
    _spec(f"SHOW COLUMNS FROM TABLE <table:qname> {_LIKE} {_LIMIT}", ShowColumns),
    _spec(
        "SHOW COLUMNS FROM DATABASE <database:name>"
        f" {_where(_SCHEMA, ('TABLE_NAME', 'table_pattern'), ('COLUMN_NAME', 'pattern'))} {_LIMIT}",
        ShowColumns,
    ),
    _spec("SHOW TABLE <table:qname>", ShowTable),
    _spec("SHOW VIEW <view:qname>", ShowView),
    _spec("SHOW PROCEDURE <procedure:function>", ShowProcedure),
    _spec(
        "SHOW GRANTS ON TABLES FROM DATABASE <database:name>"
        f" {_where(_SCHEMA, ('TABLE_NAME', 'pattern'))} {_LIMIT}",
        ShowTableGrants,
    ),
    _spec(
        "SHOW GRANTS ON { DATABASE @on=DATABASE | DATASHARE @on=DATASHARE } <single:name>"
        f" {_FOR} {_LIMIT}",
        _show_named_grants,
    ),
    _spec(
        f"SHOW GRANTS ON {{ FUNCTION @on=FUNCTION | PROCEDURE @on=PROCEDURE }} <function:function>"
        f" {_FOR} {_LIMIT}",
        _show_routine_grants,
    ),
    _spec(f"SHOW GRANTS ON SCHEMA @on=SCHEMA <name:qname> {_FOR} {_LIMIT}", ShowGrants),
    _spec(f"SHOW GRANTS ON [ TABLE ] @on=TABLE <name:qname> {_FOR} {_LIMIT}", ShowGrants),
    _spec(
        f"SHOW GRANTS FOR <recipient:grantee> [ FROM DATABASE <database:name> ] {_LIMIT}",
        ShowGrantsFor,
    ),
    _spec(f"SHOW COLUMN GRANTS ON TABLE <table:qname> {_LIKE} {_FOR} {_LIMIT}", ShowColumnGrants),
    _spec(f"SHOW FUNCTIONS FROM SCHEMA <schema:qname> {_LIKE} {_LIMIT}", ShowFunctions),
    _spec(f"SHOW PROCEDURES FROM SCHEMA <schema:qname> {_LIKE} {_LIMIT}", ShowProcedures),
    _spec(
        "SHOW PARAMETERS OF { FUNCTION | PROCEDURE @procedure } <function:function>"
        f" {_LIKE} {_LIMIT}",
        ShowParameters,
    ),
    _spec(
        "SHOW CONSTRAINTS { PRIMARY KEYS @keys=PRIMARY | FOREIGN KEYS EXPORTED @keys=EXPORTED"
        f" | FOREIGN KEYS @keys=FOREIGN }} FROM TABLE <table:qname> {_LIMIT}",
        ShowConstraints,
    ),
)
