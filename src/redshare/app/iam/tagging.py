"""Tags of IAM entities and of sessions."""

from __future__ import annotations

from typing import Final

from redshare.core.iam.errors import InvalidInput, QuotaExceeded
from redshare.core.iam.identity import Tags

MOST: Final = 50


def checked_tags(tags: Tags) -> Tags:
    """The tags. Raises InvalidInput where a key is given twice, QuotaExceeded."""
    keys = [key.lower() for key, _ in tags]
    if len(set(keys)) != len(keys):
        raise InvalidInput(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        )
    if any(key.startswith("aws:") for key in keys):
        raise InvalidInput("The tag keys that begin with aws: are reserved.")
    if len(tags) > MOST:
        raise QuotaExceeded(f"The number of tags has reached the maximum limit: {MOST}.")
    return tags


def tagged(tags: Tags, more: Tags) -> Tags:
    """With more tags, or other values. Raises InvalidInput, QuotaExceeded."""
    checked_tags(more)
    given = {key.lower() for key, _ in more}
    return checked_tags((*(tag for tag in tags if tag[0].lower() not in given), *more))


def untagged(tags: Tags, keys: tuple[str, ...]) -> Tags:
    """Without the tags of these keys."""
    gone = {key.lower() for key in keys}
    return tuple(tag for tag in tags if tag[0].lower() not in gone)
