"""Functions users made: SVV_REDSHIFT_FUNCTIONS, SVV_FUNCTION_PRIVILEGES, routines and parameters.

https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_REDSHIFT_FUNCTIONS.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from redshare.core.database import Database, Schema
from redshare.core.function import Function
from redshare.core.privileges import Privilege
from redshare.sql.context import SqlContext
from redshare.sql.definition import ViewDefinition
from redshare.sql.may import may, may_shared
from redshare.sql.types import stored_type
from redshare.sql.views.grants import held_on
from redshare.sql.views.measures import measures
from redshare.sql.views.model import Record, nothing, view
from redshare.sql.views.oids import oid
from redshare.sql.views.reach import databases, is_external, schemas, usable_share

_ROUTINE: Final = (
    "specific_catalog varchar(128), specific_schema varchar(128), specific_name varchar(128)"
)


@dataclass(frozen=True, slots=True)
class SeenFunction:
    """A function with the schema and database it is seen through."""

    database: Database
    schema: Schema
    function: Function

    @property
    def arguments(self) -> str:
        """The types of its arguments, bare."""
        return ", ".join(stored_type(kind).name for kind in self.function.arguments)

    @property
    def returns(self) -> str:
        """The type of its value, bare."""
        return stored_type(self.function.returns).name

    @property
    def oid(self) -> int:
        """Its object id."""
        return oid(self.function.function_id)

    @property
    def source(self) -> str:
        """What stands between the dollar quotes."""
        return ViewDefinition.load(self.function.definition).query


def functions_of(context: SqlContext, database: Database) -> Iterator[SeenFunction]:
    """The functions of a database that the user may execute."""
    share = usable_share(context, database)
    if database.source is not None and share is None:
        return
    for schema in schemas(context, database):
        for function in context.catalog.functions(schema.schema_id):
            if share is None:
                known = may(context, function, Privilege.EXECUTE)
            else:
                member = share.contents.function(function.function_id) is not None
                known = member and may_shared(context, database, function, (Privilege.EXECUTE,))
            if known:
                yield SeenFunction(database, schema, function)


def local_functions(context: SqlContext) -> Iterator[SeenFunction]:
    """Those of the connected database, where it is a local one."""
    if context.database.source is None:
        yield from functions_of(context, context.database)


def _functions(context: SqlContext) -> Iterator[Record]:
    for database in databases(context):
        if is_external(database):
            continue  # the Data Catalog knows tables alone
        for seen in functions_of(context, database):
            yield {
                "database_name": database.name,
                "schema_name": seen.schema.name,
                "function_name": seen.function.name,
                "function_type": "REGULAR FUNCTION",
                "argument_type": seen.arguments,
                "result_type": seen.returns,
            }


def _privileges(context: SqlContext) -> Iterator[Record]:
    for seen in local_functions(context):
        for held in held_on(context, seen.function):
            yield {
                "namespace_name": seen.schema.name,
                "function_name": seen.function.name,
                "argument_types": seen.arguments,
                "privilege_type": str(held.privilege),
                "identity_id": held.identity_id,
                "identity_name": held.identity_name,
                "identity_type": held.identity_type,
                "admin_option": held.admin_option,
            }


def _named(seen: SeenFunction) -> dict[str, object]:
    return {
        "specific_catalog": seen.database.name,
        "specific_schema": seen.schema.name,
        "specific_name": f"{seen.function.name}_{seen.oid}",
    }


def _routines(context: SqlContext) -> Iterator[Record]:
    for seen in local_functions(context):
        yield _named(seen) | {
            "routine_catalog": seen.database.name,
            "routine_schema": seen.schema.name,
            "routine_name": seen.function.name,
            "routine_type": "FUNCTION",
            "data_type": seen.returns,
            "routine_body": "SQL",
            "routine_definition": seen.source,
            "external_language": "SQL",
            "is_deterministic": "YES" if seen.function.volatility == "IMMUTABLE" else "NO",
            "security_type": "INVOKER",
        }


def parameter_rows(seen: SeenFunction) -> Iterator[dict[str, object]]:
    """The parameters of a function; SQL functions know them by number alone."""
    for place, kind in enumerate(seen.function.arguments, start=1):
        found = measures(kind)
        yield {
            "ordinal_position": place,
            "parameter_name": None,
            "data_type": found.name,
            "character_maximum_length": found.length,
            "numeric_precision": found.precision,
            "numeric_scale": found.scale,
        }


def _parameters(context: SqlContext) -> Iterator[Record]:
    for seen in local_functions(context):
        for row in parameter_rows(seen):
            yield (
                _named(seen)
                | row
                | {
                    "parameter_mode": "IN",
                    "is_result": "NO",
                    "as_locator": "NO",
                }
            )


VIEWS: Final = (
    view(
        "svv_redshift_functions",
        "database_name varchar(128), schema_name varchar(128), function_name varchar(128),"
        "function_type varchar(128), argument_type varchar(512), result_type varchar(128)",
        _functions,
    ),
    view(
        "svv_function_privileges",
        "namespace_name text, function_name text, argument_types text, privilege_type text,"
        "identity_id int, identity_name text, identity_type text, admin_option bool",
        _privileges,
    ),
    view(
        "information_schema.routines",
        f"{_ROUTINE}, routine_catalog varchar(128), routine_schema varchar(128),"
        "routine_name varchar(128), routine_type varchar(128), data_type varchar(128),"
        "routine_body varchar(128), routine_definition varchar(65535),"
        "external_language varchar(128), is_deterministic varchar(3), security_type varchar(128)",
        _routines,
    ),
    view(
        "information_schema.parameters",
        f"{_ROUTINE}, ordinal_position int, parameter_mode varchar(128), is_result varchar(3),"
        "as_locator varchar(3), parameter_name varchar(128), data_type varchar(128)",
        _parameters,
    ),
    view(
        "information_schema.routine_privileges",
        f"grantor varchar(128), grantee varchar(128), {_ROUTINE}, routine_catalog varchar(128),"
        "routine_schema varchar(128), routine_name varchar(128), privilege_type varchar(128),"
        "is_grantable varchar(3)",
        nothing,
    ),
)
