"""Errors of reading a statement, before anything is looked up.

Positions count characters from 1 over the whole text the client sent, as PostgreSQL's `P` field.
"""

from __future__ import annotations

from typing import Final

from redshare.core.sql_errors import SqlError

#: How much of a token a message repeats; one may be as long as the statement.
_SHOWN: Final = 128


class SqlSyntaxError(SqlError):
    """The text is not a statement."""

    sqlstate = "42601"

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position

    @classmethod
    def near(cls, text: str, position: int) -> SqlSyntaxError:
        """At a token; at the end of the input when `text` is empty."""
        where = f'at or near "{text[:_SHOWN]}"' if text else "at end of input"
        return cls(f"syntax error {where}", position)


class UnsupportedStatement(SqlError):
    """A statement Redshift or PostgreSQL knows and this product refuses by name."""

    sqlstate = "0A000"

    def __init__(self, feature: str) -> None:
        super().__init__(f"{feature} is not supported")
        self.feature = feature


class NameTooLong(SqlError):
    """An identifier longer than Redshift stores."""

    sqlstate = "42622"

    def __init__(self, name: str, limit: int) -> None:
        super().__init__(f'identifier "{name[:63]}" is longer than {limit} bytes')


class StatementTooLarge(SqlError):
    """The text is longer than Redshift reads."""

    sqlstate = "54000"

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(
            f"Statement is too large. Statement Size: {size} bytes. Maximum Allowed: {limit} bytes"
        )


class StatementTooComplex(SqlError):
    """Parentheses are nested deeper than a statement has any use for."""

    sqlstate = "54001"

    def __init__(self) -> None:
        super().__init__("stack depth limit exceeded")


class UndefinedParameter(SqlError):
    """A placeholder for which no value was bound."""

    sqlstate = "42P02"

    def __init__(self, index: int) -> None:
        super().__init__(f"there is no parameter ${index}")
