"""The first page on a phone: what comes over the wire. How soon it can be read is measured: `scripts/bench first-page`."""

import pytest
from playwright.sync_api import Browser

from scripts.benchmarks.first_page import Wire
from tests.browser.conftest import PHONE, Served

pytestmark = pytest.mark.slow

FIRST_PAGE = 100
"""KiB, fonts apart."""


def test_the_first_page_is_light(chromium: Browser, served: Served) -> None:
    context = chromium.new_context(**PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    wire = Wire(context.new_cdp_session(page))
    page.goto(served.url + "/", wait_until="networkidle")
    context.close()
    assert {"Document", "Stylesheet"} <= set(wire.kinds.values())
    assert wire.weight <= FIRST_PAGE
