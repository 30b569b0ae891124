"""What is done to tables and views beside their rows: DROP, ALTER, TRUNCATE, COMMENT, LOCK, upkeep.

https://docs.aws.amazon.com/redshift/latest/dg/r_ALTER_TABLE.html. Types, defaults and whole column
definitions are kept as text; the rest of `sql` reads them as it reads CREATE TABLE.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, ClassVar, Final

from redshare.sql.commands.match import Matching
from redshare.sql.commands.readers import read_label, read_name
from redshare.sql.commands.spec import Spec, refuse
from redshare.sql.commands.values import FunctionName, QName


class RelationKind(StrEnum):
    """How the statement calls it; views are also altered and dropped as tables by some clients."""

    TABLE = "TABLE"
    VIEW = "VIEW"
    MATERIALIZED_VIEW = "MATERIALIZED VIEW"


@dataclass(frozen=True, slots=True)
class DropRelations:
    """DROP TABLE, DROP VIEW or DROP MATERIALIZED VIEW."""

    kind: RelationKind
    names: tuple[QName, ...]
    if_exists: bool = False
    cascade: bool = False

    @property
    def tag(self) -> str:
        """The command tag."""
        return f"DROP {self.kind}"


@dataclass(frozen=True, slots=True)
class RenameTo:
    """A new name in the same schema."""

    new_name: str


@dataclass(frozen=True, slots=True)
class RenameColumn:
    """RENAME [COLUMN] a TO b."""

    column: str
    new_name: str


@dataclass(frozen=True, slots=True)
class AddColumn:
    """`definition`: type and attributes as written."""

    column: str
    definition: str


@dataclass(frozen=True, slots=True)
class AddConstraint:
    """`definition` as written, from the word CONSTRAINT, PRIMARY, UNIQUE or FOREIGN on."""

    definition: str


@dataclass(frozen=True, slots=True)
class DropConstraint:
    """DROP CONSTRAINT."""

    constraint: str
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class DropColumn:
    """DROP [COLUMN]."""

    column: str
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class AlterColumnType:
    """Longer VARCHAR, VARBYTE."""

    column: str
    type: str


@dataclass(frozen=True, slots=True)
class AlterColumnEncode:
    """ENCODE, of one column or several: (column, encoding) each."""

    changes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OwnerTo:
    """OWNER TO."""

    owner: str


@dataclass(frozen=True, slots=True)
class SetSchema:
    """SET SCHEMA, as PostgreSQL has it."""

    schema: str


@dataclass(frozen=True, slots=True)
class AlterDistStyle:
    """`key` with KEY."""

    style: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class AlterSortKey:
    """`columns` is empty for AUTO and NONE, which `automatic` tells apart."""

    columns: tuple[str, ...] = ()
    automatic: bool = False
    interleaved: bool = False


@dataclass(frozen=True, slots=True)
class AlterEncodeAuto:
    """ALTER ENCODE AUTO."""


@dataclass(frozen=True, slots=True)
class RowLevelSecurity:
    """With `for_datashares` it is about consumers alone."""

    on: bool
    for_datashares: bool = False
    conjunction: str | None = None


@dataclass(frozen=True, slots=True)
class Masking:
    """MASKING ON|OFF FOR DATASHARES."""

    on: bool


@dataclass(frozen=True, slots=True)
class AutoRefresh:
    """AUTO REFRESH YES|NO of a materialized view."""

    on: bool


TableAction = (
    RenameTo
    | RenameColumn
    | AddColumn
    | AddConstraint
    | DropConstraint
    | DropColumn
    | AlterColumnType
    | AlterColumnEncode
    | OwnerTo
    | SetSchema
    | AlterDistStyle
    | AlterSortKey
    | AlterEncodeAuto
    | RowLevelSecurity
    | Masking
    | AutoRefresh
)


@dataclass(frozen=True, slots=True)
class AlterRelation:
    """One action; Redshift takes one a statement."""

    name: QName
    action: TableAction
    kind: RelationKind = RelationKind.TABLE

    @property
    def tag(self) -> str:
        """The command tag."""
        return f"ALTER {self.kind}"


@dataclass(frozen=True, slots=True)
class AppendFrom:
    """ALTER TABLE … APPEND FROM: the rows move."""

    tag: ClassVar[str] = "ALTER TABLE APPEND"
    name: QName
    source: QName
    ignore_extra: bool = False
    fill_target: bool = False


@dataclass(frozen=True, slots=True)
class RefreshMaterializedView:
    """`cascade`: the materialized views on it as well."""

    tag: ClassVar[str] = "REFRESH"
    name: QName
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class Truncate:
    """All rows of one table."""

    tag: ClassVar[str] = "TRUNCATE TABLE"
    name: QName


class CommentTarget(StrEnum):
    """What a comment can be on."""

    TABLE = "TABLE"
    VIEW = "VIEW"
    COLUMN = "COLUMN"
    SCHEMA = "SCHEMA"
    DATABASE = "DATABASE"
    CONSTRAINT = "CONSTRAINT"
    FUNCTION = "FUNCTION"


@dataclass(frozen=True, slots=True)
class Comment:
    """`text` is None to remove it. A column's name has its table's before it.

    `arguments` are the types of a function's.
    """

    tag: ClassVar[str] = "COMMENT"
    target: CommentTarget
    name: QName
    text: str | None
    table: QName | None = None
    arguments: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class LockTables:
    """Redshift knows one mode: access exclusive."""

    tag: ClassVar[str] = "LOCK TABLE"
    names: tuple[QName, ...]


@dataclass(frozen=True, slots=True)
class Analyze:
    """`name` is None for all tables of the database."""

    tag: ClassVar[str] = "ANALYZE"
    name: QName | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vacuum:
    """`mode` is FULL where nothing is said, as in Redshift."""

    tag: ClassVar[str] = "VACUUM"
    name: QName | None = None
    mode: str = "FULL"
    threshold: int | None = None
    boost: bool = False


TableCommand = (
    DropRelations
    | AlterRelation
    | AppendFrom
    | RefreshMaterializedView
    | Truncate
    | Comment
    | LockTables
    | Analyze
    | Vacuum
)

_ENUMS: Final[dict[str, type[StrEnum]]] = {"kind": RelationKind, "target": CommentTarget}
_CASCADE: Final = "[ CASCADE @cascade | RESTRICT ]"
_COLUMN: Final = "ALTER [ COLUMN ] <column:name>"
_SIDE: Final = "{ ON @on=true | OFF @on=false }"
_ROW_SECURITY: Final = (
    f"ROW LEVEL SECURITY {_SIDE}"
    " [ CONJUNCTION TYPE { AND @conjunction=AND | OR @conjunction=OR } ]"
    " [ FOR DATASHARES @for_datashares ]"
)
_STYLE: Final = (
    "DISTSTYLE { ALL @style=ALL | EVEN @style=EVEN | AUTO @style=AUTO"
    " | KEY DISTKEY @style=KEY <key:name> }"
)


def _alter(action: Callable[..., TableAction], **found: Any) -> AlterRelation:  # noqa: ANN401 - a spec's fields
    kind = found.pop("kind", RelationKind.TABLE)
    return AlterRelation(found.pop("name"), action(**found), kind)


def _comment_on_function(**found: Any) -> Comment:  # noqa: ANN401 - a spec's fields
    function: FunctionName = found.pop("function")
    return Comment(name=function.name, arguments=function.arguments, **found)


def _read_encode(m: Matching, index: int) -> tuple[tuple[str, str], int] | None:
    """`ALTER [COLUMN] a ENCODE zstd`."""
    if not m.is_word(index, "ALTER"):
        return None
    index += 2 if m.is_word(index + 1, "COLUMN") else 1
    column = read_name(m, index)
    if column is None or not m.is_word(column[1], "ENCODE"):
        return None
    encoding = read_label(m, column[1] + 1)
    return None if encoding is None else ((column[0], encoding[0]), encoding[1])


def _action(text: str, action: Callable[..., TableAction]) -> Spec[TableCommand]:
    return Spec(f"ALTER TABLE <name:qname> {text}", partial(_alter, action), enums=_ENUMS)


def _spec(text: str, make: Callable[..., TableCommand]) -> Spec[TableCommand]:
    return Spec(text, make, enums=_ENUMS)


def _drop(kind: RelationKind) -> Spec[TableCommand]:
    text = f"DROP {kind} [ IF EXISTS @if_exists ] <names:qname,...> {_CASCADE}"
    return _spec(text, partial(DropRelations, kind))


def _materialized(text: str, action: Callable[..., TableAction]) -> Spec[TableCommand]:
    make = partial(_alter, action, kind=RelationKind.MATERIALIZED_VIEW)
    return Spec(f"ALTER MATERIALIZED VIEW <name:qname> {text}", make, enums=_ENUMS)


SPECS: Final[tuple[Spec[TableCommand], ...]] = (
    _drop(RelationKind.TABLE),
    _drop(RelationKind.VIEW),
    _drop(RelationKind.MATERIALIZED_VIEW),
    _spec(
        "REFRESH MATERIALIZED VIEW <name:qname> [ CASCADE @cascade | RESTRICT ]",
        RefreshMaterializedView,
    ),
    _materialized("AUTO REFRESH { YES @on=true | NO @on=false }", AutoRefresh),
    _materialized("OWNER TO <owner:name>", OwnerTo),
    _materialized("RENAME TO <new_name:name>", RenameTo),
    _materialized(f"ALTER {_STYLE}", AlterDistStyle),
    _materialized("ALTER [ COMPOUND ] SORTKEY ( <columns:name,...> )", AlterSortKey),
    _materialized(_ROW_SECURITY, RowLevelSecurity),
    _action("RENAME TO <new_name:name>", RenameTo),
    _action("RENAME [ COLUMN ] <column:name> TO <new_name:name>", RenameColumn),
    _action("ADD <definition:constraint>", AddConstraint),
    _action("ADD [ COLUMN ] <column:name> <definition:part>", AddColumn),
    _action(f"DROP CONSTRAINT <constraint:name> {_CASCADE}", DropConstraint),
    _action(f"DROP [ COLUMN ] <column:name> {_CASCADE}", DropColumn),
    _action(f"{_COLUMN} [ SET DATA ] TYPE <type:type>", AlterColumnType),
    Spec(
        "ALTER TABLE <name:qname> <changes:encode,...>",
        partial(_alter, AlterColumnEncode),
        enums=_ENUMS,
        readers={"encode": _read_encode},
    ),
    _action("OWNER TO <owner:name>", OwnerTo),
    _action("SET SCHEMA <schema:name>", SetSchema),
    _action(f"ALTER {_STYLE}", AlterDistStyle),
    _action("ALTER DISTKEY @style=KEY <key:name>", AlterDistStyle),
    _action("ALTER [ COMPOUND ] SORTKEY ( <columns:name,...> )", AlterSortKey),
    _action("ALTER INTERLEAVED SORTKEY @interleaved ( <columns:name,...> )", AlterSortKey),
    _action("ALTER SORTKEY { AUTO @automatic | NONE }", AlterSortKey),
    _action("ALTER ENCODE AUTO", AlterEncodeAuto),
    _action(_ROW_SECURITY, RowLevelSecurity),
    _action(f"MASKING {_SIDE} FOR DATASHARES", Masking),
    _spec(
        "ALTER TABLE <name:qname> APPEND FROM <source:qname>"
        " { IGNOREEXTRA @ignore_extra | FILLTARGET @fill_target }...",
        AppendFrom,
    ),
    _spec(
        "ALTER VIEW <name:qname> @kind=VIEW RENAME TO <new_name:name>", partial(_alter, RenameTo)
    ),
    _spec("ALTER VIEW <name:qname> @kind=VIEW OWNER TO <owner:name>", partial(_alter, OwnerTo)),
    _spec("TRUNCATE [ TABLE ] <name:qname>", Truncate),
    _spec(
        "COMMENT ON { TABLE @target=TABLE | VIEW @target=VIEW | COLUMN @target=COLUMN"
        " | SCHEMA @target=SCHEMA | DATABASE @target=DATABASE }"
        " <name:column> IS { <text:string> | NULL @text=none }",
        Comment,
    ),
    _spec(
        "COMMENT ON CONSTRAINT @target=CONSTRAINT <name:qname> ON <table:qname>"
        " IS { <text:string> | NULL @text=none }",
        Comment,
    ),
    _spec(
        "COMMENT ON FUNCTION @target=FUNCTION <function:function>"
        " IS { <text:string> | NULL @text=none }",
        _comment_on_function,
    ),
    _spec("LOCK [ TABLE ] <names:qname,...> [ IN ACCESS EXCLUSIVE MODE ]", LockTables),
    Spec("ANALYZE COMPRESSION <rest:rest>", refuse("ANALYZE COMPRESSION")),
    _spec(
        "ANALYZE [ VERBOSE ] [ <name:qname> [ ( <columns:name,...> ) ] ]"
        " [ PREDICATE COLUMNS | ALL COLUMNS ]",
        Analyze,
    ),
    _spec(
        "VACUUM [ FULL @mode=FULL | SORT ONLY @mode=SORT | DELETE ONLY @mode=DELETE"
        " | REINDEX @mode=REINDEX | RECLUSTER @mode=RECLUSTER ] [ <name:qname> ]"
        " [ TO <threshold:integer> PERCENT ] [ BOOST @boost ]",
        Vacuum,
    ),
)
