"""Row-level security and masking policies of a database and where they are attached, from SVV
views.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from redshare.adapters.world.read_grants import grantee
from redshare.adapters.world.warehouse_sql import Row, WarehouseSql
from redshare.app.world.protection import Kind, WorldProtection, WorldRowSecurity
from redshare.sql.shown_ddl import name_text

_QUERIES: Final = (
    "SELECT polname, polalias, polatts, polqual FROM svv_rls_policy"
    " WHERE poldb = current_database() ORDER BY polname",
    "SELECT polname, relschema, relname, grantee, granteekind FROM svv_rls_attached_policy",
    "SELECT relschema, relname, is_rls_datashare_on, rls_conjunction_type, is_rls_on"
    " FROM svv_rls_relation WHERE datname = current_database()",
    "SELECT policy_name, NULL, input_columns, policy_expression FROM svv_masking_policy"
    " WHERE policy_database = current_database() ORDER BY policy_name",
    "SELECT policy_name, schema_name, table_name, grantee, grantee_type, output_columns,"
    " input_columns, priority FROM svv_attached_masking_policy",
)


@dataclass(frozen=True, slots=True)
class Protection:
    """What protects a database; `relations` are those that say more than nothing."""

    rls_policies: dict[str, WorldProtection]
    masking_policies: dict[str, WorldProtection]
    relations: dict[tuple[str, str], WorldRowSecurity]


def read_protection(sql: WarehouseSql, database: str) -> Protection:
    """Raises StatementRefused."""
    policies, attached, relations, masks, masked = sql.query(database, _QUERIES)
    return Protection(
        _policies("RLS", policies, [(*row, "") for row in attached]),
        _policies("MASKING", masks, [_masked(row) for row in masked]),
        {
            (schema, name): WorldRowSecurity(
                enabled,
                "OR" if conjunction.upper() == "OR" else "AND",
                # What is off tells nothing of consumers.
                bool(for_datashares) or not enabled,
            )
            for schema, name, for_datashares, conjunction, enabled in relations
        },
    )


def _masked(row: Row) -> Row:
    *place, outputs, inputs, priority = row
    columns = _columns(json.loads(outputs))
    using = "" if inputs == outputs else f" USING {_columns(json.loads(inputs))}"
    return (*place, f"{columns}{using} ", f" PRIORITY {priority}")


def _policies(kind: Kind, policies: list[Row], attached: list[Row]) -> dict[str, WorldProtection]:
    places: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for policy, schema, relation, who, what, before, *after in attached:
        end = f"{before}TO {grantee(str(who), what)}{''.join(after)}"
        places[policy][f"{name_text(schema)}.{name_text(relation)}"].append(end)
    return {
        row[0]: WorldProtection(
            _ddl(kind, row),
            {relation: tuple(ends) for relation, ends in places[row[0]].items()},
        )
        for row in policies
    }


def _ddl(kind: Kind, row: Row) -> str:
    name, alias, parameters, body = row
    typed = ", ".join(
        f"{name_text(parameter['colname'])} {parameter['type']}"
        for parameter in json.loads(parameters)
    )
    given = f" WITH ({typed})" if typed else ""
    called = f" AS {name_text(alias)}" if alias else ""
    return f"CREATE {kind} POLICY {name_text(name)}{given}{called} USING ({body})"


def _columns(names: list[str]) -> str:
    """As ATTACH writes them; a name with dots is an attribute of a SUPER column."""
    return f"({', '.join('.'.join(map(name_text, name.split('.'))) for name in names)})"
