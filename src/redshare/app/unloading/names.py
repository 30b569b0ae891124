"""What the objects of an UNLOAD are called.

`<prefix><slice>_part_<part>` with PARALLEL ON, `<prefix><part>` with OFF; a partition is a folder
`column=value`. This node has one slice.
https://docs.aws.amazon.com/redshift/latest/dg/t_Unloading_tables.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from redshare.core.s3 import ObjectUrl
from redshare.sql.commands.unload import UnloadOptions

NULL_PARTITION: Final = "__HIVE_DEFAULT_PARTITION__"
_COMPRESSED: Final = {"gzip": ".gz", "bz2": ".bz2", "zstd": ".zst"}
#: Written as they are in the value of a partition; all other ASCII is percent-encoded, as in Hive.
_PLAIN: Final = " !$&()+,-.;<>@_`|~"


class Names:
    """Of one UNLOAD."""

    def __init__(self, target: ObjectUrl, options: UnloadOptions) -> None:
        self._target = target
        self._parallel = options.parallel
        self._extension = _extension(options)

    def file(self, folder: str, part: int) -> ObjectUrl:
        """The part's object; `folder` is a partition's, or empty."""
        start = self._target.key
        if folder and start and not start.endswith("/"):
            start += "/"
        number = f"0000_part_{part:02}" if self._parallel else f"{part:03}"
        return self._target.with_key(f"{start}{folder}{number}{self._extension}")

    def folder(self, folder: str) -> ObjectUrl:
        """All of a partition."""
        start = self._target.key
        if start and not start.endswith("/"):
            start += "/"
        return self._target.with_key(f"{start}{folder}")

    @property
    def manifest(self) -> ObjectUrl:
        """The manifest's object."""
        return self._target.with_key(f"{self._target.key}manifest")


def partition_folder(names: Sequence[str], values: Sequence[str | None]) -> str:
    """`a=1/b=x/`."""
    return "".join(
        f"{_quoted(name)}={NULL_PARTITION if value is None else _quoted(value)}/"
        for name, value in zip(names, values, strict=True)
    )


def _quoted(text: str) -> str:
    return "".join(c if not c.isascii() or c in _PLAIN else quote(c, safe="") for c in text)


def _extension(options: UnloadOptions) -> str:
    if options.extension is not None:
        return f".{options.extension.lstrip('.')}"
    if options.format == "parquet":
        return ".parquet"
    return _COMPRESSED.get(options.compression or "", "")
