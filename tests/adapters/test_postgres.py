"""The embedded PostgreSQL: starting, stopping, and coming back after any death."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from redshare.adapters.postgres import EmbeddedPostgres, ExternalPostgres, PostgresError

pytestmark = pytest.mark.server

NODE = """
import sys, time
from pathlib import Path
from redshare.adapters.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
server.create_database("kept")
print(server.process_id, flush=True)
time.sleep(600)
"""


@pytest.fixture(name="directory")
def _directory() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="redshare-pg-"))
    yield directory / "postgres"
    shutil.rmtree(directory)


def _gone(process_id: int) -> bool:
    """Ended; in a container nobody may have collected it yet."""
    try:
        stat = Path(f"/proc/{process_id}/stat").read_text()
    except FileNotFoundError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


def _wait_gone(process_id: int) -> None:
    subprocess.run(
        ["timeout", "30", "sh", "-c", f"while [ -e /proc/{process_id} ]; do sleep 0.05; done"],
        check=True,
    )


def test_databases_are_made_and_dropped_again_and_again(directory: Path) -> None:
    """Making and dropping a database twice is as good as once."""
    with EmbeddedPostgres(directory) as server:
        for _ in range(2):
            server.create_database("one")
        assert server.databases() == ["one", "postgres"]
        for _ in range(2):
            server.drop_database("one")
        assert server.databases() == ["postgres"]


def test_a_restart_keeps_the_data_and_stop_ends_the_process(directory: Path) -> None:
    """What was written before stop() is there after the next start; no process remains."""
    with EmbeddedPostgres(directory) as server:
        with psycopg.connect(server.url("postgres")) as connection:
            connection.execute("CREATE TABLE t AS SELECT 42 AS a")
        first = server.process_id
    assert first is not None
    assert _gone(first)
    with EmbeddedPostgres(directory) as server, psycopg.connect(server.url("postgres")) as again:
        assert again.execute("SELECT a FROM t").fetchone() == (42,)


def test_a_second_server_on_the_directory_is_refused(directory: Path) -> None:
    """One directory, one node."""
    with EmbeddedPostgres(directory), pytest.raises(PostgresError, match="in use"):
        EmbeddedPostgres(directory).start()


def test_durability_is_on_and_no_address_is_listened_on(directory: Path) -> None:
    """Commits reach the disk before they are acknowledged; only the Unix socket answers."""
    with EmbeddedPostgres(directory) as server, psycopg.connect(server.url("postgres")) as c:
        names = ("fsync", "synchronous_commit", "full_page_writes", "listen_addresses")
        shown = [c.execute(f"SHOW {name}").fetchone() for name in names]
        assert shown == [("on",), ("on",), ("on",), ("",)]


def test_a_wrong_password_is_refused(directory: Path) -> None:
    """The socket alone lets nobody in."""
    with (
        EmbeddedPostgres(directory) as server,
        pytest.raises(psycopg.OperationalError, match="password"),
    ):
        psycopg.connect(server.url("postgres"), password="wrong")


def test_a_deep_directory_is_no_obstacle(directory: Path) -> None:
    """The socket's path does not grow with the directory's."""
    with EmbeddedPostgres(directory / ("d" * 60) / ("e" * 60)) as server:
        assert server.databases() == ["postgres"]


@pytest.mark.crash
def test_a_killed_postmaster_is_started_again(directory: Path) -> None:
    """The node brings its server back, with all that was committed."""
    with EmbeddedPostgres(directory) as server:
        with psycopg.connect(server.url("postgres")) as connection:
            connection.execute("CREATE TABLE t AS SELECT 42 AS a")
        first = server.process_id
        assert first is not None
        os.kill(first, signal.SIGKILL)
        for _ in range(600):
            try:
                with psycopg.connect(server.url("postgres")) as again:
                    assert again.execute("SELECT a FROM t").fetchone() == (42,)
                break
            except psycopg.OperationalError:
                _wait_gone(first)
        assert first != server.process_id


def _answers(server: EmbeddedPostgres) -> bool:
    try:
        psycopg.connect(server.url("postgres")).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.mark.crash
def test_a_server_that_is_just_being_brought_back_stops_whole(directory: Path) -> None:
    """Stopping amid a restart leaves neither the server nor the guard that watches it."""
    server = EmbeddedPostgres(directory)
    for _ in range(5):
        server.start()
        first = server.process_id
        assert first is not None
        os.kill(first, signal.SIGKILL)
        while server.process_id == first or not _answers(server):
            pass
        server.stop()
        assert server.process_id is not None
        assert _gone(server.process_id)
        assert server._guard is None


@pytest.mark.crash
def test_the_server_of_a_killed_node_ends_and_the_next_node_takes_over(directory: Path) -> None:
    """After kill -9 of the node its server stops, or is stopped by the next start."""
    with subprocess.Popen(
        [sys.executable, "-c", NODE, str(directory)], stdout=subprocess.PIPE, text=True
    ) as node:
        assert node.stdout is not None
        postmaster = int(node.stdout.readline())
        node.kill()
    with EmbeddedPostgres(directory) as server:
        assert _gone(postmaster)
        assert server.databases() == ["kept", "postgres"]


@pytest.mark.crash
def test_a_pid_file_that_names_a_stranger_is_removed(directory: Path) -> None:
    """After a machine's restart the noted process id may be anyone's; it is left alone."""
    with EmbeddedPostgres(directory):
        pass
    noted = directory / "data" / "postmaster.pid"
    noted.write_text(f"{os.getpid()}\n{directory}/data\n0\n5432\n\n\n  1  1\nready\n")
    shutil.chown(noted, (directory / "data").stat().st_uid)
    with EmbeddedPostgres(directory) as server:
        assert server.databases() == ["postgres"]


def test_an_external_server_is_used_by_its_url(directory: Path) -> None:
    """Any PostgreSQL serves as well as the embedded one."""
    with EmbeddedPostgres(directory) as server:
        external = ExternalPostgres(server.url("postgres"))
        external.create_database("one")
        assert external.manages_roles
        assert external.databases() == ["one", "postgres"]
        with psycopg.connect(external.url("one")) as connection:
            assert connection.execute("SELECT current_database()").fetchone() == ("one",)


def test_an_unreachable_url_is_told_without_its_password() -> None:
    """No secret appears in the message."""
    with pytest.raises(PostgresError, match="cannot be reached") as caught:
        ExternalPostgres("postgresql://u:hidden@127.0.0.1:1/db")
    assert "hidden" not in str(caught.value)
