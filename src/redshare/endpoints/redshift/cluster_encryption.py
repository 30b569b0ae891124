"""Encryption of a cluster's namespace, as the cluster operations take it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from redshare.core.namespace import Namespace


def encryption(namespace: Namespace, params: Mapping[str, Any]) -> Namespace:
    """The namespace with what the request says of it."""
    return replace(
        namespace,
        encrypted=params.get("Encrypted", namespace.encrypted),
        kms_key_id=params.get("KmsKeyId", namespace.kms_key_id),
    )
