"""Casts to and from names of objects: `'public.t'::regclass`, `typname::regtype`, `relacl::text`.

A regclass is the object's id; it is its name where it is shown or cast to a string.
https://www.postgresql.org/docs/8.0/datatype-oid.html
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from redshare.core.sql_errors import SqlError, UndefinedObject, UndefinedTable
from redshare.sql.raised import raise_node
from redshare.sql.rewrite.arrays import is_array
from redshare.sql.rewrite.arrays import text as array_text
from redshare.sql.rewrite.catalog import NAME, OID, look_up, names_of
from redshare.sql.types import STRINGS, VARCHAR, SqlType, cast_type, engine_cast, plain
from redshare.sql.views import lookups
from redshare.sql.views.lookups import relation_names, routine_names
from redshare.sql.views.pg_type import type_oid
from redshare.sql.work import Work, type_of, typed

_IDENTIFIERS: Final = {
    "REGCLASS": "regclass", "REGPROC": "regproc", "REGTYPE": "regtype", "OID": "oid",
}  # fmt: skip
NAMED_OBJECTS: Final = frozenset({"regclass", "regproc", "regtype"})
#: What each is called, the SQLSTATE where there is none of a name, and the ids of names.
_KINDS: Final = {
    "regclass": ("relation", "42P01", lookups.RELATION_OIDS),
    "regproc": ("function", "42883", lookups.ROUTINE_OIDS),
    "regtype": ("type", "42704", lookups.TYPE_OIDS),
}


def cast(work: Work, inner: exp.Expr, to: exp.Expr) -> exp.Expr | None:
    """The cast, where it is one of the catalogue's; None for every other."""
    if isinstance(to, exp.ObjectIdentifier):
        return _to_identifier(work, inner, str(to.this).upper())
    if not isinstance(to, exp.DataType):
        return None
    if to.this == exp.DType.NAME:
        return typed(engine_cast(_shown(work, inner), NAME), NAME)
    if to.this == exp.DType.USERDEFINED and str(to.args.get("kind")).strip('"') == "char":
        kind = SqlType('"char"')
        return typed(engine_cast(inner, kind), kind)
    source = type_of(inner)
    if to.this == exp.DType.ARRAY and is_array(source):
        (element,) = to.expressions
        kind = SqlType("text[]" if cast_type(element).name in STRINGS else "integer[]")
        return typed(engine_cast(inner, kind), kind)
    if source.name in NAMED_OBJECTS or is_array(source):
        wanted = cast_type(to)
        if wanted.name in STRINGS:
            shown = names_of(work, inner) if source.name in NAMED_OBJECTS else array_text(inner)
            return typed(engine_cast(shown, wanted), wanted)
    return None


def _shown(work: Work, inner: exp.Expr) -> exp.Expr:
    return names_of(work, inner) if type_of(inner).name in NAMED_OBJECTS else inner


def _to_identifier(work: Work, inner: exp.Expr, word: str) -> exp.Expr | None:
    name = _IDENTIFIERS.get(word)
    if name is None:
        return None
    kind = SqlType(name)
    literal = isinstance(inner, exp.Literal) and inner.args.get("is_string")
    if literal and not str(inner.this).isdecimal() and kind != OID:
        number = _named(work, name, str(inner.this))
        return typed(engine_cast(exp.Literal.number(number), kind), kind)
    work.infer(inner, OID if kind == OID else VARCHAR)
    if kind != OID and plain(type_of(inner)).name in STRINGS:
        return _by_name(work, inner, kind)
    return typed(engine_cast(inner, kind), kind)


def _by_name(work: Work, name: exp.Expr, kind: SqlType) -> exp.Expr:
    """The id of what a string that is known only later names; it fails where there is none."""
    what, state, view = _KINDS[kind.name]
    bare = exp.Anonymous(
        this="replace", expressions=[name, exp.Literal.string('"'), exp.Literal.string("")]
    )
    found = look_up(work, view, kind, typed(bare, VARCHAR))
    failing = raise_node(state, f"{what} of that name does not exist")
    failing = engine_cast(failing, kind)
    unknown = exp.Is(this=work.again(name), expression=exp.Null())
    checked = exp.Case(
        ifs=[exp.If(this=unknown, true=exp.Null())],
        default=exp.Anonymous(this="coalesce", expressions=[found, failing]),
    )
    return typed(checked, kind)


def beside(work: Work, node: exp.Binary) -> None:
    """A string beside an object's id is the name of an object: `typinput = 'array_in'`."""
    for one, other in (("this", "expression"), ("expression", "this")):
        literal = node.args[other]
        kind = type_of(node.args[one]).name
        if kind in NAMED_OBJECTS and isinstance(literal, exp.Literal) and literal.is_string:
            found = _to_identifier(work, literal, kind.upper())
            assert found is not None, "an object's type is an identifier's"
            node.set(other, found)


def _named(work: Work, kind: str, text: str) -> int:
    """The object id of what a literal names. Raises UndefinedTable, UndefinedObject, SqlError."""
    if kind == "regclass":
        return _relation(work, text)
    return _type(text) if kind == "regtype" else _routine(work, text)


def _routine(work: Work, text: str) -> int:
    """The object id of a function by its name. Raises SqlError."""
    name = text.removeprefix("pg_catalog.")
    for number, known in routine_names(work.session):
        if known == name:
            return number
    raise SqlError(f'function "{text}" does not exist', "42883")


def _relation(work: Work, text: str) -> int:
    """The object id of a relation by its name. Raises UndefinedTable."""
    parts = [part.strip().strip('"') for part in text.split(".")]
    for number, schema, name, visible in relation_names(work.session):
        if name == parts[-1] and (schema == parts[-2] if len(parts) > 1 else visible):
            return number
    raise UndefinedTable(f'relation "{text}" does not exist')


def _type(text: str) -> int:
    """The object id of a type by its name. Raises UndefinedObject."""
    number = type_oid(text.removeprefix("pg_catalog."))
    if not number:
        raise UndefinedObject(f'type "{text}" does not exist')
    return number
