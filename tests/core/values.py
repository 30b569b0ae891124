"""Hypothesis strategies of any value the core's types allow, read from their annotations."""

from __future__ import annotations

import dataclasses
import types
import typing
from datetime import UTC, timedelta, timezone
from enum import Enum
from typing import Any

from hypothesis import strategies as st

from redshare.core.catalog import KINDS, Entity

_INTEGERS = st.integers(-(2**63), 2**63 - 1)
_ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])


def of(hint: Any) -> st.SearchStrategy[Any]:
    """Values of the annotated type."""
    plain = {
        str: st.text(max_size=12),
        int: _INTEGERS,
        bool: st.booleans(),
        bytes: st.binary(max_size=12),
        type(None): st.none(),
    }
    if isinstance(hint, typing.NewType):
        return of(hint.__supertype__)
    if hint in plain:
        return plain[hint]
    if dataclasses.is_dataclass(hint):
        return _built(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    if types.UnionType in {hint.__class__, typing.get_origin(hint)} or (
        typing.get_origin(hint) is typing.Union
    ):
        return st.one_of([of(option) for option in typing.get_args(hint)])
    return _container(hint)


def _container(hint: Any) -> st.SearchStrategy[Any]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple and arguments[1:] == (...,):
        return st.lists(of(arguments[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(of, arguments))
    if origin is frozenset:
        return st.frozensets(of(arguments[0]), max_size=3)
    if hint.__name__ == "datetime":
        return st.datetimes(timezones=_ZONES)
    raise AssertionError(hint)


def _built(kind: Any) -> st.SearchStrategy[Any]:
    hints = typing.get_type_hints(kind)
    return st.builds(kind, **{f.name: of(hints[f.name]) for f in dataclasses.fields(kind)})


def entities() -> st.SearchStrategy[Entity]:
    """Any entity of any kind."""
    return st.sampled_from(KINDS).flatmap(of)
