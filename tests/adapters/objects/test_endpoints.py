"""S3 endpoints as a file gives them."""

from __future__ import annotations

from pathlib import Path

import pytest

from redshare.adapters.objects import Buckets, S3Endpoint, read_endpoints
from redshare.adapters.objects.endpoints import InvalidEndpoints
from redshare.core.ids import AccountId
from redshare.core.s3 import ObjectUrl
from redshare.core.sql_errors import ObjectStoreError

FILE = """
endpoints:
  - url: https://s3.example.com
    region: eu-west-1
    access_key_id: AK
    secret_access_key: SK
    path_style: false
    buckets: [one, two]
    accounts: ["111111111111"]
  - url: http://127.0.0.1:9000
"""


def test_a_file_is_read(tmp_path: Path) -> None:
    """Every field, and the defaults of those left out; no secret is shown."""
    path = tmp_path / "s3.yaml"
    path.write_text(FILE)
    first, second = read_endpoints(path)
    assert first == S3Endpoint(
        "https://s3.example.com", "eu-west-1", "AK", "SK", None, False,
        frozenset({"one", "two"}), frozenset({"111111111111"}),
    )  # fmt: skip
    assert second == S3Endpoint("http://127.0.0.1:9000")
    assert "SK" not in repr(first)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("endpoints: [{url: 'ftp://x'}]", "is not an http"),
        ("endpoints: [{url: 'http://u:p@x'}]", "is not an http"),
        ("endpoints: [{url: 'http://x', access_key_id: A}]", "go together"),
        ("endpoints: [{url: 'http://x', secret: A}]", "secret"),
        ("endpoints: [{url: 'http://x'}, {url: 'http://y'}]", "two endpoints"),
        (
            "endpoints: [{url: 'http://x', buckets: [b]}, {url: 'http://y', buckets: [b]}]",
            "named twice",
        ),
        ("{", "not YAML"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, text: str, why: str) -> None:
    """With the reason."""
    path = tmp_path / "s3.yaml"
    path.write_text(text)
    with pytest.raises(InvalidEndpoints, match=why):
        read_endpoints(path)


def test_a_bucket_is_in_one_place() -> None:
    """Two endpoints cannot both have it."""
    both = [S3Endpoint("http://x", buckets=frozenset({"b"})) for _ in range(2)]
    with pytest.raises(InvalidEndpoints):
        Buckets(None, both)


def test_an_account_that_is_not_served() -> None:
    """It is refused before anybody is asked."""
    endpoint = S3Endpoint("http://127.0.0.1:9", accounts=frozenset({"111111111111"}))
    objects = Buckets(None, [endpoint]).of(AccountId("222222222222"))
    with pytest.raises(ObjectStoreError, match="Status 403,Error AccessDenied"):
        objects.find(ObjectUrl("bucket", "key"))
