"""A planner watches a run: alternatives appear while it is solved, the phase stands in words, and the focus stays where it was."""

import pytest
from playwright.sync_api import expect

from shuttle.domain.access.permissions import Role
from tests.browser.conftest import DESKTOP, PHONE, Served, Visit
from tests.browser.test_accessibility import findings, wide

pytestmark = pytest.mark.slow

FOUND = 60_000
"""Milliseconds within which a first answer is there on a busy machine."""


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_front_grows_on_the_page_while_the_run_goes_on(
    visit: Visit, own_served: Served, device: dict[str, object]
) -> None:
    page = visit(own_served, "/plan/scenario?file=nesttun-evening", Role.PLANNER, **device)
    page.get_by_role("button", name="Finn forslag").first.click()
    page.wait_for_url("**/plan/runs/*")
    run = page.url
    expect(page.locator("svg.front")).to_have_count(2, timeout=FOUND)
    expect(page.locator("#run")).to_be_visible()
    assert page.locator("#phase").inner_text() not in ("", "i kø")
    assert wide(page) <= (page.viewport_size or {"width": 0})["width"]
    page.get_by_role("button", name="Stans").click()
    page.goto(run)
    expect(page.locator("#state")).to_have_text("stanset", timeout=FOUND)
    expect(page.locator("svg.front")).to_have_count(2)
    assert wide(page) <= (page.viewport_size or {"width": 0})["width"]
    assert findings(page) == []
