"""A planner's desk: a sentence that loses nothing, a conflict with ways out, two proposals side by side, and a draft that says at once
which buses clash."""

import pytest
from playwright.sync_api import expect

from shuttle.domain.access.permissions import Role
from shuttle.language import words
from shuttle.services.planning.plans import PlanOptions, ask
from shuttle.store.planning import plans
from tests.browser.conftest import DESKTOP, PHONE, Served, Visit
from tests.browser.test_accessibility import faint, findings, wide
from tests.services.planning.test_ways_out import COVERED
from tests.web.pages.planning.test_overview import FRONT, PLANNER, a_run

pytestmark = pytest.mark.slow

DONE = 120_000
"""Milliseconds within which a small question is answered on a busy machine."""


def nothing_wrong(page: object) -> None:
    assert wide(page) <= (page.viewport_size or {"width": 0})["width"]  # type: ignore[arg-type, attr-defined]
    assert findings(page) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_sentence_is_checked_and_kept_through_everything(
    visit: Visit, own_served: Served, device: dict[str, object]
) -> None:
    page = visit(own_served, "/plan", Role.PLANNER, **device)
    page.get_by_role("link", name="Nytt scenario").click()
    expect(page.locator("#checked")).to_contain_text("MO Nesttun åpent hverdager til 21.00 fra")
    nothing_wrong(page)
    closes = page.get_by_label("Stenger kl.")
    closes.fill("08.00")
    expect(page.locator("#checked")).to_contain_text("må være etter at senteret åpner")
    expect(closes).to_have_attribute("aria-invalid", "true")
    closes.fill("20.30")
    page.get_by_label("Sjåførtimer om dagen, høyst").fill("7,5")
    expect(page.locator("#checked")).to_contain_text("MO Nesttun åpent hverdager til 20.30 fra")

    page.get_by_role("link", name="Nynorsk").click()
    expect(page.get_by_label("Stengjer kl.")).to_have_value("20.30")
    expect(page.get_by_label("Sjåførtimar om dagen, høgst")).to_have_value("7,5")
    page.goto(own_served.url + "/plan")
    page.go_back()
    expect(page.get_by_label("Stengjer kl.")).to_have_value("20.30")
    nothing_wrong(page)

    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.get_by_role("button", name="Finn forslag").click()
    expect(page.get_by_role("button", name="Send på nytt")).to_be_visible()
    nothing_wrong(page)
    page.context.add_cookies(cookies)  # type: ignore[arg-type]  # signed in again, in another window
    page.get_by_role("button", name="Send på nytt").click()
    page.wait_for_url("**/plan/runs/*")
    expect(page.get_by_role("heading", level=1)).to_contain_text("til 20.30")
    page.get_by_role("button", name="Stans").click()


def test_a_conflict_has_buttons_each_of_which_leads_to_proposals(visit: Visit, own_served: Served) -> None:
    with own_served.context.transaction() as session:
        asked = ask(session, PLANNER, COVERED, "covered", "Nesttun covered", PlanOptions(), own_served.context.now())
        first = asked.id
    page = visit(own_served, f"/plan/runs/{first}", Role.PLANNER)
    expect(page.locator("#state")).to_have_text(words("nb").say("planner.status.infeasible"), timeout=DONE)
    buttons = page.locator(".conflict button")
    texts = buttons.all_inner_texts()
    assert [text.split(" ")[0] for text in texts] == ["Nøy", "Tillat", "Gjør"] and "%" in texts[0]
    nothing_wrong(page)
    for text in texts:
        page.goto(f"{own_served.url}/plan/runs/{first}")
        page.get_by_role("button", name=text, exact=True).click()
        page.wait_for_url(lambda url: first not in url)
        expect(page.locator("svg.front a").first).to_be_visible(timeout=DONE)
        expect(page.locator("#state")).to_have_text(words("nb").say("planner.status.solved"), timeout=DONE)


def test_two_proposals_are_compared_and_one_becomes_a_checked_draft(visit: Visit, own_served: Served) -> None:
    run = a_run(own_served.context, FRONT)
    page = visit(own_served, f"/plan/runs/{run}", Role.PLANNER)
    expect(page.locator("svg.front .today")).to_contain_text("I dag")
    page.get_by_label("Vis", exact=True).select_option(index=1)
    page.get_by_label("ved siden av", exact=True).select_option(index=2)
    page.get_by_role("button", name="Se side om side").click()
    for name in ("Flyttet", "Nye", "Borte"):
        expect(page.locator("dl.changes dt", has_text=name)).to_be_visible()
    expect(page.locator("svg .trip.one")).to_have_count(6)
    expect(page.locator("svg .trip.other")).to_have_count(7)
    expect(page.locator("svg .wait.one").first).to_be_visible()
    nothing_wrong(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert faint(page) == [], scheme

    page.get_by_role("link", name="Åpne").first.click()
    page.get_by_label("Kortnavn").fill("desk")
    page.locator('form[action$="/accept"] button').click()
    page.wait_for_url("**/plan/timetables/desk*")
    times = page.locator("#day-weekday ~ .side-by-side").first.locator('input[name="departs"]')
    first, second = times.nth(0).input_value(), times.nth(1)
    hour, minute = (int(part) for part in first.split("."))
    stored = second.input_value()
    second.fill(f"{hour:02d}.{minute + 10:02d}")
    expect(page.locator("#figures-weekday")).to_contain_text(f"{first} og {hour:02d}.{minute + 10:02d} er ute samtidig")
    second.fill(stored)
    expect(page.locator("#figures-weekday")).not_to_contain_text("er ute samtidig")
    line = page.locator(".trip[data-trip]").nth(1)
    line.focus()
    page.keyboard.press("ArrowRight")
    expect(second).not_to_have_value(stored)
    page.keyboard.press("ArrowLeft")
    expect(second).to_have_value(stored)
    box = line.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 60, box["y"] + box["height"] / 2, steps=3)
    page.mouse.up()
    expect(second).not_to_have_value(stored)
    nothing_wrong(page)
    with own_served.context.reading() as session:
        assert plans.plan(session, run).status == "solved"
