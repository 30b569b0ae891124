"""A text of a world file as SQL writes it."""

from __future__ import annotations


def literal(text: str) -> str:
    """A string of SQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def comment_statement(target: str, text: str) -> str:
    """COMMENT ON; `target` stands as in SQL."""
    return f"COMMENT ON {target} IS {literal(text)}"
