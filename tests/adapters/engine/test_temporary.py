"""Tables of sessions that are no more."""

from __future__ import annotations

import pytest

from redshare.core.sql_errors import SqlError
from tests.adapters.engine.lake import Lake, World, rows, transact

pytestmark = pytest.mark.server


def test_left_tables_are_dropped(world: World, new_lake: Lake) -> None:
    """Tables named as sessions' own go, all others stay; a second time there are none."""
    session = world.session()
    left = Lake(new_lake.id, new_lake.table.replace("t_", "s_"))
    for table in (new_lake, left):
        transact(session, table.create(), table.insert())

    assert world.engine.drop_temporary(new_lake.id) == 1
    assert world.engine.drop_temporary(new_lake.id) == 0

    assert rows(session, new_lake.read()) == [(1, "one")]
    with pytest.raises(SqlError):
        rows(session, left.read())
