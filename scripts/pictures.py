"""Pictures of README and of the help: a demo in a folder of its own, served on a free port, and opened in Chromium.

They are made by hand before a release, and kept in .github/pictures/ and shuttle/web/static/help/.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from scripts.benchmarks.browser import launch

TOP = Path(__file__).resolve().parent.parent
PICTURES = TOP / ".github" / "pictures"
PASSWORD = "en lang og god setning"
SECONDS = 60
HELP = TOP / "shuttle" / "web" / "static" / "help"
HELP_PAGES = {
    "passenger": "/",
    "driver": "/driver",
    "staff": "/staff",
    "planner": "/plan",
    "reader": "/ridership",
    "admin": "/admin",
}
"""Who the help is for -> the page that its picture shows."""
PHONE_HEIGHT = 780


def main() -> None:
    """Make all pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    HELP.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        environment = {**os.environ, "SHUTTLE_DATA_DIR": folder, "SHUTTLE_PORT": str(port), "SHUTTLE_LANGUAGE": "nb"}
        command = [sys.executable, "-m", "shuttle"]
        subprocess.run([*command, "demo"], env=environment, check=True, timeout=SECONDS)
        server = subprocess.Popen([*command, "serve"], env=environment, stderr=subprocess.PIPE, text=True)
        try:
            with sync_playwright() as playwright:
                link = _first_link(server)
                _wait_for(port)
                _take(launch(playwright), f"http://127.0.0.1:{port}", link)
        finally:
            server.terminate()
            server.wait(SECONDS)


def _first_link(server: "subprocess.Popen[str]") -> str:
    assert server.stderr is not None
    for line in server.stderr:
        if match := re.search(r"/login/link/\S+", line):
            return match[0]
    raise SystemExit("the server printed no link for the first administrator")


def _wait_for(port: int) -> None:
    """Until somebody listens on the port."""
    for _ in range(SECONDS * 10):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the server did not start")


def _take(browser: Browser, address: str, link: str) -> None:
    phone = browser.new_page(viewport={"width": 390, "height": 844}, locale="nb-NO", device_scale_factor=2)
    _picture(phone, f"{address}/", "passenger")
    desk = browser.new_page(viewport={"width": 1440, "height": 1300}, locale="nb-NO")
    desk.goto(f"{address}{link}")
    for name, value in (("name", "Berit"), ("password", PASSWORD), ("again", PASSWORD)):
        desk.fill(f"#{name}", value)
    desk.click("main button[type=submit]")
    _picture(desk, f"{address}/ridership", "ridership")
    _picture(desk, f"{address}/plan", "planner")
    desk.set_viewport_size({"width": 390, "height": PHONE_HEIGHT})
    for reader, page in HELP_PAGES.items():
        desk.goto(f"{address}{page}")
        desk.screenshot(path=HELP / f"{reader}.jpg", type="jpeg", quality=70)


def _picture(page: Page, address: str, name: str) -> None:
    page.goto(address)
    if page.locator("[data-chart]").count():
        page.wait_for_selector("[data-chart] svg, [data-chart] canvas")
    page.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
