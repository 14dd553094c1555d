"""Request heads: a head that is too long or never ends is refused by the server, and the next request is served."""

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from shuttle.cli.operation.serve import HEADER_BYTES, HEADER_SECONDS
from tests.conftest import a_database
from tests.faults.program import AT_LENGTH, Program

pytestmark = pytest.mark.slow


@pytest.fixture
def database_url(tmp_path: Path) -> Iterator[str]:
    """One kind of database suffices: none is queried."""
    yield from a_database("sqlite", tmp_path, filled=True)


def status_line_for(program: Program, head: str) -> bytes:
    """The status line of the response; empty where the connection is closed without one."""
    with socket.create_connection(("127.0.0.1", program.port), timeout=10) as connection:
        try:
            connection.sendall(head.encode())
            return connection.recv(65536).partition(b"\r\n")[0]
        except ConnectionError:
            return b""


def test_a_head_that_is_too_long_is_refused(program: Program) -> None:
    rest = "Host: localhost\r\nConnection: close\r\n"
    long = "x" * 2 * HEADER_BYTES  # the server checks after each read, not at each byte
    assert status_line_for(program, f"GET /healthz HTTP/1.1\r\n{rest}\r\n") == b"HTTP/1.1 200 OK"
    assert b" 431 " in status_line_for(program, f"GET /healthz HTTP/1.1\r\n{rest}X-Long: {long}\r\n\r\n")
    many = "".join(f"X-{number}: 1\r\n" for number in range(200))
    assert b" 431 " in status_line_for(program, f"GET /healthz HTTP/1.1\r\n{rest}{many}\r\n")
    assert status_line_for(program, f"GET /{long} HTTP/1.1\r\n{rest}\r\n")[:12] in (b"HTTP/1.1 414", b"HTTP/1.1 431")
    assert status_line_for(program, f"GET /healthz HTTP/1.1\r\n{rest}\r\n") == b"HTTP/1.1 200 OK"


if AT_LENGTH:  # it takes half a minute

    def test_clients_with_endless_heads_are_closed_and_block_no_other(program: Program) -> None:
        slow = [socket.create_connection(("127.0.0.1", program.port)) for _ in range(200)]
        began = time.monotonic()
        for client in slow:
            client.sendall(b"GET / HTTP/1.1\r\n")
        while time.monotonic() - began < HEADER_SECONDS - 5:
            assert program.answers(), "others are served meanwhile"
            for client in slow:
                client.sendall(b"x")
            time.sleep(1)
        for client in slow:
            client.settimeout(15)
            with suppress(ConnectionError):
                assert b" 408 " in (status_line := client.recv(4096)) or not status_line
            client.close()
        assert program.answers()
