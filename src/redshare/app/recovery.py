"""What a crash left: between a lake's commit and the store's, and of sessions' temporary tables.

Runs before a node serves. Also the storage of databases that are no longer, or never came to be, is
left alone here: it belongs to nobody and maintenance may remove it.
"""

from __future__ import annotations

from redshare.app.work import Work
from redshare.core.database import Database, DatabaseKind
from redshare.ports import Engine


def recover_lakes(work: Work, engine: Engine) -> int:
    """Apply what is missing; how many snapshots were."""
    applied = 0
    databases: list[Database] = list(work.catalog().tables[Database].values())
    for database in databases:
        if database.kind is not DatabaseKind.LOCAL:
            continue
        for snapshot, changes in engine.committed_notes(database.lake, database.applied_snapshot):
            work.store.recover(database.database_id, snapshot, changes)
            applied += 1
        engine.drop_temporary(database.lake)
    return applied
