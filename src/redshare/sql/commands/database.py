"""CREATE, ALTER and DROP DATABASE, external schemas on Redshift, USE.

https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_DATABASE.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Final

from redshare.sql.commands.grant_readers import read_principal
from redshare.sql.commands.spec import Spec, refuse

#: CONNECTION LIMIT UNLIMITED.
UNLIMITED: Final = -1


class Collation(StrEnum):
    """How strings of a database compare."""

    CASE_SENSITIVE = "CASE_SENSITIVE"
    CASE_INSENSITIVE = "CASE_INSENSITIVE"


class DatabaseIsolation(StrEnum):
    """What transactions of a database see of each other."""

    SERIALIZABLE = "SERIALIZABLE"
    SNAPSHOT = "SNAPSHOT"


@dataclass(frozen=True, slots=True)
class CreateDatabase:
    """A local database."""

    tag: ClassVar[str] = "CREATE DATABASE"
    name: str
    owner: str | None = None
    connection_limit: int | None = None
    collation: Collation | None = None
    isolation: DatabaseIsolation | None = None


@dataclass(frozen=True, slots=True)
class CreateDatabaseFromDatashare:
    """A consumer's name for a share; without `account` the share is of the same account."""

    tag: ClassVar[str] = "CREATE DATABASE"
    name: str
    share: str
    namespace: str
    account: str | None = None
    with_permissions: bool = False


@dataclass(frozen=True, slots=True)
class CreateDatabaseFromArn:
    """From the Glue Data Catalog. Without a clause it is as WITH NO DATA CATALOG SCHEMA."""

    tag: ClassVar[str] = "CREATE DATABASE"
    name: str
    arn: str
    with_schema: bool = False
    schema: str | None = None


@dataclass(frozen=True, slots=True)
class AlterDatabase:
    """What is None stays; exactly one is given."""

    tag: ClassVar[str] = "ALTER DATABASE"
    name: str
    new_name: str | None = None
    owner: str | None = None
    connection_limit: int | None = None
    collation: Collation | None = None
    isolation: DatabaseIsolation | None = None


@dataclass(frozen=True, slots=True)
class DropDatabase:
    """`force` ends the sessions in it."""

    tag: ClassVar[str] = "DROP DATABASE"
    name: str
    force: bool = False


@dataclass(frozen=True, slots=True)
class CreateExternalSchema:
    """A schema of another local or shared database under a name of this one."""

    tag: ClassVar[str] = "CREATE SCHEMA"
    name: str
    database: str
    schema: str = "public"
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class Use:
    """`database` is None for RESET USE."""

    database: str | None = None

    @property
    def tag(self) -> str:
        """The command tag."""
        return "RESET" if self.database is None else "USE"


@dataclass(frozen=True, slots=True)
class ShowUse:
    """SHOW USE."""

    tag: ClassVar[str] = "SHOW"


DatabaseCommand = (
    CreateDatabase
    | CreateDatabaseFromDatashare
    | CreateDatabaseFromArn
    | AlterDatabase
    | DropDatabase
    | CreateExternalSchema
    | Use
    | ShowUse
)

_LIMIT: Final = (
    "CONNECTION LIMIT [=] { <connection_limit:integer> | UNLIMITED @connection_limit=unlimited }"
)
_COLLATE: Final = (
    "COLLATE [=] { CASE_SENSITIVE @collation=CASE_SENSITIVE | CS @collation=CASE_SENSITIVE"
    " | CASE_INSENSITIVE @collation=CASE_INSENSITIVE | CI @collation=CASE_INSENSITIVE }"
)
_ISOLATION: Final = (
    "ISOLATION LEVEL { SERIALIZABLE @isolation=SERIALIZABLE | SNAPSHOT @isolation=SNAPSHOT }"
)


def _spec(text: str, make: Callable[..., DatabaseCommand]) -> Spec[DatabaseCommand]:
    def made(**found: Any) -> DatabaseCommand:  # noqa: ANN401 - a spec's fields
        if found.get("connection_limit") == "unlimited":
            found["connection_limit"] = UNLIMITED
        return make(**found)

    return Spec(
        text,
        made,
        enums={"collation": Collation, "isolation": DatabaseIsolation},
        readers={"principal": read_principal},
    )


SPECS: Final[tuple[Spec[DatabaseCommand], ...]] = (
    _spec(
        "CREATE DATABASE <name:name> [ WITH PERMISSIONS @with_permissions ]"
        " FROM DATASHARE <share:name> OF [ ACCOUNT <account:principal> ]"
        " NAMESPACE <namespace:principal>",
        CreateDatabaseFromDatashare,
    ),
    _spec(
        "CREATE DATABASE <name:name> FROM ARN <arn:string>"
        " [ WITH { NO DATA CATALOG SCHEMA | DATA CATALOG SCHEMA @with_schema [ <schema:text> ] } ]",
        CreateDatabaseFromArn,
    ),
    _spec(
        f"CREATE DATABASE <name:name> [ WITH ]"
        f" {{ OWNER [=] <owner:name> | {_LIMIT} | {_COLLATE} | {_ISOLATION} }}...",
        CreateDatabase,
    ),
    _spec(
        "ALTER DATABASE <name:name>"
        f" {{ RENAME TO <new_name:name> | OWNER TO <owner:name> | {_LIMIT} | {_COLLATE}"
        f" | {_ISOLATION} }}",
        AlterDatabase,
    ),
    _spec("DROP DATABASE <name:name> [ FORCE @force ]", DropDatabase),
    _spec(
        "CREATE EXTERNAL SCHEMA [ IF NOT EXISTS @if_not_exists ] <name:name>"
        " FROM REDSHIFT DATABASE <database:text> [ SCHEMA <schema:text> ]",
        CreateExternalSchema,
    ),
    *(
        _spec(
            f"CREATE EXTERNAL SCHEMA [ IF NOT EXISTS ] <name:name> FROM {kind} <rest:rest>",
            refuse(f"CREATE EXTERNAL SCHEMA FROM {kind}"),
        )
        for kind in (
            "DATA CATALOG",
            "HIVE METASTORE",
            "POSTGRES",
            "MYSQL",
            "KINESIS",
            "KAFKA",
            "MSK",
        )
    ),
    _spec("USE <database:name>", Use),
    _spec("RESET USE", Use),
    _spec("SHOW USE", ShowUse),
)
