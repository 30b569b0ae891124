"""What a transaction's statements read from the clock."""

from __future__ import annotations

from tests.node.conftest import Connect


def test_getdate_goes_on_inside_a_transaction(connect: Connect) -> None:
    """GETDATE is the statement's time and goes on; SYSDATE, the transaction's, stands still."""
    connection = connect("sales")
    connection.execute("BEGIN")
    began = connection.execute("SELECT sysdate, getdate()").fetchone()
    assert began is not None

    for _ in range(200):
        now = connection.execute("SELECT sysdate, getdate()").fetchone()
        assert now is not None
        assert now[0] == began[0]
        if now[1] > began[1]:
            break
        connection.execute("SELECT count(*) FROM svv_all_tables")
    else:
        raise AssertionError("the clock stood still")
    connection.execute("ROLLBACK")
