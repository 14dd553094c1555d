"""A planner moves MO Nesttun's hours to 21.00: drags the bar, sees what it does, saves, reads it as a passenger, and undoes it."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from shuttle.domain.access.permissions import Role
from shuttle.language import words
from tests.browser.conftest import DESKTOP, PHONE, Served, Visit
from tests.browser.test_planner_journey import nothing_wrong

pytestmark = pytest.mark.slow

FIRST = "2026-11-24"


def drag_closing_time(page: Page, hour: int) -> None:
    """Drag the closing edge of the first day's bar from 15.00 to an hour."""
    bar = page.locator(".hours-day svg").first
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 15 / 24, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * hour / 24, middle, steps=4)
    page.mouse.up()


@pytest.mark.parametrize(("language", "device"), [("nb", DESKTOP), ("en", PHONE)], ids=["nb-desktop", "en-phone"])
def test_hours_are_moved_to_the_evening_and_back(
    visit: Visit, own_served: Served, language: str, device: dict[str, Any]
) -> None:
    w = words(language)
    page = visit(own_served, "/plan/places", Role.PLANNER, language, **device)
    nothing_wrong(page, language)
    page.get_by_role("link", name=f"{w.say('places.change')} MO Nesttun").click()
    drag_closing_time(page, 21)
    expect(page.locator(".hours-day input").nth(1)).to_have_value("21:00")
    page.locator("#from").fill(FIRST)
    expect(page.locator("#reached")).to_contain_text("09.00–21.00" if language != "en" else "09:00–21:00")
    page.locator("#source").fill("Vedtak 1. november")
    nothing_wrong(page, language)
    page.get_by_role("button", name=w.say("places.save_hours")).click()
    expect(page.get_by_role("status")).to_contain_text(w.say("places.done.hours"))
    nothing_wrong(page, language)
    page.goto(f"{own_served.url}/?date={FIRST}")
    expect(page.locator("main")).to_contain_text(re.compile("21[.:]00"))
    nothing_wrong(page, language)
    page.goto(f"{own_served.url}/plan/places")
    page.get_by_role("button", name=re.compile(w.say("places.undo"))).first.click()
    expect(page.get_by_role("status")).to_contain_text(w.say("places.done.undone"))
    page.goto(f"{own_served.url}/?date={FIRST}")
    expect(page.locator("main")).not_to_contain_text(re.compile("21[.:]00"))
    page.goto(f"{own_served.url}/plan/places/mo-nesttun")
    page.locator(".position circle").last.click()
    expect(page.locator("#stop-lat")).to_have_value(re.compile(r"60\.31[78]"))
    for path in ("/plan/places/network", "/plan/places/sheet", "/plan/places/new"):
        page.goto(f"{own_served.url}{path}")
        nothing_wrong(page, language)
