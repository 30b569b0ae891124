"""The parts only GRANT and REVOKE have: privileges with columns, recipients, consumers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from redshare.core.privileges import GranteeKind, Privilege
from redshare.core.role import SYSTEM_PRIVILEGES
from redshare.sql.commands.lexemes import Kind
from redshare.sql.commands.match import Matching, Reader, listed
from redshare.sql.commands.readers import read_name, read_string


@dataclass(frozen=True, slots=True)
class ObjectPrivilege:
    """One privilege, None for ALL; without columns it is on the whole object."""

    privilege: Privilege | None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipient:
    """A grantee by name; PUBLIC has none."""

    kind: GranteeKind
    name: str = ""
    grant_option: bool = False


class ConsumerKind(StrEnum):
    """Who is named behind USAGE ON DATASHARE. LOCAL is a user, role or group: always refused."""

    NAMESPACE = "NAMESPACE"
    ACCOUNT = "ACCOUNT"
    LOCAL = "LOCAL"


@dataclass(frozen=True, slots=True)
class DatashareConsumer:
    """`quoted` is False for what Redshift takes for the name of a user or group."""

    kind: ConsumerKind
    value: str
    quoted: bool = True
    via_data_catalog: bool = False


_PRIVILEGES: Final = {str(p): p for p in Privilege} | {"TEMPORARY": Privilege.TEMP}
_SYSTEM: Final = tuple(tuple(phrase.split()) for phrase in SYSTEM_PRIVILEGES)


def _read_privilege(m: Matching, index: int) -> tuple[Privilege | None, int] | None:
    word = m.words[index].word
    if word == "ALL":
        return None, index + 2 if m.is_word(index + 1, "PRIVILEGES") else index + 1
    if word in _PRIVILEGES:
        return _PRIVILEGES[word], index + 1
    m.fail(index)
    return None


def _read_plain(m: Matching, index: int) -> tuple[ObjectPrivilege, int] | None:
    found = _read_privilege(m, index)
    return None if found is None else (ObjectPrivilege(found[0]), found[1])


def _read_with_columns(m: Matching, index: int) -> tuple[ObjectPrivilege, int] | None:
    found = _read_privilege(m, index)
    if found is None:
        return None
    privilege, index = found
    if not m.is_word(index, "("):
        return ObjectPrivilege(privilege), index
    columns: list[str] = []
    while True:
        name = read_name(m, index + 1)
        if name is None:
            return None
        columns.append(name[0])
        index = name[1]
        if not m.is_word(index, ","):
            break
    if not m.is_word(index, ")"):
        return None
    return ObjectPrivilege(privilege, tuple(columns)), index + 1


def _read_system(m: Matching, index: int) -> tuple[str, int] | None:
    for phrase in _SYSTEM:
        if all(m.words[index + n].word == word for n, word in enumerate(phrase)):
            return " ".join(phrase), index + len(phrase)
    m.fail(index)
    return None


def _read_grantee(m: Matching, index: int) -> tuple[Recipient, int] | None:
    word = m.words[index].word
    if word == "PUBLIC":
        return Recipient(GranteeKind.PUBLIC), index + 1
    kind = GranteeKind.USER
    # A user may be called role; GROUP is reserved.
    if word == "GROUP" or (word == "ROLE" and _starts_name(m, index + 1)):
        kind = GranteeKind(word.lower())
        index += 1
    name = read_name(m, index)
    return None if name is None else (Recipient(kind, name[0]), name[1])


def _starts_name(m: Matching, index: int) -> bool:
    lexeme = m.words[index]
    if lexeme.word in {"WITH", "CASCADE", "RESTRICT"}:
        return False
    return lexeme.kind in {Kind.WORD, Kind.QUOTED, Kind.PARAMETER}


def _with_option(word: str) -> Reader:
    def read(m: Matching, index: int) -> tuple[object, int] | None:
        found = _read_grantee(m, index)
        if found is None or not m.is_word(found[1], "WITH"):
            return found
        recipient, index = found
        if not (m.is_word(index + 1, word) and m.is_word(index + 2, "OPTION")):
            return None
        return Recipient(recipient.kind, recipient.name, grant_option=True), index + 3

    return read


def _read_role(m: Matching, index: int) -> tuple[str, int] | None:
    """`ROLE a, ROLE b`; the word may stand once for all."""
    if m.words[index].word == "ROLE" and _starts_name(m, index + 1):
        index += 1
    return read_name(m, index)


def read_principal(m: Matching, index: int) -> tuple[str, int] | None:
    """An account's id or a namespace's GUID, quoted or bare."""
    found = _read_principal(m, index)
    return None if found is None else (found[0], found[2])


def _read_principal(m: Matching, index: int) -> tuple[str, bool, int] | None:
    word = m.words[index]
    text = m.statement.clean
    if word.kind in {Kind.STRING, Kind.PARAMETER}:
        found = read_string(m, index)
        assert found is not None
        return found[0], True, found[1]
    if word.kind == Kind.QUOTED:
        return word.value, False, index + 1
    start = index
    while _goes_on(m, start, index):
        index += 1
    if index == start:
        m.fail(index)
        return None
    return text[word.start : m.words[index - 1].end], False, index


def _goes_on(m: Matching, start: int, index: int) -> bool:
    """Whether a lexeme is part of a bare GUID: 13b8833d-17c6-... is numbers, words and dashes."""
    word = m.words[index]
    if word.kind not in {Kind.WORD, Kind.NUMBER} and (word.word != "-" or index == start):
        return False
    return index == start or word.start == m.words[index - 1].end


def _read_consumer(m: Matching, index: int) -> tuple[DatashareConsumer, int] | None:
    word = m.words[index].word
    if word not in {"NAMESPACE", "ACCOUNT"} or m.words[index + 1].kind == Kind.END:
        return _read_local(m, index)
    found = _read_principal(m, index + 1)
    if found is None:
        return None
    value, quoted, index = found
    via = word == "ACCOUNT" and m.is_word(index, "VIA")
    if not via:
        return DatashareConsumer(ConsumerKind(word), value, quoted), index
    if not (m.is_word(index + 1, "DATA") and m.is_word(index + 2, "CATALOG")):
        return None
    return DatashareConsumer(ConsumerKind.ACCOUNT, value, quoted, via_data_catalog=True), index + 3


def _read_local(m: Matching, index: int) -> tuple[DatashareConsumer, int] | None:
    found = _with_option("GRANT")(m, index)
    if found is None:
        return None
    recipient, index = found
    assert isinstance(recipient, Recipient)
    name = recipient.name or recipient.kind
    return DatashareConsumer(ConsumerKind.LOCAL, name, quoted=False), index


def _either(first: Callable[[Matching, int], tuple[object, int] | None], word: str) -> Reader:
    """A list, or one word that stands for all."""

    def read(m: Matching, index: int) -> tuple[object, int] | None:
        if m.words[index].word != word:
            return listed(first)(m, index)
        after = index + 2 if m.is_word(index + 1, "PRIVILEGES") else index + 1
        return (word,), after

    return read


GRANT_READERS: Final[Mapping[str, Reader]] = {
    "privilege": _read_plain,
    "column_privilege": _read_with_columns,
    "system": _either(_read_system, "ALL"),
    "recipient": _with_option("GRANT"),
    "member": _with_option("ADMIN"),
    "grantee": _read_grantee,
    "role": _read_role,
    "consumer": _read_consumer,
}
