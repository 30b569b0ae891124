"""psycopg2: libpq and the simple protocol."""

from __future__ import annotations

from compat.client import Client
from compat.driven import python_steps, told
from compat.installed import python_client, versions

CLIENT = Client(
    "psycopg2",
    python_client("psycopg2", "psycopg2-binary>=2.9.10,<3"),
    versions("psycopg2", "psycopg2-binary"),
    lambda node: python_steps("psycopg2", told(node, "by_psycopg2")),
)
