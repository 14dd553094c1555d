"""Who wants to a centre finds the bus there and back, on a phone and at a desk; at night the buses of the day before."""

import io
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.timetable.changes import ChangeKind, ReasonCode
from shuttle.language import LANGUAGES, words
from shuttle.services.app_context import AppContext
from shuttle.services.timetable.changes import ChangeRequest, change_departures
from shuttle.services.timetable.publishing import publish
from shuttle.services.timetable.timetables import add_draft
from shuttle.store.timetable.network import add_pattern
from tests.browser.conftest import DESKTOP, PHONE, Visit, served_from
from tests.builders import two_centres

pytestmark = pytest.mark.slow

PLANNER = Person("p", "Planner", Role.PLANNER)
MORNING, NIGHT = "2026-11-23T10:50:00+00:00", "2026-11-24T00:30:00+00:00"
ONE_DAY = timedelta(days=1)


def publish_both_centres(context: AppContext) -> None:
    """The rounds to both centres instead of today's table, from today on."""
    wanted, today = two_centres(), context.today()
    table = replace(wanted.timetables[0], id="both", name="Begge sentre")
    with context.transaction() as session:
        for pattern in wanted.network.patterns:
            if pattern.id in ("round", "other-way"):
                add_pattern(session, pattern)
        add_draft(session, PLANNER, table, context.now())
        publish(
            session, PLANNER, "both", Validity(today), context.now(), today, ["outside-opening-hours", "short-notice"]
        )


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_somebody_finds_the_bus_to_a_centre_and_back(
    visit: Visit, tmp_path: Path, language: str, device: dict[str, Any]
) -> None:
    served, w = served_from(tmp_path, MORNING), words(language)
    try:
        publish_both_centres(served.context)
        page = visit(served, "/", None, language, java_script_enabled=False, **device)
        page.get_by_role("button", name="MO Nesttun").click()
        expect(page.locator(".next-clock")).to_have_text(w.clock_text(720))
        expect(page.locator(".next")).to_contain_text(w.say("public.arrives_about", time=w.at_clock(740)))
        expect(page.locator(".departures .clock")).to_have_text([w.clock_text(m) for m in (600, 720, 900, 1020)])
        page.get_by_role("link", name=re.compile("MO Nesttun$")).first.click()
        page.get_by_role("button", name="Vågsbunnen").click()
        expect(page.locator(".next-clock")).to_have_text(w.clock_text(740))
        page.get_by_role("link", name=w.say("frame.timetable"), exact=True).click()
        block = page.locator("[data-from=vagsbunnen][data-to=mo-gyldenpris][data-day-type=weekday]")
        expect(block.locator("time")).to_have_text([w.clock_text(m) for m in (600, 720, 900, 1020)])
        assert block.locator("time").nth(1).get_attribute("data-arrives") == "12:35"
        poster = page.request.get(f"{served.url}/timetable.pdf?lang={language}").body()
        text = PdfReader(io.BytesIO(poster)).pages[0].extract_text()
        way = w.say("public.by_way", stops="MO Nesttun")
        assert f"{w.say('feeds.poster-to', stop='MO Gyldenpris')}\n" in text
        assert f"{w.clock_text(720)} {w.clock_text(755)} {way}" in " ".join(text.split())
    finally:
        served.kill()
        served.context.close()


def test_at_night_the_buses_of_the_day_before_are_on_every_page(visit: Visit, tmp_path: Path) -> None:
    served = served_from(tmp_path, NIGHT)
    try:
        with served.context.transaction() as session:
            day = served.context.schedule().days_in_service(served.context.now(), served.context.zone)[-1]
            late = ChangeRequest(
                kind=ChangeKind.EXTRA,
                first=day - ONE_DAY,
                last=day - ONE_DAY,
                reason=ReasonCode.EVENT,
                pattern="gyldenpris",
                departs=26 * 60 + 30,
            )
            change_departures(session, PLANNER, late, served.context.now())
        expect(visit(served, "/").locator(".next-clock")).to_have_text("02.30")
        driver = visit(served, "/driver", Role.DRIVER, **PHONE)
        expect(driver.locator(".trip.is-next .clock").first).to_have_text("02.30")
        expect(driver.locator(".trip.is-next")).to_be_visible()
        staff = visit(served, "/staff?stop=mo-gyldenpris", Role.STAFF)
        expect(staff.locator(".trip.is-next .clock").first).to_have_text("02.40")
        expect(staff.locator(".trip.is-next")).to_be_visible()
    finally:
        served.kill()
        served.context.close()
