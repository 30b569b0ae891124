"""A statement as the audit tells it: by its own words, without what was not said, or is secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, Final, get_args

from redshare.sql.commands.objects import Objects
from redshare.sql.commands.table import TableAction
from redshare.sql.commands.values import Password

#: What a password is shown as, as in calls of the Redshift API.
_HIDDEN: Final = "****"
#: What is one of several: its own name tells which.
_ONE_OF: Final = (*get_args(Objects), *get_args(TableAction))
#: As of calls (CloudTrail leaves out what is longer): bytes of JSON.
MAX_BYTES: Final = 100 * 1024


def said(value: object) -> Any:  # noqa: ANN401 - any JSON
    """JSON of a command; null where it is too long."""
    shown = _shown(value)
    return shown if len(json.dumps(shown)) <= MAX_BYTES else None


def _shown(value: object) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, Password):
        return _HIDDEN
    if is_dataclass(value) and not isinstance(value, type):
        shown = {_camel(name): _shown(each) for name, each in _given(value)}
        return {_lower(type(value).__name__): shown} if isinstance(value, _ONE_OF) else shown
    if isinstance(value, tuple):
        return [_shown(each) for each in value]
    if isinstance(value, dict):
        return {name: _shown(each) for name, each in value.items()}
    return value if isinstance(value, bool | int) else str(value)


def _given(value: Any) -> Iterator[tuple[str, object]]:  # noqa: ANN401 - a dataclass
    for field in fields(value):
        each = getattr(value, field.name)
        if each is not None and each not in ((), field.default):
            yield field.name, each


def _camel(name: str) -> str:
    return _lower("".join(word.capitalize() for word in name.split("_")))


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]
