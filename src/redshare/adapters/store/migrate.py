"""Bringing a database to the tables this version knows, when a store is opened."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from redshare.adapters.store.schema import HEAD

#: Openers of one database run one after the other. Any fixed number nobody else takes.
_LOCK: Final = 0x7265_6473_6861_7265

SCRIPTS: Final = Path(__file__).with_name("migrations")


class SchemaTooNew(RuntimeError):
    """A newer version of the product has written this state."""

    def __init__(self, found: str) -> None:
        super().__init__(
            f"the state is in schema {found}, which this version of redshare does not know "
            f"(it knows up to {HEAD}): use the version that wrote it, or a newer one"
        )
        self.found = found


def migrate(engine: Engine) -> None:
    """Make or upgrade the tables, all or nothing. Raises SchemaTooNew."""
    with engine.connect().execution_options(isolation_level="READ COMMITTED") as connection:
        if _revision(connection) == HEAD:
            return
        connection.rollback()
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if _revision(connection) != HEAD:
            _upgrade(connection)
        connection.commit()


def _revision(connection: Connection) -> str | None:
    if connection.scalar(sa.text("SELECT to_regclass('alembic_version')")) is None:
        return None
    found: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return found


def _upgrade(connection: Connection) -> None:
    # Imported only where there is something to do: it costs a quarter of a node's start.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    found = _revision(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise SchemaTooNew(found)
    command.upgrade(config, "head")
