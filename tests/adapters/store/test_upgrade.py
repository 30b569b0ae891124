"""A state of an older schema, upgraded when it is opened."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, Final

import psycopg
import pytest
from alembic import command
from alembic.config import Config

from redshare.adapters.postgres import ExternalPostgres
from redshare.adapters.store.connections import make_engine
from redshare.adapters.store.migrate import SCRIPTS
from redshare.adapters.store.proof import NoChain, prove
from redshare.bootstrap import CONTROL_DATABASE
from redshare.core.audit_chain import START
from redshare.core.catalog import Put
from redshare.ports import Commit
from tests.adapters.store.conftest import Open, Server
from tests.kits.store_kit import PRODUCER, account, audit

pytestmark = pytest.mark.server


def _old(action: str, who: str) -> str:
    """A row's text, in spacing of its own: what is hashed is the text, not what it means."""
    return (
        f'{{"at": "2026-01-02T03:04:05Z",  "account": "{who}", "principal": "arn:aws:iam::1:root", '
        f'"action": "{action}", "resource": "arn", "request_id": "r", "parameters": {{"a": 1.50}}}}'
    )


#: As 0004 kept them: no hash, sequence numbers with a gap, times of other zones.
OLD: Final = [
    (
        1,
        "2026-01-02T03:04:05.678901+00:00",
        PRODUCER,
        _old("redshift:AuthorizeDataShare", PRODUCER),
    ),
    (2, "2026-01-02T05:04:05+02:00", "222222222222", _old("Größe \\u00e9 \\n", "222222222222")),
    (7, "2026-01-02T03:04:06+00:00", PRODUCER, _old("redshift:RejectDataShare", PRODUCER)),
]


@pytest.fixture(scope="module")
def older(server: Server) -> str:
    """A database of schema 0004 with audit rows, to copy."""
    name = server.fresh()
    engine = make_engine(server.url(name))
    with engine.connect().execution_options(isolation_level="READ COMMITTED") as connection:
        config = Config()
        config.set_main_option("script_location", str(SCRIPTS))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        connection.commit()
    engine.dispose()
    insert = """INSERT INTO audit (sequence, at, account, body) OVERRIDING SYSTEM VALUE
        VALUES (%s, %s, %s, %s)"""
    with psycopg.connect(server.url(name)) as database:
        for row in OLD:
            database.execute(insert, row)
        database.execute("ALTER TABLE audit ALTER COLUMN sequence RESTART WITH 8")
    return name


@pytest.fixture
def control(server: Server, older: str) -> str:
    """The URL of a server whose state is of schema 0004."""
    server.run(f"DROP DATABASE IF EXISTS {CONTROL_DATABASE}")
    server.run(f"CREATE DATABASE {CONTROL_DATABASE} TEMPLATE {older}")
    return server.url()


def verify(url: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the answer of `redshare audit verify`."""
    line = [sys.executable, "-m", "redshare", "audit", "verify", "--json", "--store-url", url]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    return done.returncode, json.loads(done.stdout) if done.stdout else {}


def test_audit_rows_of_before_the_chain_are_chained(control: str, opened: Open) -> None:
    """Upgraded, the old rows prove whole with those that follow, and none of them has changed."""
    url = ExternalPostgres(control).url(CONTROL_DATABASE)
    with pytest.raises(NoChain):
        prove(url)
    store = opened(url, exclusive=True)
    code, upgraded = verify(control)
    assert (code, upgraded["whole"], upgraded["rows"]) == (0, True, len(OLD))
    assert upgraded["head"] != START
    chained = store.chain()
    assert [(row.sequence, row.account, row.body) for row in chained] == [
        (sequence, who, body) for sequence, _, who, body in OLD
    ]
    store.commit(Commit((Put(account()),), audit=(audit("redshift:CreateCluster"),)))
    store.record([audit("redshift:DeleteCluster")])
    code, after = verify(control)
    assert (code, after["whole"], after["rows"]) == (0, True, len(OLD) + 2)
    assert next(row.previous for row in store.chain(after=7)) == upgraded["head"]
    assert len(store.audit(PRODUCER)) == 2 + sum(who == PRODUCER for _, _, who, _ in OLD)


def test_an_upgraded_row_is_as_safe_as_a_new_one(control: str, opened: Open) -> None:
    """An old row that is edited after the upgrade is named."""
    url = ExternalPostgres(control).url(CONTROL_DATABASE)
    opened(url, exclusive=True)
    with psycopg.connect(url) as database:
        database.execute("UPDATE audit SET account = '333333333333' WHERE sequence = 2")
    proof = prove(url)
    assert proof.broken is not None
    assert proof.broken.sequence == 2
