"""The notice period, as a check of single dates and as the schedule that the static feed shows."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.static_feed import (
    first_date_with_notice,
    has_notice,
    is_in_static_feed,
    static_schedule,
)
from tests.builders import a_cancellation, a_schedule
from tests.conftest import OSLO
from tests.strategies import ANCHORS, any_schedule, window

DAY = date(2026, 12, 8)


@pytest.mark.parametrize(
    ("moment", "answer"),
    [
        (datetime(2026, 12, 1, 0, 0, tzinfo=OSLO), True),
        (datetime(2026, 12, 1, 0, 0, 1, tzinfo=OSLO), False),
        (datetime(2026, 11, 30, 22, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 30, 23, 1, tzinfo=UTC), False),
        (None, True),
    ],
)
def test_notice_is_seven_days_before_the_date_begins(moment: datetime | None, answer: bool) -> None:
    assert has_notice(moment, DAY, OSLO) is answer


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 3, 30), date(2026, 10, 25), date(2026, 10, 26)])
def test_notice_is_seven_times_24_hours_when_clocks_change(day: date) -> None:
    begins = datetime(day.year, day.month, day.day, tzinfo=OSLO).astimezone(UTC)
    assert first_date_with_notice(begins - timedelta(days=7), OSLO) == day
    assert first_date_with_notice(begins - timedelta(days=7, seconds=-1), OSLO) == day + timedelta(days=1)


def test_a_long_change_is_shown_from_the_first_date_with_notice() -> None:
    change = a_cancellation("gyldenpris-weekday-1000", DAY, DAY + timedelta(days=30))
    change = replace(change, made_at=datetime(2026, 12, 7, 12, tzinfo=UTC))
    (part,) = static_schedule(replace(a_schedule(), changes=(change,)), OSLO).changes
    assert (part.dates.first, part.dates.last) == (date(2026, 12, 15), DAY + timedelta(days=30))


def test_a_withdrawal_without_notice_leaves_the_change_on_the_first_dates() -> None:
    change = a_cancellation("gyldenpris-weekday-1000", DAY, DAY + timedelta(days=30))
    change = replace(
        change, made_at=datetime(2026, 11, 1, tzinfo=UTC), withdrawn_at=datetime(2026, 12, 7, 12, tzinfo=UTC)
    )
    (part,) = static_schedule(replace(a_schedule(), changes=(change,)), OSLO).changes
    assert (part.dates.first, part.dates.last, part.in_force) == (DAY, date(2026, 12, 14), True)


@st.composite
def a_dated_schedule(draw: st.DrawFn) -> tuple[date, Schedule]:
    """Any schedule, its changes made and withdrawn around the dates that they are about."""
    anchor = draw(st.sampled_from(ANCHORS))
    schedule = draw(any_schedule(anchor))
    noon = datetime(anchor.year, anchor.month, anchor.day, 12, tzinfo=UTC)
    changes = []
    for change in schedule.changes:
        made_at = noon + timedelta(hours=draw(st.integers(-600, 200)))
        withdrawn_at = made_at + timedelta(hours=draw(st.integers(0, 300))) if draw(st.booleans()) else None
        changes.append(replace(change, made_at=made_at, withdrawn_at=withdrawn_at))
    return anchor, replace(schedule, changes=tuple(changes))


@given(a_dated_schedule())
def test_the_static_schedule_agrees_with_the_check_on_each_date(case: tuple[date, Schedule]) -> None:
    anchor, schedule = case
    static = static_schedule(schedule, OSLO)
    for day in window(anchor):
        shown = tuple(
            replace(change, withdrawn_at=None) for change in schedule.changes if is_in_static_feed(change, day, OSLO)
        )
        plain = replace(schedule, changes=shown).departures_on(day).departures
        assert [(d.trip, d.status, d.calls) for d in static.departures_on(day).departures] == [
            (d.trip, d.status, d.calls) for d in plain
        ]
