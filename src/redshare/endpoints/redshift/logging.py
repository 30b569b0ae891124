"""Audit logging of clusters: kept and shown. No log is written anywhere: the events tell more.

https://docs.aws.amazon.com/redshift/latest/APIReference/API_EnableLogging.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from redshare.app.caller import Caller
from redshare.app.warehouses.life import WarehouseLife
from redshare.core.aws_errors import (
    InvalidParameterCombination,
    InvalidParameterValue,
    InvalidState,
    UnsupportedOperation,
)
from redshare.core.warehouse import Warehouse
from redshare.endpoints.redshift import cluster_attributes
from redshare.endpoints.redshift.cluster import Clusters

Params = Mapping[str, Any]

#: How InvalidState names what is wrong; the endpoint's table has the faults.
BUCKET_NAME: Final = "S3BucketName"
KEY_PREFIX: Final = "S3KeyPrefix"

_S3, _CLOUDWATCH = "s3", "cloudwatch"
_EXPORTS: Final = ("connectionlog", "useractivitylog", "userlog")
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
#: Without spaces, quotes, backslashes and control characters.
_PREFIX: Final = re.compile(r"[!#-&(-\[\]-~]{1,512}")


class LoggingOperations:
    """Turned on, shown, turned off."""

    def __init__(self, clusters: Clusters, life: WarehouseLife) -> None:
        self._clusters = clusters
        self._life = life
        self.operations = {
            "EnableLogging": self.enable_logging,
            "DisableLogging": self.disable_logging,
            "DescribeLoggingStatus": self.describe_logging_status,
        }

    def enable_logging(self, caller: Caller, params: Params) -> Params:
        """To a bucket, or to CloudWatch."""
        cluster = self._clusters.find(caller, params["ClusterIdentifier"])
        return self._kept(cluster, _wanted(params))

    def disable_logging(self, caller: Caller, params: Params) -> Params:
        """Nowhere."""
        return self._kept(self._clusters.find(caller, params["ClusterIdentifier"]), None)

    def describe_logging_status(self, caller: Caller, params: Params) -> Params:
        """Where to; nothing was ever delivered, and nothing failed."""
        return _status(self._clusters.find(caller, params["ClusterIdentifier"]))

    def _kept(self, cluster: Warehouse, wanted: Params | None) -> Params:
        def changed(now: Warehouse) -> Warehouse:
            return replace(now, attributes=cluster_attributes.with_logging(now.attributes, wanted))

        return _status(self._life.change(cluster, changed, "modified"))


def _wanted(params: Params) -> Params:
    """Raises InvalidParameterValue, InvalidParameterCombination, InvalidState."""
    kind = params.get("LogDestinationType") or _S3
    exports = params.get("LogExports") or ()
    if kind not in {_S3, _CLOUDWATCH}:
        if kind.startswith("s3"):
            raise UnsupportedOperation(f"LogDestinationType {kind} is not supported.")
        raise InvalidParameterValue(f"Invalid log destination type: {kind!r}.")
    for name in exports:
        if name not in _EXPORTS:
            raise InvalidParameterValue(f"Invalid log export: {name!r}.")
    bucket, prefix = params.get("BucketName"), params.get("S3KeyPrefix")
    if kind == _CLOUDWATCH:
        if bucket or prefix:
            raise InvalidParameterCombination("A bucket is for the log destination type s3.")
        if not exports:
            raise InvalidParameterCombination("LogExports is required for cloudwatch.")
        return {"LogDestinationType": kind, "LogExports": sorted(set(exports))}
    if not bucket:
        raise InvalidParameterCombination("BucketName is required for s3.")
    if exports:
        raise InvalidParameterCombination("LogExports is for the log destination type cloudwatch.")
    if not _BUCKET.fullmatch(bucket):
        raise InvalidState(BUCKET_NAME, f"The bucket name {bucket!r} is not valid.")
    if prefix and not _PREFIX.fullmatch(prefix):
        raise InvalidState(KEY_PREFIX, "The S3 key prefix is not valid.")
    return {"BucketName": bucket, "S3KeyPrefix": prefix or None, "LogDestinationType": kind}


def _status(cluster: Warehouse) -> Params:
    kept = cluster_attributes.logging(cluster.attributes)
    return {"LoggingEnabled": kept is not None, **(kept or {})}
