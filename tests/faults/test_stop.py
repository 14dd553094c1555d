"""The program is told to stop (SIGTERM): acknowledged counts are kept, accepted requests are answered, and it exits by
itself.

Under load a refused connection looks like an aborted request; so requests in flight have a test of their own.
"""

import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from shuttle.domain.access.permissions import Role
from shuttle.services.access.accounts import create_token
from shuttle.services.app_context import AppContext
from shuttle.services.operation.installation import open_app_context
from shuttle.services.ridership import rollup
from tests.conftest import OSLO, a_database
from tests.faults.conftest import ADMIN
from tests.faults.program import AT_LENGTH, LONGEST_END, Program, Senders, ask
from tests.faults.test_kill import lost, stored

pytestmark = pytest.mark.slow


def test_a_program_stopped_under_load_keeps_all_acknowledged_counts(
    program: Program, senders: Senders, own_context: AppContext
) -> None:
    senders.start()
    senders.wait_for(50)
    code = program.stop()  # by itself, or an error
    senders.stop()
    assert code == 0
    assert senders.statuses <= {200, 201}
    assert lost(senders.acknowledged, stored(own_context)) == []
    assert rollup.check(own_context, ADMIN) == []


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Iterator[Path]:
    for url in a_database("sqlite", tmp_path, filled=True):
        yield Path(url.removeprefix("sqlite:///"))


@pytest.mark.parametrize("workers", (1, 2) if AT_LENGTH else (1,))
def test_requests_in_flight_are_answered_after_sigterm(
    sqlite_file: Path, tmp_path: Path, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four counts wait for a locked database, and one more for the rest of its own body."""
    monkeypatch.setenv("SHUTTLE_WORKERS", str(workers))
    context = open_app_context(f"sqlite:///{sqlite_file}", OSLO)
    with context.transaction() as session:
        token = create_token(session, ADMIN, Role.STAFF, "tablet", context.now())
    departure = context.schedule().departures_on(context.today() - timedelta(days=1)).departures[0].id
    path, body = f"/api/v1/departures/{departure}/boardings", '{"stop": "vagsbunnen", "boardings": 3}'
    context.close()
    with Program(f"sqlite:///{sqlite_file}", tmp_path).running() as program, ThreadPoolExecutor(5) as pool:
        assert program.process is not None
        holder = sqlite3.connect(sqlite_file, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        slow = [pool.submit(ask, program.port, path, token, f"k{number}", body) for number in range(4)]
        half = socket.create_connection(("127.0.0.1", program.port), timeout=120)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: half\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        half.sendall((head + body[:10]).encode())
        wait_until(lambda: connections_to(program.port) >= 5)
        program.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not program.answers())
        half.sendall(body[10:].encode())
        assert not any(answer.done() for answer in slow)
        holder.execute("ROLLBACK")
        holder.close()
        assert [answer.result().status for answer in slow] == [201] * 4
        assert half.recv(4096).startswith(b"HTTP/1.1 201")
        half.close()
        assert program.process.wait(timeout=LONGEST_END) == 0
        program.process = None


def test_a_client_that_never_finishes_does_not_prevent_the_exit(sqlite_file: Path, tmp_path: Path) -> None:
    running = Program(f"sqlite:///{sqlite_file}", tmp_path).running()
    with running as program, socket.create_connection(("127.0.0.1", program.port)) as client:
        client.sendall(b"POST /api/v1/changes HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
        wait_until(lambda: connections_to(program.port) >= 1)
        assert program.stop() == 0  # by itself, or an error


def wait_until(happened: Callable[[], bool], seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def connections_to(port: int) -> int:
    """Number of connections that the program has accepted and not closed (Linux)."""
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    return sum(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "01" for line in lines)
