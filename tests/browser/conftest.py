"""Chromium, and the program served to it by a process that can be killed."""

import multiprocessing
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from shuttle.domain.access.permissions import Role
from shuttle.services.app_context import AppContext
from shuttle.services.operation.installation import open_app_context
from shuttle.web.server.identity import COOKIE
from tests.browser.served import serve
from tests.conftest import OSLO, filled_file
from tests.ports import free_port
from tests.web.pages.conftest import session_of

TOP = Path(__file__).parent.parent.parent
PROCESSES = multiprocessing.get_context("forkserver")
"""Processes that begin with everything imported: a start of the program is most of what a journey would wait for."""
PROCESSES.set_forkserver_preload(["tests.browser.served", "shuttle.web.app"])

LONGEST = 60_000.0
"""ms until what is expected of a page is missing: no journey needs a quiet machine."""

expect.set_options(timeout=LONGEST)

AFTERNOON = "2026-11-23T13:50:00+00:00"
"""Ten to three in Bergen on a Monday: the departure at 15.00 is next."""


@dataclass
class Served:
    """The program at an address, on a database that the test can look into."""

    database: str
    port: int
    context: AppContext
    process: BaseProcess | None = None
    moment: str = AFTERNOON
    sessions: dict[Role, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        settings = {name: value for name, value in os.environ.items() if name.startswith("SHUTTLE_")}
        arguments = (self.database, self.port, self.moment, settings)
        self.process = PROCESSES.Process(target=serve, args=arguments, daemon=True)
        self.process.start()
        for _ in range(1200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        self.kill()
        raise AssertionError("the program did not start within 60 s")

    def kill(self) -> None:
        """As `kill -9` does."""
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.process = None

    def session(self, role: Role) -> str:
        if role not in self.sessions:
            self.sessions[role] = session_of(self.context, role, f"kari-{role}")
        return self.sessions[role]


def served_from(folder: Path, moment: str = AFTERNOON) -> Served:
    """The program on a database of its own in this folder, where it is that moment when it starts."""
    shutil.copyfile(filled_file(), folder / "shuttle.db")
    database = f"sqlite:///{folder / 'shuttle.db'}"
    context = open_app_context(database, OSLO)
    context.now = lambda: datetime.fromisoformat(moment).astimezone(UTC)
    program = Served(database, free_port(), context, moment=moment)
    program.start()
    return program


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One program for all journeys that only read or change what is their own."""
    program = served_from(tmp_path_factory.mktemp("served"))
    yield program
    program.kill()
    program.context.close()


@pytest.fixture
def own_served(tmp_path: Path) -> Iterator[Served]:
    """A program of the test's own, to be killed."""
    program = served_from(tmp_path)
    yield program
    program.kill()
    program.context.close()


PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1280, "height": 900}}

Visit = Callable[..., Page]


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """Opens a page as somebody; a fault in the page's own scripts or policy fails the test."""
    opened: list[BrowserContext] = []
    faults: list[str] = []

    def open_page(
        served: Served,
        path: str,
        role: Role | None = None,
        language: str = "nb",
        *,
        by_hand: bool = False,
        **device: Any,
    ) -> Page:
        """`by_hand`: the page's timers go off when the test lets its clock run."""
        settings: dict[str, Any] = {"timezone_id": "Europe/Oslo", "locale": "nb-NO", **(device or DESKTOP)}
        browser_context = chromium.new_context(**settings)
        browser_context.set_default_timeout(LONGEST)
        opened.append(browser_context)
        cookies = [{"name": "lang", "value": language, "url": served.url}]
        if role is not None:
            cookies.append({"name": COOKIE, "value": served.session(role), "url": served.url})
        browser_context.add_cookies(cookies)  # type: ignore[arg-type]
        page = browser_context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
        if by_hand:
            page.clock.install(time=served.moment)
        else:  # it agrees with the server's, whatever the hour of the test
            page.clock.set_fixed_time(served.moment)
        page.goto(served.url + path)
        return page

    yield open_page
    for browser_context in opened:
        browser_context.close()
    assert not faults, faults
