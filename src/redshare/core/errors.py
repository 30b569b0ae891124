"""The domain's errors: one class a situation, its message made here and safe to show.

What an AWS client or an SQL client sees of each is decided by the endpoints' tables, not here.
Those of one protocol stand beside: `aws_errors`, `iam.errors`, `data_errors`, `sql_errors`.
"""

from __future__ import annotations


class RedshareError(Exception):
    """A situation the caller is told about, in its own protocol."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class DuplicateName(RedshareError):
    """The name was taken at the same time by someone else."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"{kind} {name} already exists.")
        self.kind = kind
        self.name = name


class StaleState(RedshareError):
    """Someone changed what this change was decided on; decide again."""

    def __init__(self) -> None:
        super().__init__("The resource was changed at the same time. Try again.")


class StoreUnavailable(RedshareError):
    """State cannot be read or written now; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("The service's state is unavailable. Nothing was changed; try again.")
