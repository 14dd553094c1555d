"""Schedule version for cache validation, read by every request before it uses a copy in memory.

SQLite: `PRAGMA data_version` changes on a connection when another connection, of this process or another, commits; no
table is read while it is unchanged. PostgreSQL has no equivalent: the version row is read each time.
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
    """Returns the schedule's version, never older than the last commit that had returned before the call."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._path = sqlite_path(engine)
        self._lock = Lock()
        self._probe: sqlite3.Connection | None = None
        self._seen: tuple[int, int] | None = None
        self._iteration: tuple[asyncio.AbstractEventLoop, int] | None = None

    @property
    def is_instant(self) -> bool:
        """True when a call takes microseconds and may run on an event loop."""
        return self._engine.dialect.name == "sqlite"

    def version(self) -> int:
        """The current version. Raises Unavailable when the database cannot be read.

        On an event loop it is read once per iteration: all requests of an iteration arrived before that read or in the
        iteration before, so that it includes every commit that they must see.
        """
        if self._path is None:
            return self._read()
        loop = _running_loop()
        if loop is None:
            return self._probe_version()
        iteration = self._iteration
        if iteration is not None and iteration[0] is loop:
            return iteration[1]
        current = self._probe_version()
        self._iteration = (loop, current)
        loop.call_soon(self._end_iteration)
        return current

    def commits(self) -> int | None:
        """A number that is another after each commit; None where the database has none. Raises Unavailable."""
        if self._path is None:
            return None
        self.version()
        return self._seen[0] if self._seen is not None else None

    def _end_iteration(self) -> None:
        self._iteration = None

    def _probe_version(self) -> int:
        with self._lock:
            if self._probe is None:
                self._probe = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, check_same_thread=False)
            data_version: int = self._probe.execute("PRAGMA data_version").fetchone()[0]
            if self._seen is None or self._seen[0] != data_version:
                self._seen = (data_version, self._read_by_probe(self._probe))
            return self._seen[1]

    def _read_by_probe(self, probe: sqlite3.Connection) -> int:
        """Without a session, which costs 50 times as much: this runs after each commit of a count."""
        try:
            row = probe.execute(_VERSION).fetchone()
        except sqlite3.Error:
            return self._read()  # raises Unavailable with the cause
        return row[0] if row else 0

    def _read(self) -> int:
        with reading(self._engine) as session:
            return version(session)

    def close(self) -> None:
        """Close the probe's connection."""
        with self._lock:
            if self._probe is not None:
                self._probe.close()
                self._probe = None


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
