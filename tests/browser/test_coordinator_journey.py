"""The coordinator before a meeting: pictures drawn under the strict policy, their tables, and another span."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.ridership.boardings import Count
from shuttle.language import words
from shuttle.services.ridership.boardings import record_and_wait
from tests.browser.conftest import DESKTOP, PHONE, Served, Visit
from tests.browser.test_accessibility import faint, findings, wide

pytestmark = pytest.mark.slow

DRIVER = Person("d", "Bus", Role.DRIVER)


def count_for_weeks(served: Served) -> None:
    for back in range(1, 30):
        day = served.context.today() - timedelta(back)
        for departure in served.context.schedule().departures_on(day).departures[:4]:
            count = Count(departure=departure.id, stop="vagsbunnen", boardings=2 + back % 5)
            record_and_wait(served.context, DRIVER, count, departure.id)


@pytest.mark.parametrize(
    ("language", "device"),
    [("nb", PHONE), ("nb", DESKTOP), ("nn", PHONE), ("en", DESKTOP)],
    ids=["nb-phone", "nb-desktop", "nn-phone", "en-desktop"],
)
def test_a_coordinator_reads_the_pictures_and_their_tables(
    visit: Visit, own_served: Served, language: str, device: dict[str, Any]
) -> None:
    count_for_weeks(own_served)
    w = words(language)
    page = visit(own_served, "/ridership", Role.STAFF, language, **device)
    expect(page.locator(".picture svg")).to_have_count(4)
    page.get_by_text(w.say("chart.as_table")).first.click()
    expect(page.get_by_role("columnheader", name=w.say("ridership.column.week")).first).to_be_visible()
    assert wide(page) <= device["viewport"]["width"]
    assert findings(page) == []
    assert faint(page) == []
    page.evaluate("document.querySelectorAll('.picture svg').forEach(each => { each.dataset.light = 'yes' })")
    page.emulate_media(color_scheme="dark")
    expect(page.locator(".picture svg:not([data-light])")).to_have_count(4)
    assert faint(page) == []
    page.locator("#from").fill("2026-11-16")
    page.get_by_role("button", name=w.say("ridership.show")).click()
    expect(page.get_by_text(w.date_short(own_served.context.today() - timedelta(7))).first).to_be_visible()
    expect(page.locator(".picture svg")).to_have_count(4)
