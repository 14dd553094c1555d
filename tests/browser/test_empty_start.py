"""A second town: three stops, no departures on Sundays, from an empty folder to its poster, with clicks alone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from shuttle.domain.access.permissions import Role
from shuttle.language import words
from shuttle.services.operation.installation import open_app_context, prepare
from tests.browser.conftest import AFTERNOON, PHONE, Served, Visit
from tests.browser.test_accessibility import findings, wide
from tests.conftest import OSLO
from tests.ports import free_port

pytestmark = pytest.mark.slow


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Served]:
    """The program on a database that was filled from an empty folder."""
    (tmp_path / "schedules").mkdir()
    database = f"sqlite:///{tmp_path / 'shuttle.db'}"
    context = open_app_context(database, OSLO)
    context.now = lambda: datetime.fromisoformat(AFTERNOON).astimezone(UTC)
    prepare(context, tmp_path / "schedules")
    served = Served(database, free_port(), context)
    served.start()
    yield served
    served.kill()
    context.close()


def go_on(page: Page) -> None:
    """Store the step; it fits the screen and axe has nothing to say."""
    assert wide(page) <= PHONE["viewport"]["width"]  # type: ignore[index]
    assert findings(page) == []
    page.get_by_role("button", name=words("nb").say("start.save")).click()


def test_a_town_goes_from_nothing_to_its_poster(visit: Visit, empty: Served) -> None:
    page = visit(empty, "/admin", Role.ADMIN, "nb", **PHONE)
    page.get_by_role("link", name="Fortsett: Navn").click()
    page.fill("#name", "Fergebussen")
    page.fill("#agency", "Askøy kommune")
    go_on(page)
    for number, (name, north, east) in enumerate(
        [("Kleppestø kai", "60,41", "5,22"), ("Senteret", "60,43", "5,2"), ("Ravnanger", "", "")]
    ):
        page.fill(f"#stop_{number}", name)
        page.fill(f"#lat_{number}", north)
        page.fill(f"#lon_{number}", east)
    go_on(page)
    expect(page.locator("#minutes_kleppesto-kai_senteret")).to_have_value("10")
    page.fill("#minutes_kleppesto-kai_senteret", "8")
    go_on(page)
    page.select_option("#sunday", "no-service")
    page.select_option("#holidays", "no-service")
    go_on(page)
    page.fill("#hours_senteret_weekday", "9-15")
    page.fill("#hours_senteret_saturday", "-")
    go_on(page)
    page.select_option("#route_0_0", "kleppesto-kai")
    page.select_option("#route_0_1", "senteret")
    page.select_option("#route_0_2", "ravnanger")
    page.fill("#times_0", "10.00 14.30 16")
    go_on(page)
    expect(page.locator("#errors")).to_contain_text("«16»")
    page.fill("#times_0", "10.00 14.30 16.00")
    go_on(page)
    expect(page.locator("#route_0_2")).to_have_value("ravnanger")
    page.get_by_text(words("nb").say("start.accept")).click()
    go_on(page)
    expect(page.get_by_role("link", name=words("nb").say("start.poster"))).to_be_visible()
    poster = page.request.get(f"{empty.url}/timetable.pdf?lang=nb")
    assert poster.ok and poster.body().startswith(b"%PDF")
    page.goto(f"{empty.url}/")
    expect(page.locator(".name")).to_have_text("Fergebussen")
    expect(page.get_by_text("16.00").first).to_be_visible()
    schedule = empty.context.schedule()
    monday, sunday = (schedule.departures_on(date(2026, 11, day)).departures for day in (23, 29))
    assert [len(monday), len(sunday)] == [3, 0]
    assert [call.arrives for call in monday[0].calls] == [600, 608, 618]
    assert {link.provenance.assumed for link in schedule.network.running_times} == {True, False}
