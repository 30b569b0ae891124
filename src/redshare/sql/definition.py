"""A view's definition as it is kept: its text, and how its names were meant when it was made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from redshare.sql.lex import Statement, split


@dataclass(frozen=True, slots=True)
class ViewDefinition:
    """The query's text with the search path and letter case rule of its making.

    `relations`: which relation each name means for ever, by its id; empty where names are to be
    looked up at each use.
    """

    query: str
    search_path: tuple[str, ...]
    case_sensitive: bool = False
    relations: Mapping[tuple[str, ...], str] = field(default_factory=dict)

    def dump(self) -> str:
        """The form kept in `Relation.definition`."""
        return json.dumps(
            {
                "query": self.query,
                "search_path": list(self.search_path),
                "case_sensitive": self.case_sensitive,
                "relations": [[list(name), key] for name, key in self.relations.items()],
            }
        )

    @classmethod
    def load(cls, text: str) -> Self:
        """Read it back."""
        kept = json.loads(text)
        return cls(
            kept["query"],
            tuple(kept["search_path"]),
            kept["case_sensitive"],
            {tuple(name): key for name, key in kept.get("relations", [])},
        )

    def statement(self) -> Statement:
        """The query, tokenised."""
        return split(self.query)[0]
