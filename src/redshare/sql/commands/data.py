"""CALL and the EXPLAINs, recognised and taken apart; COPY and UNLOAD have their own files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from redshare.core.explanation import Action
from redshare.sql.commands import copy, unload
from redshare.sql.commands.copy import Copy
from redshare.sql.commands.match import Matching
from redshare.sql.commands.readers import read_statement
from redshare.sql.commands.spec import Spec, refuse
from redshare.sql.commands.unload import Unload
from redshare.sql.commands.values import QName
from redshare.sql.lex import Statement


@dataclass(frozen=True, slots=True)
class Call:
    """`arguments` as written."""

    tag: ClassVar[str] = "CALL"
    name: QName
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explain:
    """EXPLAIN [VERBOSE]."""

    tag: ClassVar[str] = "EXPLAIN"
    body: Statement
    verbose: bool = False


@dataclass(frozen=True, slots=True)
class ExplainAccess:
    """EXPLAIN ACCESS: `consumer` is an account's id, a namespace's GUID or ARN; `user` the AS."""

    tag: ClassVar[str] = "EXPLAIN"
    name: QName
    consumer: str | None = None
    user: str | None = None
    action: Action = Action.SELECT


DataCommand = Copy | Unload | Call | Explain | ExplainAccess

#: The options in any order. Redshift has no such statement: the words are ours.
_ACTIONS: Final = " | ".join(f"{action} @action={action}" for action in Action)
_EXPLAIN_ACCESS: Final = (
    "EXPLAIN ACCESS TO <name:qname>"
    f" {{ FOR CONSUMER <consumer:string> | AS <user:name> | ACTION {{ {_ACTIONS} }} }}..."
)


def _read_explained(m: Matching, index: int) -> tuple[object, int] | None:
    """A statement; none begins with ACCESS, so that what is wrong behind that word is said."""
    if m.is_word(index, "ACCESS"):
        m.fail(index)
        return None
    return read_statement(m, index)


SPECS: Final[tuple[Spec[DataCommand], ...]] = (
    *copy.SPECS,
    *unload.SPECS,
    Spec("CALL <name:qname> ( [ <arguments:part,...> ] )", Call),
    Spec("EXPLAIN ANALYZE <rest:rest>", refuse("EXPLAIN ANALYZE")),
    Spec(_EXPLAIN_ACCESS, ExplainAccess, enums={"action": Action}),
    Spec(
        "EXPLAIN [ VERBOSE @verbose ] <body:explained>",
        Explain,
        readers={"explained": _read_explained},
    ),
)
