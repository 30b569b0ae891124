"""The five services as botocore's models describe them; knows shapes, not what they are for.

Only the models that ship with botocore are read: a file under ~/.aws/models must not change what
a server accepts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

if TYPE_CHECKING:
    from collections.abc import Mapping

SERVICES: Final = ("redshift", "redshift-serverless", "redshift-data", "sts", "iam")


class Protocol(StrEnum):
    QUERY = "query"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class ErrorShape:
    """An error of the model: what is sent (`code`, `status`) and what SDKs call it."""

    code: str
    status: int
    shape_name: str
    sender: bool


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    name: str
    signing_name: str
    protocol: Protocol
    api_version: str
    target_prefix: str | None
    xml_namespace: str | None
    operations: Mapping[str, OperationModel]
    errors: Mapping[str, ErrorShape]

    def error(self, code_or_shape: str) -> ErrorShape | None:
        """The modelled error of this shape name or wire code; shape names are tried first."""
        by_shape = self.errors.get(code_or_shape)
        if by_shape is not None:
            return by_shape
        return next((e for e in self.errors.values() if e.code == code_or_shape), None)


@cache
def load_service(name: str) -> Service:
    """Raises: ValueError for a service that is not one of `SERVICES`."""
    if name not in SERVICES:
        raise ValueError(f"{name} is not one of {', '.join(SERVICES)}")
    loader = Loader(
        extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False
    )
    return service_of(name, loader.load_service_model(name, "service-2"))


def service_of(name: str, description: Mapping[str, Any]) -> Service:
    """A service from the text of a model, which is botocore's `service-2.json`."""
    model = ServiceModel(description, name)
    metadata = description["metadata"]
    return Service(
        name=name,
        signing_name=str(model.signing_name),
        protocol=Protocol(metadata["protocol"]),
        api_version=metadata["apiVersion"],
        target_prefix=metadata.get("targetPrefix"),
        xml_namespace=metadata.get("xmlNamespace"),
        operations=MappingProxyType(
            {operation: model.operation_model(operation) for operation in model.operation_names}
        ),
        errors=MappingProxyType(_errors(description["shapes"])),
    )


def _errors(shapes: Mapping[str, Any]) -> dict[str, ErrorShape]:
    return {
        name: _error(name, shape) for name, shape in shapes.items() if shape.get("exception", False)
    }


def _error(name: str, shape: Mapping[str, Any]) -> ErrorShape:
    trait = shape.get("error", {})
    sender = not shape.get("fault", False)
    status = trait.get("httpStatusCode", 400 if sender else 500)
    return ErrorShape(trait.get("code", name), status, name, sender and status < 500)


@cache
def by_signing_name() -> Mapping[str, Service]:
    """The services by the name their clients put into the credential scope."""
    loaded = (load_service(name) for name in SERVICES)
    return MappingProxyType({service.signing_name: service for service in loaded})


@cache
def by_target_prefix() -> Mapping[str, Service]:
    """The json services by the first part of their X-Amz-Target."""
    loaded = (load_service(name) for name in SERVICES)
    return MappingProxyType(
        {service.target_prefix: service for service in loaded if service.target_prefix is not None}
    )
