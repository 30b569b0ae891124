"""asyncpg: the extended protocol, everything binary."""

from __future__ import annotations

from compat.client import Client
from compat.driven import python_steps, told
from compat.installed import python_client, versions

CLIENT = Client(
    "asyncpg",
    python_client("asyncpg", "asyncpg>=0.30,<1"),
    versions("asyncpg", "asyncpg"),
    lambda node: python_steps("asyncpg", told(node, "by_asyncpg")),
)
