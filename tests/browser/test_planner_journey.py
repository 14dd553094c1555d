"""A planner before a meeting: asks, follows, chooses on the front, makes a draft, mends it by hand and publishes it."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from shuttle.domain.access.permissions import Role
from shuttle.language import words
from tests.browser.conftest import DESKTOP, PHONE, Served, Visit
from tests.browser.test_accessibility import faint, findings, wide
from tests.web.pages.planning.test_overview import FRONT

pytestmark = pytest.mark.slow

SOLVED = 600_000
"""Milliseconds within which a small question is answered on a busy machine."""


def nothing_wrong(page: Page, language: str) -> None:
    """Neither a page wider than its window nor a finding of axe-core, nor a picture that is faint in some colours.

    Other words make a page wider, but neither its structure nor its colours others: those are looked at in Bokmål.
    """
    assert wide(page) <= (page.viewport_size or {"width": 0})["width"], page.url
    if language != "nb":
        return
    assert findings(page) == [], page.url
    for colours in ({"color_scheme": "light"}, {"color_scheme": "dark"}, {"forced_colors": "active"}):
        page.emulate_media(**colours)  # type: ignore[arg-type]
        assert faint(page) == [], (page.url, colours)
    page.emulate_media(color_scheme="light", forced_colors="none")


@pytest.mark.parametrize(
    ("language", "device"),
    [("nb", PHONE), ("nb", DESKTOP), ("nn", PHONE), ("en", DESKTOP)],
    ids=["nb-phone", "nb-desktop", "nn-phone", "en-desktop"],
)
def test_a_planner_goes_from_a_scenario_to_a_published_timetable(
    visit: Visit, own_served: Served, language: str, device: dict[str, Any]
) -> None:
    w = words(language)
    page = visit(own_served, "/plan", Role.PLANNER, language, **device)
    nothing_wrong(page, language)
    page.get_by_role("link", name=w.say("planner.new_scenario")).click()
    page.get_by_role("link", name=w.say("change.whole_form")).click()
    nothing_wrong(page, language)
    hours = page.locator(".hours-day").first
    before = hours.locator("rect").count()
    hours.locator("input").nth(2).fill("22:30")
    hours.locator("input").nth(3).fill("23:30")
    expect(hours.locator("rect")).to_have_count(before + 1)
    page.locator("[name='demand.profile.0.passengers']").fill("1 2,5 1")
    expect(page.locator("#form-demand ~ fieldset").first.locator("rect")).to_have_count(3)
    page.get_by_role("button", name=w.say("form.as_text")).first.click()
    box = page.get_by_label(w.say("planner.scenario_text"))
    box.fill(FRONT.replace("grid_minutes = 30", "grid_minutes = 99"))
    page.get_by_role("button", name=w.say("planner.run")).click()
    expect(page.get_by_role("alert")).to_contain_text(w.say("planner.line", line=6))
    expect(box).to_have_value(re.compile("grid_minutes = 99"))
    nothing_wrong(page, language)

    page.get_by_role("button", name=w.say("form.as_form")).click()
    page.get_by_role("button", name=w.say("form.check")).first.click()
    grid = page.get_by_label(w.say("form.head.grid_minutes"))
    expect(grid).to_have_attribute("aria-invalid", "true")
    nothing_wrong(page, language)
    grid.fill("30")
    page.get_by_label(w.say("form.new_requirement")).select_option("vehicles")
    page.get_by_role("button", name=w.say("form.add_requirement")).click()
    row = page.get_by_role("group", name=w.say("form.kind.vehicles"))
    row.get_by_label(w.say("form.requirement.name")).fill("one bus")
    row.get_by_label(w.say("form.vehicles.max"), exact=True).fill("1")
    page.get_by_role("button", name=w.say("planner.save"), exact=True).first.click()
    expect(page.get_by_role("status")).to_contain_text(w.say("planner.scenario_done.saved"))
    page.get_by_role("button", name=w.say("planner.run"), exact=True).first.click()
    expect(page.locator("#state")).to_have_text(w.say("planner.status.solved"), timeout=SOLVED)
    nothing_wrong(page, language)
    point = page.locator("svg.front a").first
    point.focus()
    page.keyboard.press("Enter")

    expect(page.locator(".trip.kept, .trip.added")).to_have_count(6)
    expect(page.get_by_role("table", name=w.say("compare.sensitivity_table")).get_by_role("row")).to_have_count(10)
    nothing_wrong(page, language)
    page.get_by_label(w.say("planner.timetable_id")).fill("next")
    page.get_by_role("button", name=w.say("planner.make_draft")).click()

    expect(page.get_by_role("status")).to_contain_text(w.say("planner.done.accepted"))
    time = page.get_by_label(w.say("planner.time_of", time=w.clock_text(600)))
    time.fill("1020")
    time.press("Enter")
    expect(page.get_by_role("status")).to_contain_text(w.say("planner.done.moved"))
    expect(page.locator("main")).to_contain_text(w.say("planner.not_met"))
    nothing_wrong(page, language)
    page.get_by_role("button", name=w.say("planner.undo")).click()
    expect(page.get_by_role("status")).to_contain_text(w.say("planner.done.undone"))
    page.get_by_role("button", name=w.say("planner.redo")).click()
    expect(page.get_by_role("status")).to_contain_text(w.say("planner.done.redone"))
    page.get_by_role("button", name=w.say("planner.undo")).click()
    page.get_by_label(w.say("planner.first_date")).fill("2027-03-01")
    page.get_by_role("button", name=w.say("publishing.ask")).click()
    nothing_wrong(page, language)
    for accepted in page.get_by_role("checkbox").all():
        accepted.check()
    page.get_by_role("button", name=w.say("planner.publish"), exact=True).click()
    expect(page.get_by_role("status")).to_contain_text(w.say("planner.done.published"))
    nothing_wrong(page, language)
