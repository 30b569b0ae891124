"""CALL and EXPLAIN, recognised and taken apart; COPY and UNLOAD have files of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from redshare.sql.commands import copy, unload
from redshare.sql.commands.copy import Copy
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


DataCommand = Copy | Unload | Call | Explain

SPECS: Final[tuple[Spec[DataCommand], ...]] = (
    *copy.SPECS,
    *unload.SPECS,
    Spec("CALL <name:qname> ( [ <arguments:part,...> ] )", Call),
    Spec("EXPLAIN ANALYZE <rest:rest>", refuse("EXPLAIN ANALYZE")),
    Spec("EXPLAIN [ VERBOSE @verbose ] <body:statement>", Explain),
)
