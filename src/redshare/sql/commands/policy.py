"""Row-level security and masking policies: CREATE, ALTER, ATTACH, DETACH, DROP.

https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_RLS_POLICY.html
https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_MASKING_POLICY.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Final

from redshare.core.policy import Place, PolicyKind
from redshare.sql.commands.grant_readers import GRANT_READERS, Recipient
from redshare.sql.commands.match import Matching
from redshare.sql.commands.readers import read_name, read_path, read_type
from redshare.sql.commands.spec import Spec

#: How masks are weighed when nothing is said.
DEFAULT_PRIORITY: Final = 0


@dataclass(frozen=True, slots=True)
class CreatePolicy:
    """`parameters` are WITH's names and types, `body` is the text in USING's brackets."""

    tag: ClassVar[str] = "CREATE POLICY"
    kind: PolicyKind
    name: tuple[str, ...]
    body: str
    parameters: tuple[tuple[str, str], ...] = ()
    alias: str = ""
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class AlterPolicy:
    """Another USING."""

    tag: ClassVar[str] = "ALTER POLICY"
    kind: PolicyKind
    name: tuple[str, ...]
    body: str


@dataclass(frozen=True, slots=True)
class AttachPolicy:
    """`columns` are masked, `inputs` what the mask is computed from: the same unless said."""

    tag: ClassVar[str] = "ATTACH POLICY"
    kind: PolicyKind
    name: tuple[str, ...]
    relations: tuple[tuple[str, ...], ...]
    grantees: tuple[Recipient, ...]
    columns: tuple[Place, ...] = ()
    inputs: tuple[Place, ...] = ()
    priority: int = DEFAULT_PRIORITY


@dataclass(frozen=True, slots=True)
class DetachPolicy:
    """What ATTACH made."""

    tag: ClassVar[str] = "DETACH POLICY"
    kind: PolicyKind
    name: tuple[str, ...]
    relations: tuple[tuple[str, ...], ...]
    grantees: tuple[Recipient, ...]
    columns: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class DropPolicy:
    """With `cascade` out of where it is attached."""

    tag: ClassVar[str] = "DROP POLICY"
    kind: PolicyKind
    name: tuple[str, ...]
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class GrantLookup:
    """SELECT on lookup tables, to policies whose texts name them."""

    kind: PolicyKind
    tables: tuple[tuple[str, ...], ...]
    policies: tuple[tuple[str, ...], ...]
    revoke: bool = False

    @property
    def tag(self) -> str:
        """The command tag."""
        return "REVOKE" if self.revoke else "GRANT"


PolicyCommand = CreatePolicy | AlterPolicy | AttachPolicy | DetachPolicy | DropPolicy | GrantLookup


def _read_parameter(m: Matching, index: int) -> tuple[tuple[str, str], int] | None:
    """A name and its type."""
    name = read_name(m, index)
    kind = None if name is None else read_type(m, name[1])
    return None if name is None or kind is None else ((name[0], kind[0]), kind[1])


def _read_body(m: Matching, index: int) -> tuple[str, int] | None:
    """The text in brackets."""
    if not m.is_word(index, "("):
        return None
    depth, at = 1, index + 1
    while depth:
        if at >= len(m.words) - 1:
            m.fail(at)
            return None
        depth += {"(": 1, ")": -1}.get(m.words[at].word, 0)
        at += 1
    return m.statement.clean[m.words[index].end : m.words[at - 1].start], at


_READERS: Final = {
    **GRANT_READERS,
    "parameter": _read_parameter,
    "body": _read_body,
    "path": read_path,
}


def _spec(kind: PolicyKind, text: str, make: Callable[..., PolicyCommand]) -> Spec[PolicyCommand]:
    return Spec(text, partial(make, kind), readers=_READERS)


def _one_relation(make: Callable[..., PolicyCommand], kind: PolicyKind, **found: Any) -> Any:  # noqa: ANN401 - a spec's fields
    return make(kind, relations=(found.pop("relation"),), **found)


_RLS: Final = PolicyKind.RLS
_MASKING: Final = PolicyKind.MASKING

SPECS: Final[tuple[Spec[PolicyCommand], ...]] = (
    _spec(
        _RLS,
        "CREATE RLS POLICY [ IF NOT EXISTS @if_not_exists ] <name:qname>"
        " [ WITH ( <parameters:parameter,...> ) [ [ AS ] <alias:name> ] ] USING <body:body>",
        CreatePolicy,
    ),
    _spec(_RLS, "ALTER RLS POLICY <name:qname> USING <body:body>", AlterPolicy),
    _spec(
        _RLS,
        "ATTACH RLS POLICY <name:qname> ON [ TABLE ] <relations:qname,...>"
        " TO <grantees:grantee,...>",
        AttachPolicy,
    ),
    _spec(
        _RLS,
        "DETACH RLS POLICY <name:qname> ON [ TABLE ] <relations:qname,...>"
        " FROM <grantees:grantee,...>",
        DetachPolicy,
    ),
    _spec(
        _RLS,
        "DROP RLS POLICY [ IF EXISTS @if_exists ] <name:qname> [ CASCADE @cascade | RESTRICT ]",
        DropPolicy,
    ),
    _spec(
        _MASKING,
        "CREATE MASKING POLICY [ IF NOT EXISTS @if_not_exists ] <name:qname>"
        " WITH ( <parameters:parameter,...> ) USING <body:body>",
        CreatePolicy,
    ),
    _spec(_MASKING, "ALTER MASKING POLICY <name:qname> USING <body:body>", AlterPolicy),
    _spec(
        _MASKING,
        "ATTACH MASKING POLICY <name:qname> ON <relation:qname> ( <columns:path,...> )"
        " [ USING ( <inputs:path,...> ) ] TO <grantees:grantee,...>"
        " [ PRIORITY <priority:integer> ]",
        partial(_one_relation, AttachPolicy),
    ),
    _spec(
        _MASKING,
        "DETACH MASKING POLICY <name:qname> ON <relation:qname> ( <columns:path,...> )"
        " FROM <grantees:grantee,...>",
        partial(_one_relation, DetachPolicy),
    ),
    _spec(
        _MASKING,
        "DROP MASKING POLICY [ IF EXISTS @if_exists ] <name:qname> [ CASCADE @cascade | RESTRICT ]",
        DropPolicy,
    ),
    *(
        _spec(kind, text, GrantLookup)
        for kind in PolicyKind
        for text in (
            f"GRANT SELECT ON [ TABLE ] <tables:qname,...> TO {kind.upper()} POLICY"
            " <policies:qname,...>",
            f"REVOKE @revoke SELECT ON [ TABLE ] <tables:qname,...> FROM {kind.upper()} POLICY"
            " <policies:qname,...>",
        )
    ),
)
