"""UNLOAD: a query in quotes, a place, and options of which each stands once.

https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from redshare.core.sql_errors import FeatureNotSupported, SqlError
from redshare.sql.commands.copy_readers import READERS
from redshare.sql.commands.credentials import AUTHORIZATION, Authorization, authorization
from redshare.sql.commands.lexemes import Kind
from redshare.sql.commands.match import Matching
from redshare.sql.commands.spec import Spec

MB: Final = 1024 * 1024
GB: Final = 1024 * MB
#: 6.2 GB, also where nothing is said.
MOST_BYTES: Final = int(6.2 * GB)
_LEAST_BYTES: Final = 5 * MB
_SIZE: Final = re.compile(r"[0-9]{1,6}(\.[0-9]{0,6})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class UnloadOptions:
    """By the manual's names; None and False are what was not said."""

    format: str = "delimited"
    header: bool = False
    delimiter: str | None = None
    add_quotes: bool = False
    null_as: str | None = None
    escape: bool = False
    compression: str | None = None
    parallel: bool = True
    max_file_size: int | None = None
    row_group_size: int | None = None
    manifest: bool = False
    verbose: bool = False
    partition_by: tuple[str, ...] = ()
    include: bool = False
    allow_overwrite: bool = False
    clean_path: bool = False
    extension: str | None = None
    region: str | None = None
    fixed_width: str | None = None
    kms_key_id: str | None = None


@dataclass(frozen=True, slots=True)
class Unload:
    """`query` is the text between the quotes, `target` the URL as written."""

    tag: ClassVar[str] = "UNLOAD"
    query: str
    target: str
    options: UnloadOptions = UnloadOptions()
    authorization: Authorization = field(default=Authorization(), repr=False)

    def check(self) -> None:
        """Raises SqlError for what cannot stand together, FeatureNotSupported for what is not here.

        Looked at when it runs: a placeholder's text is known only then.
        """
        options = self.options
        self.authorization.check()
        if options.fixed_width is not None:
            raise FeatureNotSupported("UNLOAD to FIXEDWIDTH is not supported")
        # ENCRYPTED alone is S3's own encryption, which UNLOAD has anyway; awswrangler writes it.
        if options.kms_key_id is not None:
            raise FeatureNotSupported("UNLOAD to ENCRYPTED files is not supported")
        _check_format(options)
        if options.allow_overwrite and options.clean_path:
            raise _conflict("CLEANPATH", "ALLOWOVERWRITE")
        if options.delimiter is not None and (
            len(options.delimiter) != 1 or not options.delimiter.isascii()
        ):
            raise SqlError("UNLOAD delimiter must be a single ASCII character", "22023")
        if options.max_file_size is not None and not (
            _LEAST_BYTES <= options.max_file_size <= MOST_BYTES
        ):
            raise SqlError("MAXFILESIZE must be between 5 MB and 6.2 GB", "22023")
        if options.extension is not None and not _plain(options.extension):
            raise SqlError("EXTENSION may have letters, digits, '.', '-' and '_' only", "22023")


def _plain(extension: str) -> bool:
    """Part of a key: no separator, no way up, nothing that means something in a URL."""
    kept = extension.replace(".", "").replace("-", "").replace("_", "")
    return kept.isascii() and kept.isalnum() and ".." not in extension and len(extension) < 64


def _check_format(options: UnloadOptions) -> None:
    text = (
        ("delimiter", "DELIMITER"), ("add_quotes", "ADDQUOTES"), ("escape", "ESCAPE"),
        ("header", "HEADER"), ("null_as", "NULL"),
    )  # fmt: skip
    excluded: dict[str, tuple[tuple[str, str], ...]] = {
        "csv": (("add_quotes", "ADDQUOTES"), ("escape", "ESCAPE")),
        "json": text,
        "parquet": (*text, ("compression", "compression")),
        "delimited": (),
    }
    for name, word in excluded[options.format]:
        if getattr(options, name):
            raise _conflict(word, options.format.upper())
    if options.row_group_size is not None:
        if options.format != "parquet":
            raise _conflict("ROWGROUPSIZE", options.format.upper())
        if not 32 * MB <= options.row_group_size <= 128 * MB:
            raise SqlError("ROWGROUPSIZE must be between 32 MB and 128 MB", "22023")


def _conflict(option: str, other: str) -> SqlError:
    return SqlError(f"{option} is not supported with {other}", "42601")


def _read_size(m: Matching, index: int) -> tuple[int, int] | None:
    """`5 MB`, `1.5 GB`; a number alone is of MB."""
    word = m.words[index]
    if word.kind is not Kind.NUMBER or not _SIZE.fullmatch(word.value):
        m.fail(index)
        return None
    number = float(word.value)
    unit = {"MB": MB, "GB": GB}.get(m.words[index + 1].word)
    return int(number * (unit or MB)), index + 1 + (unit is not None)


def _unload(**found: Any) -> Unload:  # noqa: ANN401 - what the spec captured
    query, target = found.pop("query"), found.pop("target")
    authorized = authorization(found)
    return Unload(query, target, UnloadOptions(**found), authorized)


_FORMATS: Final = "{ CSV @format=csv | PARQUET @format=parquet | JSON @format=json }"
_OPTIONS: Final = f"""
    {AUTHORIZATION}
  | FORMAT [ AS ] {_FORMATS}
  | {_FORMATS}
  | HEADER @header
  | DELIMITER [ AS ] <delimiter:character>
  | FIXEDWIDTH [ AS ] <fixed_width:string>
  | ADDQUOTES @add_quotes
  | NULL [ AS ] <null_as:null_string>
  | ESCAPE @escape
  | {{ GZIP @compression=gzip | BZIP2 @compression=bz2 | ZSTD @compression=zstd }}
  | PARALLEL [ ON @parallel=true | TRUE @parallel=true | OFF @parallel=false
    | FALSE @parallel=false ]
  | MAXFILESIZE [ AS ] <max_file_size:size>
  | ROWGROUPSIZE [ AS ] <row_group_size:size>
  | MANIFEST @manifest [ VERBOSE @verbose ]
  | PARTITION BY ( <partition_by:name,...> ) [ INCLUDE @include ]
  | ALLOWOVERWRITE @allow_overwrite
  | CLEANPATH @clean_path
  | EXTENSION <extension:string>
  | REGION [ AS ] <region:string>
  | ENCRYPTED [ AUTO ]
  | KMS_KEY_ID <kms_key_id:string>
"""

SPECS: Final[tuple[Spec[Any], ...]] = (
    Spec(
        f"UNLOAD ( <query:string> ) TO <target:string> [ WITH ] {{ {_OPTIONS} }}...",
        _unload,
        readers={"size": _read_size, **READERS},
    ),
)
