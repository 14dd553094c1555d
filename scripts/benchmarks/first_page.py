"""The first page on a slow phone: its weight and its largest contentful paint; baseline: its text alone, on the same phone.

Chromium emulates "slow 4G" (150 ms, 1.6 Mbit/s down) and a processor at a quarter of its speed, with an empty cache. The baseline has no
styles, scripts and fonts: the cost of connection and browser on this machine. It needs Chromium and runs only when named.
"""

import importlib.util
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from scripts.benchmarks.browser import launch
from scripts.benchmarks.rows import Row, at_most, in_turn, measured
from scripts.benchmarks.servers import product

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession

NAME = "first-page"
ONLY_WHEN_NAMED = True
SLOW_LINE = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
SLOWER_PROCESSOR = 4
SETTLE_MS = 500
"""After the page is there, for the last paint to be traced."""
TRACED = ["loading", "blink.user_timing"]
"""What of Chromium's own trace says when a page was asked for and when something was painted."""


@dataclass(frozen=True)
class FirstVisit:
    """KiB over the wire, fonts apart, and milliseconds from asking for the page to its last and largest paint."""

    weight: float
    painted: float


class Wire:
    """What comes over the wire to a page from now on."""

    def __init__(self, devtools: "CDPSession") -> None:
        self.kinds: dict[str, str] = {}
        self._sizes: dict[str, float] = {}
        devtools.on("Network.responseReceived", lambda event: self.kinds.update({event["requestId"]: event["type"]}))
        devtools.on(
            "Network.loadingFinished",
            lambda event: self._sizes.update({event["requestId"]: event["encodedDataLength"]}),
        )
        devtools.send("Network.enable")

    @property
    def weight(self) -> float:
        """KiB, fonts apart."""
        return sum(size for request, size in self._sizes.items() if self.kinds.get(request) != "Font") / 1024


def run(rounds: int) -> list[Row]:
    if importlib.util.find_spec("playwright") is None:
        raise RuntimeError("this drives Chromium: scripts/environment requirements-test.lock installs what it needs")
    from playwright.sync_api import sync_playwright

    with product() as server, sync_playwright() as playwright:
        address = f"http://127.0.0.1:{server.port}/"
        words = bare(server.read("/")[0].decode())
        with served(words) as bare_address, launch(playwright) as chromium:
            first_visit(chromium, address)  # the browser's own first page is not the product's
            baseline, pages = in_turn(
                rounds, lambda: first_visit(chromium, bare_address), lambda: first_visit(chromium, address)
            )
    return [
        measured("bare words, largest paint", [found.painted for found in baseline], "ms"),
        at_most("first page, largest paint", [found.painted for found in pages], "ms", 1500),
        measured("its ratio", [page.painted / words.painted for page, words in zip(pages, baseline, strict=True)], ""),
        at_most("weight, fonts apart", [found.weight for found in pages], "KiB", 100),
    ]


def bare(page: str) -> str:
    """The page without anything that makes a browser ask for more."""
    return re.sub(r"<script.*?</script>|<link[^>]*>", "", page, flags=re.DOTALL)


@contextmanager
def served(page: str) -> Iterator[str]:
    """The address of a page that is the same for everybody."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def first_visit(chromium: "Browser", address: str) -> FirstVisit:
    context = chromium.new_context(viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True)
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.emulateNetworkConditions", SLOW_LINE)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_PROCESSOR})
    wire = Wire(devtools)
    chromium.start_tracing(page=page, categories=TRACED)
    page.goto(address, wait_until="load")
    page.wait_for_timeout(SETTLE_MS)
    painted = largest_paint(chromium.stop_tracing())
    context.close()
    return FirstVisit(wire.weight, painted)


def largest_paint(trace: bytes) -> float:
    """Milliseconds from asking for the page to its last and largest paint, by a trace of Chromium."""
    events = json.loads(trace)["traceEvents"]
    paints = [event for event in events if event["name"] == "largestContentfulPaint::Candidate"]
    last = max(paints, key=lambda event: event["ts"])
    navigation = last["args"]["data"]["navigationId"]
    asked = max(
        event["ts"]
        for event in events
        if event["name"] == "navigationStart" and event["args"]["data"].get("navigationId") == navigation
    )
    return float(last["ts"] - asked) / 1000
