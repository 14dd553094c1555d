"""GTFS Realtime, read back by the bindings that other programs use."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import instant
from shuttle.domain.timetable.changes import ReasonCode
from shuttle.domain.timetable.departures import Departure, Schedule
from shuttle.domain.timetable.network import Stop
from shuttle.domain.timetable.opening_hours import EarlyClosing
from shuttle.domain.timetable.service_days import Override
from shuttle.domain.timetable.trips import Publication
from shuttle.feeds.gtfs.alerts import alerts
from shuttle.feeds.gtfs.realtime import trip_updates
from shuttle.feeds.gtfs.schedule import published_feed
from shuttle.feeds.gtfs.tables import zipped
from tests.builders import (
    PUBLISHER,
    a_cancellation,
    a_retiming,
    a_schedule,
    a_timetable,
    an_extra,
    the_real_schedule,
    trips,
    with_changes,
)
from tests.feeds.gtfs.gtfs_readers import lines, static_zip
from tests.feeds.gtfs.realtime_client import STOP, TRIP, Times, applied, read, static_trips
from tests.strategies import DAY_TYPES, any_change

OSLO = ZoneInfo("Europe/Oslo")
TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAY = timedelta(days=1)

CHANGED = with_changes(
    a_schedule(),
    a_cancellation("gyldenpris-weekday-1000", TODAY, reason=ReasonCode.WEATHER),
    a_retiming("gyldenpris-weekday-1200", TODAY + DAY, "12:30", made_at=NOW),
    an_extra("nesttun", TODAY + 2 * DAY, "25:30", reason=ReasonCode.DEMAND, made_at=NOW),
    a_cancellation("gyldenpris-weekday-1000", TODAY + 30 * DAY, made_at=NOW),
)


def updates_of(schedule: Schedule, now: datetime = NOW, **options: object) -> bytes:
    return trip_updates(schedule, now, PUBLISHER, now, **options)  # type: ignore[arg-type]


def alerts_of(schedule: Schedule, now: datetime = NOW) -> list[object]:
    return list(read(alerts(schedule, now, PUBLISHER, now)).entity)


def zip_at(schedule: Schedule, now: datetime) -> bytes:
    return zipped(published_feed(schedule, now, PUBLISHER).files)


def shown(schedule: Schedule, day: date) -> list[Times]:
    """The departures that run on a date, as the API has them."""

    def times(departure: Departure) -> Times:
        return tuple((call.stop, call.arrives, call.departs) for call in departure.calls)

    return sorted(times(departure) for departure in schedule.departures_on(day).departures if departure.runs)


def test_a_header_names_time_and_static_feed() -> None:
    header = read(updates_of(CHANGED)).header
    assert (header.gtfs_realtime_version, header.incrementality, header.timestamp) == ("2.0", 0, int(NOW.timestamp()))
    assert header.feed_version == lines(zip_at(CHANGED, NOW), "feed_info.txt")[0]["feed_version"]
    assert read(alerts(CHANGED, NOW, PUBLISHER, NOW)).header == header


def test_a_change_without_notice_is_an_update_of_its_kind() -> None:
    trips_told = [entity.trip_update.trip for entity in read(updates_of(CHANGED)).entity]
    assert [(trip.start_date, trip.start_time, trip.schedule_relationship) for trip in trips_told] == [
        ("20261123", "10:00:00", TRIP.CANCELED),
        ("20261124", "12:00:00", TRIP.SCHEDULED),
        ("20261125", "25:30:00", TRIP.NEW),
    ]


def test_a_new_trip_has_headsign_and_every_call() -> None:
    update = read(updates_of(CHANGED)).entity[2].trip_update
    assert update.trip_properties.trip_headsign == "MO Nesttun"
    leaves, reaches = (datetime(2026, 11, 26, 1, minute, tzinfo=OSLO).timestamp() for minute in (30, 40))
    assert [(each.stop_id, each.departure.time, each.arrival.time) for each in update.stop_time_update] == [
        ("vagsbunnen", leaves, 0),
        ("mo-nesttun", 0, reaches),
    ]


def test_stops_and_routes_of_a_new_trip_stand_in_the_static_feed() -> None:
    content = zip_at(CHANGED, NOW)
    assert "mo-nesttun" in {row["stop_id"] for row in lines(content, "stops.txt")}
    assert "nesttun" in {row["route_id"] for row in lines(content, "routes.txt")}
    assert "nesttun" not in {row["route_id"] for row in lines(content, "trips.txt")}


def test_a_stop_that_was_not_served_is_skipped() -> None:
    schedule = a_schedule(a_timetable(several=trips("round", "weekday", "10:00")))
    skipped = {(f"{TODAY}.round-weekday-1000", "mo-gyldenpris"): ReasonCode.ROAD_CLOSED}
    (entity,) = read(updates_of(schedule, skipped=skipped)).entity
    assert entity.trip_update.trip.schedule_relationship == TRIP.SCHEDULED
    relations = [each.schedule_relationship for each in entity.trip_update.stop_time_update]
    assert relations == [STOP.SCHEDULED, STOP.SKIPPED, STOP.SCHEDULED, STOP.SCHEDULED]
    ((calls),) = applied(zip_at(schedule, NOW), updates_of(schedule, skipped=skipped), TODAY, OSLO)
    assert [call[0] for call in calls] == ["vagsbunnen", "mo-nesttun", "vagsbunnen"]


def test_a_trip_has_one_id_whatever_span_the_feed_has() -> None:
    schedule = with_changes(a_schedule(), a_retiming("gyldenpris-weekday-1200", TODAY, "12:30", TODAY + 200 * DAY))
    spans = ((0, 1), (0, 399), (20, 500), (150, 260))
    for day in (TODAY, TODAY + 22 * DAY, TODAY + 210 * DAY):
        ids = [
            set(static_trips(static_zip(schedule, TODAY + first * DAY, TODAY + last * DAY), day))
            for first, last in spans
            if TODAY + first * DAY <= day <= TODAY + last * DAY
        ]
        assert len(ids[0]) == 5 and all(each == ids[0] for each in ids)


def test_a_stop_that_moves_later_leaves_todays_ids() -> None:
    schedule, turn = a_schedule(), TODAY + 60 * DAY
    old = Stop(id="vagsbunnen", name="V", lat=60.39, lon=5.32, validity=Validity(None, turn - DAY))
    new = replace(old, lat=60.40, validity=Validity(turn))
    moved = replace(schedule, network=replace(schedule.network, stops=(old, new, *schedule.network.stops[1:])))
    cancelled = with_changes(moved, a_cancellation("gyldenpris-weekday-1200", TODAY + DAY, made_at=NOW))
    told = applied(zip_at(schedule, NOW), updates_of(cancelled), TODAY + DAY, OSLO)
    assert told == shown(cancelled, TODAY + DAY)


def test_realtime_after_midnight_tells_of_yesterdays_service_day() -> None:
    schedule = a_schedule(a_timetable(several=trips("gyldenpris", "weekday", "10:00", "25:10")))
    night = datetime(2026, 11, 25, 0, 20, tzinfo=OSLO)
    tuesday = date(2026, 11, 24)
    cancelled = with_changes(schedule, a_cancellation("gyldenpris-weekday-2510", tuesday, made_at=night))
    (entity,) = read(updates_of(cancelled, night)).entity
    assert (entity.trip_update.trip.start_date, entity.trip_update.trip.start_time) == ("20261124", "25:10:00")
    assert applied(zip_at(schedule, night), updates_of(cancelled, night), tuesday, OSLO) == shown(cancelled, tuesday)
    (alert,) = alerts_of(cancelled, night)
    assert "25. november" in alert.alert.header_text.translation[0].text  # type: ignore[attr-defined]


def test_a_date_that_another_table_runs_on_is_told_trip_by_trip() -> None:
    tomorrow = TODAY + DAY
    override = Override(date=tomorrow, day_type="holiday", reason="Snø", made_at=NOW)
    schedule = a_schedule()
    other = replace(schedule, calendar=replace(schedule.calendar, overrides=(override,)))
    relations = [entity.trip_update.trip.schedule_relationship for entity in read(updates_of(other)).entity]
    assert sorted(relations) == [TRIP.CANCELED] * 5 + [TRIP.NEW] * 3
    assert applied(zip_at(schedule, NOW), updates_of(other), tomorrow, OSLO) == shown(other, tomorrow)


@st.composite
def a_history(draw: st.DrawFn) -> tuple[Schedule, datetime, datetime]:
    """A schedule whose changes were made and withdrawn at random moments; when the zip was fetched, and now."""
    now = NOW + timedelta(minutes=draw(st.integers(0, 30 * 24 * 60)))
    schedule = a_schedule(
        a_timetable(several=(*trips("round", "weekday", "10:00", "24:30"), *trips("gyldenpris", "holiday", "11:00")))
    )
    names = [trip.id for trip in schedule.timetables[0].trips]
    changes = []
    for number in range(draw(st.integers(0, 6))):
        change = draw(any_change(now.date(), sorted(set(names)), number))
        names.append(change.touches)
        made_at = now - timedelta(minutes=draw(st.integers(0, 40 * 24 * 60)))
        part = draw(st.none() | st.integers(0, 100))
        withdrawn_at = None if part is None else made_at + (now - made_at) * part / 100
        changes.append(replace(change, made_at=made_at, withdrawn_at=withdrawn_at))
    overrides, withdrawn = [], []
    for days in draw(st.lists(st.integers(-1, 12), unique=True, max_size=3)):
        first, second = sorted(now - timedelta(minutes=draw(st.integers(0, 20 * 24 * 60))) for _ in range(2))
        override = Override(date=now.date() + days * DAY, day_type=draw(DAY_TYPES), reason="B", made_at=first)
        if draw(st.booleans()):
            withdrawn.append(replace(override, withdrawn_at=second))
            override = replace(override, day_type=draw(DAY_TYPES), made_at=second)
        overrides.append(override)
    calendar = replace(schedule.calendar, overrides=tuple(overrides), withdrawn_overrides=tuple(withdrawn))
    fetched = now - timedelta(minutes=draw(st.integers(0, 7 * 24 * 60)))
    return replace(schedule, changes=tuple(changes), calendar=calendar), fetched, now


def as_it_was(schedule: Schedule, moment: datetime) -> Schedule:
    """The schedule as the database had it at an earlier moment."""
    changes = [
        replace(change, withdrawn_at=change.withdrawn_at if (change.withdrawn_at or moment) < moment else None)
        for change in schedule.changes
        if change.made_at is not None and change.made_at <= moment
    ]
    calendar = schedule.calendar
    made = [
        each for each in (*calendar.withdrawn_overrides, *calendar.overrides) if each.made_at and each.made_at <= moment
    ]
    by_date = {each.date: replace(each, withdrawn_at=None) for each in made}  # the later one of a date holds
    gone = tuple(each for each in made if each.withdrawn_at is not None and each.withdrawn_at <= moment)
    calendar = replace(calendar, overrides=tuple(by_date.values()), withdrawn_overrides=gone)
    return replace(schedule, changes=tuple(changes), calendar=calendar)


@settings(deadline=None)
@given(a_history())
def test_a_zip_of_at_most_a_week_with_updates_shows_what_the_api_shows(
    history: tuple[Schedule, datetime, datetime],
) -> None:
    """On each date of realtime for which the zip is no more than seven days old when the date begins."""
    schedule, fetched, now = history
    content, told = zip_at(as_it_was(schedule, fetched), fetched), updates_of(schedule, now)
    today = now.astimezone(OSLO).date()
    for day in [today + days * DAY for days in range(8)]:
        if fetched + timedelta(days=7) >= datetime(day.year, day.month, day.day, tzinfo=OSLO):
            assert applied(content, told, day, OSLO) == shown(schedule, day)


@settings(max_examples=50, deadline=None)
@given(a_history())
def test_beyond_realtime_the_zip_alone_shows_what_the_api_shows(history: tuple[Schedule, datetime, datetime]) -> None:
    schedule, _, now = history
    today = now.astimezone(OSLO).date()
    content = zip_at(schedule, now)
    for day in [today + days * DAY for days in range(8, 16)]:
        calls = static_trips(content, day).values()
        assert sorted(tuple((stop, *times) for _, stop, *times in each) for each in calls) == shown(schedule, day)


def test_publications_enter_the_zip_at_once() -> None:
    schedule = a_schedule(a_timetable(), a_timetable("new", trips("gyldenpris", "weekday", "09:00")), last=TODAY)
    published = replace(schedule, publications=(*schedule.publications, Publication("new", Validity(TODAY + DAY), NOW)))
    content = zip_at(published, NOW)
    assert [calls[0][3] for calls in static_trips(content, TODAY + DAY).values()] == [540]
    assert len(read(updates_of(published)).entity) == 0


def test_every_change_of_the_next_week_is_an_alert_in_three_languages() -> None:
    entities = read(alerts(CHANGED, NOW, PUBLISHER, NOW)).entity
    assert [entity.id for entity in entities] == [
        "2026-11-23.gyldenpris-weekday-1000",
        "2026-11-24.gyldenpris-weekday-1200",
        "2026-11-25.extra-nesttun-2530",
    ]
    for entity in entities:
        assert [text.language for text in entity.alert.header_text.translation] == ["nb", "nn", "en"]
    (nb, _, en) = entities[0].alert.description_text.translation
    assert (nb.text.split(". Grunn: ")[1], en.text.split("Reason: ")[1]) == ("Været", "Weather")


def test_a_changed_day_type_is_one_alert_of_its_date() -> None:
    tomorrow = TODAY + DAY
    override = Override(date=tomorrow, day_type="holiday", reason="Streik", made_at=NOW)
    schedule = a_schedule()
    changed = replace(schedule, calendar=replace(schedule.calendar, overrides=(override,)))
    (entity,) = alerts_of(changed)
    alert = entity.alert  # type: ignore[attr-defined]
    names = schedule.calendar.names_of("holiday")
    (header, _, english) = alert.header_text.translation
    assert header.text == f"Endret rute tirsdag 24. november 2026: bussen går etter tabellen for «{names.nb}»"
    assert names.en in english.text and "Tuesday 24 November 2026" in english.text
    assert alert.description_text.translation[0].text == "Grunn: Streik"
    assert [(each.route_id, each.stop_id) for each in alert.informed_entity] == [("gyldenpris", "")]
    both = [day.departures[-1] for day in (schedule.departures_on(tomorrow), changed.departures_on(tomorrow))]
    ends = max(departure.calls[-1].arrives for departure in both)
    (period,) = alert.active_period
    assert (period.start, period.end) == (int(NOW.timestamp()), int(instant(tomorrow, ends, OSLO).timestamp()))
    same = replace(override, day_type="weekday")
    assert alerts_of(replace(schedule, calendar=replace(schedule.calendar, overrides=(same,)))) == []


def test_an_alert_names_trip_route_and_boarding_stops() -> None:
    entities = read(alerts(CHANGED, NOW, PUBLISHER, NOW)).entity
    updates = read(updates_of(CHANGED)).entity
    for entity, update in zip(entities, updates, strict=True):
        selectors = entity.alert.informed_entity
        assert {selector.trip.trip_id for selector in selectors} == {update.trip_update.trip.trip_id}
        assert {selector.route_id for selector in selectors} == {update.trip_update.trip.route_id}
        assert [selector.stop_id for selector in selectors] == ["", "vagsbunnen"]


def test_an_alert_ends_when_the_departure_would_have_arrived() -> None:
    ends = [entity.alert.active_period[0].end for entity in read(alerts(CHANGED, NOW, PUBLISHER, NOW)).entity]
    assert datetime.fromtimestamp(ends[0], OSLO) == datetime(2026, 11, 23, 10, 10, tzinfo=OSLO)
    assert datetime.fromtimestamp(ends[2], OSLO) == datetime(2026, 11, 26, 1, 40, tzinfo=OSLO)
    earlier = with_changes(a_schedule(), a_retiming("gyldenpris-weekday-1200", TODAY, "11:30", made_at=NOW))
    ((entity),) = read(alerts(earlier, NOW, PUBLISHER, NOW)).entity
    assert entity.alert.active_period[0].end == instant(TODAY, 730, OSLO).timestamp()


@pytest.mark.parametrize(("number", "cause", "effect"), [(0, 8, 1), (1, 3, 6), (2, 2, 5)])
def test_cause_and_effect_are_those_of_the_specification(number: int, cause: int, effect: int) -> None:
    alert = read(alerts(CHANGED, NOW, PUBLISHER, NOW)).entity[number].alert
    assert (alert.cause, alert.effect) == (cause, effect)


def test_without_changes_there_is_a_feed_with_nothing_in_it() -> None:
    assert len(read(alerts(the_real_schedule(), NOW, PUBLISHER, NOW)).entity) == 0
    assert len(read(updates_of(the_real_schedule())).entity) == 0


def test_no_entity_is_newer_than_its_header() -> None:
    message = read(updates_of(CHANGED))
    assert all(0 < entity.trip_update.timestamp <= message.header.timestamp for entity in message.entity)


def closing_early(closes: int) -> Schedule:
    """The real schedule on a Monday on which MO Gyldenpris closes early."""
    schedule = the_real_schedule()
    closing = EarlyClosing(stop="mo-gyldenpris", date=TODAY, closes=closes, made_at=NOW)
    return replace(schedule, opening_times=replace(schedule.opening_times, closings=(closing,)))


def test_a_centre_that_closes_early_is_an_alert_of_its_stop_and_late_trips() -> None:
    schedule = closing_early(17 * 60)
    content, (entity,) = zip_at(schedule, NOW), alerts_of(schedule)
    alert = entity.alert  # type: ignore[attr-defined]
    (header, _, english) = alert.header_text.translation
    assert header.text == "MO Gyldenpris stenger tidlig, kl.\u00a017.00."
    assert english.text.startswith("MO Gyldenpris closes early")
    told = alert.description_text.translation[0].text
    assert told.startswith("Disse avgangene kommer fram etter det: 17.00 (framme 17.") and "18.30" in told
    assert "15.00" not in told
    assert {each.stop_id for each in alert.informed_entity} == {"mo-gyldenpris"}
    late = {each.trip.trip_id: each.trip.start_time for each in alert.informed_entity if each.trip.trip_id}
    assert sorted(late.values()) == ["17:00:00", "18:30:00"]
    assert late.keys() <= {row["trip_id"] for row in lines(content, "trips.txt")}
    assert "mo-gyldenpris" in {row["stop_id"] for row in lines(content, "stops.txt")}
    (period,) = alert.active_period
    assert period.start == int(NOW.timestamp()) < period.end == int(instant(TODAY, 22 * 60, OSLO).timestamp())


def test_a_closing_names_no_trip_after_the_last_bus_and_ends() -> None:
    (entity,) = alerts_of(closing_early(21 * 60))
    alert = entity.alert  # type: ignore[attr-defined]
    assert alert.description_text.translation[0].text == "Alle avganger i dag kommer fram før det."
    assert [each.HasField("trip") for each in alert.informed_entity] == [False]
    assert alerts_of(closing_early(21 * 60), NOW + DAY) == []


def test_an_extra_too_late_for_the_static_feed_has_its_own_id() -> None:
    schedule = with_changes(closing_early(21 * 60), an_extra("gyldenpris", TODAY, "21:30", made_at=NOW))
    (closing,) = [each for each in alerts_of(schedule) if each.id.endswith("closes-early")]  # type: ignore[attr-defined]
    (new,) = read(updates_of(schedule)).entity
    late = [each.trip for each in closing.alert.informed_entity if each.HasField("trip")]  # type: ignore[attr-defined]
    assert [trip.trip_id for trip in late] == [new.trip_update.trip.trip_id]
