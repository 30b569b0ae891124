"""psycopg 3: pipelines, binary both ways, server-side cursors."""

from __future__ import annotations

from compat.client import Client
from compat.driven import python_steps, told
from compat.installed import python_client, versions

CLIENT = Client(
    "psycopg 3",
    python_client("psycopg3", "psycopg[binary]>=3.2.9,<4"),
    versions("psycopg3", "psycopg"),
    lambda node: python_steps("psycopg3", told(node, "by_psycopg3")),
)
