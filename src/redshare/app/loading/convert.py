"""A column's texts → its Arrow array, and the problems of those that cannot be.

A whole column goes through Arrow where a pattern says that Arrow reads it as Redshift does; where
one value does not fit the pattern, the column goes through the rules of its type value by value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from redshare.app.loading.problem import Code, Invalid, Problem
from redshare.app.loading.strings import has_kept
from redshare.app.loading.values import Rules, rules_of
from redshare.core.relation import Column
from redshare.sql.commands.copy import CopyOptions

Values = Sequence[str | None]
Problems = dict[int, Problem]


@dataclass(frozen=True, slots=True)
class Converted:
    """The array has NULL where there is a problem."""

    array: Any
    problems: Problems
    #: The rows in which ACCEPTINVCHARS put another character.
    replaced: frozenset[int] = frozenset()


class Converter:
    """Of one column; `number` is that of its field."""

    def __init__(self, column: Column, number: int, options: CopyOptions) -> None:
        self.column = column
        self.rules: Rules = rules_of(column, options)
        self._number = number

    def convert(self, values: Values) -> Converted:
        """All of a batch."""
        array = self._quickly(values)
        problems: Problems = {}
        replaced: frozenset[int] = frozenset()
        if array is None:
            array, problems = self._one_by_one(values)
            replaced = frozenset(at for at, text in enumerate(values) if text and has_kept(text))
        if not self.column.nullable and array.null_count:
            self._missing(values, array, problems)
        return Converted(array, problems, replaced - problems.keys())

    def at_once(self, texts: Any) -> Any:  # noqa: ANN401 - pyarrow arrays
        """A whole column without a problem; None where that cannot be said."""
        array = self._ruled(texts)
        if array is None or (array.null_count and not self.column.nullable):
            return None
        return array

    def _quickly(self, values: Values) -> Any:  # noqa: ANN401 - a pyarrow.Array or None
        try:
            texts = pa.array(values, pa.string())
        except UnicodeEncodeError:  # a byte that was not UTF-8
            return None
        return self._ruled(texts)

    def _ruled(self, texts: Any) -> Any:  # noqa: ANN401
        try:
            return self.rules.column(texts)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return None

    def _one_by_one(self, values: Values) -> tuple[Any, Problems]:
        out: list[object] = []
        problems: Problems = {}
        one: Callable[[str], object] = self.rules.value
        for row, text in enumerate(values):
            try:
                out.append(None if text is None else one(text))
            except Invalid as bad:
                out.append(None)
                problems[row] = Problem(bad.code, bad.reason, self._number, text or "")
        return pa.array(out, self.rules.arrow), problems

    def _missing(self, values: Values, array: Any, problems: Problems) -> None:  # noqa: ANN401
        for row in pc.indices_nonzero(pc.is_null(array)).to_pylist():
            if row not in problems:
                problems[row] = Problem(
                    Code.NOT_NULL, "Missing data for not-null field", self._number,
                    values[row] or "",
                )  # fmt: skip
