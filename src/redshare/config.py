"""What a node is told when it starts: one frozen value, read once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from redshare.adapters.objects.endpoints import S3Endpoint
from redshare.core.cross_region import TERABYTE

#: More than a node answers.
CALLS_PER_SECOND: Final = 10_000.0


@dataclass(frozen=True, slots=True)
class Settings:
    """`store_url` None means the embedded PostgreSQL under `directory`."""

    directory: Path
    host: str = "127.0.0.1"
    port: int = 5438
    sql_port_base: int = 5439
    region: str = "us-east-1"
    world: Path | None = None
    store_url: str | None = None
    #: In place of the file `master.key`: its 64 hexadecimal digits, or a command that prints them.
    master_key: str | None = field(default=None, repr=False)
    master_key_command: str | None = None
    #: A folder whose directories are buckets, for COPY and UNLOAD.
    buckets: Path | None = None
    s3_endpoints: tuple[S3Endpoint, ...] = ()
    #: Where events go: lines of JSON, and an address that is sent each of them.
    events_file: Path | None = None
    events_webhook: str | None = None
    #: Whether tests may set the clock, ask for faults and reset the node.
    test_controls: bool = False
    #: Of a warehouse's worker, for each node of the warehouse (app/sessions/connections.py).
    memory_bytes: int = 1 << 30
    threads: int = 2
    #: AWS calls a second of each account; 0 is no limit.
    calls_per_second: float = CALLS_PER_SECOND
    #: Threads that serve AWS requests.
    http_threads: int = 32
    #: SQL connections of one warehouse, as a provisioned cluster allows.
    connections: int = 500
    #: Rows of a cursor that are kept in memory, and of all cursors in temporary files, in bytes.
    cursor_memory_bytes: int = 16 << 20
    cursor_disk_bytes: int = 4 << 30
    #: Results of the Data API, all of the last day, in bytes.
    result_disk_bytes: int = 8 << 30
    #: Megabytes that the amounts of usage limits are in.
    usage_limit_unit: int = TERABYTE
    #: Seconds between two rounds of compaction and expiry.
    maintenance_interval: float = 300.0

    @property
    def advertised_host(self) -> str:
        """What endpoints say where clients find them."""
        return "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104

    @property
    def endpoint(self) -> str:
        """The URL of the AWS endpoint."""
        host = self.advertised_host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"
