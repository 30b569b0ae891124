"""STL_USAGE_CONTROL: the statements that reached a usage limit. For superusers.

https://docs.aws.amazon.com/redshift/latest/dg/r_STL_USAGE_CONTROL.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from redshare.core.usage_breach import UsageBreach
from redshare.sql.context import SqlContext
from redshare.sql.views.model import Record, view
from redshare.sql.views.sessions import moment


def _reached(context: SqlContext) -> Iterator[Record]:
    if not context.user.superuser:
        return
    for breach in context.catalog.children(UsageBreach, context.namespace.namespace_id):
        yield {
            "eventtime": moment(breach.at),
            "query": breach.query,
            "xid": breach.transaction,
            "pid": breach.session,
            "usage_limit_id": breach.limit_id,
            "feature_type": breach.feature.upper().replace("-", "_"),
        }


VIEWS: Final = (
    view(
        "stl_usage_control",
        "eventtime timestamp, query int, xid bigint, pid int, usage_limit_id char(40),"
        "feature_type char(30)",
        _reached,
    ),
)
