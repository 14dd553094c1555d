"""One picture of the day: phones, a centre's tablet, a wall screen and a passenger tell the same, and each tap is stored once."""

import re

import pytest
from playwright.sync_api import Page, expect

from shuttle.domain.access.permissions import Role
from shuttle.domain.ridership.boardings import effective_observation
from shuttle.store.ridership.boardings import observations_of
from shuttle.store.ridership.passings import passings_on
from tests.browser.conftest import PHONE, Served, Visit
from tests.conftest import OSLO

pytestmark = pytest.mark.slow

FIFTEEN = "2026-11-23.gyldenpris-weekday-1500"
TWELVE = "2026-11-23.gyldenpris-weekday-1200"
ALL_SENT = "Alt er sendt."


def trip(departure: str = FIFTEEN) -> str:
    return f".trip[data-departure='{departure}']"


def phone(visit: Visit, served: Served) -> Page:
    page = visit(served, "/driver", Role.DRIVER, by_hand=True, **PHONE)
    expect(page.locator("body.ready")).to_be_attached()
    return page


def count(page: Page, times: int, departure: str = FIFTEEN, stop: str = "vagsbunnen") -> None:
    counter = page.locator(f"{trip(departure)} [data-stop='{stop}'] .counter[data-field=boardings]")
    for _ in range(times):
        counter.locator("[data-step='1']").click()
    expect(counter.locator(".value")).to_have_text(str(times))
    page.clock.run_for(3000)


def test_a_second_count_that_differs_is_asked_about_at_once(visit: Visit, own_served: Served) -> None:
    driver = phone(visit, own_served)
    count(driver, 4)
    expect(driver.locator("#connection-text")).to_have_text(ALL_SENT)
    centre = visit(own_served, "/staff?stop=vagsbunnen", Role.STAFF, by_hand=True)
    expect(centre.locator("body.ready")).to_be_attached()
    expect(centre.locator(f"{trip()}[open]")).to_be_visible()
    theirs = centre.locator(f"{trip()} .theirs")
    expect(theirs).to_have_text("Sjåføren talte 4 på.")
    expect(centre.locator(f"{trip()} .state")).to_contain_text("4 på")
    count(centre, 3)
    expect(theirs).to_contain_text("Begge talte. Sjåføren talte 4 på. Du talte 3 på. Hvem har rett?")
    theirs.get_by_role("button", name="4 på er riktig").click()
    expect(theirs).to_have_text("Sjåføren talte 4 på.")
    centre.clock.run_for(3000)
    expect(centre.locator("#connection-text")).to_have_text(ALL_SENT)
    expect(driver.locator(f"{trip()} .theirs")).to_have_text("De på senteret talte 4 på.")
    with own_served.context.reading() as session:
        said = [(each.role, each.count.boardings) for each in observations_of(session, FIFTEEN)]
    assert said == [("driver", 4), ("staff", 3), ("staff", 4)]


def test_a_late_tap_asks_for_the_real_time_and_a_time_is_set_right(visit: Visit, own_served: Served) -> None:
    page = phone(visit, own_served)
    page.locator(".show-past").first.click()
    page.locator(f"{trip(TWELVE)} > summary").click()
    left = page.locator(f"{trip(TWELVE)} [data-passing=left]")
    left.click()
    moment = page.locator(f"{trip(TWELVE)} .moment")
    expect(moment).to_contain_text("Bussen skulle gå 12.00, og klokka er 14.5")
    expect(left).to_have_attribute("aria-pressed", "false")
    moment.locator("input").fill("15:30")
    moment.get_by_role("button", name="Lagre tida").click()
    expect(moment.locator("[role=alert]")).to_have_text("15:30 har ikke vært ennå.")
    moment.locator("input").fill("12:03")
    moment.get_by_role("button", name="Lagre tida").click()
    expect(left).to_have_text(re.compile(r"Kjørte 12\.03"))
    page.clock.run_for(3000)
    expect(page.locator("#connection-text")).to_have_text(ALL_SENT)
    left.click()
    moment.locator("input").fill("12:05")
    moment.get_by_role("button", name="Lagre tida").click()
    page.clock.run_for(3000)
    expect(page.locator("#connection-text")).to_have_text(ALL_SENT)
    with own_served.context.reading() as session:
        moments = [each.at for each in passings_on(session, own_served.context.today()) if each.departure == TWELVE]
    assert [at and at.astimezone(OSLO).strftime("%H:%M") for at in moments] == ["12:05"]


def test_an_early_tap_is_kept_and_asked_about(visit: Visit, own_served: Served) -> None:
    page = phone(visit, own_served)
    page.locator(f"{trip()} [data-passing=left]").click()
    moment = page.locator(f"{trip()} .moment")
    expect(moment).to_contain_text("Bussen skal gå 15.00, og du meldte 14.5")
    moment.get_by_role("button", name="Ikke ennå").click()
    expect(page.locator(f"{trip()} [data-passing=left]")).to_have_attribute("aria-pressed", "false")
    expect(moment).to_have_count(0)


def test_the_day_s_end_tells_what_boarded_and_leads_to_what_is_missing(visit: Visit, own_served: Served) -> None:
    page = phone(visit, own_served)
    count(page, 5)
    expect(page.locator("#connection-text")).to_have_text(ALL_SENT)
    expect(page.locator(".day-end").first).to_be_hidden()
    page.clock.fast_forward("05:30:00")  # 20.20: the last departure has arrived
    end = page.locator(".day-end").first
    expect(end).to_contain_text("Ferdig: 5 på, 4 mangler telling.")
    end.get_by_role("button", name="Vis det som mangler").click()
    expect(page.locator(".trip[data-departure='2026-11-23.gyldenpris-weekday-1000'][open]")).to_be_visible()


def test_three_phones_a_tablet_a_wall_and_a_passenger_follow_one_day(visit: Visit, own_served: Served) -> None:
    """One phone is without coverage in between, and the server is killed once; every tap is stored once and seen everywhere."""
    first, second, third = (phone(visit, own_served) for _ in range(3))
    centre = visit(own_served, "/staff?stop=vagsbunnen", Role.STAFF)
    wall, passenger = visit(own_served, "/board"), visit(own_served, "/")
    expect(centre.locator("body.ready")).to_be_attached()

    second.context.set_offline(True)
    count(first, 4)
    expect(first.locator("#connection-text")).to_have_text(ALL_SENT)
    for page in (third, centre):
        expect(page.locator(f"{trip()} .state")).to_contain_text("4 på")

    own_served.kill()
    first.locator(f"{trip()} [data-passing=left]").click()
    first.clock.run_for(3000)
    own_served.start()
    for _ in range(5):  # its timers go off when the test lets its clock run
        first.clock.run_for(70_000)
        if first.locator("#connection-text", has_text=ALL_SENT).count():
            break
    expect(first.locator("#connection-text")).to_have_text(ALL_SENT)
    for page in (wall, passenger):
        expect(page.locator(f"[data-departure='{FIFTEEN}'][data-state=left]").first).to_be_attached()

    second.locator(f"{trip()} [data-passing=arrived]").click()
    second.clock.run_for(3000)
    expect(second.locator("#connection-text")).to_have_text(re.compile("Ingen dekning. 1 venter"))
    second.context.set_offline(False)
    expect(second.locator("#connection-text")).to_have_text(ALL_SENT)

    for page in (first, second, third, centre):
        expect(page.locator(f"{trip()} .state")).to_contain_text("4 på")
        expect(page.locator(f"{trip()} .state")).to_contain_text("Framme 14.5")
    with own_served.context.reading() as session:
        counts = observations_of(session, FIFTEEN)
        moves = [each.kind for each in passings_on(session, own_served.context.today())]
    held = effective_observation(counts)
    assert len(counts) == 1 and held and held.count.boardings == 4
    assert sorted(moves) == ["arrived", "left"]
