"""What the wire refuses, in AWS's codes and words.

It knows no operation's own errors: those stand in the model and are chosen by the endpoints.
Codes follow https://docs.aws.amazon.com/redshift/latest/APIReference/CommonErrors.html.
"""

from __future__ import annotations

from typing import Final

REQUEST_TIMEOUT: Final = 408
TOO_LARGE: Final = 413
SERVER_FAULT: Final = 500


class WireError(Exception):
    """A request refused before any use case saw it; `code` and `message` go to the client."""

    def __init__(
        self, code: str, message: str, status: int = 400, *, sender: bool | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.sender = status < SERVER_FAULT if sender is None else sender


def missing_action() -> WireError:
    return WireError("MissingAction", "The request is missing an action or operation parameter.")


def invalid_action(action: str, version: str | None) -> WireError:
    wanted = "NO_VERSION_SPECIFIED" if version is None else version
    return WireError("InvalidAction", f"Could not find operation {action} for version {wanted}")


def unknown_service(name: str, served: tuple[str, ...]) -> WireError:
    return WireError(
        "InvalidAction", f"The service {name} is not served here. Services: {', '.join(served)}."
    )


def unknown_operation(target: str | None) -> WireError:
    said = "no X-Amz-Target header" if target is None else f"the target {target}"
    return WireError("UnknownOperationException", f"No operation is known for {said}.")


def malformed_http(why: str) -> WireError:
    return WireError("MalformedHttpRequestException", why)


def request_timeout() -> WireError:
    return WireError(
        "RequestTimeoutException", "The request was not read in time.", REQUEST_TIMEOUT
    )


def malformed_query(why: str) -> WireError:
    return WireError("MalformedQueryString", f"The query string contains a syntax error: {why}")


def unknown_parameter(name: str) -> WireError:
    return WireError("InvalidQueryParameter", f"The parameter {name} is not recognized.")


def invalid_value(name: str, value: str, expected: str) -> WireError:
    return WireError(
        "InvalidParameterValue", f"Invalid value '{value}' for {name}: {expected} is expected."
    )


def serialization(why: str) -> WireError:
    return WireError("SerializationException", why)


def too_large(limit: int, *, json: bool) -> WireError:
    code = "RequestEntityTooLargeException" if json else "RequestEntityTooLarge"
    return WireError(code, f"The request is larger than the limit of {limit} bytes.", TOO_LARGE)
