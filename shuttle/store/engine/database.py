"""Database engine: opening a database and its transactions.

One code path serves SQLite and PostgreSQL. SQLite runs in WAL mode with synchronous=FULL: a commit that returned
survives a power cut. With synchronous=NORMAL it survives a crash only, and acknowledged counts could be lost. A writing
transaction starts with BEGIN IMMEDIATE: two writers queue at the start and never fail in the middle.
"""

import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
    OperationalError,
    TimeoutError,
)
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from shuttle.domain.basics.errors import Invalid, Unavailable

BUSY_SECONDS = 5
"""Longest wait of a SQLite writer for another writer."""

RETRY_MS = 8
"""SQLite's own busy timeout per attempt: it retries after 1, 2 and 5 ms."""

WRITE_LOCK = "holds the write lock"
"""Key in the `info` of a connection that holds the write queue's lock."""


def open_database(url: str) -> Engine:
    """An engine for `sqlite:///path` or `postgresql://…`. Connects with the first use.

    Raises Invalid (`bad-database-url`) for another kind, Unavailable (`database-unavailable`) for a folder that cannot
    be created.
    """
    try:
        address = make_url(url)
    except ArgumentError:
        raise Invalid("bad-database-url", "the database address cannot be read", allowed=_ALLOWED) from None
    if address.get_backend_name() == "postgresql":
        return _open_postgres(address.set(drivername="postgresql+psycopg"))
    if address.get_backend_name() != "sqlite" or not address.database:
        raise Invalid("bad-database-url", "the database address names another kind of database", allowed=_ALLOWED)
    _make_folder(Path(address.database).parent)
    try:
        engine = create_engine(address, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})
    except NoSuchModuleError:
        raise Invalid("bad-database-url", "the database address names an unknown driver", allowed=_ALLOWED) from None
    queue = WriteQueue()
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", queue.begin)
    event.listen(engine, "checkin", queue.end)
    return engine


def _open_postgres(address: URL) -> Engine:
    from shuttle.store.engine import postgres  # lazy: importing the driver takes 0.1 s, which SQLite does not need

    engine = create_engine(
        address, pool_size=8, max_overflow=8, pool_timeout=2, pool_pre_ping=True, connect_args=postgres.SETTINGS
    )

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Dialect, _record: object, arguments: list[Any], parameters: dict[str, Any]) -> object:
        return postgres.connect(*arguments, **parameters)

    return engine


_ALLOWED = "sqlite:///path/to/file.db or postgresql://user:password@host/name"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(
            "database-unavailable", f"the folder {folder} cannot be created: {error.strerror}", given=str(folder)
        ) from None


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # explicit BEGIN: the module's implicit one is never IMMEDIATE
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}"):
        connection.execute(f"PRAGMA {pragma}")


class FairLock:
    """First-in, first-out lock.

    `threading.Lock` does not order its waiters: a thread that releases and asks again at once wins against threads that
    must first be woken. On a busy machine that starves them.
    """

    def __init__(self) -> None:
        self._state = Lock()
        self._is_taken = False
        self._waiting: deque[Lock] = deque()

    @property
    def waiting(self) -> int:
        """Number of waiting threads."""
        return len(self._waiting)

    def acquire(self, seconds: float) -> bool:
        """True once the lock is acquired; False after `seconds` without it."""
        with self._state:
            if not self._is_taken:
                self._is_taken = True
                return True
            own = Lock()
            own.acquire()
            self._waiting.append(own)
        if own.acquire(timeout=seconds):
            return True
        with self._state:
            if own in self._waiting:
                self._waiting.remove(own)
                return False
            return True  # handed over between the timeout and here

    def release(self) -> None:
        """Hand the lock to the longest waiting thread, or free it."""
        with self._state:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False


class WriteQueue:
    """Write queue of SQLite: one writer of this process at a time, first in, first out, with frequent retries.

    SQLite's own busy handler sleeps up to 100 ms and keeps no order: of eight constant writers one may be starved for
    longer than any request waits. Here the threads of a process wait for a FairLock. Its holder retries BEGIN IMMEDIATE
    every few milliseconds, so that another process does not starve it either.
    """

    def __init__(self) -> None:
        self._queue = FairLock()

    def begin(self, connection: Connection) -> None:
        """Begin a transaction; a writing one waits for the lock first. Raises Unavailable (`database-busy`)."""
        if not connection.get_execution_options().get("writing", False):
            connection.exec_driver_sql("BEGIN")
            return
        pooled, until = connection.connection, monotonic() + BUSY_SECONDS
        database, info = pooled.driver_connection, pooled.record_info
        assert isinstance(database, sqlite3.Connection)
        assert info is not None
        if not self._queue.acquire(BUSY_SECONDS):
            raise Unavailable("database-busy", "other writers occupy the database; try again in a moment")
        info[WRITE_LOCK] = True  # released with the connection: after commit, rollback or loss
        database.execute(f"PRAGMA busy_timeout={RETRY_MS}")
        try:
            while not self._began(connection, until):
                pass
        finally:
            database.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")

    @staticmethod
    def _began(connection: Connection, until: float) -> bool:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except OperationalError as error:
            if monotonic() > until or "locked" not in str(error.orig):
                raise
            return False
        return True

    def end(self, _connection: object, record: ConnectionPoolEntry) -> None:
        """Release the lock when the connection returns to the pool, in whatever state."""
        if record.record_info is not None and record.record_info.pop(WRITE_LOCK, False):
            self._queue.release()


@contextmanager
def translating_errors() -> Iterator[None]:
    """Translate database errors. Raises Unavailable (`database-busy`, `database-unavailable`) when the database cannot
    answer and Invalid (`impossible-text`) for a value that it cannot store (PostgreSQL: text with a NUL). Programming
    and integrity errors pass.
    """
    try:
        yield
    except IntegrityError:
        raise
    except DataError:
        raise Invalid(
            "impossible-text", "the database cannot store this text", allowed="text without invisible characters"
        ) from None
    except TimeoutError:
        raise Unavailable("database-busy", "the database has no free connection; try again in a moment") from None
    except DBAPIError as error:
        is_broken = isinstance(error.orig, sqlite3.DatabaseError) and type(error) is DatabaseError  # a damaged page
        if is_broken or error.connection_invalidated or type(error).__name__ in ("OperationalError", "InternalError"):
            raise Unavailable("database-unavailable", "the database failed", inside=_first_line(error)) from error
        raise


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A session that commits once at the end, or not at all. Raises Unavailable when the database cannot commit."""
    writing = engine.execution_options(writing=True)
    with translating_errors(), Session(writing, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A read-only session on one consistent snapshot; nothing done in it is kept."""
    with translating_errors(), Session(engine, autoflush=False, expire_on_commit=False) as session:
        yield session


def sqlite_path(engine: Engine) -> Path | None:
    """Path of the database file; None for PostgreSQL."""
    return Path(str(engine.url.database)) if engine.dialect.name == "sqlite" else None


def is_postgres(engine: Engine | Connection) -> bool:
    """Whether the engine's dialect is PostgreSQL."""
    return engine.dialect.name == "postgresql"


def insert_into(table: Any, on_postgres: bool) -> Any:
    """An INSERT with `on_conflict_do_…`, which is specific to each dialect."""
    if not on_postgres:
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # lazy: imports every PostgreSQL driver

    return postgresql.insert(table)
