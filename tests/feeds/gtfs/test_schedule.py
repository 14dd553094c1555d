import contextlib
import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from gtfs_validator.cli import main as validate
from hypothesis import given, settings
from hypothesis import strategies as st

from shuttle.domain.basics.errors import Refused
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import dates
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import Stop, Vehicle
from shuttle.feeds.gtfs.schedule import COLOURS, published_feed
from shuttle.feeds.gtfs.tables import zipped
from shuttle.language import words
from shuttle.language.headsigns import headsign
from tests.builders import (
    PUBLISHER,
    a_cancellation,
    a_retiming,
    a_schedule,
    a_timetable,
    an_extra,
    the_real_schedule,
    trips,
    two_centres,
    with_changes,
)
from tests.feeds.gtfs.gtfs_readers import GTFS_READERS, ByDate, GtfsReader, by_the_letter, lines, static_zip
from tests.strategies import ANCHORS, any_schedule, window

TODAY = date(2026, 11, 23)
IN_TIME = datetime(2026, 11, 1, tzinfo=UTC)
"""When a change is made that has notice on each of its dates."""
DAYS = dates(TODAY, TODAY + timedelta(days=399))
each_reader = pytest.mark.parametrize("reader", GTFS_READERS)
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")


def expected(schedule: Schedule, days: list[date]) -> ByDate:
    return {
        day: {
            (
                headsign(schedule.network, d, words("nb")),
                tuple((call.stop, 60 * call.arrives, 60 * call.departs) for call in d.calls),
            )
            for d in schedule.departures_on(day).departures
            if d.runs
        }
        for day in days
    }


def changed() -> Schedule:
    return with_changes(
        the_real_schedule(),
        a_cancellation("gyldenpris-weekday-1000", TODAY, TODAY + timedelta(days=30), made_at=IN_TIME),
        a_retiming("gyldenpris-weekday-1200", TODAY, "12:30", made_at=IN_TIME),
        an_extra("nesttun", TODAY, "24:30", made_at=IN_TIME),
    )


@each_reader
def test_a_reader_finds_the_departures_of_each_of_the_next_400_days(reader: GtfsReader) -> None:
    for schedule in (the_real_schedule(), changed()):
        assert reader(static_zip(schedule, TODAY), DAYS) == expected(schedule, DAYS)


@each_reader
@settings(max_examples=20, deadline=None)
@given(case=st.sampled_from(ANCHORS).flatmap(lambda anchor: st.tuples(st.just(anchor), any_schedule(anchor))))
def test_a_reader_finds_the_departures_of_any_schedule(reader: GtfsReader, case: tuple[date, Schedule]) -> None:
    anchor, schedule = case
    days = window(anchor)
    content = static_zip(schedule, days[0], days[-1])
    if lines(content, "trips.txt"):
        assert reader(content, days) == expected(schedule, days)
    else:
        assert not any(expected(schedule, days).values())


def report_of(content: bytes, folder: Path) -> list[tuple[str, str]]:
    """Severity and code of every notice of the validator."""
    path = folder / "gtfs.zip"
    path.write_bytes(content)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        validate(["-i", str(path), "-o", str(folder / "report"), "-c", "NO", "-d", TODAY.isoformat()])
    notices = json.loads((folder / "report" / "report.json").read_text(encoding="utf-8"))["notices"]
    return [(notice["severity"], notice["code"]) for notice in notices]


def without(content: bytes, name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as whole, zipfile.ZipFile(buffer, "w") as part:
        for entry in whole.infolist():
            if entry.filename != name:
                part.writestr(entry, whole.read(entry))
    return buffer.getvalue()


def test_the_validator_finds_nothing_wrong(tmp_path: Path) -> None:
    assert report_of(static_zip(the_real_schedule(), TODAY), tmp_path) == []


def test_the_validator_finds_no_error_in_changes_and_round_trips(tmp_path: Path) -> None:
    timetable = a_timetable(several=trips("round", "weekday", "10:00", "23:50") + trips("nesttun", "holiday", "11:00"))
    schedule = with_changes(
        a_schedule(timetable), a_cancellation("round-weekday-1000", TODAY), an_extra("gyldenpris", TODAY, "9:00")
    )
    assert [code for severity, code in report_of(static_zip(schedule, TODAY), tmp_path) if severity == "ERROR"] == []


@pytest.mark.parametrize("day", [TODAY, date(2026, 11, 28), date(2026, 11, 29), date(2026, 12, 24)])
def test_the_validator_warns_of_nothing_on_any_day_of_the_week(
    day: date, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{__name__}.TODAY", day)
    now = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    moved = a_retiming("gyldenpris-weekday-1700", day, "17:10", day + timedelta(days=20), made_at=IN_TIME)
    extra = an_extra("nesttun", day + timedelta(days=2), "20:30", made_at=now)
    only_realtime_calls_there = ("WARNING", "stop_without_stop_time")
    for schedule, known in (
        (two_centres(), []),
        (with_changes(the_real_schedule(), moved), []),
        (with_changes(the_real_schedule(), moved, extra), [only_realtime_calls_there]),
    ):
        content = zipped(published_feed(schedule, now, PUBLISHER).files)
        assert [notice for notice in report_of(content, tmp_path) if notice[0] != "INFO"] == known


def test_the_validator_would_find_a_missing_file(tmp_path: Path) -> None:
    assert ("ERROR", "missing_required_file") in report_of(
        without(static_zip(the_real_schedule(), TODAY), "stops.txt"), tmp_path
    )


def test_at_each_call_a_trip_says_where_it_still_goes() -> None:
    with zipfile.ZipFile(io.BytesIO(static_zip(two_centres(), TODAY))) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("stop_times.txt").decode())))
        heads = {
            row["trip_id"]: row["trip_headsign"]
            for row in csv.DictReader(io.StringIO(archive.read("trips.txt").decode()))
        }
    (round_trip,) = [trip for trip in heads if trip.startswith("round-weekday-1000_")]
    assert heads[round_trip] == "MO Gyldenpris og MO Nesttun"
    assert [row["stop_headsign"] for row in rows if row["trip_id"] == round_trip] == [
        "MO Gyldenpris og MO Nesttun",
        "MO Nesttun og Vågsbunnen",
        "Vågsbunnen",
        "",
    ]


def test_the_same_schedule_gives_the_same_bytes() -> None:
    assert static_zip(the_real_schedule(), TODAY) == static_zip(replace(the_real_schedule()), TODAY)


def test_the_version_changes_with_the_content() -> None:
    before, after = (lines(static_zip(s, TODAY), "feed_info.txt")[0] for s in (the_real_schedule(), changed()))
    assert before["feed_version"] != after["feed_version"]
    assert (before["feed_lang"], before["feed_start_date"], before["feed_end_date"]) == ("nb", "20261123", "20271227")


def test_a_cancelled_date_is_an_exception_and_not_a_trip() -> None:
    """A "no service" exception that never reaches the published feed shows buses on the day off."""
    assert {row["exception_type"] for row in lines(static_zip(changed(), TODAY), "calendar_dates.txt")} == {"1", "2"}
    (day,) = by_the_letter(static_zip(changed(), TODAY), [TODAY]).values()
    assert not [calls for _, calls in day if calls[0][2] == 36000]


def test_a_moved_departure_replaces_the_planned_one_alone() -> None:
    schedule = with_changes(the_real_schedule(), a_retiming("gyldenpris-weekday-1200", TODAY, "12:30", made_at=IN_TIME))
    (day,) = by_the_letter(static_zip(schedule, TODAY), [TODAY]).values()
    assert sorted(calls[0][2] // 60 for _, calls in day) == [600, 750, 900, 1020, 1110]


def test_a_trip_keeps_its_id_though_one_date_differs() -> None:
    before, after = (
        {row["trip_id"] for row in lines(static_zip(schedule, TODAY), "trips.txt")}
        for schedule in (the_real_schedule(), changed())
    )
    assert before < after
    assert {trip.partition("_")[0] for trip in after - before} == {"gyldenpris-weekday-1200", "extra-nesttun-2430"}


def test_nobody_boards_at_the_end_or_gets_off_at_the_start() -> None:
    rows = [
        row
        for row in lines(static_zip(changed(), TODAY), "stop_times.txt")
        if row["trip_id"].startswith("gyldenpris-weekday-1000_")
    ]
    assert [(row["pickup_type"], row["drop_off_type"]) for row in rows] == [("0", "1"), ("1", "0")]


def test_an_arrival_that_rests_on_an_assumed_running_time_is_approximate() -> None:
    assert {row["timepoint"] for row in lines(static_zip(the_real_schedule(), TODAY), "stop_times.txt")} == {"0", "1"}
    assert {row["timepoint"] for row in lines(static_zip(a_schedule(), TODAY), "stop_times.txt")} == {"1"}


@pytest.mark.parametrize(("places", "answer"), [(0, "2"), (1, "1")])
def test_whether_wheelchairs_are_taken_is_said_when_it_is_known(places: int, answer: str) -> None:
    schedule = a_schedule()
    with_places = replace(
        schedule, network=replace(schedule.network, vehicles=(Vehicle(id="bus", seats=8, wheelchair_places=places),))
    )
    assert {row["wheelchair_accessible"] for row in lines(static_zip(with_places, TODAY), "trips.txt")} == {answer}
    assert {row["wheelchair_accessible"] for row in lines(static_zip(the_real_schedule(), TODAY), "trips.txt")} == {"0"}


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", COLOURS)
def test_white_text_on_a_route_has_contrast(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= 7


def test_a_stop_that_moves_is_two_stops() -> None:
    schedule, turn = a_schedule(), TODAY + timedelta(days=100)
    here = Stop(
        id="vagsbunnen", name="Vågsbunnen", lat=60.39, lon=5.32, validity=Validity(None, turn - timedelta(days=1))
    )
    there = Stop(id="vagsbunnen", name="Vågsbunnen", lat=60.40, lon=5.33, validity=Validity(turn))
    moved = replace(schedule, network=replace(schedule.network, stops=(here, there, *schedule.network.stops[1:])))
    content = static_zip(moved, TODAY)
    by_date = by_the_letter(content, [TODAY, turn])
    assert {calls[0][0] for _, calls in by_date[TODAY]} == {"vagsbunnen"}
    assert {calls[0][0] for _, calls in by_date[turn]} == {f"vagsbunnen_{turn:%Y%m%d}"}
    assert len(lines(content, "stops.txt")) == 3


def test_a_stop_without_a_position_is_refused_by_name() -> None:
    schedule = a_schedule()
    nowhere = replace(schedule.network, stops=(Stop(id="vagsbunnen", name="Vågsbunnen"), *schedule.network.stops[1:]))
    with pytest.raises(Refused, match="vagsbunnen has no position"):
        static_zip(replace(schedule, network=nowhere), TODAY)
