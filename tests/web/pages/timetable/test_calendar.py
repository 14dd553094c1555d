"""Page of the calendar: the day type of each date, and deciding it."""

import re
from datetime import date

from shuttle.domain.access.permissions import Role
from shuttle.language import words
from shuttle.services.app_context import AppContext
from shuttle.web.pages.timetable.calendar_view import AHEAD, calendar_view
from tests.builders import a_schedule
from tests.web.pages.conftest import SignIn

CHRISTMAS_EVE = date(2026, 12, 24)


def test_weeks_begin_on_monday_and_hold_every_coming_day_once() -> None:
    view = calendar_view(a_schedule(), date(2026, 11, 25), words("nb"))
    days = [day.day for week in view.weeks for day in week if day]
    assert len(days) == AHEAD == len(set(days)) and days == sorted(days)
    assert all(len(week) == 7 for week in view.weeks)
    assert all(day.day.weekday() == column for week in view.weeks for column, day in enumerate(week) if day)


def test_a_holiday_at_a_weekend_is_named_all_the_same() -> None:
    view = calendar_view(a_schedule(), date(2026, 12, 20), words("nb"))
    boxing_day = next(day for week in view.weeks for day in week if day and day.day == date(2026, 12, 26))
    assert boxing_day.is_special and "2. juledag" in boxing_day.why


def test_the_eves_are_listed_until_they_are_decided(signed_in: SignIn, context: AppContext) -> None:
    planner = signed_in(Role.PLANNER)
    page = planner.get("/plan/calendar").text
    assert "2 dager er ikke bestemt" in page
    given = {"date": "2026-12-24", "day_type": "holiday", "reason": "Julaften"}
    page = planner.post("/plan/calendar/decide", data=given).text
    assert "Dagen er bestemt." in page and "Én dag er ikke bestemt" in page
    assert context.schedule().calendar.service_day(CHRISTMAS_EVE).day_type == "holiday"
    page = planner.post("/plan/calendar/withdraw", data={"date": "2026-12-24"}).text
    assert "2 dager er ikke bestemt" in page


def test_a_decision_without_a_reason_is_refused_with_its_values_kept(signed_in: SignIn) -> None:
    given = {"date": "2026-12-24", "day_type": "holiday", "reason": " "}
    page = signed_in(Role.PLANNER).post("/plan/calendar/decide", data=given)
    assert page.status_code == 422
    assert "Skriv en grunn på minst 3 tegn." in page.text and 'value="2026-12-24"' in page.text
    assert re.search(r'<option value="holiday" selected>', page.text)


def test_staff_may_not_decide_a_day(signed_in: SignIn) -> None:
    given = {"date": "2026-12-24", "day_type": "holiday", "reason": "Julaften"}
    assert signed_in(Role.STAFF).post("/plan/calendar/decide", data=given).status_code == 403


def test_a_reason_that_the_poster_cannot_print_is_told_at_once(signed_in: SignIn) -> None:
    planner = signed_in(Role.PLANNER)
    decided = {"date": "2026-12-24", "day_type": "holiday", "reason": "Julaften 東 og 京"}
    page = planner.post("/plan/calendar/decide?lang=nb", data=decided).text
    assert "Plakaten kan ikke trykke 東京 i «Julaften 東 og 京»." in page
    page = planner.post("/plan/calendar/decide?lang=nb", data=decided | {"reason": "Jul 🎄 Київ"}).text
    assert "Plakaten kan ikke trykke" not in page
