"""BEGIN, COMMIT, ROLLBACK; SET TRANSACTION. Savepoints are not in Redshift.

https://docs.aws.amazon.com/redshift/latest/dg/r_BEGIN.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from redshare.sql.commands.spec import Spec, refuse


class IsolationLevel(StrEnum):
    """All four are accepted; Redshift runs each as the database's own."""

    SERIALIZABLE = "SERIALIZABLE"
    REPEATABLE_READ = "REPEATABLE_READ"
    READ_COMMITTED = "READ_COMMITTED"
    READ_UNCOMMITTED = "READ_UNCOMMITTED"


@dataclass(frozen=True, slots=True)
class Begin:
    """`tag` follows the spelling."""

    tag: str = "BEGIN"
    isolation: IsolationLevel | None = None
    read_only: bool | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """COMMIT or END."""

    tag: ClassVar[str] = "COMMIT"


@dataclass(frozen=True, slots=True)
class Rollback:
    """ROLLBACK or ABORT."""

    tag: ClassVar[str] = "ROLLBACK"


@dataclass(frozen=True, slots=True)
class SetTransaction:
    """For this transaction, or the `session`'s later ones."""

    tag: ClassVar[str] = "SET"
    isolation: IsolationLevel | None = None
    read_only: bool | None = None
    session: bool = False


TransactionCommand = Begin | Commit | Rollback | SetTransaction

_MODES: Final = (
    "[,] ISOLATION LEVEL { SERIALIZABLE @isolation=SERIALIZABLE"
    " | REPEATABLE READ @isolation=REPEATABLE_READ"
    " | READ COMMITTED @isolation=READ_COMMITTED"
    " | READ UNCOMMITTED @isolation=READ_UNCOMMITTED }"
    " | [,] READ ONLY @read_only=true | [,] READ WRITE @read_only=false"
)


def _begin(text: str, tag: str) -> Spec[TransactionCommand]:
    return Spec(
        f"{text} {{ {_MODES} }}...",
        lambda **found: Begin(tag, **found),
        enums={"isolation": IsolationLevel},
    )


def _set(text: str) -> Spec[TransactionCommand]:
    return Spec(f"{text} {{ {_MODES} }}+...", SetTransaction, enums={"isolation": IsolationLevel})


SPECS: Final[tuple[Spec[TransactionCommand], ...]] = (
    _begin("BEGIN [ WORK | TRANSACTION ]", "BEGIN"),
    _begin("START TRANSACTION", "START TRANSACTION"),
    Spec("COMMIT [ WORK | TRANSACTION ]", Commit),
    Spec("END [ WORK | TRANSACTION ]", Commit),
    Spec("ROLLBACK [ WORK | TRANSACTION ]", Rollback),
    Spec("ABORT [ WORK | TRANSACTION ]", Rollback),
    Spec("ROLLBACK [ WORK | TRANSACTION ] TO [ SAVEPOINT ] <name:name>", refuse("SAVEPOINT")),
    Spec("SAVEPOINT <name:name>", refuse("SAVEPOINT")),
    Spec("RELEASE [ SAVEPOINT ] <name:name>", refuse("SAVEPOINT")),
    Spec("PREPARE TRANSACTION <name:string>", refuse("PREPARE TRANSACTION")),
    _set("SET TRANSACTION"),
    _set("SET SESSION CHARACTERISTICS AS TRANSACTION @session"),
)
