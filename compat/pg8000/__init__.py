"""pg8000: pure Python, the extended protocol in text."""

from __future__ import annotations

from compat.client import Client
from compat.driven import python_steps, told
from compat.installed import python_client, versions

CLIENT = Client(
    "pg8000",
    python_client("pg8000", "pg8000>=1.31.2,<2"),
    versions("pg8000", "pg8000"),
    lambda node: python_steps("pg8000", told(node, "by_pg8000")),
)
