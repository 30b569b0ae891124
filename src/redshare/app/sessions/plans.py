"""Parsed texts and bound statements, remembered while nothing they depend on can have changed.

A bound statement is remembered under everything its binding looked at: the text, the parameters'
types, and the session's view of the world with the very catalogue. So with the next commit of any
governance change every statement is bound anew; and what it uses through datashares is asked of
the newest catalogue at every execution all the same (app/sessions/running.py).
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

from redshare.core.catalog import KINDS, Catalog, key_of
from redshare.core.loads import LastTransfers
from redshare.sql.bound import Bound
from redshare.sql.commands import Command, parse_command
from redshare.sql.context import SqlContext
from redshare.sql.inference import numeric_types
from redshare.sql.lex import Statement, split

#: Longer texts are seldom sent twice.
MAX_TEXT: Final = 16 * 1024
#: Characters of all texts and plans together.
MAX_CHARACTERS: Final = 16 * 1024 * 1024
#: Texts that may hold a secret are not kept.
_SECRET: Final = re.compile(r"password|credential|secret|token|key", re.IGNORECASE)
#: What the key does not need of a context: it is the catalogue that everything else is found in.
#: The others are what system views show, whose rows are never remembered; and where a session's
#: temporary tables go, which a plan that makes none depends on only once the session has some: then
#: its catalogue is another one.
_UNSEEN: Final = {"catalog", "loads", "activity", "share_log", "late_columns", "temporary"}
_CONTEXT: Final = tuple(f.name for f in fields(SqlContext) if f.init and f.name not in _UNSEEN)
_PLAIN: Final = (str, int, bool, frozenset, type(None), LastTransfers)


class Plans:
    """All of a node. `hits` and `misses` are of bindings."""

    def __init__(self, most: int = MAX_CHARACTERS) -> None:
        self._texts = _Recent(most)
        self._bound = _Recent(most)
        self._catalog: Catalog | None = None
        self._lock = threading.Lock()
        self.hits = self.misses = 0

    def statements(self, text: str) -> tuple[Statement, ...]:
        """The statements of a text. Raises as `split`."""
        found: tuple[Statement, ...] | None = self._texts.get(text)
        if found is None:
            found = tuple(split(text))
            self._keep_text(text, found, text)
        return found

    def command(self, statement: Statement, *, fold: bool) -> Command | None:
        """The product's own command that a statement is, or None. Raises as `parse_command`."""
        key = (statement.text, statement.offset, fold)
        found: tuple[Command | None] | None = self._texts.get(key)
        if found is None:
            found = (parse_command(statement, fold=fold),)
            self._keep_text(key, found, statement.text)
        return found[0]

    def bound(
        self,
        statement: Statement,
        context: SqlContext,
        newest: Catalog,
        types: Sequence[str | None],
        values: Sequence[object],
        bind: Callable[[], Bound],
    ) -> Bound:
        """What `bind` makes of the statement, or made of it before. Raises what it raises."""
        seen = _seen(context) if context.catalog is newest else None
        if seen is None or len(statement.text) > MAX_TEXT:
            return bind()  # a transaction's own changes lie over the catalogue
        key = (statement.text, tuple(types), seen)
        found = self._known(key, newest, values)
        if found is not None:
            self.hits += 1
            return found
        self.misses += 1
        made = bind()
        if _lasting(made):
            with self._lock:
                if self._catalog is newest:
                    self._keep(key, made, values)
        return made

    # --- how ------------------------------------------------------------------------------

    def _known(self, key: Hashable, newest: Catalog, values: Sequence[object]) -> Bound | None:
        with self._lock:
            if self._catalog is not newest:
                self._catalog = newest
                self._bound.clear()
        found: Bound | None = self._bound.get(key)
        if found is not None and _has_numeric(found):
            # Its plan is of the digits that its values had.
            found = self._bound.get((key, _digits(values)))
        return found

    def _keep(self, key: Hashable, made: Bound, values: Sequence[object]) -> None:
        size = 0 if made.plan is None else len(made.plan.sql)
        self._bound.put(key, made, size)
        if _has_numeric(made):
            self._bound.put((key, _digits(values)), made, size)

    def _keep_text(self, key: Hashable, value: object, text: str) -> None:
        if len(text) <= MAX_TEXT and not _SECRET.search(text):
            self._texts.put(key, value, len(text))


class _Recent:
    """Values by key, those used last; each has a size."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._size = 0

    def get(self, key: Hashable) -> Any:  # noqa: ANN401 - what was put
        """The value, or None."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, value: object, size: int) -> None:
        """Keep a value, forgetting those not used for longest."""
        size += 1024  # what any entry takes
        with self._lock:
            old = self._kept.pop(key, None)
            self._size += size - (old[1] if old is not None else 0)
            self._kept[key] = (value, size)
            while self._size > self._most:
                _, (_, gone) = self._kept.popitem(last=False)
                self._size -= gone

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self._size = 0


def _lasting(bound: Bound) -> bool:
    """Whether it would be bound the same again: no rows of the node, nothing made by it."""
    return not bound.changes and bound.plan is not None and not bound.plan.inputs


def _has_numeric(bound: Bound) -> bool:
    return any(kind.startswith("numeric") for kind in bound.parameters)


def _digits(values: Sequence[object]) -> Hashable:
    return tuple(sorted((n, kind.a, kind.b) for n, kind in numeric_types(values).items()))


def _seen(context: SqlContext) -> Hashable | None:
    """All that a binding may look at but the catalogue; None where that cannot be said.

    The catalogue's own entities are told by identity: they are kept as long as the key.
    """
    parts: list[Hashable] = []
    for name in _CONTEXT:
        value = getattr(context, name)
        if isinstance(value, _PLAIN):
            parts.append(value)
        elif isinstance(value, tuple):
            if not all(isinstance(item, _PLAIN) for item in value):
                return None
            parts.append(value)
        elif isinstance(value, Mapping):
            parts.append(tuple(sorted(value.items())))
        elif isinstance(value, KINDS):
            kept = context.catalog.get(type(value), key_of(value)) is value
            parts.append(id(value) if kept else value)
        else:
            return None
    return tuple(parts)
