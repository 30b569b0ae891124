"""What the codecs assume of botocore's models; a failure here means the wire must learn more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.loaders import Loader
from botocore.model import OperationModel, Shape

from redshare.wire.aws import validate
from redshare.wire.aws.model import (
    SERVICES,
    Protocol,
    by_signing_name,
    by_target_prefix,
    load_service,
)

PROTOCOLS = {
    "redshift": Protocol.QUERY,
    "redshift-serverless": Protocol.JSON,
    "redshift-data": Protocol.JSON,
    "sts": Protocol.QUERY,
    "iam": Protocol.QUERY,
}
KNOWN_TRAITS = {"name", "resultWrapper", "timestampFormat"}
KNOWN_TYPES = {
    "structure",
    "list",
    "map",
    "string",
    "boolean",
    "integer",
    "long",
    "float",
    "double",
    "timestamp",
    "blob",
}


def _operations() -> Iterator[OperationModel]:
    for name in SERVICES:
        yield from load_service(name).operations.values()


def _shapes(shape: Shape | None, above: tuple[str, ...] = ()) -> Iterator[Shape]:
    if shape is None:
        return
    assert shape.name not in above, f"{shape.name} contains itself"
    yield shape
    below: list[Shape] = []
    match shape.type_name:
        case "structure":
            below = list(shape.members.values())
        case "list":
            below = [shape.member]
        case "map":
            below = [shape.key, shape.value]
    for part in below:
        yield from _shapes(part, (*above, shape.name))


@pytest.mark.parametrize("name", SERVICES)
def test_protocols(name: str) -> None:
    """Each service still speaks its one protocol: SDKs would switch to any that is added."""
    service = load_service(name)
    model = next(iter(service.operations.values())).service_model

    assert service.protocol is PROTOCOLS[name]
    assert [PROTOCOLS[name].value] == model.metadata["protocols"]
    assert not model.is_query_compatible
    assert model.metadata.get("jsonVersion") == ("1.1" if service.target_prefix else None)


def test_shapes_use_known_traits() -> None:
    """No shape is flattened, an attribute, a header, a stream, a document or recursive."""
    for operation in _operations():
        for root in (operation.input_shape, operation.output_shape):
            for shape in _shapes(root):
                assert shape.serialization.keys() <= KNOWN_TRAITS, shape
                assert shape.type_name in KNOWN_TYPES
                assert not shape.metadata.get("document")
                if shape.type_name == "map":
                    assert shape.key.type_name == "string"


def test_operations_are_one_post() -> None:
    """Every operation is a POST to the root, with no host prefix."""
    for operation in _operations():
        assert operation.http == {"method": "POST", "requestUri": "/"}
        assert operation.endpoint is None


def test_reserved_names() -> None:
    """No operation has a parameter that the query protocol itself uses."""
    for operation in _operations():
        if operation.input_shape is not None:
            assert not {"Action", "Version"} & operation.input_shape.members.keys()


def test_patterns_compile() -> None:
    """Every pattern of the models can be tried, and one without a class alone has a short text."""
    for operation in _operations():
        for shape in _shapes(operation.input_shape):
            pattern = shape.metadata.get("pattern")
            if pattern is not None:
                assert validate._compile(pattern)
                if r"*[a-z]+[" in pattern:  # cubic on long text
                    assert shape.metadata["max"] <= 64


def test_names_are_distinct() -> None:
    """Routing finds each service by one signing name, and each json service by one prefix."""
    assert set(SERVICES) == set(by_signing_name())
    assert {"RedshiftData", "RedshiftServerless"} == set(by_target_prefix())


def test_error_codes_are_distinct() -> None:
    """No two errors of a service share a wire code, so code and shape name find the same."""
    for name in SERVICES:
        service = load_service(name)
        codes = [error.code for error in service.errors.values()]
        assert len(set(codes)) == len(codes)
        assert all(
            service.error(code) == service.error(shape)
            for code, shape in ((error.code, error.shape_name) for error in service.errors.values())
        )


def test_models_of_the_user_are_ignored(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model under the user's own search path does not replace the one botocore ships."""
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    monkeypatch.setattr(Loader, "CUSTOMER_DATA_PATH", str(tmp_path))

    assert load_service.__wrapped__("sts").api_version == "2011-06-15"


def test_unknown_service() -> None:
    """A service outside the five is a mistake of the caller."""
    with pytest.raises(ValueError, match="s3 is not one of"):
        load_service("s3")
