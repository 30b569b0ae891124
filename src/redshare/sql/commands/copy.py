"""COPY: its options as the manual lists them, each once, and which of them exclude each other.

What a file is encrypted with, sources other than S3 and formats the product does not read are
refused by name. https://docs.aws.amazon.com/redshift/latest/dg/r_COPY.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from redshare.core.sql_errors import FeatureNotSupported, SqlError
from redshare.sql.commands.copy_readers import READERS
from redshare.sql.commands.credentials import AUTHORIZATION, Authorization, authorization
from redshare.sql.commands.spec import Spec, refuse
from redshare.sql.commands.values import QName
from redshare.sql.errors import SqlSyntaxError


@dataclass(frozen=True, slots=True)
class CopyOptions:
    """By the manual's names; None and False are what was not said."""

    format: str = "delimited"
    #: Of FIXEDWIDTH, JSON and AVRO: the column widths, or how names find columns.
    format_argument: str | None = None
    quote: str | None = None
    delimiter: str | None = None
    compression: str | None = None
    manifest: bool = False
    ignore_header: int = 0
    null_as: str | None = None
    empty_as_null: bool = False
    blanks_as_null: bool = False
    escape: bool = False
    remove_quotes: bool = False
    trim_blanks: bool = False
    truncate_columns: bool = False
    fill_record: bool = False
    accept_invalid_characters: str | None = None
    encoding: str | None = None
    date_format: str | None = None
    time_format: str | None = None
    accept_any_date: bool = False
    round_decimals: bool = False
    max_errors: int | None = None
    compupdate: str | None = None
    statupdate: str | None = None
    no_load: bool = False
    explicit_ids: bool = False
    ignore_blank_lines: bool = False
    ignore_all_errors: bool = False
    region: str | None = None
    compression_rows: int | None = None
    readratio: int | None = None
    serialize_to_json: bool = False


@dataclass(frozen=True, slots=True)
class Copy:
    """`source` is the URL as written."""

    tag: ClassVar[str] = "COPY"
    name: QName
    source: str
    columns: tuple[str, ...] = ()
    options: CopyOptions = CopyOptions()
    authorization: Authorization = field(default=Authorization(), repr=False)

    def check(self) -> None:
        """Raises SqlError for what cannot stand together, FeatureNotSupported for what is not here.

        Looked at when it runs: a placeholder's text is known only then.
        """
        options = self.options
        self.authorization.check()
        _check_source(self.source)
        _check_format(options)
        for name, value in (("QUOTE", options.quote), ("DELIMITER", options.delimiter)):
            _check_character(name, value)
        if options.format == "csv" and (options.delimiter or ",") == (options.quote or '"'):
            raise SqlError("COPY delimiter and quote must be different", "22023")
        if options.ignore_header > _MAX_HEADER:
            raise SqlError("IGNOREHEADER value is out of range", "22023")
        if not 0 <= (options.max_errors or 0) <= _MAX_ERRORS:
            raise SqlError("MAXERROR value must be between 0 and 100000", "22023")
        if options.accept_invalid_characters is not None:
            _check_character("ACCEPTINVCHARS", options.accept_invalid_characters)
        if options.encoding is not None and options.encoding not in ENCODINGS:
            raise SqlError(f'invalid encoding "{options.encoding}" for COPY', "22023")


_MAX_ERRORS: Final = 100_000
_MAX_HEADER: Final = (1 << 31) - 1
#: The manual's names of encodings → Python's.
ENCODINGS: Final = {
    "utf8": "utf-8",
    "utf16": "utf-16",
    "utf16le": "utf-16-le",
    "utf16be": "utf-16-be",
    "iso88591": "iso-8859-1",
}
_REFUSED_FORMATS: Final = {
    "avro": "AVRO", "orc": "ORC", "rcfile": "RCFILE", "sequencefile": "SEQUENCEFILE",
    "textfile": "TEXTFILE", "shapefile": "SHAPEFILE",
}  # fmt: skip
#: Options that only say how text is cut into fields.
_TEXT_OPTIONS: Final = (
    ("delimiter", "DELIMITER"), ("quote", "QUOTE"), ("escape", "ESCAPE"),
    ("remove_quotes", "REMOVEQUOTES"), ("ignore_blank_lines", "IGNOREBLANKLINES"),
    ("ignore_header", "IGNOREHEADER"),
)  # fmt: skip
#: What a columnar format has no use for; Redshift refuses it there.
_CONVERSIONS: Final = (
    ("null_as", "NULL"), ("empty_as_null", "EMPTYASNULL"), ("blanks_as_null", "BLANKSASNULL"),
    ("trim_blanks", "TRIMBLANKS"), ("truncate_columns", "TRUNCATECOLUMNS"),
    ("encoding", "ENCODING"),
    ("date_format", "DATEFORMAT"), ("time_format", "TIMEFORMAT"),
    ("accept_any_date", "ACCEPTANYDATE"), ("round_decimals", "ROUNDEC"),
    ("max_errors", "MAXERROR"), ("no_load", "NOLOAD"), ("compression", "GZIP"),
)  # fmt: skip


def _check_source(source: str) -> None:
    scheme = source.partition("://")[0].lower()
    other = {"dynamodb": "DynamoDB", "emr": "EMR", "ssh": "SSH"}.get(scheme)
    if other is not None and "://" in source:
        raise FeatureNotSupported(f"COPY from {other} is not supported")


def _check_format(options: CopyOptions) -> None:
    name = options.format
    if name in _REFUSED_FORMATS:
        raise FeatureNotSupported(f"COPY from {_REFUSED_FORMATS[name]} is not supported")
    if options.compression == "lzop":
        raise FeatureNotSupported("COPY from LZOP is not supported")
    shown = name.upper()
    if name == "csv":
        _exclude(options, shown, ("escape", "ESCAPE"), ("remove_quotes", "REMOVEQUOTES"))
    elif options.quote is not None:
        raise _conflict("QUOTE", "delimited data without CSV")
    if name == "parquet":
        _exclude_parquet(options)
    elif options.serialize_to_json:
        raise _conflict("SERIALIZETOJSON", "other formats than PARQUET")
    if name == "json":
        _exclude(options, shown, *_TEXT_OPTIONS[:-1])
    elif name == "fixedwidth":
        _exclude(options, shown, *_TEXT_OPTIONS[:4])
    if options.escape and options.remove_quotes and options.delimiter == "\\":
        raise _conflict("DELIMITER '\\'", "ESCAPE")


def _exclude(options: CopyOptions, shown: str, *names: tuple[str, str]) -> None:
    for name, word in names:
        if getattr(options, name) not in (None, False):
            raise _conflict(word, shown)


def _exclude_parquet(options: CopyOptions) -> None:
    for name, word in (*_TEXT_OPTIONS, *_CONVERSIONS):
        if getattr(options, name) not in (None, False):
            raise FeatureNotSupported(f"{word} argument is not supported for PARQUET based COPY")


def _conflict(option: str, other: str) -> SqlError:
    return SqlError(f"{option} is not supported with {other}", "42601")


def _check_character(name: str, value: str | None) -> None:
    """One character of ASCII, and none that ends a line."""
    if value is None:
        return
    if len(value) != 1 or not value.isascii() or value in "\r\n\0":
        raise SqlError(f"COPY {name.lower()} must be a single ASCII character", "22023")


def _copy(**found: Any) -> Copy:  # noqa: ANN401 - what the spec captured
    name, source = found.pop("name"), found.pop("source")
    columns = found.pop("columns", ())
    if len(set(columns)) != len(columns):
        twice = next(c for c in columns if columns.count(c) > 1)
        raise SqlError(f'column "{twice}" specified more than once', "42701")
    if found.pop("accept_default", False):
        if "accept_invalid_characters" in found:
            raise SqlSyntaxError("conflicting or redundant options")
        found["accept_invalid_characters"] = "?"
    authorized = authorization(found)
    found.pop("simplify", None)
    if "encoding" in found:
        found["encoding"] = found["encoding"].lower()
    return Copy(name, source, columns, CopyOptions(**found), authorized)


_COPY: Final = "COPY <name:qname> [ ( <columns:name,...> ) ]"
_FORMATS: Final = """
    CSV @format=csv [ QUOTE [ AS ] <quote:character> ]
  | JSON @format=json [ AS ] [ <format_argument:string> ]
  | AVRO @format=avro [ AS ] [ <format_argument:string> ]
  | PARQUET @format=parquet
  | ORC @format=orc
  | RCFILE @format=rcfile
  | SEQUENCEFILE @format=sequencefile
  | TEXTFILE @format=textfile
  | SHAPEFILE @format=shapefile [ SIMPLIFY [ AUTO ] [ <simplify:integer> ] ]
  | FIXEDWIDTH @format=fixedwidth [ AS ] <format_argument:string>
"""
_OPTIONS: Final = f"""
    {AUTHORIZATION}
  | FORMAT [ AS ] {{ {_FORMATS} }}
  | {_FORMATS}
  | DELIMITER [ AS ] <delimiter:character>
  | QUOTE [ AS ] <quote:character>
  | {{ GZIP @compression=gzip | BZIP2 @compression=bz2 | LZOP @compression=lzop
    | ZSTD @compression=zstd }}
  | MANIFEST @manifest
  | IGNOREHEADER [ AS ] <ignore_header:integer>
  | NULL [ AS ] <null_as:null_string>
  | EMPTYASNULL @empty_as_null
  | BLANKSASNULL @blanks_as_null
  | ESCAPE @escape
  | REMOVEQUOTES @remove_quotes
  | TRIMBLANKS @trim_blanks
  | TRUNCATECOLUMNS @truncate_columns
  | FILLRECORD @fill_record
  | ACCEPTINVCHARS {{ [ AS ] <accept_invalid_characters:string> | @accept_default }}
  | ENCODING [ AS ] <encoding:text>
  | DATEFORMAT [ AS ] <date_format:string>
  | TIMEFORMAT [ AS ] <time_format:string>
  | ACCEPTANYDATE @accept_any_date
  | ROUNDEC @round_decimals
  | MAXERROR [ AS ] <max_errors:integer>
  | MAXERRORS [ AS ] <max_errors:integer>
  | COMPUPDATE {{ ON @compupdate=on | TRUE @compupdate=on | OFF @compupdate=off
    | FALSE @compupdate=off | PRESET @compupdate=preset | @compupdate=on }}
  | STATUPDATE {{ ON @statupdate=on | TRUE @statupdate=on | OFF @statupdate=off
    | FALSE @statupdate=off | @statupdate=on }}
  | COMPROWS <compression_rows:integer>
  | READRATIO <readratio:integer>
  | NOLOAD @no_load
  | EXPLICIT_IDS @explicit_ids
  | IGNOREBLANKLINES @ignore_blank_lines
  | IGNOREALLERRORS @ignore_all_errors
  | REGION [ AS ] <region:string>
  | SERIALIZETOJSON @serialize_to_json
"""

SPECS: Final[tuple[Spec[Any], ...]] = (
    # Redshift has neither; a client that tries gets the answer by name.
    Spec(f"{_COPY} FROM STDIN <rest:rest>", refuse("COPY FROM STDIN")),
    Spec(f"{_COPY} TO <rest:rest>", refuse("COPY TO")),
    Spec("COPY ( <rest:rest>", refuse("COPY TO")),
    Spec("COPY JOB { LIST | SHOW | DROP | ALTER | RUN } <rest:rest>", refuse("COPY JOB")),
    Spec(
        f"{_COPY} FROM <source:string> [ WITH ] {{ {_OPTIONS} }}...",
        _copy,
        readers=READERS,
    ),
    Spec(
        f"{_COPY} FROM <source:string> {{ {_OPTIONS} }}... JOB CREATE <rest:rest>",
        refuse("COPY JOB"),
        readers=READERS,
    ),
    Spec(
        f"{_COPY} FROM <source:string> {{ {_OPTIONS} }}... ENCRYPTED <rest:rest>",
        refuse("COPY of ENCRYPTED files"),
        readers=READERS,
    ),
    Spec(
        f"{_COPY} FROM <source:string> {{ {_OPTIONS} }}... SSH <rest:rest>",
        refuse("COPY from SSH"),
        readers=READERS,
    ),
)
