"""Who holds what in a database, from the privilege views and SHOW GRANTS."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from redshare.adapters.world.warehouse_sql import Row, WarehouseSql
from redshare.app.world.structure import Grants, WorldDefaults
from redshare.sql.shown_ddl import name_text

_WHO: Final = "privilege_type, identity_name, identity_type, admin_option, privilege_scope"
_LOCAL: Final = (
    f"SELECT database_name, {_WHO} FROM svv_database_privileges",
    f"SELECT namespace_name, {_WHO} FROM svv_schema_privileges",
    f"SELECT namespace_name, relation_name, {_WHO} FROM svv_relation_privileges",
    "SELECT namespace_name, relation_name, column_name, privilege_type, identity_name,"
    " identity_type FROM svv_column_privileges",
    "SELECT namespace_name, function_name, argument_types, privilege_type, identity_name,"
    " identity_type, admin_option FROM svv_function_privileges",
    "SELECT datashare_name, privilege_type, identity_name, identity_type, admin_option"
    " FROM svv_datashare_privileges",
    "SELECT schema_name, object_type, owner_name, privilege_type, grantee_name, grantee_type,"
    " admin_option FROM svv_default_privileges",
)
_DEFAULTS: Final = {"RELATION": "TABLES", "FUNCTION": "FUNCTIONS", "PROCEDURE": "PROCEDURES"}
#: Schemas whose privileges are the service's.
_SYSTEM: Final = frozenset({"pg_catalog", "information_schema"})

#: Object, grantee, privilege.
Found = tuple[str, str, str]


def read_local_grants(
    sql: WarehouseSql, database: str, shares: Iterable[str]
) -> tuple[Grants, tuple[WorldDefaults, ...]]:
    """Of a local database; `shares` are the datashares in it. Raises StatementRefused."""
    databases, schemas, relations, columns, functions, on_shares, defaults = sql.query(
        database, _LOCAL
    )
    here = set(shares)
    found: list[Found] = []
    for name, *who in databases:
        if name == database:
            target = f"DATABASE {name_text(name)}"
            found += _on(target, target, who)
    for schema, *who in schemas:
        if schema not in _SYSTEM:
            target = f"SCHEMA {name_text(schema)}"
            found += _on(target, target, who)
    for schema, relation, *who in relations:
        if schema not in _SYSTEM:
            found += _on(f"TABLE {name_text(schema)}.{name_text(relation)}", None, who)
    for schema, relation, column, privilege, name, kind in columns:
        target = f"TABLE {name_text(schema)}.{name_text(relation)}"
        found.append((target, grantee(name, kind), f"{privilege} ({name_text(column)})"))
    for schema, function, types, privilege, name, kind, option in functions:
        target = f"FUNCTION {name_text(schema)}.{name_text(function)}({types})"
        found.append((target, grantee(name, kind), _privilege(privilege, option)))
    for share, privilege, name, kind, option in on_shares:
        if share in here:
            target = f"DATASHARE {name_text(share)}"
            found.append((target, grantee(name, kind), _privilege(privilege, option)))
    return gathered(found), _defaults(defaults)


def read_shared_grants(sql: WarehouseSql, home: str, database: str) -> Grants:
    """Of a database from a datashare, asked in the database `home`. Raises StatementRefused."""
    name = name_text(database)
    literal = database.replace("'", "''")
    databases, schemas, tables, functions = sql.query(
        home,
        (
            f"SELECT {_WHO} FROM svv_database_privileges WHERE database_name = '{literal}'",
            f"SELECT schema_name FROM svv_redshift_schemas WHERE database_name = '{literal}'",
            f"SHOW GRANTS ON TABLES FROM DATABASE {name}",
            "SELECT schema_name, function_name, argument_type FROM svv_redshift_functions"
            f" WHERE database_name = '{literal}'",
        ),
    )
    found: list[Found] = []
    for who in databases:
        found += _on(f"DATABASE {name}", f"DATABASE {name}", who)
    for row in tables:
        target = f"TABLE {name}.{name_text(row[0])}.{name_text(row[1])}"
        found += _on(target, None, _shown(row))
    inner: list[tuple[str, str | None]] = [
        (f"SCHEMA {name}.{name_text(s)}", f"SCHEMA {name_text(s)} DATABASE {name}")
        for (s,) in schemas
    ]
    inner += [
        (f"FUNCTION {name}.{name_text(s)}.{name_text(f)}({t})", None) for s, f, t in functions
    ]
    answers = sql.query(home, [f"SHOW GRANTS ON {target}" for target, _ in inner])
    for (target, within), rows in zip(inner, answers, strict=True):
        for row in rows:
            found += _on(target, within, _shown(row))
    return gathered(found)


def grantee(name: str, kind: str) -> str:
    """As GRANT names it; a group is shown as a role too, its name begins with a slash."""
    match kind:
        case "public":
            return "PUBLIC"
        case "role" if name.startswith("ds:"):
            return f"DATASHARE {name_text(name.removeprefix('ds:'))}"
        case "role" if name.startswith("/"):
            return f"GROUP {name_text(name.removeprefix('/'))}"
        case "role":
            return f"ROLE {name_text(name)}"
        case "group":
            return f"GROUP {name_text(name)}"
    return name_text(name)


def gathered(found: Iterable[Found]) -> Grants:
    """Each object, and each who holds something on it, once."""
    grants: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for target, who, privilege in found:
        if privilege not in grants[target][who]:
            grants[target][who].append(privilege)
    return {
        target: {who: tuple(privileges) for who, privileges in grantees.items()}
        for target, grantees in grants.items()
    }


def _shown(row: Row) -> list[object]:
    """The columns of SHOW GRANTS in the order of the views."""
    _, _, _, privilege, _, name, kind, option, scope, *_ = row
    return [privilege, name, kind, option, scope]


def _on(target: str, within: str | None, who: Iterable[object]) -> Iterator[Found]:
    """A privilege on the object, or on all of a kind `within` it. What comes from around it is
    said there.
    """
    privilege, name, kind, option, scope = who
    held = grantee(str(name), str(kind)), _privilege(str(privilege), bool(option))
    if scope == target.partition(" ")[0]:
        yield (target, *held)
    elif within is not None and (scope != "SCHEMAS" or target.startswith("DATABASE ")):
        yield (f"{scope} IN {within}", *held)


def _privilege(privilege: str, option: bool) -> str:
    return f"{privilege} WITH GRANT OPTION" if option else privilege


def _defaults(rows: list[Row]) -> tuple[WorldDefaults, ...]:
    found: defaultdict[tuple[str, str, str | None], list[Found]] = defaultdict(list)
    for schema, kind, owner, privilege, name, who, option in rows:
        key = (owner, _DEFAULTS[kind], schema)
        found[key].append(("", grantee(name, who), _privilege(privilege, option)))
    return tuple(
        WorldDefaults(owner, objects, gathered(held)[""], schema)  # type: ignore[arg-type] # as read
        for (owner, objects, schema), held in found.items()
    )
