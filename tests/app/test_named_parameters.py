"""`:name` parameters become numbered ones, and nothing else of a text changes."""

from __future__ import annotations

import pytest

from redshare.app.data.named_parameters import numbered
from redshare.core.aws_errors import InvalidParameterValue

VALUES = {"a": "1", "b_2": "x"}


@pytest.mark.parametrize(
    ("sql", "text", "values"),
    [
        ("SELECT :a", "SELECT $1 ", ("1",)),
        ("SELECT :b_2, :a, :b_2", "SELECT $1 , $2 , $1 ", ("x", "1")),
        ("SELECT ':a' || :a -- :b_2", "SELECT ':a' || $1  -- :b_2", ("1",)),
        ("SELECT :a::int, x::b_2", "SELECT $1 ::int, x::b_2", ("1",)),
        ('SELECT ":a", :a /* :b_2 */', 'SELECT ":a", $1  /* :b_2 */', ("1",)),
        ("SELECT 1", "SELECT 1", ()),
    ],
)
def test_names_outside_texts_and_comments(sql: str, text: str, values: tuple[str, ...]) -> None:
    """Only a colon before a name, outside of quotes and comments, is a parameter."""
    assert numbered([sql, "SELECT :a, :b_2"], VALUES)[0] == (text, values)


def test_texts_share_the_values() -> None:
    """Each takes those it names; together they name all."""
    assert numbered(["SELECT :a", "SELECT 1", "SELECT :b_2"], VALUES) == [
        ("SELECT $1 ", ("1",)),
        ("SELECT 1", ()),
        ("SELECT $1 ", ("x",)),
    ]
    with pytest.raises(InvalidParameterValue, match="b_2 is not used"):
        numbered(["SELECT :a"], VALUES)
    with pytest.raises(InvalidParameterValue, match=":c"):
        numbered(["SELECT :a, :b_2, :c"], VALUES)


def test_a_broken_text_is_left_to_its_run() -> None:
    """What cannot be read fails when it runs, as a statement without parameters does."""
    broken = "SELECT ':a"
    assert numbered([broken], VALUES)[0][0] == broken
