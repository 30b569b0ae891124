"""System views: a registry of name → columns and rows, computed from the catalogue when asked.

One file a family. Rows are those the session's user may know of, no others.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from redshare.sql.views import (
    data_catalog,
    information,
    information_keys,
    loads,
    pg_attribute,
    pg_class,
    pg_constraint,
    pg_database,
    pg_depend,
    pg_listings,
    pg_proc,
    pg_type,
    policies,
    privileges,
    queries,
    roles,
    routines,
    sessions,
    share_logs,
    shares,
    step_logs,
    svv_external,
    svv_redshift,
    svv_tables,
    usage_control,
    users,
)
from redshare.sql.views.model import Listing, SystemView
from redshare.sql.views.shares import desc_datashare, show_datashares

__all__ = ["Listing", "SystemView", "desc_datashare", "show_datashares", "system_view"]


def _registry() -> Iterable[SystemView]:
    return VIEWS.values()


VIEWS: Final[dict[tuple[str, str], SystemView]] = {
    (view.schema, view.name): view
    for view in (
        *shares.VIEWS,
        *share_logs.VIEWS,
        *usage_control.VIEWS,
        *svv_redshift.VIEWS,
        *svv_tables.family(_registry),
        *svv_tables.VIEWS,
        *svv_external.VIEWS,
        *data_catalog.VIEWS,
        *privileges.VIEWS,
        *users.VIEWS,
        *roles.VIEWS,
        *policies.VIEWS,
        *sessions.VIEWS,
        *queries.VIEWS,
        *step_logs.VIEWS,
        *loads.VIEWS,
        *pg_class.family(_registry),
        *pg_attribute.family(_registry),
        *pg_listings.family(_registry),
        *pg_constraint.VIEWS,
        *pg_database.VIEWS,
        *pg_depend.VIEWS,
        *pg_proc.VIEWS,
        *pg_type.VIEWS,
        *information.family(_registry),
        *information_keys.VIEWS,
        *routines.VIEWS,
    )
}


def system_view(name: tuple[str, ...]) -> SystemView | None:
    """The view a name of one or two parts means; pg_catalog is always searched first."""
    if len(name) == 1:
        return VIEWS.get(("pg_catalog", name[0]))
    return VIEWS.get((name[0], name[1])) if len(name) == 2 else None
