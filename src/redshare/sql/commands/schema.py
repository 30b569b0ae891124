"""CREATE, ALTER and DROP SCHEMA. External schemas are in `database`.

https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_SCHEMA.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from redshare.sql.commands.spec import Spec, refuse
from redshare.sql.commands.values import QName


@dataclass(frozen=True, slots=True)
class CreateSchema:
    """`name` is None for `CREATE SCHEMA AUTHORIZATION u`: the user's name. `quota` as written."""

    tag: ClassVar[str] = "CREATE SCHEMA"
    name: QName | None = None
    authorization: str | None = None
    quota: str | None = None
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class AlterSchema:
    """One of them is given. `quota` as written: `10 GB`, `UNLIMITED`."""

    tag: ClassVar[str] = "ALTER SCHEMA"
    name: QName
    new_name: str | None = None
    owner: str | None = None
    quota: str | None = None


@dataclass(frozen=True, slots=True)
class DropSchema:
    """`cascade` drops what is in it; `drop_external` a Data Catalog database."""

    tag: ClassVar[str] = "DROP SCHEMA"
    names: tuple[QName, ...]
    if_exists: bool = False
    cascade: bool = False
    drop_external: bool = False


SchemaCommand = CreateSchema | AlterSchema | DropSchema

_QUOTA: Final = "QUOTA <quota:quota>"

SPECS: Final[tuple[Spec[SchemaCommand], ...]] = (
    Spec(f"CREATE SCHEMA AUTHORIZATION <authorization:name> [ {_QUOTA} ]", CreateSchema),
    Spec(
        "CREATE SCHEMA [ IF NOT EXISTS @if_not_exists ] <name:qname>"
        f" [ AUTHORIZATION <authorization:name> ] [ {_QUOTA} ]",
        CreateSchema,
    ),
    Spec(
        "CREATE SCHEMA [ IF NOT EXISTS ] <name:qname> [ AUTHORIZATION <authorization:name> ]"
        " { CREATE | GRANT } <rest:rest>",
        refuse("CREATE SCHEMA with schema elements"),
    ),
    Spec("ALTER SCHEMA <name:qname> RENAME TO <new_name:name>", AlterSchema),
    Spec("ALTER SCHEMA <name:qname> OWNER TO <owner:name>", AlterSchema),
    Spec(f"ALTER SCHEMA <name:qname> {_QUOTA}", AlterSchema),
    Spec(
        "DROP SCHEMA [ IF EXISTS @if_exists ] <names:qname,...>"
        " [ DROP EXTERNAL DATABASE @drop_external ] [ CASCADE @cascade | RESTRICT ]",
        DropSchema,
    ),
)
