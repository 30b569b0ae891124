"""The node types of provisioned clusters, and how many nodes of each a cluster can have.

https://docs.aws.amazon.com/redshift/latest/mgmt/working-with-clusters.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class NodeType:
    """A name with the fewest and the most nodes of a cluster."""

    name: str
    fewest: int
    most: int


NODE_TYPES: Final = {
    kind.name: kind
    for kind in (
        NodeType("dc2.large", 1, 32),
        NodeType("dc2.8xlarge", 2, 128),
        NodeType("ra3.large", 1, 16),
        NodeType("ra3.xlplus", 1, 32),
        NodeType("ra3.4xlarge", 1, 128),
        NodeType("ra3.16xlarge", 2, 128),
    )
}
#: Families whose newer sizes are taken as well.
_FAMILIES: Final = re.compile(r"(ra3|rg|dc2|ds2)\.[0-9a-z]+")


def node_type(name: str) -> NodeType | None:
    """The node type of that name; None where AWS has no such family."""
    found = NODE_TYPES.get(name)
    if found is None and _FAMILIES.fullmatch(name):
        return NodeType(name, 1, 128)
    return found
