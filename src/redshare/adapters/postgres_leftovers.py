"""What a killed node's PostgreSQL left running on a data directory, and its end.

The process id in postmaster.pid alone proves nothing: after a restart of the machine or a
container it may be anyone's, and PostgreSQL then refuses to start until the file is gone. A process
belongs to the directory if it works in it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

STOP_SECONDS = 30


def end_leftovers(data: Path) -> None:
    """Stop the server of a killed node; a file that names a stranger is removed."""
    pid_file = data / "postmaster.pid"
    noted = _noted(pid_file)
    for process_id in _working_in(data, noted):
        _stop_process(process_id, signal.SIGINT if process_id == noted else signal.SIGTERM)
    if noted is not None and _alive(noted):
        pid_file.unlink(missing_ok=True)


def _noted(pid_file: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(pid_file.read_text().splitlines()[0])
    return None


def _working_in(data: Path, noted: int | None) -> Iterator[int]:
    """The postmaster first: its backends end with it."""
    proc = Path("/proc")
    if not proc.is_dir():
        if noted is not None and str(data) in _command_line(noted):
            yield noted
        return
    found = [int(entry.name) for entry in proc.iterdir() if entry.name.isdigit()]
    for process_id in sorted(found, key=lambda p: (p != noted, p)):
        with contextlib.suppress(OSError):
            if (proc / str(process_id) / "cwd").readlink() == data.resolve():
                yield process_id


def _command_line(process_id: int) -> str:
    done = subprocess.run(
        ["ps", "-o", "args=", "-p", str(process_id)], capture_output=True, text=True, check=False
    )
    return done.stdout


def _stop_process(process_id: int, how: signal.Signals) -> None:
    for number in (how, signal.SIGQUIT, signal.SIGKILL):
        deadline = time.monotonic() + STOP_SECONDS
        with contextlib.suppress(ProcessLookupError):
            os.kill(process_id, number)
        while time.monotonic() < deadline:
            if not _alive(process_id):
                return
            time.sleep(0.02)


def _alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with contextlib.suppress(OSError):
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
        return state != "Z"
    return True
