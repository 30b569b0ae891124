"""One HTTP request and one HTTP response as values; knows no socket and no protocol."""

from __future__ import annotations

from dataclasses import dataclass

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as it arrived: the path and query undecoded, header names in lower case.

    Text is the wire's bytes read as Latin-1, so that what was signed can be had back.
    """

    method: str
    path: str
    query: str
    headers: Headers
    body: bytes

    def __post_init__(self) -> None:
        # A capital letter would hide a header from every check below.
        if any(name != name.lower() for name, _ in self.headers):
            raise ValueError("header names must be in lower case")

    def values(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.headers if key == name)

    def header(self, name: str) -> str | None:
        """The first value of the header, or None."""
        return next((value for key, value in self.headers if key == name), None)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    status: int
    headers: Headers
    body: bytes
