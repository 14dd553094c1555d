"""Service time: minutes of the service day, dates, and the moments that they fall on."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import (
    DAY,
    LATEST,
    dates,
    instant,
    minute_at,
    parse_date,
    parse_time_of_day,
    time_of_day_text,
)

OSLO = ZoneInfo("Europe/Oslo")
days = st.dates(date(2000, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize("text", ["13:00", "13.00", "1300", " 13:00 "])
def test_a_time_is_read_as_people_type_it(text: str) -> None:
    assert parse_time_of_day(text) == 13 * 60


@pytest.mark.parametrize("text", ["", "24", "30:00", "12:60", "1 pm", "12:5", "-1:00", "12:00:00", "٣:٠٠x"])
def test_a_time_that_cannot_be_read_says_what_may_be_written(text: str) -> None:
    with pytest.raises(Invalid, match=r"13:00, 13\.00 or 1300"):
        parse_time_of_day(text)


@given(st.integers(0, LATEST))
def test_a_minute_survives_being_written_and_read(minute: int) -> None:
    assert parse_time_of_day(time_of_day_text(minute)) == minute


def test_past_midnight_the_hours_go_on() -> None:
    assert time_of_day_text(DAY + 70) == "25:10"


@pytest.mark.parametrize(
    "text", ["26-01-01", "2026-13-01", "2026-02-29", "1.5.26", "5/1/2026", "2026-5-1", "today", "20260501"]
)
def test_a_date_that_cannot_be_read_says_what_may_be_written(text: str) -> None:
    with pytest.raises(Invalid, match="2026-05-14"):
        parse_date(text)


@pytest.mark.parametrize("text", ["2026-05-01", "1.5.2026", " 01.05.2026 "])
def test_a_date_is_read_in_norwegian_order_too(text: str) -> None:
    assert parse_date(text) == date(2026, 5, 1)


def test_the_leap_day_is_a_date() -> None:
    assert parse_date("2028-02-29") == date(2028, 2, 29)


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 7, 1)])
def test_ten_o_clock_is_ten_o_clock_also_when_clocks_change(day: date) -> None:
    assert instant(day, 600, OSLO).strftime("%H:%M") == "10:00"


def test_the_offset_is_right_on_both_sides_of_the_clock_changes() -> None:
    offsets = [
        instant(date(2026, month, day), 600, OSLO).isoformat()[-6:]
        for month, day in [(3, 28), (3, 29), (10, 24), (10, 25)]
    ]
    assert offsets == ["+01:00", "+02:00", "+02:00", "+01:00"]


def test_a_trip_past_midnight_falls_on_the_next_date() -> None:
    assert instant(date(2026, 7, 1), DAY + 10, OSLO) == datetime(2026, 7, 2, 0, 10, tzinfo=OSLO)


@given(days, st.integers(0, LATEST))
def test_a_moment_leads_back_to_its_minute(day: date, minute: int) -> None:
    assert minute_at(instant(day, minute, OSLO), day, OSLO) == minute


@given(days, st.integers(0, LATEST - 1))
def test_a_minute_later_is_sixty_seconds_later_on_every_day_of_the_year(day: date, minute: int) -> None:
    difference = instant(day, minute + 1, OSLO).timestamp() - instant(day, minute, OSLO).timestamp()
    assert difference == timedelta(minutes=1).total_seconds()


def test_no_dates_lie_between_a_day_and_the_day_before() -> None:
    assert dates(date(2026, 1, 2), date(2026, 1, 1)) == []
    assert len(dates(date(2028, 2, 28), date(2028, 3, 1))) == 3
