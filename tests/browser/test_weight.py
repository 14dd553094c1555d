"""The first page on a phone: what comes over the wire. How soon it can be read is measured: `scripts/bench first-page`."""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import PHONE, Served

pytestmark = pytest.mark.slow

FIRST_PAGE = 100 * 1024


def test_the_first_page_is_light(chromium: Browser, served: Served) -> None:
    context = chromium.new_context(**PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    kinds: dict[str, str] = {}
    sizes: dict[str, float] = {}
    devtools.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    devtools.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    page.goto(served.url + "/", wait_until="networkidle")
    context.close()
    assert {"Document", "Stylesheet"} <= set(kinds.values())
    assert sum(size for request, size in sizes.items() if kinds.get(request) != "Font") <= FIRST_PAGE
