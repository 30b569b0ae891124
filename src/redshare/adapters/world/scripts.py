"""SQL scripts of a world file, run on the warehouse's SQL port as the administrator.

A script is one transaction, so that one that failed left nothing and runs again; unless it says
itself where its transactions begin and end.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from redshare.adapters.world.places import Place
from redshare.app.world import World, WorldError
from redshare.app.world.structure import WorldAdmin
from redshare.core.sql_errors import SqlError
from redshare.sql.lex import split

_TRANSACTION_WORDS: Final = frozenset({"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT"})

#: Account, namespace, database.
Where = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Script:
    """A file's statements, each with the line it begins in."""

    name: str
    statements: tuple[tuple[int, str], ...]

    @property
    def manages_transactions(self) -> bool:
        """Whether it has BEGIN, COMMIT and the like."""
        return any(s.split(None, 1)[0].upper() in _TRANSACTION_WORDS for _, s in self.statements)


def read_scripts(world: World, folder: Path) -> dict[Where, list[Script]]:
    """All scripts, before anything is made. Raises WorldError."""
    return {
        (number, name, title): [_script(folder / path, path) for path in database.scripts]
        for number, account in world.accounts.items()
        for name, namespace in account.namespaces.items()
        for title, database in (namespace.databases or {}).items()
        if database.scripts
    }


def _script(path: Path, name: str) -> Script:
    try:
        text = path.read_text("utf-8")
        statements = split(text)
    except OSError as error:
        raise WorldError(f"{name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise WorldError(f"{name}: is not UTF-8") from error
    except SqlError as error:
        raise WorldError(f"{name}: {error.message}") from error
    found = []
    for statement in statements:
        blank = len(statement.text) - len(statement.text.lstrip())
        line = text.count("\n", 0, statement.offset + blank) + 1
        found.append((line, statement.text.strip()))
    return Script(name, tuple(found))


def run_script(script: Script, place: Place, database: str, admin: WorldAdmin) -> None:
    """Raises WorldError naming the script and the line."""
    label = f"{place.account.number}/{place.name}"
    if place.address is None:
        raise WorldError(f"{label}: the warehouse has no endpoint")
    host, port = place.address
    line = 0
    try:
        with psycopg.connect(
            host=host,
            port=port,
            dbname=database,
            user=admin.user,
            password=admin.password,
            sslmode="require",
            autocommit=script.manages_transactions,
        ) as connection:
            for line, statement in script.statements:  # noqa: B007 - the error names it
                connection.execute(statement.encode())
    except psycopg.Error as error:
        message = str(error).strip().partition("\n")[0]
        where = f"{script.name}, line {line}" if line else script.name
        raise WorldError(f"{label}: {where}: {message}") from error
