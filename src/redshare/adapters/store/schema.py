"""The tables of the store. The migrations make them; a test holds the two equal.

- one table a kind: an entity's key, its name (unique beside its siblings), its body. The body is
  json and not jsonb, which refuses some of the texts a client may send (escaped NULs);
- change_log: which rows each version of the catalogue changed, for nodes that read it again;
- catalog_version: one row; its lock is the order of all commits. It holds the audit's last hash;
- writer: the last batch of each writing process;
- audit: append-only, each row with the hash of the one before (core/audit_chain.py);
- data_statement and data_session: what the Data API of each node acknowledged, for a day.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSON

from redshare.adapters.store.codec import NAMES

#: The newest revision in migrations/versions.
HEAD: Final = "0009"

METADATA: Final = MetaData()


def _entity_table(name: str) -> Table:
    return Table(
        name,
        METADATA,
        Column("key", Text(collation="C"), primary_key=True),
        Column("parent", Text(collation="C"), nullable=False),
        Column("name", Text(collation="C"), nullable=False),
        Column("account", Text(collation="C")),
        Column("version", BigInteger, nullable=False),
        # The order of making: what lists are shown in.
        Column("made", BigInteger, Identity(always=True), nullable=False),
        Column("body", JSON, nullable=False),
        # Deferred: one commit may let two entities exchange their names.
        UniqueConstraint(
            "parent", "name", name=f"{name}_name_key", deferrable=True, initially="DEFERRED"
        ),
    )


ENTITY_TABLES: Final = {kind: _entity_table(name) for kind, name in NAMES.items()}

CATALOG_VERSION: Final = Table(
    "catalog_version",
    METADATA,
    Column("single", Boolean, primary_key=True),
    Column("version", BigInteger, nullable=False),
    # Older changes are no longer in the log: who is behind it reads everything.
    Column("log_start", BigInteger, nullable=False),
    Column("audit_head", Text(collation="C"), nullable=False),
    CheckConstraint("single", name="catalog_version_single_check"),
)

CHANGE_LOG: Final = Table(
    "change_log",
    METADATA,
    Column("version", BigInteger, primary_key=True),
    Column("kind", Text(collation="C"), primary_key=True),
    Column("key", Text(collation="C"), primary_key=True),
)

#: The last batch of each writing process: how it learns the fate of a COMMIT that got no answer.
WRITER: Final = Table(
    "writer",
    METADATA,
    Column("id", Text(collation="C"), primary_key=True),
    Column("batch", BigInteger, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)

AUDIT: Final = Table(
    "audit",
    METADATA,
    Column("sequence", BigInteger, Identity(always=True), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("account", Text(collation="C"), nullable=False),
    Column("body", JSON, nullable=False),
    Column("previous", Text(collation="C"), nullable=False),
    Column("hash", Text(collation="C"), nullable=False),
    Index("audit_account_sequence_idx", "account", "sequence"),
)


def _data_table(name: str) -> Table:
    return Table(
        name,
        METADATA,
        Column("id", Text(collation="C"), primary_key=True),
        Column("node", Text(collation="C"), nullable=False, index=True),
        Column("body", JSON, nullable=False),
    )


DATA_STATEMENT: Final = _data_table("data_statement")
DATA_SESSION: Final = _data_table("data_session")
