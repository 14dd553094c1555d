"""The first page and the driver's page on a phone: what comes over the wire. How soon it can be read is measured: `scripts/bench first-page`."""

import pytest
from playwright.sync_api import Browser

from scripts.benchmarks.first_page import Wire
from shuttle.domain.access.permissions import Role
from shuttle.web.server.identity import COOKIE
from tests.browser.conftest import PHONE, Served

pytestmark = pytest.mark.slow

FIRST_PAGE = DRIVERS_PAGE = 100
"""KiB, fonts apart."""


def test_the_first_page_is_light(chromium: Browser, served: Served) -> None:
    context = chromium.new_context(**PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    wire = Wire(context.new_cdp_session(page))
    page.goto(served.url + "/", wait_until="networkidle")
    context.close()
    assert {"Document", "Stylesheet"} <= set(wire.kinds.values())
    assert wire.weight <= FIRST_PAGE


def test_the_driver_s_page_is_light(chromium: Browser, served: Served) -> None:
    context = chromium.new_context(**PHONE, service_workers="block")  # type: ignore[arg-type]
    context.add_cookies([{"name": COOKIE, "value": served.session(Role.DRIVER), "url": served.url}])
    page = context.new_page()
    wire = Wire(page.context.new_cdp_session(page))
    page.goto(served.url + "/driver", wait_until="networkidle")
    context.close()
    assert {"Document", "Stylesheet", "Script"} <= set(wire.kinds.values())
    assert wire.weight <= DRIVERS_PAGE
