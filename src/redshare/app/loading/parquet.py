"""Batches of a Parquet file, its columns taken in the table's order and brought to its types.

A file is laid out with its directory at the end, so it is first copied beside the node.
https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-columnar.html
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from redshare.core.relation import Column
from redshare.core.s3 import ObjectUrl
from redshare.core.sql_errors import SqlError
from redshare.sql.commands.copy import CopyOptions
from redshare.sql.types import STRINGS, stored_type

BATCH_ROWS = 16384
_JSON: Final = msgspec.json.Encoder(decimal_format="number")
MEMORY_BYTES = 8 * 1024 * 1024
#: What a column of each kind may be made of, without loss.
_FROM: Final[dict[str, tuple[Any, ...]]] = {
    "integer": (pa.types.is_integer,),
    "float": (pa.types.is_floating,),
    "decimal": (pa.types.is_decimal, pa.types.is_integer),
    "boolean": (pa.types.is_boolean,),
    "string": (pa.types.is_string, pa.types.is_large_string),
    "date": (pa.types.is_date32,),
    "timestamp": (pa.types.is_timestamp,),
    "time": (pa.types.is_time,),
    "nested": (pa.types.is_nested,),
    "binary": (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary),
}
_KINDS: Final = {
    "smallint": "integer", "integer": "integer", "bigint": "integer", "numeric": "decimal",
    "real": "float", "double precision": "float", "boolean": "boolean",
    "character varying": "string", "character": "string", "date": "date",
    "timestamp without time zone": "timestamp", "timestamp with time zone": "timestamp",
    "time without time zone": "time", "binary varying": "binary",
}  # fmt: skip


def parquet_batches(
    stream: BinaryIO,
    url: ObjectUrl,
    columns: Sequence[tuple[int, Column, Any]],
    count: int,
    options: CopyOptions,
) -> Iterator[Any]:
    """`columns` are (number in the file, column, Arrow type); `count` is how many the file has."""
    with tempfile.SpooledTemporaryFile(MEMORY_BYTES) as copy:
        shutil.copyfileobj(stream, copy, 1 << 20)
        copy.seek(0)
        try:
            file = pq.ParquetFile(pa.PythonFile(copy, mode="r"))
            names = _checked(file.schema_arrow, url, columns, count, options)
            for batch in file.iter_batches(BATCH_ROWS, columns=names, use_threads=False):
                arrays = [
                    _converted(batch.column(names.index(_name(file, number))), column, arrow, url)
                    if number < len(file.schema_arrow)
                    else pa.nulls(batch.num_rows, arrow)
                    for number, column, arrow in columns
                ]
                yield pa.RecordBatch.from_arrays(arrays, names=[c.name for _, c, _ in columns])
        except pa.ArrowException as error:
            raise SqlError(f"Spectrum Scan Error. File '{url}' is not a valid Parquet file.") from (
                error
            )


def _name(file: pq.ParquetFile, number: int) -> str:
    return str(file.schema_arrow.field(number).name)


def _checked(
    schema: pa.Schema,
    url: ObjectUrl,
    columns: Sequence[tuple[int, Column, Any]],
    count: int,
    options: CopyOptions,
) -> list[str]:
    found = len(schema)
    if found > count or (found < count and not options.fill_record):
        raise SqlError(
            "Spectrum Scan Error. Unmatched number of columns between table and file. "
            f"Table columns: {count}, Data columns: {found}, File name: {url}"
        )
    if len(set(schema.names)) != len(schema.names):
        raise SqlError(f"Spectrum Scan Error. File '{url}' has two columns of one name.")
    for number, column, _ in columns:
        if number >= found:
            continue
        given = schema.field(number).type
        given = given.value_type if pa.types.is_dictionary(given) else given
        kind = _KINDS.get(stored_type(column.type).name)
        if column.type == "super" and options.serialize_to_json:
            kind = "nested"
        if kind is None or not any(is_kind(given) for is_kind in _FROM[kind]):
            raise SqlError(
                f"Spectrum Scan Error. File '{url}' has an incompatible Parquet schema for column "
                f"'{url}.{column.name}'. Column type: {column.type.upper()}, Parquet schema: "
                f"{schema.field(number).name} {given}"
            )
    return [schema.field(number).name for number, _, _ in columns if number < found]


def _converted(array: Any, column: Column, arrow: Any, url: ObjectUrl) -> Any:  # noqa: ANN401
    kind = stored_type(column.type)
    if pa.types.is_nested(array.type):
        return pa.array(
            [_json(value) for value in array.to_pylist(maps_as_pydicts="strict")], arrow
        )
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    try:
        if pa.types.is_timestamp(arrow) and array.type.tz != arrow.tz:
            # Both ways round the instant is that in UTC.
            array = array.cast(pa.timestamp(array.type.unit, tz=arrow.tz))
        made = array.cast(arrow, safe=not pa.types.is_timestamp(arrow))
    except pa.ArrowInvalid as error:
        raise SqlError(
            f"Spectrum Scan Error. A value of column {column.name} does not fit its type "
            f"{column.type}, File name: {url}",
            "22003",
        ) from error
    if kind.name in STRINGS | {"binary varying"} and kind.a is not None:
        longest = pc.max(pc.binary_length(made)).as_py() or 0
        if longest > kind.a:
            raise SqlError(
                f"Spectrum Scan Error. The length of the data column {column.name} is longer than "
                f"the length defined in the table. Table: {kind.a}, Data: {longest}, "
                f"File name: {url}"
            )
    if not column.nullable and made.null_count:
        raise SqlError(
            f"Spectrum Scan Error. Column {column.name} is NOT NULL and has a NULL, "
            f"File name: {url}",
            "23502",
        )
    return made


def _json(value: object) -> str | None:
    """SERIALIZETOJSON: a nested value as the JSON that SUPER takes."""
    return None if value is None else _JSON.encode(value).decode()
