"""What a connection, SET and USE decided of a session, and how a transaction's end undoes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from redshare.core.ids import DatabaseId, GroupId, UserId
from redshare.core.loads import LastTransfers
from redshare.sql.settings import search_path


@dataclass(slots=True)
class SessionState:
    """`settings` is what SET said; `local` is laid over it until the transaction ends."""

    database: DatabaseId
    user: UserId
    use: DatabaseId | None = None
    settings: dict[str, str] = field(default_factory=dict)
    local: dict[str, str] = field(default_factory=dict)
    #: What the session starts with and RESET goes back to: the user's own.
    initial: Mapping[str, str] = field(default_factory=dict)
    #: Groups of this login alone, as temporary credentials name them.
    groups: tuple[GroupId, ...] = ()
    #: Who logged in, where SET SESSION AUTHORIZATION made the session another's.
    logged_in: UserId | None = None
    #: The value that the next drop of an ADX-managed share must find set.
    break_glass: str | None = None
    #: What pg_last_copy_id() and its like answer.
    last_transfers: LastTransfers = LastTransfers()  # noqa: RUF009 - an immutable value
    _before: tuple[dict[str, str], DatabaseId | None, UserId] | None = None

    @property
    def effective(self) -> Mapping[str, str]:
        """What is set now."""
        if not self.local:
            return self.settings
        return {**self.settings, **self.local}

    @property
    def search_path(self) -> tuple[str, ...]:
        """Where names without a schema are looked for."""
        return search_path(self.effective)

    @property
    def case_sensitive(self) -> bool:
        """Whether quoting keeps letter case."""
        return self.effective.get("enable_case_sensitive_identifier", "off") == "on"

    @property
    def read_only(self) -> bool:
        """Whether a transaction only reads where it does not say."""
        return self.effective.get("default_transaction_read_only") == "on"

    @property
    def uppercase_names(self) -> bool:
        """Whether the columns of a SELECT are named in upper case."""
        return self.effective.get("describe_field_name_in_uppercase", "off") == "on"

    def tells(self, severity: str) -> bool:
        """Whether a client hears of that severity."""
        wanted = self.effective.get("client_min_messages", "notice")
        return wanted not in {"error", "warning"} or (severity, wanted) == ("WARNING", "warning")

    @property
    def session_user(self) -> UserId:
        """Who logged in."""
        return self.user if self.logged_in is None else self.logged_in

    def set(self, name: str, value: str, *, local: bool = False) -> None:
        """SET, SET LOCAL."""
        if local:
            if self._before is not None:
                self.local[name] = value
            return
        self.local.pop(name, None)
        self.settings[name] = value

    def reset(self, name: str) -> None:
        """Back to what the session began with."""
        self.local.pop(name, None)
        self.settings.pop(name, None)
        if name in self.initial:
            self.settings[name] = self.initial[name]

    def reset_all(self) -> None:
        """Everything back to what the session began with."""
        self.local.clear()
        self.settings = dict(self.initial)

    def begin(self) -> None:
        """A transaction block starts: what is set in it goes with it if it fails."""
        if self._before is None:
            self._before = (dict(self.settings), self.use, self.user)

    def end(self, *, committed: bool) -> None:
        """It ended."""
        before, self._before = self._before, None
        self.local.clear()
        if before is not None and not committed:
            self.settings, self.use, self.user = before
