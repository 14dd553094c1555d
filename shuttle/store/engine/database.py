"""The database: how it is opened, and what a transaction is.

One code path serves SQLite and PostgreSQL. SQLite runs in WAL with synchronous=FULL: a commit that returned survives a
power cut, not only a crash (NORMAL would lose acknowledged counts). A writing transaction begins with BEGIN IMMEDIATE, so
that two writers queue at its start instead of failing in its middle.
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
"""How long a SQLite writer waits for another before it gives up."""

LOOK_AGAIN_MS = 8
"""How long SQLite waits by itself before we ask it again: it looks after 1, 2 and 5 ms."""

TURN = "has the turn to write"
"""What a connection's notes hold while it does."""


def open_database(url: str) -> Engine:
    """An engine for `sqlite:///path` or `postgresql://…`. Nothing is read yet.

    Raises Invalid (`bad-database-url`) for another kind, Unavailable (`database-unavailable`) for a folder that can't be made.
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
    turns = Turns()
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", turns.begin)
    event.listen(engine, "checkin", turns.end)
    return engine


def _open_postgres(address: URL) -> Engine:
    from shuttle.store.engine import postgres  # its driver takes a tenth of a second, which SQLite need not pay

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
            "database-unavailable", f"the folder {folder} cannot be made: {error.strerror}", given=str(folder)
        ) from None


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: the module's own begins too late for IMMEDIATE
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}"):
        connection.execute(f"PRAGMA {pragma}")


class FairLock:
    """A lock that is handed to whoever has waited longest.

    A `threading.Lock` goes to whoever asks first after it was released: one who asks anew at once is before all who must first
    be woken, and on a busy machine again and again.
    """

    def __init__(self) -> None:
        self._state = Lock()
        self._is_taken = False
        self._waiting: deque[Lock] = deque()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def acquire(self, seconds: float) -> bool:
        """True once it is ours; False when that did not come within so many seconds."""
        with self._state:
            if not self._is_taken:
                self._is_taken = True
                return True
            ours = Lock()
            ours.acquire()
            self._waiting.append(ours)
        if ours.acquire(timeout=seconds):
            return True
        with self._state:
            if ours in self._waiting:
                self._waiting.remove(ours)
                return False
            return True  # it was handed over at the last moment

    def release(self) -> None:
        with self._state:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False


class Turns:
    """Whose turn it is to write to SQLite: one of this process at a time, in the order of asking, and it looks often.

    SQLite lets who waits sleep for up to a tenth of a second and look again, in no order: of eight who write all the while one
    may be shut out each time, for longer than anybody waits. Threads wait for one another here, and are woken; the
    one whose turn it is asks SQLite every few milliseconds, so that it is not kept out by another process either.
    """

    def __init__(self) -> None:
        self._queue = FairLock()

    def begin(self, connection: Connection) -> None:
        """Begin a transaction; a writing one when it has its turn. Raises Unavailable (`database-busy`)."""
        if not connection.get_execution_options().get("writing", False):
            connection.exec_driver_sql("BEGIN")
            return
        held, until = connection.connection, monotonic() + BUSY_SECONDS
        database, notes = held.driver_connection, held.record_info
        assert isinstance(database, sqlite3.Connection)
        assert notes is not None
        if not self._queue.acquire(BUSY_SECONDS):
            raise Unavailable("database-busy", "others are writing to the database; try again in a moment")
        notes[TURN] = True  # given back when the connection is: after the commit, or whatever ended it
        database.execute(f"PRAGMA busy_timeout={LOOK_AGAIN_MS}")
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
        """The connection is given back, in whatever state."""
        if record.record_info is not None and record.record_info.pop(TURN, False):
            self._queue.release()


@contextmanager
def saying_unavailable() -> Iterator[None]:
    """Turn a database that cannot answer into Unavailable, and a value that it cannot hold (PostgreSQL: text with a NUL) into
    Invalid (`impossible-text`); faults of ours (integrity, programming) pass through."""
    try:
        yield
    except IntegrityError:
        raise
    except DataError:
        raise Invalid(
            "impossible-text", "no row has what was given", allowed="text without invisible characters"
        ) from None
    except TimeoutError:
        raise Unavailable("database-busy", "the database has no free connection; try again in a moment") from None
    except DBAPIError as error:
        if error.connection_invalidated or type(error).__name__ in ("OperationalError", "InternalError"):
            raise Unavailable("database-unavailable", "the database cannot do it", inside=_first_line(error)) from error
        raise


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A session that commits once at the end, or not at all. Raises Unavailable when the database cannot."""
    writing = engine.execution_options(writing=True)
    with saying_unavailable(), Session(writing, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session on one consistent snapshot, for reading only; nothing done in it is kept."""
    with saying_unavailable(), Session(engine, autoflush=False, expire_on_commit=False) as session:
        yield session


def sqlite_path(engine: Engine) -> Path | None:
    """The database file, or None when it is not SQLite."""
    return Path(str(engine.url.database)) if engine.dialect.name == "sqlite" else None


def is_postgres(engine: Engine | Connection) -> bool:
    return engine.dialect.name == "postgresql"


def insert_into(table: Any, on_postgres: bool) -> Any:
    """An INSERT that can say what happens ON CONFLICT: each database has one of its own."""
    if not on_postgres:
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # reads every driver's module, for nothing on SQLite

    return postgresql.insert(table)
