"""One journey for each kind of person, on a phone and at a desk, in three languages. The driver's stands apart."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from shuttle.domain.access.permissions import Role
from shuttle.language import LANGUAGES, words
from tests.browser.conftest import DESKTOP, PHONE, Served, Visit

pytestmark = pytest.mark.slow

everywhere = pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
in_every_language = pytest.mark.parametrize("language", LANGUAGES)


@everywhere
@in_every_language
def test_somebody_finds_the_bus_of_a_holiday_and_the_calendar(
    visit: Visit, served: Served, language: str, device: dict[str, Any]
) -> None:
    w = words(language)
    page = visit(served, "/", None, language, **device)
    expect(page.get_by_role("heading", level=1)).to_have_text(w.say("public.today"))
    expect(page.locator(".next-clock")).to_have_text(w.clock_text(15 * 60))
    page.get_by_label(w.say("public.choose_date")).fill("2026-05-14")
    page.get_by_role("button", name=w.say("public.show")).click()
    expect(page.locator("main")).to_contain_text(
        {"nb": "Kristi himmelfartsdag", "nn": "Kristi himmelfartsdag", "en": "Ascension Day"}[language]
    )
    times = [w.clock_text(minute) for minute in (660, 810, 930)]
    expect(page.locator(".departures .clock")).to_have_text(times)
    page.get_by_role("link", name="MO Gyldenpris").first.click()
    link = page.get_by_role("link", name=w.say("public.open_calendar"))
    assert re.search(
        rf"^webcal://.*/feeds/stops/mo-gyldenpris\.ics\?lang={language}$", link.get_attribute("href") or ""
    )


@everywhere
@in_every_language
def test_staff_cancel_a_departure_in_two_taps_and_take_it_back(
    visit: Visit, own_served: Served, language: str, device: dict[str, Any]
) -> None:
    w = words(language)
    page = visit(own_served, "/staff?stop=mo-gyldenpris", Role.STAFF, language, **device)
    departure = page.locator("[data-departure='2026-11-23.gyldenpris-weekday-1830']")
    departure.locator("summary").first.click()
    departure.get_by_text(w.say("staff.cancel")).click()
    departure.get_by_role("button", name=w.say("reason.weather")).click()
    expect(page.get_by_role("status").first).to_have_text(w.say("staff.done.cancelled"))
    expect(departure.locator(".state")).to_contain_text(w.say("reason.weather"))
    departure.locator("summary").first.click()
    departure.get_by_role("button", name=w.say("staff.runs_after_all")).click()
    expect(page.get_by_role("status").first).to_have_text(w.say("staff.done.withdrawn"))


@everywhere
@in_every_language
def test_a_planner_decides_christmas_eve_with_one_press(
    visit: Visit, own_served: Served, language: str, device: dict[str, Any]
) -> None:
    w = words(language)
    page = visit(own_served, "/plan/calendar", Role.PLANNER, language, **device)
    forms = page.locator("section[aria-labelledby=undecided] form[action='/plan/calendar/decide']")
    undecided = forms.count()
    expect(page.get_by_role("heading", name=w.count("calendar.undecided_of_year", undecided))).to_be_visible()
    forms.first.locator("button[value=holiday]").click()
    expect(page.get_by_role("heading", name=w.count("calendar.undecided_of_year", undecided - 1))).to_be_visible()
    page.goto(own_served.url + "/?date=2026-12-24")
    expect(page.locator(".departures .clock")).to_have_count(3)


@everywhere
@in_every_language
def test_an_administrator_adds_a_driver_who_signs_in(
    visit: Visit, own_served: Served, language: str, device: dict[str, Any]
) -> None:
    w = words(language)
    page = visit(own_served, "/admin", Role.ADMIN, language, **device)
    page.get_by_label(w.say("admin.new_person")).fill("Tuva")
    page.get_by_role("button", name=w.say("admin.add_person")).click()
    link = page.locator("code.address").inner_text()
    page.context.clear_cookies(name="shuttle_session")
    page.goto(link)
    page.get_by_label(w.say("login.new_password")).fill("regn på Nesttun i november")
    page.get_by_label(w.say("login.again")).fill("regn på Nesttun i november")
    page.get_by_role("button", name=w.say("login.save")).click()
    expect(page.get_by_role("button", name=w.say("frame.sign_out", name="Tuva"))).to_be_visible()
    page.goto(own_served.url + "/driver")
    expect(page.locator("body.ready")).to_be_attached()
