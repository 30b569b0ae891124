"""The system's own relations as the catalogues list them: every view of the registry."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from redshare.sql.views.model import SystemView
from redshare.sql.views.oids import CATALOGUES, INFORMATION_SCHEMA, SYSTEM_SCHEMAS

#: The registry, asked for when rows are made: it holds the views that list it.
Registry = Callable[[], Iterable[SystemView]]

_VIEW_PREFIXES: Final = ("svv_", "svl_", "svcs_", "sys_")
_VIEWS: Final = frozenset(
    {
        "pg_tables", "pg_views", "pg_indexes", "pg_user", "pg_roles", "pg_settings", "pg_locks",
        "pg_stat_activity", "pg_table_def", "pg_proc_info", "pg_user_info", "pg_class_info",
        "pg_attribute_info",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SystemRelation:
    """One view with its object id."""

    view: SystemView
    oid: int

    @property
    def schema_oid(self) -> int:
        """The object id of its schema."""
        return SYSTEM_SCHEMAS[self.view.schema]

    @property
    def is_table(self) -> bool:
        """Whether PostgreSQL or Redshift has a table of that name, not a view."""
        name = self.view.name
        if self.view.schema == "information_schema" or name in _VIEWS:
            return False
        return not name.startswith(_VIEW_PREFIXES)


def system_relations(registry: Registry) -> tuple[SystemRelation, ...]:
    """All of them, in order of their names."""
    return _numbered(tuple(registry()))


@lru_cache(maxsize=4)
def _numbered(views: tuple[SystemView, ...]) -> tuple[SystemRelation, ...]:
    ordered = sorted(views, key=lambda view: (view.schema, view.name))
    return tuple(
        SystemRelation(view, _fixed(view) or INFORMATION_SCHEMA + 100 + place)
        for place, view in enumerate(ordered)
    )


def _fixed(view: SystemView) -> int | None:
    return CATALOGUES.get(view.name) if view.schema == "pg_catalog" else None
