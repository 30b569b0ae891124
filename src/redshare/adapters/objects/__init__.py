"""The Objects port: buckets in a folder of this machine, and behind S3 endpoints.

Which bucket is where is the node's to say; no statement names an endpoint.
"""

from __future__ import annotations

from redshare.adapters.objects.buckets import Buckets
from redshare.adapters.objects.endpoints import S3Endpoint, read_endpoints

__all__ = ["Buckets", "S3Endpoint", "read_endpoints"]
