"""Fortnights: the default periods of reports, and the anchor."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.basics.errors import Refused
from shuttle.domain.ridership.fortnights import Period, check_anchor, fortnight_of, fortnights_within, latest
from shuttle.domain.ridership.summaries import Span

days = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@given(days)
def test_the_last_fortnight_is_one_of_those_that_are_released(today: date) -> None:
    assert latest(Period.FORTNIGHT, today) == fortnight_of(fortnight_of(today).first - timedelta(1))


@given(days)
def test_six_weeks_are_three_whole_fortnights(today: date) -> None:
    span = latest(Period.SIX_WEEKS, today)
    assert span.days == 42
    assert len(fortnights_within(span)) == 3


@pytest.mark.parametrize("period", list(Period))
@given(today=days)
def test_a_report_s_period_is_the_last_one_that_has_ended(period: Period, today: date) -> None:
    span = latest(period, today)
    assert span.last < today
    assert latest(period, span.last + timedelta(1)) == span
    assert latest(period, today + timedelta(span.days)).first > span.last or period is Period.YEAR


@given(days, days.map(lambda day: day - timedelta(day.weekday())))
def test_fortnights_are_counted_from_the_anchor(day: date, anchor: date) -> None:
    fortnight = fortnight_of(day, anchor)
    assert fortnight.first <= day <= fortnight.last
    assert (fortnight.first - anchor).days % 14 == 0
    assert latest(Period.FORTNIGHT, fortnight.last + timedelta(1), anchor) == fortnight
    check_anchor(anchor, fortnight)


@given(days, days.map(lambda day: day - timedelta(day.weekday())))
def test_an_anchor_that_cuts_a_released_fortnight_is_refused(day: date, anchor: date) -> None:
    check_anchor(anchor, None)
    with pytest.raises(Refused, match="can be subtracted"):
        check_anchor(anchor + timedelta(7), fortnight_of(day, anchor))


def test_a_year_is_the_whole_calendar_year_before() -> None:
    assert latest(Period.YEAR, date(2026, 1, 1)) == Span(date(2025, 1, 1), date(2025, 12, 31))
