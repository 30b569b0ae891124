"""The errors of AWS calls, but those of IAM and of the Data API alone.

Texts follow what tools match on (Terraform's provider, data.all, DSF); see docs/compat/sharing.md.
"""

from __future__ import annotations

from redshare.core.errors import RedshareError


class InvalidParameterValue(RedshareError):
    """A parameter has a value that is not allowed."""


class InvalidTag(InvalidParameterValue):
    """A key or a value that no tag can have."""

    def __init__(self, key: str) -> None:
        super().__init__(f"The tag {key!r} is not valid.")


class InvalidPolicy(RedshareError):
    """A resource policy that is not one."""


class InvalidParameterCombination(RedshareError):
    """Parameters that exclude each other, or one missing beside another."""


class InjectedFault(RedshareError):
    """What a test asked for: a code of the service's model, or any other, with its status."""

    def __init__(self, message: str, code: str, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class Throttled(RedshareError):
    """The account makes more calls than it may."""

    def __init__(self) -> None:
        super().__init__("Rate exceeded")


class AccessDenied(RedshareError):
    """The caller may not do this, whatever exists."""


class InvalidDataShare(RedshareError):
    """The datashare, or its state for this caller, does not allow the request."""


class DatashareArnUnknown(InvalidDataShare):
    """No datashare with this ARN exists for this caller."""

    def __init__(self, verb: str, arn: str) -> None:
        super().__init__(f"You can't {verb} the data share {arn} because the ARN doesn't exist.")


class AlreadyDeauthorized(InvalidDataShare):
    """The authorization was removed before."""

    def __init__(self, arn: str, consumer: str) -> None:
        super().__init__(
            f"You can't remove authorization from the data share {arn} for the data consumer "
            f"{consumer} because you have already removed authorization from the data share."
        )


class NotAConsumer(InvalidDataShare):
    """The share is not there for this data consumer, or not associated with it."""

    def __init__(self, arn: str) -> None:
        super().__init__(
            f"The data share {arn} either doesn't exist or isn't associated with this data "
            "consumer."
        )


class InvalidNamespace(RedshareError):
    """No such namespace, or an ARN that names none."""


class ResourceNotFound(RedshareError):
    """A cluster, workgroup, namespace or statement that is not there; `kind` says which."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"{kind} {name} not found.")
        self.kind = kind
        self.name = name


class AlreadyExists(RedshareError):
    """The name is taken; `kind` says by what."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"{kind} {name} already exists.")
        self.kind = kind
        self.name = name


class InvalidState(RedshareError):
    """The resource is not in a state that allows the request; `kind` says which resource."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class LimitExceeded(RedshareError):
    """More than there may be; `kind` says of what."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class UnsupportedOperation(RedshareError):
    """Known to AWS, not to this product."""


class InvalidPageMarker(InvalidParameterValue):
    """The marker is not one this operation gave out."""

    def __init__(self, marker: str) -> None:
        super().__init__(f"The marker {marker[:100]!r} is not valid.")
