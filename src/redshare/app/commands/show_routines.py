"""SHOW FUNCTIONS, SHOW PROCEDURES, SHOW PARAMETERS. There are no procedures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from redshare.app.commands.show_objects import database_named, schema_named
from redshare.core.sql_errors import SqlError
from redshare.sql.commands.show import ShowFunctions, ShowParameters, ShowProcedures
from redshare.sql.context import SqlContext
from redshare.sql.types import parse_type
from redshare.sql.views.model import Record
from redshare.sql.views.routines import SeenFunction, functions_of, parameter_rows
from redshare.sql.views.shares import like

_REST: Final = (
    "number_of_arguments int, argument_list varchar(65535), return_type varchar(128),"
    "remarks varchar(256)"
)
_PLACE: Final = "database_name varchar(128), schema_name varchar(128)"
FUNCTIONS: Final = f"{_PLACE}, function_name varchar(128), {_REST}"
PROCEDURES: Final = f"{_PLACE}, procedure_name varchar(128), {_REST}"
_PARAMETER: Final = (
    "parameter_name varchar(128), ordinal_position int, parameter_type varchar(16),"
    "data_type varchar(128), character_maximum_length int, numeric_precision int,"
    "numeric_scale int, remarks varchar(256)"
)
PARAMETERS: Final = f"{_PLACE}, function_name varchar(128), {_PARAMETER}"
PROCEDURE_PARAMETERS: Final = f"{_PLACE}, procedure_name varchar(128), {_PARAMETER}"


def functions(context: SqlContext, command: ShowFunctions) -> Iterator[Record]:
    """SHOW FUNCTIONS FROM SCHEMA. Raises UndefinedSchema."""
    wanted = like("%" if command.pattern is None else command.pattern)
    found = [seen for seen in _in(context, command.schema) if wanted.fullmatch(seen.function.name)]
    return (
        _place(seen)
        | {
            "number_of_arguments": len(seen.function.arguments),
            "argument_list": seen.arguments,
            "return_type": seen.returns,
            "remarks": seen.function.comment or None,
        }
        for seen in found
    )


def _in(context: SqlContext, name: tuple[str, ...]) -> Iterator[SeenFunction]:
    database, _ = schema_named(context, name)
    return (seen for seen in functions_of(context, database) if seen.schema.name == name[-1])


def _place(seen: SeenFunction) -> dict[str, object]:
    return {
        "database_name": seen.database.name,
        "schema_name": seen.schema.name,
        "function_name": seen.function.name,
    }


def procedures(context: SqlContext, command: ShowProcedures) -> Iterator[Record]:
    """SHOW PROCEDURES FROM SCHEMA. Raises UndefinedSchema."""
    schema_named(context, command.schema)
    return iter(())


def parameters(context: SqlContext, command: ShowParameters) -> Iterator[Record]:
    """SHOW PARAMETERS OF FUNCTION f(types). Raises SqlError where it is not there."""
    name, written = command.function.name, command.function.arguments or ()
    kinds = ", ".join(parse_type(*_taken_apart(kind)).name for kind in written)
    if not command.procedure:
        if len(name) > 2:
            database_named(context, name[0])
        schema = name[:-1] or ("public",)
        for seen in _in(context, schema):
            if seen.function.name == name[-1] and seen.arguments == kinds:
                wanted = like("%" if command.pattern is None else command.pattern)
                return (
                    _place(seen) | row | {"parameter_type": "IN"}
                    for row in parameter_rows(seen)
                    if command.pattern is None or wanted.fullmatch(str(row["parameter_name"]))
                )
    what = "procedure" if command.procedure else "function"
    raise SqlError(f"{what} {'.'.join(name)}({kinds}) does not exist", "42883")


def _taken_apart(kind: str) -> tuple[str, tuple[str, ...]]:
    words, _, rest = kind.partition("(")
    arguments = tuple(part.strip() for part in rest.rstrip(")").split(",") if part.strip())
    return words.strip(), arguments
