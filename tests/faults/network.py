"""A TCP proxy to PostgreSQL that a test can slow down, stall or break.

A stalled connection is the worst case: data is accepted and acknowledged but not delivered, so that neither end learns
of it.
"""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import URL

RESET = struct.pack("ii", 1, 0)


@dataclass
class Line:
    """A proxy from a port of its own to a server's socket."""

    server: str
    delay: float = 0.0
    """Seconds that each piece waits before it is passed on."""
    _listening: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    _flowing: threading.Event = field(default_factory=threading.Event)
    _ends: set[socket.socket] = field(default_factory=set)
    _refusing: bool = False

    @property
    def port(self) -> int:
        return int(self._listening.getsockname()[1])

    def hold(self) -> None:
        """Stall: nothing passes; new connections are accepted and hang."""
        self._flowing.clear()

    def release(self) -> None:
        self._refusing = False
        self.delay = 0.0
        self._flowing.set()

    def reset(self) -> None:
        """Break every connection, and new ones at once, until `release`."""
        self._refusing = True
        for end in list(self._ends):
            self._break(end)

    def _break(self, end: socket.socket) -> None:
        self._ends.discard(end)
        with suppress(OSError):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            end.shutdown(socket.SHUT_RD)  # wakes who reads; to write were to end in good order
        end.close()

    def _take(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            if self._refusing:
                self._break(near)
                continue
            far = socket.socket(socket.AF_UNIX)
            far.connect(self.server)
            self._ends |= {near, far}
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                if self.delay:
                    time.sleep(self.delay)
                self._flowing.wait()
                target.sendall(piece)
        self._break(source)
        self._break(target)


@contextmanager
def line_to(database: URL) -> Iterator[tuple[Line, str]]:
    """A proxy to the server whose socket is in `folder`, and the database's address through it."""
    folder = database.query["host"]
    assert isinstance(folder, str)
    line = Line(str(Path(folder) / ".s.PGSQL.5432"))
    line.release()
    threading.Thread(target=line._take, daemon=True).start()
    there = database.difference_update_query(["host"]).set(host="127.0.0.1", port=line.port)
    try:
        yield line, there.render_as_string(hide_password=False)
    finally:
        line._listening.close()
        line.release()
        line.reset()
