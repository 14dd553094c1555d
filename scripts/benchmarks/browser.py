"""The browser that tests and benchmarks drive: Chromium without a window, and without what a window needs.

`chromium-headless-shell` lays pages out, runs their scripts and prints them with Chromium's own engine. The whole program does
it too, behind an interface that nobody sees and that takes as much of the processor again.
"""

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Of the system's, the lightest first."""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""Nothing kept, and no conversation with its maker."""


def launch(playwright: "Playwright") -> "Browser":
    """The system's, else Playwright's own."""
    system = next((found for found in map(shutil.which, NAMES) if found), None)
    return playwright.chromium.launch(executable_path=system, args=ARGUMENTS)
