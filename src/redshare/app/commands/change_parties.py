"""Who made a change of datashares, and whom it names, as the change logs show them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from redshare.core.privileges import Grantee, GranteeKind
from redshare.core.share_change import ChangedPart, ShareChange
from redshare.sql.commands.grant_readers import Recipient
from redshare.sql.context import SqlContext


def by_user(context: SqlContext, parts: tuple[ChangedPart, ...]) -> ShareChange:
    """A change by the session's user, in its namespace's log."""
    return ShareChange(
        parts,
        namespace=context.namespace.namespace_id,
        user=context.user.user_id,
        user_name=context.user.name,
        session=context.session_id,
    )


def recipients(
    context: SqlContext, action: str, named: Iterable[Recipient]
) -> Iterator[ChangedPart]:
    """A part for each grantee, whether it is there or not."""
    catalog, namespace = context.catalog, context.namespace.namespace_id
    for recipient in named:
        target: int | None = None
        match recipient.kind:
            case GranteeKind.USER:
                user = catalog.user(namespace, recipient.name)
                target = None if user is None else user.user_id
            case GranteeKind.GROUP:
                group = catalog.group(namespace, recipient.name)
                target = None if group is None else group.group_id
            case GranteeKind.ROLE:
                role = catalog.role(namespace, recipient.name)
                target = None if role is None else role.role_id
            case GranteeKind.PUBLIC:
                target = Grantee(GranteeKind.PUBLIC).id
        name = recipient.name or str(recipient.kind)
        yield ChangedPart(
            action, target_type=str(recipient.kind), target_id=target, target_name=name
        )
