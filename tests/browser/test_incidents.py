"""Something has happened: told without coverage, taken back by a tap, seen at the centre and by passengers, stored once."""

import re

import pytest
from playwright.sync_api import expect

from shuttle.domain.access.permissions import Role
from shuttle.domain.ridership.incidents import IncidentKind
from shuttle.store.ridership.incidents import incidents_on
from tests.browser.conftest import PHONE, Served, Visit

pytestmark = pytest.mark.slow

FIFTEEN = "2026-11-23.gyldenpris-weekday-1500"


def test_a_driver_tells_a_delay_and_a_need_for_help_without_coverage(visit: Visit, own_served: Served) -> None:
    centre = visit(own_served, "/staff?stop=mo-gyldenpris", Role.STAFF)
    page = visit(own_served, "/driver", Role.DRIVER, by_hand=True, **PHONE)
    expect(page.locator("body.ready")).to_be_attached()
    expect(page.locator("#connection-text")).to_have_text("Alt er sendt.")
    page.context.set_offline(True)
    trip = page.locator(".trip.is-next")
    trip.locator(".happenings summary").tap()
    trip.locator("[data-happened=stopped]").tap()
    expect(trip.locator(".happened")).to_have_text("Bussen står")
    page.locator("#undo").tap()
    expect(trip.locator(".happened")).to_have_text("")
    trip.locator("[data-happened=delayed-10]").tap()
    trip.locator("[data-happened=needs_help]").tap()
    expect(trip.locator(".happened")).to_have_text("10 min forsinket · Trenger hjelp")
    page.clock.run_for(3000)
    expect(page.locator("#connection-text")).to_have_text(re.compile(r"Ingen dekning\. 2 venter"))
    page.context.set_offline(False)
    expect(page.locator("#connection-text")).to_have_text("Alt er sendt.")
    with own_served.context.reading() as session:
        stored = incidents_on(session, [own_served.context.today()])[FIFTEEN]
    assert [(each.kind, each.minutes, each.withdrawn) for each in stored] == [
        (IncidentKind.DELAYED, 10, False),
        (IncidentKind.NEEDS_HELP, None, False),
    ]
    expect(centre.locator(f"[data-help-of='{FIFTEEN}']")).to_contain_text("trenger hjelp")
    trip.locator("[data-happened=needs_help]").tap()
    page.clock.run_for(3000)
    expect(page.locator("#connection-text")).to_have_text("Alt er sendt.")
    expect(centre.locator(f"[data-help-of='{FIFTEEN}']")).to_have_count(0)
    expect(centre.locator(f".trip[data-departure='{FIFTEEN}'] .happened")).to_have_text("10 min forsinket")
    passenger = page.context.new_page()
    passenger.goto(own_served.url + "/")
    expect(passenger.locator(f"li[data-departure='{FIFTEEN}']")).to_contain_text("10 min forsinket, går ca. 15.10")
