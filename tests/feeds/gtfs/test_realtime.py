"""GTFS Realtime, read back by the bindings that other programs use."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from google.transit import gtfs_realtime_pb2

from shuttle.domain.timetable.changes import ReasonCode
from shuttle.feeds.gtfs.realtime import alerts, trip_updates
from shuttle.feeds.gtfs.schedule import gtfs_zip
from tests.builders import a_cancellation, a_retiming, a_schedule, an_extra, the_real_schedule, with_changes
from tests.feeds.gtfs.gtfs_readers import lines

OSLO = ZoneInfo("Europe/Oslo")
TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)

CHANGED = with_changes(
    a_schedule(),
    a_cancellation("gyldenpris-weekday-1000", TODAY, reason=ReasonCode.WEATHER),
    a_retiming("gyldenpris-weekday-1200", TODAY + timedelta(days=1), "12:30"),
    an_extra("nesttun", TODAY + timedelta(days=2), "25:30", reason=ReasonCode.DEMAND),
    a_cancellation("gyldenpris-weekday-1000", TODAY + timedelta(days=30)),
)


def read(content: bytes) -> Any:
    message = gtfs_realtime_pb2.FeedMessage()
    assert message.ParseFromString(content) == len(content)
    assert message.IsInitialized()
    return message


def test_a_feed_says_its_version_and_when_it_was_made() -> None:
    header = read(trip_updates(CHANGED, NOW, OSLO)).header
    assert (header.gtfs_realtime_version, header.incrementality, header.timestamp) == ("2.0", 0, int(NOW.timestamp()))


def test_a_cancelled_and_a_moved_departure_are_cancelled_in_their_planned_form() -> None:
    found = [entity.trip_update.trip for entity in read(trip_updates(CHANGED, NOW, OSLO)).entity]
    assert [(trip.trip_id, trip.start_date, trip.start_time, trip.schedule_relationship) for trip in found] == [
        ("gyldenpris-weekday-1000", "20261123", "10:00:00", 3),
        ("gyldenpris-weekday-1200", "20261124", "12:00:00", 3),
    ]


def test_a_cancelled_trip_is_one_of_the_schedule_feed() -> None:
    ids = {row["trip_id"] for row in lines(gtfs_zip(CHANGED, TODAY), "trips.txt")}
    assert {entity.trip_update.trip.trip_id for entity in read(trip_updates(CHANGED, NOW, OSLO)).entity} <= ids


def test_every_change_of_the_next_week_is_an_alert_in_three_languages() -> None:
    found = read(alerts(CHANGED, NOW, OSLO)).entity
    assert [entity.id for entity in found] == [
        "2026-11-23.gyldenpris-weekday-1000",
        "2026-11-24.gyldenpris-weekday-1200",
        "2026-11-25.extra-nesttun-2530",
    ]
    for entity in found:
        assert [text.language for text in entity.alert.header_text.translation] == ["nb", "nn", "en"]
    (nb, _, en) = found[0].alert.description_text.translation
    assert (nb.text.split(". Grunn: ")[1], en.text.split("Reason: ")[1]) == ("Været", "Weather")


def test_an_alert_ends_when_the_departure_would_have_arrived() -> None:
    ends = [entity.alert.active_period[0].end for entity in read(alerts(CHANGED, NOW, OSLO)).entity]
    assert datetime.fromtimestamp(ends[0], OSLO) == datetime(2026, 11, 23, 10, 10, tzinfo=OSLO)
    assert datetime.fromtimestamp(ends[2], OSLO) == datetime(2026, 11, 26, 1, 40, tzinfo=OSLO)


@pytest.mark.parametrize(("number", "cause", "effect"), [(0, 8, 1), (1, 3, 6), (2, 2, 5)])
def test_cause_and_effect_are_those_of_the_specification(number: int, cause: int, effect: int) -> None:
    alert = read(alerts(CHANGED, NOW, OSLO)).entity[number].alert
    assert (alert.cause, alert.effect) == (cause, effect)


def test_without_changes_there_is_a_feed_with_nothing_in_it() -> None:
    assert len(read(alerts(the_real_schedule(), NOW, OSLO)).entity) == 0
