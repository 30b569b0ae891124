"""SQLAlchemy over both of its Redshift drivers: tables, reflection, ORM."""

from __future__ import annotations

from compat.client import Client
from compat.driven import recorded_steps
from compat.installed import python_client, versions

CLIENT = Client(
    "SQLAlchemy 2 with sqlalchemy-redshift",
    python_client(
        "sqlalchemy",
        # sqlalchemy-redshift 1.0.0 reflects with what SQLAlchemy 2.0 has.
        "sqlalchemy>=2.0.40,<2.1",
        "sqlalchemy-redshift>=1.0,<2",
        "redshift-connector>=2.1.8,<3",
        "psycopg2-binary>=2.9.10,<3",
    ),
    versions("sqlalchemy", "sqlalchemy", "sqlalchemy-redshift"),
    lambda node: recorded_steps("sqlalchemy", node),
)
