"""Tags as the redshift and the iam service have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def read_tags(shown: Mapping[str, Any]) -> dict[str, str]:
    """Of a description."""
    return {tag["Key"]: tag["Value"] for tag in shown.get("Tags", ())}


def tag_list(tags: Mapping[str, str] | None) -> list[dict[str, str]]:
    """For a parameter."""
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
