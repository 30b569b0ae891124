"""Which policies apply to whom at a relation, and where protected relations cannot be read at all.

Row-level security applies to everybody but those with IGNORE RLS; masks to whomever they are
attached to, superusers as well. It is the session's user that counts, also inside a view.
https://docs.aws.amazon.com/redshift/latest/dg/t_rls_usage.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from redshare.core.catalog import Catalog
from redshare.core.ids import DatabaseId, RelationId
from redshare.core.policy import Attachment, Place, Policy, PolicyKind, overlap
from redshare.core.relation import Relation, RelationKind
from redshare.core.sql_errors import FeatureNotSupported, SqlError
from redshare.sql.context import SqlContext
from redshare.sql.names import Resolved
from redshare.sql.work import refuse

IGNORE: Final = "IGNORE RLS"


def attached(
    catalog: Catalog, relation: Relation, kind: PolicyKind
) -> Iterator[tuple[Policy, Attachment]]:
    """Every attachment of a kind to a relation."""
    for policy in catalog.policies(relation.database):
        if policy.kind is kind:
            for attachment in policy.on(relation.relation_id):
                yield policy, attachment


def is_masked(catalog: Catalog, relation: Relation) -> bool:
    """Whether a masking policy is attached, for whomever."""
    return any(attached(catalog, relation, PolicyKind.MASKING))


def is_protected(catalog: Catalog, relation: Relation) -> bool:
    """Whether not everybody may see all of it."""
    return relation.row_security or is_masked(catalog, relation)


def uses_column(catalog: Catalog, relation: Relation, column: str) -> Policy | None:
    """An attached policy that needs the column."""
    policies = catalog.policies(relation.database)
    return next((p for p in policies if p.uses(relation.relation_id, column)), None)


# --- where it cannot be read --------------------------------------------------------------------


def require_reachable(context: SqlContext, session: SqlContext, found: Resolved) -> None:
    """Raises where what protects a relation is not evaluated: for consumers, across databases.

    `context` is whose names are being resolved, `session` who asks.
    """
    relation = found.relation
    if _is_consumed(context, session, found):
        hidden = hidden_from_consumers(context.catalog, relation)
        if hidden is not None:
            raise hidden
        return
    elsewhere = relation.database != session.database.database_id
    if relation.row_security and elsewhere and not session.has_system(IGNORE):
        raise FeatureNotSupported(
            f'RLS-protected relation "{relation.name}" cannot be accessed via cross-database query.'
        )


def hidden_from_consumers(catalog: Catalog, relation: Relation) -> FeatureNotSupported | None:
    """The refusal that consumers of a protected relation get, None where they get its rows."""
    if relation.row_security and relation.row_security_for_datashares:
        return FeatureNotSupported(
            f'RLS-protected relation "{relation.name}" cannot be accessed via datasharing query.'
        )
    if relation.masking_for_datashares and is_masked(catalog, relation):
        return FeatureNotSupported(
            f"cross-cluster query of the masked relation {relation.name} is not supported."
        )
    return None


def read_through(catalog: Catalog, relation: Relation) -> Iterator[Relation]:
    """The relation and, of a view that is bound when it is made, all that its query reads."""
    yield relation
    if relation.kind is RelationKind.VIEW:
        for key in relation.depends:
            below = catalog.relation(RelationId(key))
            if below is not None:
                yield from read_through(catalog, below)


def _is_consumed(context: SqlContext, session: SqlContext, found: Resolved) -> bool:
    """Whether another namespace's relation is read: named through a share, or by a shared view."""
    return found.share is not None or context.namespace.namespace_id != (
        session.namespace.namespace_id
    )


def forbids_sharing(catalog: Catalog, relation: Relation) -> bool:
    """Whether a mask that datashares keep is on the relation or on what it stands on."""
    return any(
        below.masking_for_datashares and is_masked(catalog, below)
        for below in _standing_on(catalog, relation)
    )


def stands_on_interleaved(catalog: Catalog, relation: Relation) -> bool:
    """Whether the relation, or one it stands on, has an interleaved sort key."""
    return any(below.sortstyle == "INTERLEAVED" for below in _standing_on(catalog, relation))


def _standing_on(catalog: Catalog, relation: Relation) -> Iterator[Relation]:
    """The relation and what it stands on, each once."""
    waiting, seen = [relation.relation_id], set[str]()
    while waiting:
        known = catalog.relation(RelationId(key := waiting.pop()))
        if known is None or key in seen:
            continue
        seen.add(key)
        yield known
        waiting += map(RelationId, known.depends)


# --- what policies read -------------------------------------------------------------------------


def require_lookup(context: SqlContext, found: Resolved) -> None:
    """Raises for what cannot be a lookup table of a policy, whose context it is.

    No policy is evaluated inside another one, so what is protected cannot be looked up.
    """
    relation = found.relation
    if relation.kind is not RelationKind.TABLE:
        raise refuse("a view in a policy")
    if found.share is not None or relation.database != context.database.database_id:
        raise refuse("a relation of another database in a policy")
    if is_protected(context.catalog, relation):
        raise refuse("a relation with row-level security or masking in a policy")


def require_no_lookup(catalog: Catalog, relation: Relation) -> None:
    """Raises where some policy looks something up in the relation."""
    if any(policy.names(relation.relation_id) for policy in catalog.policies(relation.database)):
        raise refuse("row-level security or masking of a lookup table of a policy")


def require_unnamed(catalog: Catalog, database: DatabaseId, key: str, what: str) -> None:
    """Raises SqlError 2BP01 where a policy's text names what is to be dropped.

    CASCADE takes no policy along: without it more could be seen.
    """
    policy = next((p for p in catalog.policies(database) if p.names(key)), None)
    if policy is not None:
        raise SqlError(
            f"cannot drop {what} because policy {policy.name} depends on it",
            "2BP01",
            hint="Drop the policy first, or alter it.",
        )


# --- what applies to a user ---------------------------------------------------------------------


def row_policies(session: SqlContext, relation: Relation) -> list[Policy] | None:
    """The policies that say which rows the user sees; None where it sees all."""
    if not relation.row_security or session.has_system(IGNORE):
        return None
    found: list[Policy] = []
    for policy, attachment in attached(session.catalog, relation, PolicyKind.RLS):
        if attachment.grantee in session.identities and policy not in found:
            found.append(policy)
    return found


@dataclass(frozen=True, slots=True)
class Mask:
    """What stands in a place: the expression of that number of a policy."""

    place: Place
    policy: Policy
    attachment: Attachment
    number: int


def masks(session: SqlContext, relation: Relation) -> list[Mask]:
    """Those attached to the user: where some lie within each other the one of most priority."""
    wanted = [
        Mask(place, policy, attachment, number)
        for policy, attachment in attached(session.catalog, relation, PolicyKind.MASKING)
        if attachment.grantee in session.identities
        for number, place in enumerate(attachment.outputs)
    ]
    found: list[Mask] = []
    for mask in sorted(wanted, key=lambda mask: -mask.attachment.priority):
        if not any(overlap(mask.place, other.place) for other in found):
            found.append(mask)
    return found
