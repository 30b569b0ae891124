"""Row-level security and masking policies and where they are attached: SVV_RLS_…, SVV_…MASKING….

Superusers and holders of sys:secadmin see them.
https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_RLS_POLICY.html
https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_MASKING_POLICY.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Final

from redshare.core.ids import UserId
from redshare.core.membership import role_name
from redshare.core.policy import Attachment, Policy, PolicyKind
from redshare.core.privileges import GranteeKind
from redshare.sql.context import SqlContext
from redshare.sql.views.model import Record, view
from redshare.sql.views.reach import Seen, user_name
from redshare.sql.views.sessions import moment

#: What is a utility otherwise: CREATE TABLE AS, UNLOAD.
_COMMANDS: Final = {"SELECT": "s", "UPDATE": "u", "DELETE": "d", "INSERT": "i"}


def _policies(context: SqlContext, kind: PolicyKind) -> Iterator[tuple[str, Policy]]:
    """With the name of the database: those of all databases of the namespace."""
    if context.security_admin:
        for database in context.catalog.databases(context.namespace.namespace_id):
            for policy in context.catalog.policies(database.database_id):
                if policy.kind is kind:
                    yield database.name, policy


def _attached(context: SqlContext, kind: PolicyKind) -> Iterator[tuple[Policy, Attachment, Seen]]:
    """Those of the current database."""
    for _, policy in _policies(context, kind):
        if policy.database != context.current.database_id:
            continue
        for attachment in policy.attachments:
            relation = context.catalog.relation(attachment.relation)
            schema = None if relation is None else context.catalog.schema(relation.schema)
            if relation is not None and schema is not None:
                yield policy, attachment, Seen(context.current, schema, relation)


def _typed(pairs: Iterable[tuple[str, str]]) -> str:
    return json.dumps(
        [{"colname": name, "type": kind} for name, kind in pairs], separators=(",", ":")
    )


def _names(names: Iterable[str]) -> str:
    return json.dumps(list(names), separators=(",", ":"))


def _grantee(context: SqlContext, attachment: Attachment) -> tuple[str | None, str]:
    grantee = attachment.grantee
    if grantee.kind is GranteeKind.PUBLIC:
        return "public", "public"
    if grantee.kind is GranteeKind.ROLE:
        return role_name(context.catalog, context.namespace.namespace_id, grantee.id), "role"
    return user_name(context, UserId(grantee.id)), "user"


def _rls_policies(context: SqlContext) -> Iterator[Record]:
    for database, policy in _policies(context, PolicyKind.RLS):
        yield {
            "poldb": database,
            "polname": policy.name,
            "polalias": policy.alias or None,
            "polatts": _typed(policy.parameters),
            "polqual": policy.body,
            "polenabled": True,
            "polmodifiedby": user_name(context, policy.modified_by),
            "polmodifiedtime": policy.modified.replace(tzinfo=None),
        }


def _rls_attached(context: SqlContext) -> Iterator[Record]:
    for policy, attachment, seen in _attached(context, PolicyKind.RLS):
        grantee, kind = _grantee(context, attachment)
        yield {
            "relschema": seen.schema.name,
            "relname": seen.relation.name,
            "relkind": str(seen.relation.kind),
            "polname": policy.name,
            "grantor": user_name(context, attachment.grantor),
            "grantee": grantee,
            "granteekind": kind,
            "is_pol_on": True,
            "is_rls_on": seen.relation.row_security,
            "rls_conjunction_type": seen.relation.conjunction.lower(),
        }


def _rls_relations(context: SqlContext) -> Iterator[Record]:
    """Those with row-level security on, or with a policy attached."""
    if not context.security_admin:
        return
    for database in context.catalog.databases(context.namespace.namespace_id):
        policies = [
            p for p in context.catalog.policies(database.database_id) if p.kind is PolicyKind.RLS
        ]
        for schema in context.catalog.schemas(database.database_id):
            for relation in context.catalog.relations(schema.schema_id):
                has_policy = any(policy.on(relation.relation_id) for policy in policies)
                if relation.row_security or has_policy:
                    yield {
                        "datname": database.name,
                        "relschema": schema.name,
                        "relname": relation.name,
                        "relkind": str(relation.kind),
                        "is_rls_on": relation.row_security,
                        "is_rls_datashare_on": relation.row_security
                        and relation.row_security_for_datashares,
                        "rls_conjunction_type": relation.conjunction.lower(),
                        "rls_datashare_conjunction_type": "and",
                    }


def _masking_policies(context: SqlContext) -> Iterator[Record]:
    for database, policy in _policies(context, PolicyKind.MASKING):
        yield {
            "policy_database": database,
            "policy_name": policy.name,
            "input_columns": _typed(policy.parameters),
            "policy_expression": policy.body,
            "policy_modified_by": user_name(context, policy.modified_by),
            "policy_modified_time": policy.modified.replace(tzinfo=None),
        }


def _masks_attached(context: SqlContext) -> Iterator[Record]:
    for policy, attachment, seen in _attached(context, PolicyKind.MASKING):
        grantee, kind = _grantee(context, attachment)
        yield {
            "policy_name": policy.name,
            "schema_name": seen.schema.name,
            "table_name": seen.relation.name,
            "table_type": str(seen.relation.kind),
            "grantor": user_name(context, attachment.grantor),
            "grantee": grantee,
            "grantee_type": kind,
            "priority": attachment.priority,
            "input_columns": _names(map(".".join, attachment.sources)),
            "output_columns": _names(map(".".join, attachment.outputs)),
        }


def _rls_applied(context: SqlContext) -> Iterator[Record]:
    """Of all users, for who may see system tables: holders of sys:secadmin may not."""
    if context.activity is None or not context.has_system("ACCESS SYSTEM TABLE"):
        return
    for query in context.activity.queries(context.namespace.namespace_id):
        for applied in query.applied:
            yield {
                "username": query.user_name,
                "query": query.query_id,
                "xid": query.transaction_id,
                "pid": query.session_id,
                "recordtime": moment(query.started),
                "command": _COMMANDS.get(query.kind, "y"),
                "datname": applied.database,
                "relschema": applied.schema,
                "relname": applied.relation,
                "polname": applied.policy or None,
                "poldefault": None if applied.policy else "f",
            }


VIEWS: Final = (
    view(
        "svv_rls_applied_policy",
        "username text, query int, xid bigint, pid int, recordtime timestamp, command char(1),"
        " datname text, relschema text, relname text, polname text, poldefault char(1)",
        _rls_applied,
    ),
    view(
        "svv_rls_policy",
        "poldb text, polname text, polalias text, polatts text, polqual text, polenabled bool,"
        " polmodifiedby text, polmodifiedtime timestamp",
        _rls_policies,
    ),
    view(
        "svv_rls_attached_policy",
        "relschema text, relname text, relkind text, polname text, grantor text, grantee text,"
        " granteekind text, is_pol_on bool, is_rls_on bool, rls_conjunction_type char(3)",
        _rls_attached,
    ),
    view(
        "svv_rls_relation",
        "datname text, relschema text, relname text, relkind text, is_rls_on bool,"
        " is_rls_datashare_on bool, rls_conjunction_type char(3),"
        " rls_datashare_conjunction_type char(3)",
        _rls_relations,
    ),
    view(
        "svv_masking_policy",
        "policy_database text, policy_name text, input_columns text, policy_expression text,"
        " policy_modified_by text, policy_modified_time timestamp",
        _masking_policies,
    ),
    view(
        "svv_attached_masking_policy",
        "policy_name text, schema_name text, table_name text, table_type text, grantor text,"
        " grantee text, grantee_type text, priority int, input_columns text, output_columns text",
        _masks_attached,
    ),
)
