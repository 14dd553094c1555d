"""The browser of tests and benchmarks: headless Chromium.

`chromium-headless-shell` has Chromium's engine without its user interface, which would take as much processor time again.
"""

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""Names of the system's browsers, the lightest first."""
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
