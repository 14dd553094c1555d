"""Page of the calendar: the day type of each date, and deciding it."""

import re
from datetime import date, timedelta

import pytest

from shuttle.domain.access.permissions import Role
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import dates
from shuttle.domain.timetable.publishing.consequences import as_published_over
from shuttle.domain.timetable.service_days import Calendar
from shuttle.language import words
from shuttle.services.app_context import AppContext
from shuttle.web.pages.timetable.calendar_view import CalendarDay, CalendarView, calendar_view
from tests.builders import a_schedule, a_timetable
from tests.web.pages.conftest import SignIn

CHRISTMAS_EVE = date(2026, 12, 24)


TODAY = date(2026, 11, 25)


def days_of(view: CalendarView) -> list[CalendarDay]:
    return [day for month in view.months for week in month.weeks for day in week if day]


def test_weeks_begin_on_monday_and_hold_every_day_of_the_months_once() -> None:
    view = calendar_view(a_schedule(), TODAY, TODAY, words("nb"))
    weeks = [week for month in view.months for week in month.weeks]
    assert [day.day for day in days_of(view)] == dates(date(2026, 11, 1), date(2026, 12, 31))
    assert all(len(week) == 7 for week in weeks)
    assert all(day.day.weekday() == column for week in weeks for column, day in enumerate(week) if day)


def test_a_holiday_at_a_weekend_is_named_all_the_same() -> None:
    view = calendar_view(a_schedule(), date(2026, 12, 20), TODAY, words("nb"))
    boxing_day = next(day for day in days_of(view) if day.day == date(2026, 12, 26))
    assert boxing_day.is_special and "2. juledag" in boxing_day.why


def test_bars_stand_at_the_departures_in_the_colour_of_the_timetable() -> None:
    second = a_timetable("second")
    schedule = a_schedule(a_timetable(), second, last=date(2026, 12, 10))
    schedule = as_published_over(schedule, second, Validity(date(2026, 12, 12)))
    days = {day.day: day for day in days_of(calendar_view(schedule, TODAY, TODAY, words("nb")))}
    assert len(days[date(2026, 12, 9)].bars) == 5 and days[date(2026, 12, 11)].colour == -1
    assert days[date(2026, 12, 9)].colour != days[date(2026, 12, 14)].colour
    bars = days[date(2026, 12, 9)].bars
    assert list(bars) == sorted(bars) and 0 <= bars[0] < bars[-1] <= 98


def test_christmas_is_decided_undone_and_decided_again(signed_in: SignIn, context: AppContext) -> None:
    planner = signed_in(Role.PLANNER)

    def calendar() -> Calendar:
        return context.schedule().calendar

    before = planner.get("/plan/calendar").text
    number = int(re.findall(r"(\d+) dager det neste året er ikke bestemt", before)[0])
    form = {"date": "2026-12-24", "last": "2026-12-26", "day_type": "no-service", "reason": "Julestengt"}
    page = planner.post("/plan/calendar/decide", data=form).text
    assert f"{number - 1} dager det neste året er ikke bestemt" in page and "Ingen avganger: Julestengt" in page
    assert [len(context.schedule().departures_on(date(2026, 12, day)).departures) for day in (23, 24, 26, 27)] == [
        5,
        0,
        0,
        3,
    ]
    assert calendar().service_day(CHRISTMAS_EVE).day_type == "weekday", "opening hours are those of the day"
    undo = re.findall(r'name="number" value="(\d+)"', page)[0]
    assert "Angret. Alt er som før." in planner.post("/plan/undo", data={"number": undo}).text
    assert calendar().overrides == ()
    one = {"date": "2026-12-24", "day_type": "holiday", "reason": "Julaften"}
    page = planner.post("/plan/calendar/decide", data=one).text
    assert calendar().service_day(CHRISTMAS_EVE).day_type == "holiday"
    page = planner.post("/plan/calendar/withdraw", data={"date": "2026-12-24"}).text
    assert f"{number} dager det neste året er ikke bestemt" in page


def test_the_next_year_is_decided_as_this_one(signed_in: SignIn, context: AppContext) -> None:
    planner = signed_in(Role.PLANNER)
    for day, runs_as in (("2026-12-24", "holiday"), ("2026-12-31", "no-service")):
        planner.post("/plan/calendar/decide", data={"date": day, "day_type": runs_as, "reason": "Jul og nyttår"})
    at = context.now() + timedelta(days=200)
    context.now = lambda: at
    page = planner.get("/plan/calendar").text
    assert "I fjor: Helg og helligdag" in page and "I fjor: Ingen avganger" in page
    assert "Dagene er bestemt som i fjor." in planner.post("/plan/calendar/as-last-year").text
    service_days = [context.schedule().calendar.service_day(date(2027, 12, day)) for day in (24, 31)]
    assert [(day.day_type, day.runs) for day in service_days] == [("holiday", True), ("weekday", False)]


def test_any_month_is_shown_the_past_and_two_years_ahead(signed_in: SignIn) -> None:
    planner = signed_in(Role.PLANNER)
    for month, name in (("2024-12", "Desember 2024"), ("2028-11", "November 2028"), ("2100-12", "Desember 2100")):
        page = planner.get(f"/plan/calendar?month={month}")
        assert page.status_code == 200 and f">{name}</span>" in page.text
    assert planner.get("/plan/calendar?month=next").status_code == 200


def test_a_span_that_runs_backwards_is_refused_with_its_values_kept(signed_in: SignIn) -> None:
    form = {"date": "2026-12-24", "last": "2026-12-20", "day_type": "holiday", "reason": "Jul i år"}
    page = signed_in(Role.PLANNER).post("/plan/calendar/decide", data=form)
    assert page.status_code == 422 and 'href="#last"' in page.text and 'value="20.12.2026"' in page.text


def test_a_decision_without_a_reason_is_refused_with_its_values_kept(signed_in: SignIn) -> None:
    form = {"date": "2026-12-24", "day_type": "holiday", "reason": " "}
    page = signed_in(Role.PLANNER).post("/plan/calendar/decide", data=form)
    assert page.status_code == 422
    assert "Skriv en grunn på minst 3 tegn." in page.text and 'value="2026-12-24"' in page.text
    assert re.search(r'<option value="holiday" selected>', page.text)


def test_staff_may_not_decide_a_day(signed_in: SignIn) -> None:
    form = {"date": "2026-12-24", "day_type": "holiday", "reason": "Julaften"}
    assert signed_in(Role.STAFF).post("/plan/calendar/decide", data=form).status_code == 403


def test_a_reason_that_the_poster_cannot_print_is_told_at_once(signed_in: SignIn) -> None:
    planner = signed_in(Role.PLANNER)
    decided = {"date": "2026-12-24", "day_type": "holiday", "reason": "Julaften 東 og 京"}
    page = planner.post("/plan/calendar/decide?lang=nb", data=decided).text
    assert "Plakaten kan ikke trykke 東京 i «Julaften 東 og 京»." in page
    page = planner.post("/plan/calendar/decide?lang=nb", data=decided | {"reason": "Jul 🎄 Київ"}).text
    assert "Plakaten kan ikke trykke" not in page


def test_a_saturday_of_its_own_is_made_without_changing_a_departure(signed_in: SignIn, context: AppContext) -> None:
    planner = signed_in(Role.PLANNER)
    saturday, sunday = date(2026, 12, 5), date(2026, 12, 6)

    def times(day: date) -> list[int]:
        return [departure.departs for departure in context.schedule().departures_on(day).departures]

    before, hours = times(saturday), context.schedule().windows("mo-gyldenpris", saturday)
    made = {"nb": "Lørdag", "nn": "Laurdag", "en": "Saturday", "like": "holiday"}
    assert "Dagtypen er laget." in planner.post("/plan/calendar/day-types", data=made).text
    week = {"week": ["weekday"] * 5 + ["lordag", "holiday"]}
    assert "Uken er lagret." in planner.post("/plan/calendar/week", data=week).text
    assert context.schedule().calendar.service_day(saturday).day_type == "lordag"
    assert times(saturday) == before and context.schedule().windows("mo-gyldenpris", saturday) == hours
    planner.post("/plan/timetables/2024-10/copy", data={"id": "next", "name": "Neste"})
    page = planner.get("/plan/timetables/next").text
    assert "Her går de samme avgangene som på Helg og helligdag." in page
    page = planner.post("/plan/timetables/next/begin-day", data={"day_type": "lordag"}).text
    assert "Dagen har egne avganger." in page
    planner.post("/plan/timetables/next/move", data={"trip": "gyldenpris-lordag-1100", "departs": "11.30"})
    assert planner.post("/plan/timetables/next/publish", data={"first": "2026-12-01"}).status_code == 200
    assert times(saturday) == [690, *before[1:]] and times(sunday) == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_day_type_that_cannot_be_is_refused_with_its_name_kept(signed_in: SignIn) -> None:
    planner = signed_in(Role.PLANNER)
    for name, like in (
        ("", "weekday"),
        ("Weekday", "weekday"),
        ("Lørdag", "none"),
        ("東", "weekday"),
        ("no service", "weekday"),
    ):
        page = planner.post("/plan/calendar/day-types", data={"nb": name, "like": like})
        assert page.status_code == 422 and 'href="#nb"' in page.text and f'value="{name}"' in page.text
    for week in ([], ["weekday"], ["weekday"] * 6 + ["none"], ["no-service"] * 7):
        assert planner.post("/plan/calendar/week", data={"week": week}).status_code == 422
    body = {"nb": "Skoleferie", "like": "weekday"}
    assert planner.post("/api/v1/day-types", json=body).json()["id"] == "skoleferie"
    assert planner.put("/api/v1/week", json={"day_types": ["skoleferie"] * 5 + ["holiday"] * 2}).status_code == 200
