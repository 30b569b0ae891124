"""What SHOW and current_setting() say of a parameter."""

from __future__ import annotations

from redshare.sql.context import SqlContext
from redshare.sql.settings import value_of


def shown(context: SqlContext, name: str) -> str | None:
    """The value, None where there is no such parameter."""
    match name:
        case "search_path":
            return ", ".join(context.search_path)
        case "session_authorization":
            return context.user.name
        case "is_superuser":
            return "on" if context.user.superuser else "off"
    return value_of(context.settings, name)
