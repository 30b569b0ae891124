"""Row-level security and masking policies. Superusers and holders of sys:secadmin make them.

https://docs.aws.amazon.com/redshift/latest/dg/t_rls_ownership.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations

from redshare.app.commands.grant_targets import targets
from redshare.app.commands.grantees import grantee_of
from redshare.app.commands.grants import granting
from redshare.app.sessions.answer import Answer
from redshare.app.sessions.session import SqlSession
from redshare.core.catalog import Drop, Put
from redshare.core.database import Database
from redshare.core.ids import PolicyId, RelationId
from redshare.core.policy import Attachment, Policy, PolicyKind, overlap
from redshare.core.privileges import GranteeKind, Privilege
from redshare.core.relation import Relation, RelationKind
from redshare.core.sql_errors import (
    DuplicateObject,
    FeatureNotSupported,
    SharedOperationNotSupported,
    SqlError,
    UndefinedObject,
)
from redshare.sql.commands.grant_readers import ObjectPrivilege
from redshare.sql.commands.objects import Tables
from redshare.sql.commands.policy import (
    AlterPolicy,
    AttachPolicy,
    CreatePolicy,
    DetachPolicy,
    DropPolicy,
    GrantLookup,
)
from redshare.sql.context import SqlContext
from redshare.sql.cursor import Cursor
from redshare.sql.ddl.column_syntax import read_type
from redshare.sql.ddl.drop import resolved
from redshare.sql.ddl.materialized import require_not_materialized
from redshare.sql.lex import split
from redshare.sql.may import may
from redshare.sql.names import resolve_database
from redshare.sql.policy.applied import attached, require_no_lookup
from redshare.sql.policy.body import check_body, resolved_body
from redshare.sql.policy.protection import require_security_admin
from redshare.sql.query import bind_query
from redshare.sql.types import SUPER, stored_type
from redshare.sql.work import Work

_WORDS = {PolicyKind.RLS: "RLS policy", PolicyKind.MASKING: "masking policy"}


def create(session: SqlSession, command: CreatePolicy) -> Answer:
    """CREATE: the expressions are bound once, so that they are right now."""
    context = session.context()
    require_security_admin(context)
    database = _database(context, command.name)
    tag = _tag("CREATE", command.kind)
    name = command.name[-1]
    if context.catalog.policy_named(database.database_id, command.kind, name) is not None:
        if command.if_not_exists:
            return Answer(tag)
        raise DuplicateObject(f'{_WORDS[command.kind]} "{name}" already exists')
    policy = Policy(
        PolicyId(session.work.ids.hex()),
        database.database_id,
        command.kind,
        name,
        tuple((parameter, _type(text)) for parameter, text in command.parameters),
        command.body.strip(),
        context.user.user_id,
        session.work.clock.now(),
        command.alias,
        context.case_sensitive,
    )
    policy, _ = resolved_body(Work(context, session.work.ids.hex), policy, bind_query)
    session.change(tag, Put(_granted(context, policy, ())))
    return Answer(tag)


def alter(session: SqlSession, command: AlterPolicy) -> Answer:
    """ALTER … USING: where the policy is attached it means the new text at once."""
    context = session.context()
    policy = _named(context, command.kind, command.name)
    changed = replace(
        policy,
        body=command.body.strip(),
        case_sensitive=context.case_sensitive,
        modified_by=context.user.user_id,
        modified=session.work.clock.now(),
    )
    changed, made = resolved_body(Work(context, session.work.ids.hex), changed, bind_query)
    for attachment in policy.attachments:
        _check_count(changed, attachment, len(made))
    known = [lookup.relation for lookup in policy.lookups]
    session.change(_tag("ALTER", command.kind), Put(_granted(context, changed, known)))
    return Answer(_tag("ALTER", command.kind))


def attach(session: SqlSession, command: AttachPolicy) -> Answer:
    """ATTACH to relations, for users, roles and PUBLIC."""
    context = session.context()
    policy = _named(context, command.kind, command.name)
    made = len(check_body(Work(context, session.work.ids.hex), policy, bind_query))
    for name in command.relations:
        relation = _relation(context, policy, name)
        require_no_lookup(context.catalog, relation)
        if command.kind is PolicyKind.MASKING:
            require_not_materialized(relation, context, session.work.ids.hex)
        for recipient in command.grantees:
            if recipient.kind is GranteeKind.GROUP:
                raise FeatureNotSupported("attaching a policy to a group is not supported")
            attachment = Attachment.of(
                relation.relation_id,
                grantee_of(context, recipient),
                context.user.user_id,
                command.columns,
                command.inputs or command.columns,
                command.priority,
            )
            _check_count(policy, attachment, made)
            _check_columns(policy, relation, attachment)
            _check_free(context, policy, relation, attachment)
            policy = policy.attached(attachment)
    session.change(_tag("ATTACH", command.kind), Put(policy))
    return Answer(_tag("ATTACH", command.kind))


def detach(session: SqlSession, command: DetachPolicy) -> Answer:
    """DETACH what was attached."""
    context = session.context()
    policy = _named(context, command.kind, command.name)
    for name in command.relations:
        relation = _relation(context, policy, name)
        for recipient in command.grantees:
            grantee = grantee_of(context, recipient)
            place = (relation.relation_id, grantee, command.columns)
            gone = [a for a in policy.attachments if a.place == place]
            if not gone:
                raise UndefinedObject(
                    f'{_WORDS[policy.kind]} "{policy.name}" is not attached to relation '
                    f'"{relation.name}" for this user or role'
                )
            policy = policy.detached(gone)
    session.change(_tag("DETACH", command.kind), Put(policy))
    return Answer(_tag("DETACH", command.kind))


def grant_lookup(session: SqlSession, command: GrantLookup) -> Answer:
    """GRANT and REVOKE SELECT on lookup tables: by who may grant it to users."""
    context = session.context()
    tables = []
    for target in targets(context, Tables(command.tables), (ObjectPrivilege(Privilege.SELECT),)):
        granting(context, target, target.read(target.holder))
        if not isinstance(target.holder, Relation) or target.shared:
            raise SharedOperationNotSupported
        tables.append(target.holder)
    changed = []
    for name in command.policies:
        policy = _existing(context, command.kind, name)
        for table in tables:
            if table.database != policy.database:
                raise FeatureNotSupported(
                    "a relation of another database in a policy is not supported"
                )
            key = table.relation_id
            policy = policy.revoking(key) if command.revoke else policy.granting(key)
        changed.append(Put(policy))
    session.change(command.tag, *changed)
    return Answer(command.tag)


def drop(session: SqlSession, command: DropPolicy) -> Answer:
    """DROP: with CASCADE it is detached from everything first."""
    context = session.context()
    tag = _tag("DROP", command.kind)
    try:
        policy = _named(context, command.kind, command.name)
    except UndefinedObject:
        if command.if_exists:
            return Answer(tag)
        raise
    if policy.attachments and not command.cascade:
        raise SqlError(
            f"cannot drop {_WORDS[policy.kind]} {policy.name} because it is attached to a relation",
            "2BP01",
            hint="Use DROP ... CASCADE to detach it too.",
        )
    session.change(tag, Drop(policy))
    return Answer(tag)


# --- names --------------------------------------------------------------------------------------


def _tag(verb: str, kind: PolicyKind) -> str:
    return f"{verb} {kind.upper()} POLICY"


def _database(context: SqlContext, name: tuple[str, ...]) -> Database:
    """Where the policy is: the current database, or the one before the dot."""
    if len(name) > 2:
        raise SqlError(
            f"improper qualified name (too many dotted names): {'.'.join(name)}", "42601"
        )
    database = resolve_database(context, name[0]) if len(name) > 1 else context.current
    if database.source is not None:
        raise SharedOperationNotSupported
    return database


def _named(context: SqlContext, kind: PolicyKind, name: tuple[str, ...]) -> Policy:
    """A policy, for who may change it. Raises UndefinedObject, InsufficientPrivilege."""
    require_security_admin(context)
    return _existing(context, kind, name)


def _existing(context: SqlContext, kind: PolicyKind, name: tuple[str, ...]) -> Policy:
    database = _database(context, name)
    policy = context.catalog.policy_named(database.database_id, kind, name[-1])
    if policy is None:
        raise UndefinedObject(f'{_WORDS[kind]} "{name[-1]}" does not exist')
    return policy


def _relation(context: SqlContext, policy: Policy, name: tuple[str, ...]) -> Relation:
    found = resolved(context, name)
    if found.share is not None:
        raise SharedOperationNotSupported
    if found.relation.temporary:
        raise FeatureNotSupported("a policy on a temporary table is not supported")
    if found.relation.database != policy.database:
        raise FeatureNotSupported("a policy on a relation of another database is not supported")
    return found.relation


def _type(text: str) -> str:
    cursor = Cursor(split(text)[0])
    kind = read_type(cursor)
    cursor.finish()
    return str(kind)


def _granted(context: SqlContext, policy: Policy, known: Iterable[RelationId]) -> Policy:
    """A policy reads the lookup tables that its maker reads, once it names them."""
    for lookup in policy.lookups:
        table = context.catalog.relation(lookup.relation)
        if lookup.relation in known or table is None or not may(context, table, Privilege.SELECT):
            continue
        policy = policy.granting(lookup.relation)
    return policy


# --- what fits ----------------------------------------------------------------------------------


def _check_count(policy: Policy, attachment: Attachment, made: int) -> None:
    if policy.kind is PolicyKind.RLS:
        return
    if len(attachment.outputs) != made:
        raise SqlError(
            f'masking policy "{policy.name}" makes {made} columns, not {len(attachment.columns)}',
            "42P16",
        )
    for one, other in combinations(attachment.outputs, 2):
        if overlap(one, other):
            raise SqlError(f"{'.'.join(one)} and {'.'.join(other)} cannot both be masked", "42P16")
    if len(attachment.inputs) != len(policy.parameters):
        raise SqlError(
            f'masking policy "{policy.name}" is computed from {len(policy.parameters)} columns, '
            f"not {len(attachment.inputs)}",
            "42P16",
        )


def _check_columns(policy: Policy, relation: Relation, attachment: Attachment) -> None:
    """The columns are there, of WITH's types; a late-binding view's are known when it is read."""
    if relation.kind is RelationKind.LATE_BINDING_VIEW:
        return
    for name, *path in (*attachment.sources, *attachment.outputs):
        column = relation.column(name)
        if column is None:
            raise SqlError(f'column "{name}" of relation "{relation.name}" does not exist', "42703")
        if path and stored_type(column.type) != SUPER:
            raise SqlError(f'column "{name}" has no attributes: it is not of type super', "42804")
    sources = attachment.sources or tuple((name,) for name, _ in policy.parameters)
    for (name, *path), (_, wanted) in zip(sources, policy.parameters, strict=True):
        column = relation.column(name)
        if column is None:
            raise SqlError(f'column "{name}" of relation "{relation.name}" does not exist', "42703")
        if not path and stored_type(column.type).name != stored_type(wanted).name:
            raise SqlError(
                f'column "{name}" is of type {column.type} but the policy is for {wanted}', "42804"
            )


def _check_free(context: SqlContext, policy: Policy, relation: Relation, made: Attachment) -> None:
    """Not attached twice, and no two masks of a column weigh the same."""
    if any(a.place == made.place for a in policy.attachments):
        raise DuplicateObject(
            f'{_WORDS[policy.kind]} "{policy.name}" is already attached to relation '
            f'"{relation.name}"'
        )
    if policy.kind is PolicyKind.RLS:
        return
    mine = [(policy, a) for a in policy.on(relation.relation_id)]
    others = [
        (other, a)
        for other, a in attached(context.catalog, relation, policy.kind)
        if other.policy_id != policy.policy_id
    ]
    for other, known in mine + others:
        same = [p for p in made.outputs if any(overlap(p, old) for old in known.outputs)]
        if (
            same
            and known.priority == made.priority
            and (known.grantee == made.grantee or other is not policy)
        ):
            raise DuplicateObject(
                f"a masking policy of priority {made.priority} is already attached to column "
                f'"{".".join(min(same))}" of relation "{relation.name}"'
            )
