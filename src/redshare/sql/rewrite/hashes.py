"""Hash functions, and binary values in hexadecimal.

https://docs.aws.amazon.com/redshift/latest/dg/hash-functions.html
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from redshare.core.sql_errors import SqlError
from redshare.sql.rewrite.casts import convert
from redshare.sql.rewrite.rule import (
    Rule,
    call,
    integer_of,
    is_integer,
    is_string,
    literal_text,
    require_string,
    rule,
    wrong_arguments,
)
from redshare.sql.types import BIGINT, INTEGER, STRINGS, UNKNOWN, VARBYTE, VARCHAR, engine_cast
from redshare.sql.work import Work, refuse, type_of, typed

_SHA256: Final = 256
#: FNV's offset basis, as a signed number.
_FNV_SEED: Final = "-3750763034362895579"
_SIZES: Final = {"smallint": 2, "integer": 4, "bigint": 8}


def _bytes_or_text(node: exp.Expr) -> exp.Expr:
    return node if type_of(node).name == VARBYTE.name else require_string(node)


def _digest(engine: str) -> Rule:
    def apply(_work: Work, node: exp.Expr) -> exp.Expr:
        value = node.this if isinstance(node.this, exp.Expr) else _only(node)
        return typed(call(engine, _bytes_or_text(value)), VARCHAR)

    return rule(apply, "this", "expressions")


def _only(node: exp.Expr) -> exp.Expr:
    if len(node.expressions) != 1:
        raise wrong_arguments(node)
    found: exp.Expr = node.expressions[0]
    return found


def _sha2(_work: Work, node: exp.Expr) -> exp.Expr:
    """The length in bits; 0 stands for 256."""
    bits = integer_of(node.args.get("length") or exp.Literal.number(_SHA256))
    if bits not in {0, _SHA256}:
        raise refuse("sha2 with a length other than 256")
    return typed(call("sha256", _bytes_or_text(node.this)), VARCHAR)


def _crc32(_work: Work, node: exp.Expr) -> exp.Expr:
    """Eight hexadecimal digits."""
    return typed(call("rs_crc32", require_string(_only(node))), VARCHAR)


def _fnv(work: Work, node: exp.Expr) -> exp.Expr:
    """Integers are hashed as the bytes they are stored in, strings as theirs."""
    if not 1 <= len(node.expressions) <= 2:
        raise wrong_arguments(node)
    value, *seed = node.expressions
    kind = type_of(value)
    if is_integer(kind):
        size = exp.Literal.number(_SIZES[kind.name])
        digits: exp.Expr = call("rs_little_endian", value, size)
    elif is_string(kind):
        digits = call("hex", call("encode", require_string(value)))
    elif kind.name == VARBYTE.name:
        digits = call("hex", value)
    else:
        raise refuse(f"fnv_hash of {kind}")
    start = convert(work, seed[0], BIGINT) if seed else engine_cast(_literal(_FNV_SEED), BIGINT)
    return typed(call("rs_fnv", digits, start), BIGINT)


def _literal(text: str) -> exp.Expr:
    return exp.Literal.string(text)


def _to_hex(_work: Work, node: exp.Expr) -> exp.Expr:
    value = node.this
    kind = type_of(value)
    if is_integer(kind):
        return typed(call("rs_to_hex", engine_cast(value, BIGINT)), VARCHAR)
    if kind.name == VARBYTE.name:
        return typed(call("lower", call("hex", value)), VARCHAR)
    if is_string(kind):
        return typed(call("lower", call("hex", call("encode", value))), VARCHAR)
    raise refuse(f"to_hex of {kind}")


def _from_hex(_work: Work, node: exp.Expr) -> exp.Expr:
    return typed(call("unhex", require_string(_only(node))), VARBYTE)


def _format(node: exp.Expr) -> tuple[exp.Expr, str]:
    if len(node.expressions) != 2:
        raise wrong_arguments(node)
    value, name = node.expressions
    word = literal_text(name, "a binary format").lower()
    if word not in {"hex", "utf8", "utf-8", "base64"}:
        raise refuse(f"the binary format {word}")
    return value, word


def _to_varbyte(_work: Work, node: exp.Expr) -> exp.Expr:
    value, word = _format(node)
    if type_of(value).name not in STRINGS and type_of(value) != UNKNOWN:
        raise refuse(f"to_varbyte of {type_of(value)}")
    engine = {"hex": "unhex", "base64": "from_base64"}.get(word, "encode")
    return typed(call(engine, require_string(value)), VARBYTE)


def _from_varbyte(_work: Work, node: exp.Expr) -> exp.Expr:
    value, word = _format(node)
    if type_of(value).name != VARBYTE.name:
        raise SqlError(f"from_varbyte of {type_of(value).name}", "42883")
    engine = {"hex": "hex", "base64": "to_base64"}.get(word, "decode")
    found: exp.Expr = call(engine, value)
    return typed(call("lower", found) if word == "hex" else found, VARCHAR)


def _getbit(work: Work, node: exp.Expr) -> exp.Expr:
    """Bit 0 is the lowest of the last byte."""
    value, number = node.this, convert(work, node.expression, INTEGER)
    if type_of(value).name != VARBYTE.name:
        raise SqlError(f"getbit of {type_of(value).name}", "42883")
    return typed(call("rs_getbit", call("hex", value), number), INTEGER)


RULES: Final[dict[type[exp.Expr], Rule]] = {
    exp.MD5: _digest("md5"),
    exp.SHA: _digest("sha1"),
    exp.SHA2: rule(_sha2, "this", "length"),
    exp.LowerHex: rule(_to_hex, "this"),
    exp.Getbit: rule(_getbit, "this", "expression"),
}
NAMED: Final[dict[str, Rule]] = {
    name: rule(apply, "expressions", flags=("this",))
    for name, apply in {
        "crc32": _crc32,
        "fnv_hash": _fnv,
        "from_hex": _from_hex,
        "to_varbyte": _to_varbyte,
        "from_varbyte": _from_varbyte,
        "func_sha1": lambda _w, n: typed(call("sha1", _bytes_or_text(_only(n))), VARCHAR),
    }.items()
}
