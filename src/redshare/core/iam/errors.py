"""The errors of the iam and sts services."""

from __future__ import annotations

from redshare.core.errors import RedshareError


class MalformedPolicyDocument(RedshareError):
    """A policy's text is not a policy."""


class NoSuchEntity(RedshareError):
    """An IAM entity of this name is not there."""


class EntityAlreadyExists(RedshareError):
    """An IAM entity of this name is there already."""


class DeleteConflict(RedshareError):
    """What is to be deleted still has something of its own."""


class QuotaExceeded(RedshareError):
    """More than a quota of IAM allows."""


class InvalidInput(RedshareError):
    """A parameter of IAM has a value that is not allowed."""


class ValidationError(RedshareError):
    """A parameter of STS has a value that is not allowed."""


class PackedPolicyTooLarge(RedshareError):
    """A session's policies and tags are more than a token holds."""
