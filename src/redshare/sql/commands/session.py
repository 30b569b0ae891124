"""Configuration parameters, prepared statements, notifications: what belongs to one session.

https://docs.aws.amazon.com/redshift/latest/dg/r_SET.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from redshare.sql.commands.spec import Spec
from redshare.sql.lex import Statement


@dataclass(frozen=True, slots=True)
class Set:
    """`values` is empty for DEFAULT; `local` ends with the transaction."""

    tag: ClassVar[str] = "SET"
    name: str
    values: tuple[str, ...] = ()
    local: bool = False


@dataclass(frozen=True, slots=True)
class SetSessionAuthorization:
    """`user` is None for DEFAULT."""

    tag: ClassVar[str] = "SET"
    user: str | None = None
    local: bool = False


@dataclass(frozen=True, slots=True)
class Reset:
    """`name` is None for RESET ALL."""

    tag: ClassVar[str] = "RESET"
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Show:
    """`name` is None for SHOW ALL."""

    tag: ClassVar[str] = "SHOW"
    name: str | None = None


@dataclass(frozen=True, slots=True)
class DiscardAll:
    """As if the session were new."""

    tag: ClassVar[str] = "DISCARD ALL"


@dataclass(frozen=True, slots=True)
class Prepare:
    """`types` are those written behind the name."""

    tag: ClassVar[str] = "PREPARE"
    name: str
    body: Statement
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Execute:
    """`arguments` as written: expressions without columns."""

    tag: ClassVar[str] = "EXECUTE"
    name: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deallocate:
    """`name` is None for ALL."""

    name: str | None = None

    @property
    def tag(self) -> str:
        """The command tag."""
        return "DEALLOCATE ALL" if self.name is None else "DEALLOCATE"


@dataclass(frozen=True, slots=True)
class Listen:
    """Nobody is ever notified."""

    tag: ClassVar[str] = "LISTEN"
    channel: str


@dataclass(frozen=True, slots=True)
class Unlisten:
    """`channel` is None for `*`."""

    tag: ClassVar[str] = "UNLISTEN"
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Notify:
    """NOTIFY."""

    tag: ClassVar[str] = "NOTIFY"
    channel: str
    payload: str | None = None


@dataclass(frozen=True, slots=True)
class SetConfig:
    """SELECT set_config(): a SET that answers its value."""

    tag: ClassVar[str] = "SELECT"
    name: str
    value: str
    local: bool = False


@dataclass(frozen=True, slots=True)
class SignalBackend:
    """CANCEL, and pg_cancel_backend and pg_terminate_backend called alone."""

    process_id: str
    tag: str = "SELECT"
    function: str = "pg_cancel_backend"
    terminate: bool = False


SessionCommand = (
    Set
    | SetSessionAuthorization
    | Reset
    | Show
    | DiscardAll
    | Prepare
    | Execute
    | Deallocate
    | Listen
    | Unlisten
    | Notify
    | SetConfig
    | SignalBackend
)


def _cancel(process_id: str, message: str = "") -> SignalBackend:
    """The message is for the log alone."""
    del message
    return SignalBackend(process_id, "CANCEL")


SPECS: Final[tuple[Spec[SessionCommand], ...]] = (
    Spec("SET [ SESSION | LOCAL @local ] SESSION AUTHORIZATION DEFAULT", SetSessionAuthorization),
    Spec(
        "SET [ SESSION | LOCAL @local ] SESSION AUTHORIZATION <user:text>", SetSessionAuthorization
    ),
    Spec("SET [ SESSION | LOCAL @local ] TIME ZONE @name=timezone { DEFAULT | LOCAL }", Set),
    Spec(
        "SET [ SESSION | LOCAL @local ] TIME ZONE @name=timezone <values:value,...>",
        Set,
    ),
    Spec("SET [ SESSION | LOCAL @local ] NAMES @name=client_encoding <values:value,...>", Set),
    Spec("SET [ SESSION | LOCAL @local ] <name:setting> { TO | = } DEFAULT", Set),
    Spec("SET [ SESSION | LOCAL @local ] <name:setting> { TO | = } <values:value,...>", Set),
    Spec("RESET ALL", Reset),
    Spec("RESET SESSION AUTHORIZATION", SetSessionAuthorization),
    Spec("RESET TIME ZONE @name=timezone", Reset),
    Spec("RESET <name:setting>", Reset),
    Spec("SHOW ALL", Show),
    Spec("SHOW TRANSACTION ISOLATION LEVEL @name=transaction_isolation", Show),
    Spec("SHOW SESSION AUTHORIZATION @name=session_authorization", Show),
    Spec("SHOW TIME ZONE @name=timezone", Show),
    Spec("SHOW <name:setting>", Show),
    Spec("DISCARD ALL", DiscardAll),
    Spec("PREPARE <name:name> [ ( <types:type,...> ) ] AS <body:statement>", Prepare),
    Spec("EXECUTE <name:name> [ ( <arguments:part,...> ) | ( ) ]", Execute),
    Spec("DEALLOCATE [ PREPARE ] ALL", Deallocate),
    Spec("DEALLOCATE [ PREPARE ] <name:name>", Deallocate),
    Spec("LISTEN <channel:name>", Listen),
    Spec("UNLISTEN { * | <channel:name> }", Unlisten),
    Spec("NOTIFY <channel:name> [ , <payload:string> ]", Notify),
    Spec(
        "SELECT SET_CONFIG ( <name:string> , <value:string> , { TRUE @local | FALSE } )",
        SetConfig,
    ),
    Spec("SELECT PG_CANCEL_BACKEND ( <process_id:number> )", SignalBackend),
    Spec(
        "SELECT PG_TERMINATE_BACKEND ( <process_id:number> )"
        " @function=pg_terminate_backend @terminate",
        SignalBackend,
    ),
    Spec("CANCEL <process_id:number> [ <message:string> ]", _cancel),
)
