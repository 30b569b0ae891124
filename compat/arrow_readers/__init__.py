"""Readers that give Arrow tables: connectorx (with polars over it) and ADBC's PostgreSQL driver."""

from __future__ import annotations

from compat.client import Client
from compat.driven import python_steps, told
from compat.installed import python_client, versions

CLIENT = Client(
    "connectorx, polars, ADBC",
    python_client(
        "arrow_readers",
        "connectorx>=0.4,<1",
        "polars>=1,<3",
        "adbc-driver-postgresql>=1,<2",
        "pyarrow>=17",
    ),
    versions("arrow_readers", "connectorx", "polars", "adbc-driver-postgresql"),
    lambda node: python_steps("arrow_readers", told(node, "by_arrow")),
)
