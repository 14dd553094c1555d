"""Faults that users of other schedule programs complain of, each as a test on what is published.

Every kind of exception is followed through every output, date by date: what matters is not what was entered but what a
passenger's calendar, a journey planner and a poster make of it.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import dates
from shuttle.domain.timetable.departures import DepartureStatus, Schedule
from shuttle.domain.timetable.quality_checks import check
from shuttle.domain.timetable.service_days import Override
from shuttle.domain.timetable.trips import Publication
from shuttle.feeds.gtfs.realtime import trip_updates
from shuttle.feeds.ical.calendars import departures_calendar, stop_calendar
from shuttle.feeds.netex import netex_zip
from shuttle.feeds.printed.timetable_view import timetable_view
from shuttle.language import words
from shuttle.language.days import day_reason
from tests.builders import (
    PUBLISHER,
    a_cancellation,
    a_retiming,
    a_schedule,
    a_timetable,
    an_extra,
    trips,
    with_changes,
)
from tests.conftest import OSLO
from tests.feeds.gtfs.gtfs_readers import by_partridge, by_the_letter, static_zip
from tests.feeds.gtfs.realtime_client import applied
from tests.feeds.ical.calendar_readers import by_ical
from tests.feeds.test_netex import read_back

DAY = date(2026, 5, 15)
AROUND = dates(DAY - timedelta(days=10), DAY + timedelta(days=10))


def overridden(schedule: Schedule, day: date, day_type: str) -> Schedule:
    return replace(
        schedule,
        calendar=replace(schedule.calendar, overrides=(Override(date=day, day_type=day_type, reason="Bestemt"),)),
    )


def withdrawn() -> Schedule:
    change = a_cancellation("gyldenpris-weekday-1000", DAY)
    return with_changes(a_schedule(), replace(change, withdrawn_at=datetime(2026, 5, 1, tzinfo=UTC)))


EXCEPTIONS: dict[str, tuple[Schedule, list[str]]] = {
    "none": (a_schedule(), ["10:00", "12:00", "15:00", "17:00", "18:30"]),
    "no service": (
        with_changes(a_schedule(), *(a_cancellation(trip.id, DAY) for trip in a_timetable().trips_on("weekday"))),
        [],
    ),
    "one cancelled": (
        with_changes(a_schedule(), a_cancellation("gyldenpris-weekday-1000", DAY)),
        ["12:00", "15:00", "17:00", "18:30"],
    ),
    "a cancellation withdrawn": (withdrawn(), ["10:00", "12:00", "15:00", "17:00", "18:30"]),
    "moved": (
        with_changes(a_schedule(), a_retiming("gyldenpris-weekday-1000", DAY, "10:30")),
        ["10:30", "12:00", "15:00", "17:00", "18:30"],
    ),
    "added": (
        with_changes(a_schedule(), an_extra("gyldenpris", DAY, "20:00")),
        ["10:00", "12:00", "15:00", "17:00", "18:30", "20:00"],
    ),
    "swapped for another table": (overridden(a_schedule(), DAY, "holiday"), ["11:00", "13:30", "15:30"]),
}


def minutes(*times: str) -> list[int]:
    return [int(time[:2]) * 60 + int(time[3:]) for time in times]


def in_calendar(schedule: Schedule) -> list[int]:
    events = by_ical(departures_calendar(schedule, DAY, OSLO, "nb"))
    local = [event.starts.astimezone(OSLO) for event in events if not event.cancelled]
    return sorted(at.hour * 60 + at.minute for at in local if at.date() == DAY)


def in_stop_calendar(schedule: Schedule) -> list[int]:
    events = by_ical(stop_calendar(schedule, "vagsbunnen", DAY, OSLO, "en"))
    local = [event.starts.astimezone(OSLO) for event in events if not event.cancelled]
    return sorted(at.hour * 60 + at.minute for at in local if at.date() == DAY)


def with_notice(schedule: Schedule) -> Schedule:
    """The same, with every change made a month before its date."""
    made_at = datetime(2026, 4, 14, tzinfo=UTC)
    return replace(
        schedule,
        changes=tuple(
            replace(change, made_at=made_at, withdrawn_at=made_at if change.withdrawn_at else None)
            for change in schedule.changes
        ),
    )


def in_realtime(schedule: Schedule) -> list[int]:
    now = datetime(2026, 5, 15, 5, tzinfo=UTC)
    content, updates = static_zip(schedule, AROUND[0]), trip_updates(schedule, now, PUBLISHER, now)
    return sorted(calls[0][2] for calls in applied(content, updates, DAY, OSLO))


def in_gtfs(schedule: Schedule) -> list[int]:
    return sorted(
        calls[0][2] // 60 for _, calls in by_the_letter(static_zip(with_notice(schedule), AROUND[0]), [DAY])[DAY]
    )


def in_gtfs_by_partridge(schedule: Schedule) -> list[int]:
    return sorted(
        calls[0][2] // 60 for _, calls in by_partridge(static_zip(with_notice(schedule), AROUND[0]), [DAY])[DAY]
    )


def in_netex(schedule: Schedule) -> list[int]:
    return sorted(
        times[0][2] or 0 for times in read_back(netex_zip(schedule, AROUND[0], publisher=PUBLISHER), [DAY])[DAY]
    )


OUTPUTS = (in_calendar, in_stop_calendar, in_gtfs, in_gtfs_by_partridge, in_realtime, in_netex)


@pytest.mark.filterwarnings("ignore:The inplace keyword")
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("kind", EXCEPTIONS)
def test_an_exception_of_every_kind_reaches_every_output(kind: str, output: Callable[[Schedule], list[int]]) -> None:
    schedule, times = EXCEPTIONS[kind]
    assert output(schedule) == minutes(*times)


@pytest.mark.parametrize("kind", EXCEPTIONS)
def test_an_exception_changes_no_other_date(kind: str) -> None:
    schedule, _ = EXCEPTIONS[kind]
    for day in AROUND:
        if day != DAY:
            assert schedule.departures_on(day) == a_schedule().departures_on(day)


def test_one_date_cannot_have_two_overrides() -> None:
    with pytest.raises(Invalid, match="two overrides"):
        replace(
            a_schedule().calendar,
            overrides=(
                Override(date=DAY, day_type="holiday", reason="a"),
                Override(date=DAY, day_type="weekday", reason="b"),
            ),
        )


@pytest.mark.parametrize(
    ("language", "name"), [("nb", "Skjærtorsdag"), ("nn", "Skjertorsdag"), ("en", "Maundy Thursday")]
)
def test_a_reader_is_told_which_table_runs_and_why(language: str, name: str) -> None:
    said, maundy_thursday = words(language), date(2026, 4, 2)
    assert name in day_reason(a_schedule().calendar.service_day(maundy_thursday), said)
    content = departures_calendar(a_schedule(), maundy_thursday, OSLO, language, [maundy_thursday])
    assert name in content.decode().replace("\r\n ", "")


def test_exceptions_stand_beneath_the_regular_table_and_never_in_it() -> None:
    schedule = with_changes(
        a_schedule(), an_extra("nesttun", DAY, "20:00"), a_retiming("gyldenpris-weekday-1000", DAY, "10:30")
    )
    view, plain = timetable_view(schedule, AROUND[0], words("nb")), timetable_view(a_schedule(), AROUND[0], words("nb"))
    assert view.origins == plain.origins
    (special,) = [special for special in view.special if special.day == DAY]
    assert [(place.name, list(times)) for place, times in special.times] == [
        ("MO Gyldenpris", minutes("10:30", "12:00", "15:00", "17:00", "18:30")),
        ("MO Nesttun", minutes("20:00")),
    ]


def test_a_departure_added_after_the_last_timetable_still_leaves() -> None:
    schedule = with_changes(a_schedule(last=DAY - timedelta(days=1)), an_extra("gyldenpris", DAY, "20:00"))
    assert [output(schedule) for output in OUTPUTS[:3]] == [[1200]] * 3


def test_a_change_that_equals_the_new_timetable_is_no_difference() -> None:
    """A departure moved to 10:30, and then a version that has it at 10:30 anyway."""
    new = a_timetable("new", trips("gyldenpris", "weekday", "10:30") + trips("gyldenpris", "holiday", "11:00"))
    schedule = with_changes(a_schedule(new), a_retiming("gyldenpris-weekday-1000", DAY, "10:30"))
    assert {departure.status for departure in schedule.departures_on(DAY).departures} == {DepartureStatus.SCHEDULED}
    assert [f for f in check(schedule, AROUND[0], AROUND[-1]) if f.control == "unlike-its-like"] == []


def test_dated_departures_have_unique_ids_across_a_change_of_version() -> None:
    old, new = a_timetable("old"), a_timetable("new")
    schedule = replace(
        a_schedule(old, new, last=DAY - timedelta(days=1)),
        publications=(
            Publication("old", Validity(date(2024, 10, 1), DAY - timedelta(days=1))),
            Publication("new", Validity(DAY)),
        ),
    )
    ids = [departure.id for day in AROUND for departure in schedule.departures_on(day).departures]
    assert len(ids) == len(set(ids)) == len([d for day in AROUND for d in a_schedule().departures_on(day).departures])


def test_a_departure_after_midnight_belongs_to_the_day_before_everywhere() -> None:
    schedule = a_schedule(a_timetable(several=trips("gyldenpris", "weekday", "24:10")))
    saturday = DAY + timedelta(days=1)
    assert schedule.departures_on(saturday).departures == ()
    assert by_the_letter(static_zip(schedule, DAY), [DAY, saturday]) == {
        DAY: {("MO Gyldenpris", (("vagsbunnen", 87000, 87000), ("mo-gyldenpris", 87600, 87600)))},
        saturday: set(),
    }
    (event,) = by_ical(departures_calendar(schedule, DAY, OSLO, "nb", [DAY, saturday]))
    assert event.starts.astimezone(OSLO) == datetime(2026, 5, 16, 0, 10, tzinfo=OSLO)


def test_a_cancelled_event_is_marked_for_readers_that_ignore_its_status() -> None:
    schedule = with_changes(a_schedule(), a_cancellation("gyldenpris-weekday-1000", DAY))
    (event, *_) = sorted(by_ical(departures_calendar(schedule, DAY, OSLO, "nb", [DAY])), key=lambda seen: seen.starts)
    assert event.summary == "AVLYST: Vågsbunnen – MO Gyldenpris"
