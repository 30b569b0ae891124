"""INSERT, UPDATE, DELETE and MERGE, one statement a file."""

from redshare.sql.dml.assigned import assigned, default_of
from redshare.sql.dml.delete import bind_delete
from redshare.sql.dml.insert import bind_insert
from redshare.sql.dml.merge import bind_merge
from redshare.sql.dml.target import target
from redshare.sql.dml.update import bind_update

__all__ = [
    "assigned", "bind_delete", "bind_insert", "bind_merge", "bind_update", "default_of", "target",
]  # fmt: skip
