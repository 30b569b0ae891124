"""CREATE, ALTER, DROP, SHOW and DESC DATASHARE; granting one is in `grant`.

https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_DATASHARE.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Final

from redshare.sql.commands.grant_readers import read_principal
from redshare.sql.commands.objects import AllFunctions, AllTables, Functions, Schemas, Tables
from redshare.sql.commands.spec import Spec

SharedObjects = Tables | Schemas | Functions | AllTables | AllFunctions


@dataclass(frozen=True, slots=True)
class CreateDatashare:
    """`managed_by_adx`: an AWS Data Exchange share."""

    tag: ClassVar[str] = "CREATE DATASHARE"
    share: str
    publicly_accessible: bool = False
    managed_by_adx: bool = False


@dataclass(frozen=True, slots=True)
class AlterDatashareObjects:
    """ADD, or REMOVE when `add` is False."""

    tag: ClassVar[str] = "ALTER DATASHARE"
    share: str
    add: bool
    objects: SharedObjects


@dataclass(frozen=True, slots=True)
class AlterDatashareSet:
    """What is None stays; `schema` is what `include_new` is about."""

    tag: ClassVar[str] = "ALTER DATASHARE"
    share: str
    publicly_accessible: bool | None = None
    include_new: bool | None = None
    schema: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class AlterDatashareOwner:
    """OWNER TO."""

    tag: ClassVar[str] = "ALTER DATASHARE"
    share: str
    owner: str


@dataclass(frozen=True, slots=True)
class DropDatashare:
    """DROP DATASHARE."""

    tag: ClassVar[str] = "DROP DATASHARE"
    share: str


@dataclass(frozen=True, slots=True)
class ShowDatashares:
    """`pattern` is LIKE's."""

    tag: ClassVar[str] = "SHOW DATASHARES"
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class DescDatashare:
    """Without `namespace` the share is one of this namespace's own."""

    tag: ClassVar[str] = "DESC DATASHARE"
    share: str
    account: str | None = None
    namespace: str | None = None


DatashareCommand = (
    CreateDatashare
    | AlterDatashareObjects
    | AlterDatashareSet
    | AlterDatashareOwner
    | DropDatashare
    | ShowDatashares
    | DescDatashare
)


def _objects(kind: type[SharedObjects], **found: Any) -> AlterDatashareObjects:  # noqa: ANN401 - a spec's fields
    share, add = found.pop("share"), found.pop("add")
    return AlterDatashareObjects(share, add, kind(**found))


def _alter(kind: type[SharedObjects]) -> Callable[..., AlterDatashareObjects]:
    return partial(_objects, kind)


_ALTER: Final = "ALTER DATASHARE <share:name> { ADD @add=true | REMOVE @add=false }"
_PUBLIC: Final = (
    "PUBLICACCESSIBLE [=] { TRUE @publicly_accessible=true | FALSE @publicly_accessible=false }"
)

SPECS: Final[tuple[Spec[DatashareCommand], ...]] = (
    Spec(
        "CREATE DATASHARE <share:name>"
        f" {{ [,] [SET] {_PUBLIC} | [,] [SET] MANAGEDBY [=] ADX @managed_by_adx }}...",
        CreateDatashare,
    ),
    Spec(f"{_ALTER} TABLE <names:qname,...>", _alter(Tables)),
    Spec(f"{_ALTER} SCHEMA <names:qname,...>", _alter(Schemas)),
    Spec(f"{_ALTER} FUNCTION <functions:function,...>", _alter(Functions)),
    Spec(f"{_ALTER} ALL TABLES IN SCHEMA <schemas:qname,...>", _alter(AllTables)),
    Spec(f"{_ALTER} ALL FUNCTIONS IN SCHEMA <schemas:qname,...>", _alter(AllFunctions)),
    Spec(
        f"ALTER DATASHARE <share:name> {{ SET {_PUBLIC} | SET INCLUDENEW [=]"
        " { TRUE @include_new=true | FALSE @include_new=false } FOR SCHEMA <schema:qname> }+...",
        AlterDatashareSet,
    ),
    Spec("ALTER DATASHARE <share:name> OWNER TO <owner:name>", AlterDatashareOwner),
    Spec("DROP DATASHARE <share:name>", DropDatashare),
    Spec("SHOW DATASHARES [ LIKE <pattern:string> ]", ShowDatashares),
    Spec(
        "DESC DATASHARE <share:name>"
        " [ OF [ ACCOUNT <account:principal> ] NAMESPACE <namespace:principal> ]",
        DescDatashare,
        readers={"principal": read_principal},
    ),
)
