"""Where a system is not what a world file says, in lines for a reader.

What the file does not say is not compared, nor what no system tells: passwords, keys, aliases,
scripts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from redshare.app.world.grants import implied
from redshare.app.world.iam import PolicyDocument
from redshare.app.world.structure import World, WorldNamespace

_UNTOLD: Final = frozenset({"password", "access_keys", "alias", "scripts", "port"})
#: Said or not, it is nothing.
_NOTHING: Final[tuple[object, ...]] = (None, [], {})
_BLANKS: Final = re.compile(r"\s+")


def differences(wanted: World, found: World) -> list[str]:
    """In the file's order; empty where there is none."""
    return list(_compared("", _plain(wanted, found), _plain(found, found)))


def _plain(world: World, system: World) -> dict[str, Any]:
    """With what goes without saying said: it depends on other parts, and on what is there."""
    plain: dict[str, Any] = {"region": world.region, "accounts": {}}
    for number, account in world.accounts.items():
        if account.is_empty:
            # Nobody may have been asked.
            continue
        shown = plain["accounts"][number] = _all(account)
        if number in system.accounts and system.accounts[number].iam is None:
            # The reader may not see it.
            del shown["iam"]
        for name, namespace in account.namespaces.items():
            _say_defaults(name, namespace, shown["namespaces"][name])
            there = system.accounts[number].namespaces if number in system.accounts else {}
            for known in (namespace, there.get(name, namespace)):
                _say_grants(known, shown["namespaces"][name]["databases"] or {})
    return plain


def _say_defaults(name: str, namespace: WorldNamespace, shown: dict[str, Any]) -> None:
    if namespace.kind == "serverless":
        # Serverless namespaces do not tell whether they are encrypted.
        del shown["encrypted"]
        shown["workgroup"] = namespace.workgroup or f"{name}-wg"


def _say_grants(namespace: WorldNamespace, shown: dict[str, Any]) -> None:
    for database in namespace.databases or {}:
        grants = shown.get(database, {}).get("grants")
        if grants is not None:
            for target, grantee, privileges in implied(namespace, database):
                grants.setdefault(target, {}).setdefault(grantee, list(privileges))


def _all(value: Any) -> Any:  # noqa: ANN401 - any part of the file
    """Mappings and lists, with every default said: to_builtins leaves them out."""
    match value:
        case PolicyDocument():
            return value.text
        case msgspec.Struct():
            return {
                name: _all(getattr(value, name))
                for name in value.__struct_fields__
                if name not in _UNTOLD
            }
        case dict():
            return {key: _all(each) for key, each in value.items()}
        case tuple() | list():
            return [_all(each) for each in value]
    return value


def _compared(place: str, wanted: Any, found: Any) -> Iterator[str]:  # noqa: ANN401 - any part
    if wanted is None:
        return
    if isinstance(wanted, dict) and isinstance(found, dict):
        for key in wanted:
            inner = f"{place}.{key}" if place else str(key)
            if key in found:
                yield from _compared(inner, wanted[key], found[key])
            elif wanted[key] not in _NOTHING:
                yield f"- {inner}: missing"
        for key in found:
            if key not in wanted and found[key] not in _NOTHING:
                yield f"+ {place}.{key}: not in the file"
    elif isinstance(wanted, list) and isinstance(found, list | None):
        have, want = {_text(v) for v in found or ()}, {_text(v) for v in wanted}
        yield from (f"- {place}: {text}: missing" for text in sorted(want - have))
        yield from (f"+ {place}: {text}: not in the file" for text in sorted(have - want))
    elif isinstance(wanted, dict) and found is None:
        if wanted:
            yield f"- {place}: missing"
    elif _text(wanted) != _text(found):
        yield f"~ {place}: {_text(wanted)} in the file, {_text(found)} in the system"


def _text(value: Any) -> str:  # noqa: ANN401 - any leaf
    """Blanks and the semicolon at the end of a statement say nothing."""
    if isinstance(value, str):
        return _BLANKS.sub(" ", value).strip().removesuffix(";").rstrip()
    return str(value)
