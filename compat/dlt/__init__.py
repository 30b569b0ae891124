"""dlt: a pipeline of nested data with every write disposition."""

from __future__ import annotations

from compat.client import Client
from compat.driven import recorded_steps
from compat.installed import python_client, versions

CLIENT = Client(
    "dlt",
    python_client("dlt", "dlt[redshift]>=1.10,<2"),
    versions("dlt", "dlt"),
    lambda node: recorded_steps("dlt", node),
)
