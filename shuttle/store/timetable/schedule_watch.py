"""Has anything been committed? The cheapest true answer, asked by every request before it uses a copy in memory.

SQLite tells it without touching a table: `PRAGMA data_version` changes on a connection when any *other* connection, of
this process or another, commits. PostgreSQL has no such thing, so there the schedule's version row is read each time.
"""

import asyncio
import sqlite3
from threading import Lock

from sqlalchemy import Engine, select

from shuttle.store.engine.database import reading, sqlite_path
from shuttle.store.tables.network import ServiceRow
from shuttle.store.timetable.schedule import version

_VERSION = str(select(ServiceRow.version))


class ScheduleWatch:
    """Gives the schedule's version, never older than the last commit that had returned when it was asked."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._path = sqlite_path(engine)
        self._lock = Lock()
        self._probe: sqlite3.Connection | None = None
        self._seen: tuple[int, int] | None = None
        self._turn: tuple[asyncio.AbstractEventLoop, int] | None = None

    @property
    def is_instant(self) -> bool:
        """True when asking takes microseconds and may be done on an event loop."""
        return self._engine.dialect.name == "sqlite"

    def version(self) -> int:
        """The version now. Raises Unavailable when the database cannot be asked.

        On an event loop it is asked once a turn: whoever is served in a turn had arrived before it was asked, or in the
        turn before, so that what they must know of had been committed by then.
        """
        if self._path is None:
            return self._read()
        loop = _running_loop()
        if loop is None:
            return self._ask()
        turn = self._turn
        if turn is not None and turn[0] is loop:
            return turn[1]
        found = self._ask()
        self._turn = (loop, found)
        loop.call_soon(self._next_turn)
        return found

    def _next_turn(self) -> None:
        self._turn = None

    def _ask(self) -> int:
        with self._lock:
            if self._probe is None:
                self._probe = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, check_same_thread=False)
            data_version: int = self._probe.execute("PRAGMA data_version").fetchone()[0]
            if self._seen is None or self._seen[0] != data_version:
                self._seen = (data_version, self._read_by_probe(self._probe))
            return self._seen[1]

    def _read_by_probe(self, probe: sqlite3.Connection) -> int:
        """After each commit of a count somebody asks: a fiftieth of what a session costs."""
        try:
            row = probe.execute(_VERSION).fetchone()
        except sqlite3.Error:
            return self._read()  # says what is wrong
        return row[0] if row else 0

    def _read(self) -> int:
        with reading(self._engine) as session:
            return version(session)

    def close(self) -> None:
        with self._lock:
            if self._probe is not None:
                self._probe.close()
                self._probe = None


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
