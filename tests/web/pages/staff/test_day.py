"""Staff page: departures at a centre, and changing them."""

import html
import json
import re
from datetime import UTC, date, datetime

from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.ridership.passings import PassingKind
from shuttle.domain.timetable.changes import ReasonCode
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.boardings import record_and_wait
from shuttle.services.ridership.passings import PassingReport, record_passing
from shuttle.services.ridership.skipped_stops import record_skipped_stop
from tests.web.pages.conftest import SignIn

TODAY = date(2026, 11, 23)
FIFTEEN = "2026-11-23.gyldenpris-weekday-1500"
DRIVER = Person("d", "Kari", Role.DRIVER)


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_a_centre_sees_what_arrives_and_when_it_is_open(signed_in: SignIn) -> None:
    page = signed_in(Role.STAFF).get("/staff?stop=mo-gyldenpris")
    text = text_of(page.text)
    assert page.status_code == 200
    assert "15.10 kommer fra Vågsbunnen" in text
    assert "åpent 08.00–22.00" in text
    assert 'value="12.15"' in page.text, "the next quarter is proposed for an extra departure, written as here"


def test_a_tablet_remembers_its_centre(signed_in: SignIn) -> None:
    tablet = signed_in(Role.STAFF)
    tablet.get("/staff?stop=mo-nesttun")
    assert "<h1" in tablet.get("/staff").text
    assert re.search(r"<h1[^>]*>MO Nesttun</h1>", tablet.get("/staff").text)


def test_a_departure_is_cancelled_with_a_reason_and_can_run_after_all(signed_in: SignIn, context: AppContext) -> None:
    tablet = signed_in(Role.STAFF)
    form = {"departure": FIFTEEN, "reason": "weather", "stop": "mo-gyldenpris"}
    page = tablet.post("/staff/cancel", data=form)
    assert "Avgangen er innstilt." in page.text
    assert "Innstilt: Været" in text_of(page.text)
    change = context.schedule().departure(FIFTEEN).change
    page = tablet.post("/staff/withdraw", data={"change": change, "stop": "mo-gyldenpris"})
    assert "Endringen er trukket tilbake." in page.text
    assert context.schedule().departure(FIFTEEN).runs


def test_an_extra_departure_is_added_today(signed_in: SignIn, context: AppContext) -> None:
    form = {"pattern": "nesttun", "departs": "16.15", "reason": "demand", "stop": "mo-nesttun"}
    page = signed_in(Role.STAFF).post("/staff/extra", data=form)
    assert "Ekstraavgangen er lagt til." in page.text
    assert context.schedule().departure("2026-11-23.extra-nesttun-1615").runs


def test_a_time_that_cannot_be_read_is_answered_at_its_field_and_kept(signed_in: SignIn) -> None:
    form = {"pattern": "gyldenpris", "departs": "kvart på fem", "reason": "demand", "stop": "mo-gyldenpris"}
    page = signed_in(Role.STAFF).post("/staff/extra", data=form)
    assert page.status_code == 422
    assert 'value="kvart på fem"' in page.text
    assert "Klokkeslettet «kvart på fem» kan ikke leses. Skriv det som 13.00." in page.text
    assert 'href="#departs"' in page.text


def test_a_departure_that_is_there_already_is_not_added(signed_in: SignIn) -> None:
    form = {"pattern": "gyldenpris", "departs": "15:00", "reason": "demand", "stop": "mo-gyldenpris"}
    page = signed_in(Role.STAFF).post("/staff/extra", data=form)
    assert page.status_code == 409
    assert "Det går alt en avgang 15:00." in page.text


def test_cancelling_what_has_been_counted_is_asked_about_first(signed_in: SignIn, context: AppContext) -> None:
    ten = "2026-11-23.gyldenpris-weekday-1000"
    record_and_wait(context, DRIVER, Count(departure=ten, stop="vagsbunnen", boardings=4), "a-key-for-this-count")
    tablet = signed_in(Role.STAFF)
    form = {"departure": ten, "reason": "weather", "stop": "vagsbunnen"}
    page = tablet.post("/staff/cancel", data=form)
    assert page.status_code == 409
    assert "Velg grunn for å innstille den likevel" in page.text
    assert 'name="despite_counts"' in page.text
    assert tablet.post("/staff/cancel", data={**form, "despite_counts": "yes"}).status_code == 200
    assert not context.schedule().departure(ten).runs


def test_what_nobody_counted_yesterday_is_asked_for_until_it_is_counted(signed_in: SignIn, context: AppContext) -> None:
    tablet = signed_in(Role.STAFF)
    assert "i går" not in tablet.get("/staff?stop=mo-gyldenpris").text, "nobody has begun to count"
    first, second, third = (f"2026-11-22.gyldenpris-holiday-{time}" for time in ("1100", "1330", "1530"))
    record_and_wait(context, DRIVER, Count(departure=second, stop="vagsbunnen", boardings=4), "a-key-for-this-count")
    page = tablet.get("/staff?stop=mo-gyldenpris").text
    assert "2 avganger i går er ikke telt." in page
    assert [f'data-departure="{each}"' in page for each in (first, second, third)] == [True, False, True]
    assert page.index('id="missed"') < page.index(first) < page.rindex("data-step"), "it can be counted there and then"
    record_and_wait(context, DRIVER, Count(departure=first, stop="vagsbunnen", boardings=0), "another-key-for-a-count")
    assert "Én avgang i går er ikke telt." in tablet.get("/staff?stop=mo-gyldenpris").text
    record_skipped_stop(context, DRIVER, third, "vagsbunnen", ReasonCode.ROAD_CLOSED)
    assert "i går" not in tablet.get("/staff?stop=mo-gyldenpris").text, "there was nobody to count"
    record_skipped_stop(context, DRIVER, third, "vagsbunnen", None)
    assert "i går" not in tablet.get("/staff?stop=mo-nesttun").text, "it did not call there"


def test_what_does_not_add_up_is_asked_at_the_centre_too(signed_in: SignIn, context: AppContext) -> None:
    ten = "2026-11-23.gyldenpris-weekday-1000"
    tablet = signed_in(Role.STAFF)

    def asked() -> list[dict[str, object]]:
        questions = re.findall(r'data-asked="([^"]*)"', tablet.get("/staff?stop=mo-gyldenpris").text)
        assert len(questions) == 5, "every departure has room for a question"
        return [each for part in questions for each in json.loads(html.unescape(part))]

    assert asked() == []
    record_and_wait(context, DRIVER, Count(departure=ten, stop="vagsbunnen", boardings=11), "a-key-for-this-count")
    assert asked() == [{"question": "above_seats", "stop": "vagsbunnen", "on_board": 11}]


def test_a_late_bus_is_seen_at_the_centre(signed_in: SignIn, context: AppContext) -> None:
    left = datetime(2026, 11, 23, 9, 6, tzinfo=UTC)
    ten = "2026-11-23.gyldenpris-weekday-1000"
    record_passing(context, DRIVER, "k1", PassingReport(ten, "vagsbunnen", PassingKind.LEFT, left))
    assert "sist sett 10.06, 6 min sen" in text_of(signed_in(Role.STAFF).get("/staff?stop=mo-gyldenpris").text)


def test_a_driver_and_a_stranger_change_nothing(client: TestClient, signed_in: SignIn, context: AppContext) -> None:
    form = {"departure": FIFTEEN, "reason": "weather", "stop": "mo-gyldenpris"}
    assert client.post("/staff/cancel", data=form).status_code == 401
    assert signed_in(Role.DRIVER).post("/staff/cancel", data=form).status_code == 403
    assert context.schedule().departure(FIFTEEN).runs


def test_another_site_cannot_press_a_button_for_somebody(signed_in: SignIn, context: AppContext) -> None:
    tablet = signed_in(Role.STAFF)
    tablet.headers["sec-fetch-site"] = "cross-site"
    form = {"departure": FIFTEEN, "reason": "weather", "stop": "mo-gyldenpris"}
    assert tablet.post("/staff/cancel", data=form).status_code == 401
    assert context.schedule().departure(FIFTEEN).runs
