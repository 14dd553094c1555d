"""Edits of facts as calendars tell them: what changed has a higher SEQUENCE and a later LAST-MODIFIED, and nothing else has."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.provenance import Provenance, Validity
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.opening_hours import OpeningTimes, SpecialHours
from shuttle.feeds.ical.calendars import (
    connections_calendar,
    departures_calendar,
    opening_hours_calendar,
    stop_calendar,
)
from shuttle.services.app_context import AppContext
from shuttle.services.timetable.changes import override_day, withdraw_override
from shuttle.services.timetable.publishing import findings_of_publishing, publish, withdraw
from shuttle.services.timetable.reference_data import import_reference_data
from shuttle.services.timetable.timetables import copy_timetable, set_trips
from shuttle.store.timetable.fact_edits import read_edits
from tests.conftest import OSLO

TODAY = date(2026, 11, 23)
SOON = TODAY + timedelta(days=3)
PLANNER = Person("p", "Planner", Role.PLANNER)
COUNTED = {"SEQUENCE", "LAST-MODIFIED", "DTSTAMP"}
Event = dict[str, str]


def events_of(content: bytes) -> dict[str, Event]:
    """UID -> its lines."""
    text = content.decode().replace("\r\n ", "")
    parts = re.findall(r"BEGIN:VEVENT\r(.*?)END:VEVENT", text, re.DOTALL)
    several = [dict(re.findall(r"^([A-Z-]+)[^:\r\n]*:(.*?)\r$", part, re.MULTILINE)) for part in parts]
    return {event["UID"]: event for event in several}


def every_event(schedule: Schedule) -> dict[str, Event]:
    """The events of every calendar of the schedule."""
    stops = list(dict.fromkeys(stop.id for stop in schedule.network.stops))
    calendars = [departures_calendar(schedule, TODAY, OSLO, "nb")]
    calendars += [stop_calendar(schedule, stop, TODAY, OSLO, "nb") for stop in stops]
    calendars += [connections_calendar(schedule, (stops[0], stop), TODAY, OSLO, "nb") for stop in stops[1:]]
    calendars += [opening_hours_calendar(schedule, stop, TODAY, OSLO, "nb") for stop in schedule.opening_times.stops]
    return {uid: event for content in calendars for uid, event in events_of(content).items()}


def after_the_filling() -> datetime:
    """A moment later than the publications of the database, which was filled by the machine's clock."""
    return datetime.now(UTC) + timedelta(minutes=1)


def content_of(event: Event) -> Event:
    return {name: value for name, value in event.items() if name not in COUNTED}


def number(event: Event) -> tuple[int, str]:
    return int(event["SEQUENCE"]), event["LAST-MODIFIED"]


def silent(before: dict[str, Event], after: dict[str, Event]) -> list[str]:
    """Events that are others under a SEQUENCE and LAST-MODIFIED that did not both rise."""
    both = before.keys() & after.keys()
    changed = [uid for uid in both if content_of(before[uid]) != content_of(after[uid])]
    return [
        uid
        for uid in changed
        if int(after[uid]["SEQUENCE"]) <= int(before[uid]["SEQUENCE"])
        or after[uid]["LAST-MODIFIED"] <= before[uid]["LAST-MODIFIED"]
    ]


def untouched(before: dict[str, Event], after: dict[str, Event]) -> list[str]:
    """Events that are what they were, and are told as changed."""
    both = before.keys() & after.keys()
    same = (uid for uid in both if content_of(before[uid]) == content_of(after[uid]))
    return [uid for uid in same if number(before[uid]) != number(after[uid])]


def renamed(schedule: Schedule, since: date | None = None) -> Schedule:
    """MO Gyldenpris with another name, from a date if one is given."""
    stops = []
    for stop in schedule.network.stops:
        if stop.id != "mo-gyldenpris":
            stops.append(stop)
        elif since is None:
            stops.append(replace(stop, name=stop.name + " nord"))
        else:
            stops.append(replace(stop, validity=Validity(None, since - timedelta(days=1))))
            stops.append(replace(stop, name=stop.name + " nord", validity=Validity(since)))
    return replace(schedule, network=replace(schedule.network, stops=tuple(stops)))


def slower(schedule: Schedule, leg: tuple[str, str], since_minute: int = 0) -> Schedule:
    """A leg that takes three minutes more, for trips that start at the minute or later."""
    legs = []
    for each in schedule.network.running_times:
        if (each.origin, each.destination) == leg:
            minutes = each.bands[-1][1]
            bands = ((0, minutes), (since_minute, minutes + 3)) if since_minute else ((0, minutes + 3),)
            each = replace(each, bands=bands)
        legs.append(each)
    return replace(schedule, network=replace(schedule.network, running_times=tuple(legs)))


def confirmed(schedule: Schedule) -> Schedule:
    """Positions and running times that were assumed, and are no longer."""
    network = schedule.network
    stops = tuple(replace(stop, provenance=Provenance("measured")) for stop in network.stops)
    legs = tuple(replace(leg, provenance=Provenance("measured")) for leg in network.running_times)
    return replace(schedule, network=replace(network, stops=stops, running_times=legs))


def closing_earlier(schedule: Schedule, day_type: str = "weekday") -> Schedule:
    regular = tuple(
        replace(hours, windows=((hours.windows[0][0], hours.windows[-1][1] - 60),), provenance=Provenance("told"))
        if hours.day_type == day_type and hours.windows
        else hours
        for hours in schedule.opening_times.regular
    )
    return replace(schedule, opening_times=replace(schedule.opening_times, regular=regular))


def with_special_hours(schedule: Schedule) -> Schedule:
    times = schedule.opening_times
    special = SpecialHours("mo-gyldenpris", SOON, ((8 * 60, 11 * 60),), "Planleggingsdag")
    return replace(schedule, opening_times=OpeningTimes(times.regular, (special,)))


FACTS: dict[str, Callable[[Schedule], Schedule]] = {
    "a stop's name": renamed,
    "a stop's name from a date": lambda schedule: renamed(schedule, SOON),
    "a running time": lambda schedule: slower(schedule, ("vagsbunnen", "mo-gyldenpris")),
    "a running time in the afternoon": lambda schedule: slower(schedule, ("vagsbunnen", "mo-gyldenpris"), 14 * 60),
    "what was assumed": confirmed,
    "opening hours": closing_earlier,
    "opening hours of the weekend": lambda schedule: closing_earlier(schedule, "holiday"),
    "opening hours of a date": with_special_hours,
}


@pytest.mark.parametrize("fact", FACTS)
def test_an_imported_fact_is_told_by_the_events_it_changes(context: AppContext, fact: str) -> None:
    stored = context.schedule()
    before = every_event(stored)
    later = after_the_filling()
    with context.transaction() as session:
        import_reference_data(session, PLANNER, FACTS[fact](stored), later, TODAY)
    after = every_event(context.schedule())
    assert any(content_of(after[uid]) != content_of(before[uid]) for uid in before.keys() & after.keys())
    assert silent(before, after) == []
    assert untouched(before, after) == []


def test_an_import_of_what_is_there_changes_no_event(context: AppContext) -> None:
    before = every_event(context.schedule())
    with context.transaction() as session:
        import_reference_data(session, PLANNER, context.schedule(), context.now(), TODAY)
        assert read_edits(session) == ()
    assert every_event(context.schedule()) == before


def test_sequence_rises_through_edits_that_undo_each_other(context: AppContext) -> None:
    """Each step undoes an earlier one, so that content comes back, and the number never does."""
    original, now = context.schedule(), after_the_filling()

    def taken_in(schedule: Schedule) -> Callable[[datetime], None]:
        def act(moment: datetime) -> None:
            with context.transaction() as session:
                import_reference_data(session, PLANNER, schedule, moment, TODAY)

        return act

    def overridden(moment: datetime) -> None:
        with context.transaction() as session:
            override_day(session, PLANNER, SOON, "holiday", "Plandag", moment)

    def as_before(moment: datetime) -> None:
        with context.transaction() as session:
            withdraw_override(session, PLANNER, SOON, moment)

    steps = [
        taken_in(closing_earlier(original)),
        overridden,
        taken_in(original),
        as_before,
        taken_in(renamed(original)),
    ]
    steps += [taken_in(original), overridden, as_before]
    last: dict[str, Event] = {}
    for step, act in enumerate([lambda moment: None, *steps]):
        act(now + timedelta(minutes=step))
        events = every_event(context.schedule())
        assert silent(last, events) == []
        last = {**last, **events}


def test_a_timetable_with_other_times_is_told_and_its_withdrawal_too(context: AppContext) -> None:
    now, last = after_the_filling(), every_event(context.schedule())
    trip = next(trip for trip in context.schedule().timetables[0].trips if trip.id == "gyldenpris-weekday-1000")
    calls = context.schedule().departure(f"{SOON}.{trip.id}").calls
    later = (calls[0], replace(calls[1], arrives=calls[1].arrives + 4, departs=calls[1].departs + 4))
    with context.transaction() as session:
        draft = copy_timetable(session, PLANNER, "2024-10", "other", "Other times", now)
        moved = [replace(each, calls=later) if each == trip else each for each in draft.trips]
        set_trips(session, PLANNER, "other", moved, now)
        at = now + timedelta(minutes=1)
        accepted = [finding.code for finding in findings_of_publishing(session, "other", Validity(SOON), TODAY)]
        publish(session, PLANNER, "other", Validity(SOON), at, TODAY, accepted)
    events = every_event(context.schedule())
    (uid,) = [uid for uid in events if uid.startswith(f"{SOON}.{trip.id}@")]
    assert content_of(events[uid]) != content_of(last[uid])
    assert silent(last, events) == []
    with context.transaction() as session:
        withdraw(session, PLANNER, "other", now + timedelta(minutes=2), TODAY)
    assert silent(events, every_event(context.schedule())) == []
