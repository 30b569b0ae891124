"""A column converted at once is what its values are one by one."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redshare.app.loading.convert import Converter
from redshare.app.loading.problem import Invalid
from redshare.core.relation import Column
from redshare.sql.commands.copy import CopyOptions

NUMBERS = st.one_of(
    st.from_regex(r"-?[0-9]{1,20}(\.[0-9]{1,4})?([eE]-?[0-9]{1,3})?", fullmatch=True),
    st.sampled_from(["", " ", "+1", "-0", "1.", ".5", "00012", "nan", "inf", "1e400", "x", "1 2"]),
)
DATES = st.one_of(
    st.dates().map(str),
    st.datetimes().map(str),
    st.datetimes().map(lambda d: f"{d}+00"),
    st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}:[0-9]{2})?", fullmatch=True),
    st.sampled_from(["", "0000-01-01", "2020-1-2", "2020-02-30", "2020-01-02 24:00:00", "x"]),
)
KINDS = {
    "smallint": NUMBERS,
    "integer": NUMBERS,
    "bigint": NUMBERS,
    "numeric(8,2)": NUMBERS,
    "numeric(38,0)": NUMBERS,
    "numeric(5,5)": NUMBERS,
    "real": NUMBERS,
    "double precision": NUMBERS,
    "date": DATES,
    "timestamp without time zone": DATES,
    "timestamp with time zone": DATES,
    "boolean": st.sampled_from(["t", "f", "", "true", "0", "x"]),
    "character varying(3)": st.text(max_size=5),
    "character(3)": st.text(max_size=5),
}


def one_by_one(converter: Converter, texts: list[str | None]) -> list[Any]:
    found: list[Any] = []
    for text in texts:
        try:
            found.append(None if text is None else converter.rules.value(text))
        except Invalid:
            found.append(None)
    return pa.array(found, converter.rules.arrow).to_pylist()  # type: ignore[no-any-return]


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_at_once_as_one_by_one(kind: str, data: st.DataObject) -> None:
    """Whichever way a column goes, its values and its problems are the same."""
    texts = data.draw(st.lists(st.none() | KINDS[kind], min_size=1, max_size=4))
    converter = Converter(Column("c", kind), 0, CopyOptions())
    converted = converter.convert(texts)
    # repr: NaN is equal to itself here.
    assert repr(converted.array.to_pylist()) == repr(one_by_one(converter, texts))
    assert converted.array.type == converter.rules.arrow


@pytest.mark.parametrize("text", ["2020-01-02 24:00:00", "2020-02-30", "0000-01-01", "99999-01-01"])
def test_no_such_date(text: str) -> None:
    """What is on no calendar is a problem, not another day."""
    for kind in ("date", "timestamp without time zone"):
        converted = Converter(Column("c", kind), 0, CopyOptions()).convert([text])
        assert list(converted.problems) == [0]
