"""The attributes of a cluster that clients set and read back; most decide nothing here.

They are kept by the API's names: texts as they are, everything else as JSON.
https://docs.aws.amazon.com/redshift/latest/APIReference/API_Cluster.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from redshare.core.snapshot import AUTOMATED_RETENTION, DEFAULT_AUTOMATED_RETENTION
from redshare.endpoints.redshift.snapshot_retention import check_automated_retention, retention

Params = Mapping[str, Any]
Attributes = tuple[tuple[str, str], ...]

#: Name and default of each; the window is lower case, as Terraform compares it.
DEFAULTS: Final[dict[str, Any]] = {
    "AvailabilityZone": "",
    "PreferredMaintenanceWindow": "sun:05:00-sun:05:30",
    AUTOMATED_RETENTION: DEFAULT_AUTOMATED_RETENTION,
    "ManualSnapshotRetentionPeriod": -1,
    "ClusterVersion": "1.0",
    "AllowVersionUpgrade": True,
    "EnhancedVpcRouting": False,
    "MaintenanceTrackName": "current",
    "ClusterSecurityGroups": [],
    "VpcSecurityGroupIds": [],
    "ElasticIp": "",
    "IpAddressType": "ipv4",
    "MultiAZ": False,
    "AvailabilityZoneRelocation": False,
}
#: The last resize, for DescribeResize, and the megabytes of the snapshot a cluster was made of.
RESIZE: Final = "Resize"
RESTORED: Final = "Restored"
#: Where the audit logs would go; absent where they are off.
_LOGGING: Final = "Logging"


def written(params: Params, old: Attributes = ()) -> Attributes:
    """The old attributes, those of the request over them. Raises LimitExceeded."""
    check_automated_retention(params.get(AUTOMATED_RETENTION))
    retention(params.get("ManualSnapshotRetentionPeriod"))
    kept = dict(old)
    for name in DEFAULTS:
        value = params.get(name)
        if value is not None:
            kept[name] = value if isinstance(value, str) else json.dumps(value)
    if "PreferredMaintenanceWindow" in kept:
        kept["PreferredMaintenanceWindow"] = kept["PreferredMaintenanceWindow"].lower()
    return tuple(sorted(kept.items()))


def read(attributes: Attributes) -> dict[str, Any]:
    """All of them, with the defaults of those never set."""
    kept = {
        n: t if isinstance(DEFAULTS[n], str) else json.loads(t)
        for n, t in attributes
        if n in DEFAULTS
    }
    return {**DEFAULTS, **kept}


def resized(attributes: Attributes) -> tuple[str, int] | None:
    """Node type and number of nodes of the last resize."""
    text = dict(attributes).get(RESIZE)
    return None if text is None else tuple(json.loads(text))


def restored(attributes: Attributes, megabytes: int) -> Attributes:
    """Those of a cluster that a snapshot was restored to; its own resize is still to come."""
    kept = {name: text for name, text in attributes if name not in {RESIZE, _LOGGING}}
    return tuple(sorted({**kept, RESTORED: str(megabytes)}.items()))


def restored_size(attributes: Attributes) -> int | None:
    """The megabytes of the snapshot; None for a cluster that began empty."""
    text = dict(attributes).get(RESTORED)
    return None if text is None else int(text)


def with_logging(attributes: Attributes, wanted: Params | None) -> Attributes:
    """Those with logging as it is wanted; None turns it off."""
    kept = {name: text for name, text in attributes if name != _LOGGING}
    return tuple(sorted({**kept, **({_LOGGING: json.dumps(wanted)} if wanted else {})}.items()))


def logging(attributes: Attributes) -> Params | None:
    """Where the logs would go; None where they are off."""
    text = dict(attributes).get(_LOGGING)
    found: Params | None = None if text is None else json.loads(text)
    return found
