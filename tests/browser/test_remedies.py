"""What can be done when something has happened: one tap at the centre, seen at once by passengers and on the wall screen."""

from datetime import datetime

import pytest
from playwright.sync_api import expect

from shuttle.domain.access.permissions import Role
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.ridership.incidents import IncidentKind
from shuttle.services.ridership.boardings import record_and_wait
from shuttle.services.ridership.live.incidents import IncidentReport, record_incident
from tests.browser.conftest import PHONE, Served, Visit
from tests.services.ridership.test_remedies import DRIVER

pytestmark = pytest.mark.slow

FIFTEEN = "2026-11-23.gyldenpris-weekday-1500"


def test_staff_order_a_taxi_and_passengers_see_it_without_reloading(visit: Visit, own_served: Served) -> None:
    passenger = visit(own_served, "/", **PHONE)
    board = visit(own_served, "/board")
    record_incident(own_served.context, DRIVER, "stopped", IncidentReport(departure=FIFTEEN, kind=IncidentKind.STOPPED))
    row = f"li[data-departure='{FIFTEEN}']"
    expect(passenger.locator(row)).to_contain_text("Bussen står")
    page = visit(own_served, "/staff?stop=mo-gyldenpris", Role.STAFF, **PHONE)
    trip = page.locator(f".trip[data-departure='{FIFTEEN}']")
    expect(page.locator("body.ready")).to_be_attached()
    trip.evaluate("each => { each.open = true; }")
    trip.get_by_role("link", name="Hva kan gjøres?").tap()
    expect(page.locator(".note.warn")).to_contain_text("Bussen står")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Taxi er bestilt").tap()
    expect(page.get_by_role("status")).to_contain_text("Det er gjort")
    for seen in (passenger, board):
        expect(seen.locator(row)).to_contain_text("Bussen kommer ikke, taxi er bestilt")
    page.get_by_role("button", name="Innstill 3 avganger").tap()
    expect(page.locator("main")).to_contain_text("Ingen flere avganger i dag")
    for seen in (passenger, board):
        expect(seen.locator(row)).to_contain_text("Feil på bussen")
    page.get_by_role("button", name="Sett opp en avgang til").tap()
    expect(board.locator("li[data-departure*='extra-gyldenpris']")).to_contain_text("MO Gyldenpris")


def test_the_centre_sees_at_once_whom_the_last_bus_left(visit: Visit, own_served: Served) -> None:
    own_served.kill()
    own_served.moment = "2026-11-23T17:40:00+00:00"
    own_served.context.now = lambda: datetime.fromisoformat(own_served.moment)
    own_served.start()
    page = visit(own_served, "/staff?stop=mo-gyldenpris", Role.STAFF, **PHONE)
    expect(page.locator("#last-buses")).to_be_attached()
    full = Count(
        departure="2026-11-23.gyldenpris-weekday-1830", stop="vagsbunnen", boardings=8, left_behind=3, full=True
    )
    record_and_wait(own_served.context, DRIVER, full, "full")
    expect(page.locator("#last-buses [role=alert]")).to_contain_text("3-5 ble stående igjen")
