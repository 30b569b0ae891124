"""What the audit keeps, over all statements that there are."""

from __future__ import annotations

from typing import get_args

from redshare.app.commands import audited, governed
from redshare.sql.commands import Command
from redshare.sql.commands.cursor import CursorCommand
from redshare.sql.commands.data import DataCommand
from redshare.sql.commands.database import ShowUse, Use
from redshare.sql.commands.datashare import DescDatashare, ShowDatashares
from redshare.sql.commands.session import SessionCommand
from redshare.sql.commands.show import ShowCommand
from redshare.sql.commands.table import Analyze, LockTables, RefreshMaterializedView, Vacuum
from redshare.sql.commands.transaction import TransactionCommand

#: What changes nothing that the catalogue holds.
KEEPS_NOTHING = {
    *(Use, ShowUse, DescDatashare, ShowDatashares),
    *(Analyze, LockTables, RefreshMaterializedView, Vacuum),
    *get_args(CursorCommand | DataCommand | SessionCommand | ShowCommand | TransactionCommand),
}


def test_no_statement_is_forgotten() -> None:
    """Each has the name of its event, or is known to change nothing that is kept."""
    told = audited.EVENTS.keys() | governed.EVENTS.keys()
    assert set(get_args(Command)) == told | KEEPS_NOTHING
