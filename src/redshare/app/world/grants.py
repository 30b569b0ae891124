"""The statements that grants of a world file stand for, one privilege and one grantee each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from redshare.app.world.structure import Grants, WorldDefaults, WorldNamespace
from redshare.sql.shown_ddl import name_text

_OPTION: Final = " WITH GRANT OPTION"
#: What is granted FOR all objects of a kind in a place, not ON one.
_SCOPES: Final = frozenset({"SCHEMAS", "TABLES", "FUNCTIONS", "PROCEDURES", "LANGUAGES"})

#: Object, grantee, privilege.
Grant = tuple[str, str, str]


def each_grant(grants: Grants) -> Iterator[Grant]:
    """One by one."""
    for target, grantees in grants.items():
        for grantee, privileges in grantees.items():
            for privilege in privileges:
                yield target, grantee, privilege


def grant_statement(grant: Grant) -> str:
    """GRANT."""
    target, grantee, privilege = grant
    bare = privilege.removesuffix(_OPTION)
    word = "FOR" if target.partition(" ")[0] in _SCOPES else "ON"
    option = _OPTION if bare != privilege else ""
    return f"GRANT {bare} {word} {target} TO {grantee}{option}"


def revoke_statement(grant: Grant) -> str:
    """REVOKE of the same."""
    target, grantee, privilege = grant
    return f"REVOKE {privilege.removesuffix(_OPTION)} ON {target} FROM {grantee}"


def default_statements(defaults: WorldDefaults) -> Iterator[str]:
    """ALTER DEFAULT PRIVILEGES."""
    within = f" IN SCHEMA {name_text(defaults.schema)}" if defaults.schema else ""
    head = f"ALTER DEFAULT PRIVILEGES FOR USER {name_text(defaults.user)}{within}"
    for grantee, privileges in defaults.grants.items():
        for privilege in privileges:
            bare = privilege.removesuffix(_OPTION)
            option = _OPTION if bare != privilege else ""
            yield f"{head} GRANT {bare} ON {defaults.objects} TO {grantee}{option}"


def role_statement(role: str, holder: str) -> str:
    """GRANT ROLE; `holder` may end in WITH ADMIN OPTION."""
    return f"GRANT ROLE {name_text(role)} TO {holder}"


def implied(namespace: WorldNamespace, database: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """What Redshift grants of itself in a database: object, grantee, privileges.

    A file that does not list the grantee under the object means that; one that does lists all.
    """
    found = (namespace.databases or {})[database]
    if found.from_datashare is not None:
        return
    yield f"DATABASE {name_text(database)}", "PUBLIC", ("TEMP",)
    yield "SCHEMA public", "PUBLIC", ("USAGE", "CREATE")
    for name, schema in (found.schemas or {}).items():
        for signature in schema.functions or {}:
            yield f"FUNCTION {name_text(name)}.{signature_text(signature)}", "PUBLIC", ("EXECUTE",)
    for name, share in (namespace.datashares or {}).items():
        if share.database != database:
            continue
        holder = f"DATASHARE {name_text(name)}"
        for schema_name, members in (share.schemas or {}).items():
            yield f"SCHEMA {name_text(schema_name)}", holder, ("USAGE",)
            for relation in members.relations:
                target = f"TABLE {name_text(schema_name)}.{name_text(relation)}"
                yield target, holder, ("SELECT",)


def signature_text(signature: str) -> str:
    """`f(integer)` as SQL writes it."""
    name, parenthesis, types = signature.partition("(")
    return f"{name_text(name)}{parenthesis}{types}"
