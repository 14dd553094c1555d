"""A planner gives summer its timetable, with the right end; undoes a mistake; and decides Christmas. By clicks alone."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from shuttle.domain.access.permissions import Role
from shuttle.language import words
from tests.browser.conftest import DESKTOP, PHONE, Served, Visit

pytestmark = pytest.mark.slow

HERE = "/plan/timetables/2024-10"


@pytest.mark.parametrize(("language", "device"), [("nb", PHONE), ("en", DESKTOP)], ids=["nb-phone", "en-desktop"])
def test_a_summer_timetable_a_mistake_undone_and_christmas_decided(
    visit: Visit, own_served: Served, language: str, device: dict[str, Any]
) -> None:
    w = words(language)
    page = visit(own_served, HERE, Role.PLANNER, language, **device)
    page.locator("input[name=name]").fill("Sommer 2027")
    page.locator("input[name=id]").fill("sommer")
    page.get_by_role("button", name=w.say("planner.copy")).click()
    page.get_by_label(w.say("planner.first_date")).fill("2027-06-21")
    page.get_by_label(re.compile(w.say("planner.last_date"))).fill("2027-08-15")
    page.get_by_role("button", name=w.say("publishing.ask")).click()
    expect(page.locator("main")).to_contain_text({"nb": "16. august 2027", "en": "16 August 2027"}[language])
    page.get_by_role("button", name=w.say("planner.publish"), exact=True).click()
    expect(page.get_by_role("status")).to_contain_text(w.say("planner.done.published"))
    for day, times in (("2027-07-01", 5), ("2027-08-16", 5)):
        page.goto(f"{own_served.url}/?date={day}")
        expect(page.locator(".departures .clock")).to_have_count(times)

    page.goto(own_served.url + HERE + "/withdraw")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name=w.say("planner.withdraw"), exact=True).click()
    expect(page.get_by_role("status")).to_contain_text(w.say("planner.done.withdrawn"))
    page.get_by_role("button", name=w.say("publishing.undo")).click()
    expect(page.get_by_role("status")).to_contain_text(w.say("planner.done.act_undone"))

    page.goto(own_served.url + "/plan/calendar")
    decide = page.locator("section[aria-labelledby=decide]")
    decide.get_by_label(w.say("calendar.date"), exact=True).fill("2026-12-24")
    decide.get_by_label(re.compile(f"^{w.say('calendar.last')}")).fill("2026-12-26")
    decide.get_by_label(w.say("calendar.day_type")).select_option("no-service")
    decide.get_by_label(w.say("calendar.reason")).fill("Julestengt")
    decide.get_by_role("button").click()
    expect(page.get_by_role("status")).to_contain_text(w.say("calendar.done.decided"))
    page.goto(own_served.url + "/?date=2026-12-24")
    expect(page.locator("main")).to_contain_text("Julestengt")
    expect(page.locator(".departures .clock")).to_have_count(0)
