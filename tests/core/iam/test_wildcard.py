"""Laws of the wildcard matcher."""

from __future__ import annotations

import fnmatch
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redshare.core.iam.wildcard import matches, plain


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=10))
def test_like_fnmatch(pattern: str, text: str) -> None:
    """`*` is any text and `?` any character, as in a shell."""
    wanted = re.fullmatch(fnmatch.translate(pattern), text) is not None
    assert matches(plain(pattern), text) == wanted


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("*a" * 3000 + "b", "a" * 6000), ("?" * 5000 + "*b", "a" * 6000), ("*" * 6000, "a" * 6000)],
)
def test_hostile_patterns(pattern: str, text: str) -> None:
    """A pattern that makes other matchers try again for hours is decided at once."""
    assert matches(plain(pattern), text) == (pattern[-1] != "b")
