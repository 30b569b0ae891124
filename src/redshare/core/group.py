"""A group of database users. Who is in it is said by the users (`User.groups`).

https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_GROUP.html
"""

from __future__ import annotations

from dataclasses import dataclass

from redshare.core.ids import GroupId, NamespaceId


@dataclass(frozen=True, slots=True)
class Group:
    """A name that privileges can be granted to."""

    namespace: NamespaceId
    group_id: GroupId
    name: str
    version: int = 0
