"""What a session's queries of nothing but constants were answered: pools and tools ping all day.

An answer is given again while nothing it depends on can have changed: the catalogue is the very
same, and the session has done nothing since but ask for what is known. Whatever else it does may
change a setting, its user or its objects, and makes it forget.
"""

from __future__ import annotations

from typing import Final

from redshare.app.sessions.history import QueryEntry
from redshare.app.sessions.session import SqlSession
from redshare.core.catalog import Catalog

#: A client pings with one text, or with a few.
MOST: Final = 8
MOST_CHARACTERS: Final = 1_000


class KnownAnswers:
    """Of one session: by text, the bytes of the whole answer to a Query."""

    def __init__(self, session: SqlSession) -> None:
        self._session = session
        self._history = session.work.history
        self._store = session.work.store
        self._catalog: Catalog | None = None
        self._answers: dict[str, tuple[bytes, QueryEntry]] = {}

    def get(self, text: str) -> bytes | None:
        """The answer, which is a statement of the session's history too. Raises StoreUnavailable.

        Only for a session outside a transaction.
        """
        found = self._answers.get(text)
        if found is None:
            return None
        if self._store.catalog() is not self._catalog:
            self.forget()
            return None
        self._history.again(self._session.namespace, found[1])
        return found[0]

    def keep(self, text: str, answer: bytes) -> None:
        """Remember the answer that the session's one statement of this text has just got.

        It is true in the catalogue that the statement was bound against: a newer one may be there.
        """
        catalog, entry = self._session.seen, self._session.entry
        if len(text) > MOST_CHARACTERS or catalog is None or entry is None:
            return
        if catalog is not self._catalog or len(self._answers) >= MOST:
            self.forget()
            self._catalog = catalog
        self._answers[text] = (answer, entry)

    def forget(self) -> None:
        """Something else happened."""
        self._answers.clear()
