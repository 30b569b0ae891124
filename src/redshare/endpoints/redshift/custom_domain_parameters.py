"""A custom domain as the operations of both services take it."""

from __future__ import annotations

import re
from typing import Final

from redshare.core.aws_errors import InvalidParameterValue
from redshare.core.warehouse import CustomDomain

_NAME: Final = re.compile(r"((?!-)[a-z0-9-]{0,62}[a-z0-9]\.)+(?!-)[a-z0-9-]{1,62}[a-z0-9]")
_LONGEST: Final = 253
_CERTIFICATE: Final = re.compile(r"arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[\w-]+")


def custom_domain(name: str, certificate: str) -> CustomDomain:
    """Raises InvalidParameterValue."""
    if not _CERTIFICATE.fullmatch(certificate):
        raise InvalidParameterValue(f"Invalid certificate ARN: {certificate!r}.")
    return CustomDomain(domain_name(name), certificate)


def domain_name(text: str) -> str:
    """A name, lower case. Raises InvalidParameterValue."""
    name = text.lower()
    if len(name) > _LONGEST or not _NAME.fullmatch(name):
        raise InvalidParameterValue(f"Invalid custom domain name: {text[:_LONGEST]!r}.")
    return name
