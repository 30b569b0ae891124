"""Buckets in a folder: what they hold, and that no key leads out."""

from __future__ import annotations

from pathlib import Path

import pytest

from redshare.adapters.objects import Buckets
from redshare.core.ids import AccountId
from redshare.core.s3 import ObjectUrl
from redshare.core.sql_errors import InvalidObjectUrl, ObjectStoreError
from redshare.ports import Objects

ACCOUNT = AccountId("111111111111")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "buckets" / "landing" / "a").mkdir(parents=True)
    (tmp_path / "buckets" / "landing" / "a" / "1.csv").write_text("1")
    (tmp_path / "buckets" / "landing" / "a" / "10.csv").write_text("10")
    (tmp_path / "buckets" / "landing" / "ab.csv").write_text("ab")
    return tmp_path / "buckets"


def keys(objects: Objects, prefix: str) -> list[str]:
    return [found.url.key for found in objects.listed(ObjectUrl("landing", prefix))]


def test_a_prefix_is_of_the_key(root: Path) -> None:
    """Not of folders: `a` is the beginning of `a/1.csv` and of `ab.csv`."""
    objects = Buckets(root).of(ACCOUNT)
    assert keys(objects, "a") == ["a/1.csv", "a/10.csv", "ab.csv"]
    assert keys(objects, "a/1") == ["a/1.csv", "a/10.csv"]
    assert keys(objects, "a/1.csv") == ["a/1.csv"]
    assert keys(objects, "") == ["a/1.csv", "a/10.csv", "ab.csv"]
    assert keys(objects, "b") == []


def test_an_object_is_there_when_it_is_whole(root: Path) -> None:
    """A write that fails leaves nothing, and hides nothing that was there."""
    objects, url = Buckets(root).of(ACCOUNT), ObjectUrl("landing", "new/deep/x")
    with objects.write(url) as file:
        file.write(b"one")
        assert objects.find(url) is None
        assert keys(objects, "new") == []
    with pytest.raises(ValueError, match="closed"), objects.write(url) as file:
        file.close()
    with objects.read(url) as file:
        assert file.read() == b"one"
    assert keys(objects, "new") == ["new/deep/x"]
    objects.remove(url)
    objects.remove(url)
    assert objects.find(url) is None


@pytest.mark.parametrize("link", ["landing/link", "landing/a/link", "linked"])
def test_links_lead_nowhere(root: Path, link: str) -> None:
    """A symbolic link is no object, no folder and no bucket, wherever it points."""
    (root / link).symlink_to(root.parent)
    objects = Buckets(root).of(ACCOUNT)
    bucket, _, key = link.partition("/")
    url = ObjectUrl(bucket, f"{key}/secret".lstrip("/"))
    with pytest.raises(ObjectStoreError), objects.read(url):
        pass
    with pytest.raises(ObjectStoreError), objects.write(url) as file:
        file.write(b"x")
    assert (root.parent / "secret").read_text() == "secret"
    assert not any("secret" in key for key in keys(objects, ""))


def test_a_linked_file_is_no_object(root: Path) -> None:
    """Neither read nor listed."""
    (root / "landing" / "f").symlink_to(root.parent / "secret")
    objects = Buckets(root).of(ACCOUNT)
    assert "f" not in keys(objects, "")
    with (
        pytest.raises(ObjectStoreError, match="NoSuchKey"),
        objects.read(ObjectUrl("landing", "f")),
    ):
        pass


@pytest.mark.parametrize(
    "text",
    [
        "s3://landing/../secret", "s3://landing/a/../../secret", "s3://../secret", "s3://landing/a?x",
        "s3://landing/a?s3_endpoint=evil:80", "http://landing/a", "S3://landing/a", "s3a://landing/a",
        "/etc/passwd", "file:///etc/passwd", "s3://", "s3:///a", "s3://LANDING/a", "s3://a/b",
        "s3://landing/a\x00b", "s3://landing/a\nb", "s3://land:80/a", "s3://user@landing/a",
    ],
)  # fmt: skip
def test_other_urls_are_refused(text: str) -> None:
    """One form of URL names an object, and no part of it an endpoint."""
    with pytest.raises(InvalidObjectUrl):
        ObjectUrl.parse(text)


@pytest.mark.parametrize("key", ["a/./1.csv", "./a/1.csv", "a//1.csv", "a/1.csv/", "/etc/passwd"])
def test_keys_that_no_folder_has(root: Path, key: str) -> None:
    """What is a key elsewhere and no path here is not there."""
    objects = Buckets(root).of(ACCOUNT)
    assert objects.find(ObjectUrl("landing", key)) is None
    with (
        pytest.raises(ObjectStoreError, match="NoSuchKey"),
        objects.read(ObjectUrl("landing", key)),
    ):
        pass


def test_a_node_without_buckets_has_none() -> None:
    """There is no default endpoint to ask."""
    with pytest.raises(ObjectStoreError, match="NoSuchBucket"):
        next(Buckets().of(ACCOUNT).listed(ObjectUrl("landing", "a")))
