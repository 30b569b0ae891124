"""The tables of the store. The migrations make them; a test holds the two equal.

- one table a kind: an entity's key, its name (unique beside its siblings), its body. The body is
  json and not jsonb, which refuses some of the texts a client may send (escaped NULs);
- change_log: which rows each version of the catalogue changed, for nodes that read it again;
- catalog_version: one row; its lock is the order of all commits. It holds the audit's last hash;
- writer: the last batch of each writing process;
- audit: append-only, each row with the hash of the one before (core/audit_chain.py);
- share_usage: the newest requests made of datashares (core/share_usage.py), share_meter: their sums
  by day, kept longer. No transaction of a client's writes them;
- last_use: when access keys and roles were last used; written behind the requests as well;
- data_statement and data_session: what the Data API of each node acknowledged, for a day.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
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
HEAD: Final = "0011"

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
    # Whose change logs of datashares show the row (ports.AuditRecord.share_log).
    Column("share_log", Text(collation="C")),
    Index("audit_account_sequence_idx", "account", "sequence"),
    Index("audit_share_log_at_idx", "share_log", "at"),
)

SHARE_USAGE: Final = Table(
    "share_usage",
    METADATA,
    Column("sequence", BigInteger, Identity(always=True), nullable=False),
    Column("request", Text(collation="C"), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("consumer", Text(collation="C"), nullable=False),
    Column("producer", Text(collation="C")),
    Column("share", Text(collation="C")),
    Column("refused", Boolean, nullable=False),
    Column("rows_read", BigInteger, nullable=False),
    Column("bytes_read", BigInteger, nullable=False),
    Column("rows_written", BigInteger, nullable=False),
    Column("bytes_written", BigInteger, nullable=False),
    Column("cross_region", BigInteger, nullable=False),
    Column("body", Text(collation="C"), nullable=False),
    Index("share_usage_consumer_at_idx", "consumer", "at"),
    Index("share_usage_producer_at_idx", "producer", "at"),
    Index("share_usage_at_idx", "at"),
    Index("share_usage_sequence_idx", "sequence"),
)

SHARE_METER: Final = Table(
    "share_meter",
    METADATA,
    Column("day", Date, primary_key=True),
    Column("share", Text(collation="C"), primary_key=True),
    Column("consumer", Text(collation="C"), primary_key=True),
    Column("producer", Text(collation="C"), nullable=False),
    Column("share_name", Text(collation="C"), nullable=False),
    Column("producer_account", Text(collation="C"), nullable=False),
    Column("consumer_account", Text(collation="C"), nullable=False),
    Column("requests", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
    Column("rows_read", BigInteger, nullable=False),
    Column("bytes_read", BigInteger, nullable=False),
    Column("rows_written", BigInteger, nullable=False),
    Column("bytes_written", BigInteger, nullable=False),
    Column("cross_region", BigInteger, nullable=False),
    Index("share_meter_consumer_idx", "consumer"),
    Index("share_meter_producer_idx", "producer"),
)


LAST_USE: Final = Table(
    "last_use",
    METADATA,
    Column("subject", Text(collation="C"), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("service", Text(collation="C"), nullable=False),
    Column("region", Text(collation="C"), nullable=False),
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
