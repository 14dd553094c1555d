"""The first page on a slow phone: what comes over the wire, and when it can be read."""

import httpx
import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import PHONE, Served

pytestmark = pytest.mark.slow

FIRST_PAGE = 100 * 1024
LARGEST_PAINT = 1500

SLOW_PHONE = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
"""Chromium's own "slow 4G": 150 ms, 1.6 Mbit/s down."""


def test_the_first_page_is_light_and_painted_soon_on_a_slow_phone(chromium: Browser, served: Served) -> None:
    httpx.get(served.url + "/")  # the program is warm, the phone is not
    context = chromium.new_context(**PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", SLOW_PHONE)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    kinds: dict[str, str] = {}
    bytes_of: dict[str, float] = {}
    devtools.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    devtools.on(
        "Network.loadingFinished", lambda event: bytes_of.update({event["requestId"]: event["encodedDataLength"]})
    )
    page.add_init_script(
        "new PerformanceObserver(list => { for (const entry of list.getEntries()) window.largest = entry.startTime })"
        ".observe({type: 'largest-contentful-paint', buffered: true})"
    )
    page.goto(served.url + "/", wait_until="load")
    page.wait_for_timeout(500)
    largest = page.evaluate("window.largest")
    weight = sum(size for request, size in bytes_of.items() if kinds.get(request) != "Font")
    context.close()
    assert weight <= FIRST_PAGE, f"{weight / 1024:.0f} kB"
    assert largest <= LARGEST_PAINT, f"{largest:.0f} ms"
    print(f"\nfirst page: {weight / 1024:.0f} kB over the wire, largest paint after {largest:.0f} ms")
