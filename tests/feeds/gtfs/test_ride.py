"""GTFS-ride: a valid GTFS of the timetable, and beside it what was counted, with the four states told apart."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.basics.provenance import Provenance, Validity
from shuttle.domain.basics.service_time import dates
from shuttle.domain.ridership.boardings import Count, Observation
from shuttle.domain.ridership.counted_departures import CountedSpan, counted_span
from shuttle.domain.ridership.destination_sums import riders_by_departure
from shuttle.domain.ridership.skipped_stops import SkipReasons
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.timetable.changes import ReasonCode
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import Vehicle
from shuttle.feeds.gtfs.ride import gtfs_ride_files
from shuttle.feeds.gtfs.tables import zipped
from shuttle.language import words
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
from tests.feeds.gtfs.gtfs_readers import by_the_letter, lines, static_zip, trip_of
from tests.feeds.gtfs.test_schedule import report_of

OSLO = ZoneInfo("Europe/Oslo")
MONDAY = date(2026, 11, 16)
WEEK = Span(MONDAY, MONDAY + timedelta(days=6))
NOW = datetime(2027, 1, 1, tzinfo=UTC)
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")

Counts = dict[tuple[str, str], tuple[int, int | None]]
"""(departure, stop) -> boardings and alightings."""


def counted(
    schedule: Schedule, counts: Counts, span: Span = WEEK, now: datetime = NOW, unserved: SkipReasons | None = None
) -> CountedSpan:
    said = {
        (departure, stop): [
            Observation(
                id=f"{departure}{stop}",
                order=1,
                key="k",
                count=Count(departure=departure, stop=stop, boardings=amounts[0], alightings=amounts[1]),
                source="Kari",
                role="driver",
                received_at=NOW,
            )
        ]
        for (departure, stop), amounts in counts.items()
    }
    return counted_span(schedule, span, said, now, OSLO, unserved or {})


def feed(schedule: Schedule, counts: Counts, span: Span = WEEK, now: datetime = NOW) -> bytes:
    found = counted(schedule, counts, span, now)
    riders = riders_by_departure(schedule, found)
    return zipped(gtfs_ride_files(schedule, found, words("en"), PUBLISHER, riders))


def on(trip: str, day: date = MONDAY) -> str:
    return f"{day}.{trip}"


def a_full_day() -> tuple[Schedule, Counts]:
    """Every kind of departure and every state of a stop."""
    several = trips("gyldenpris", "weekday", "10:00", "12:00", "15:00") + trips("round", "weekday", "17:00")
    schedule = with_changes(
        a_schedule(a_timetable("t", several)),
        a_cancellation("gyldenpris-weekday-1200", MONDAY),
        a_retiming("gyldenpris-weekday-1500", MONDAY, "15:30"),
        an_extra("gyldenpris", MONDAY, "21:00"),
        an_extra("gyldenpris", MONDAY, "22:00"),
        a_cancellation("extra-gyldenpris-2200", MONDAY, made_at=datetime(2026, 11, 16, 8, tzinfo=UTC)),
    )
    return schedule, {
        (on("gyldenpris-weekday-1000"), "vagsbunnen"): (4, None),
        (on("gyldenpris-weekday-1000"), "mo-gyldenpris"): (0, 4),
        (on("gyldenpris-weekday-1500"), "vagsbunnen"): (0, None),
        (on("round-weekday-1700"), "vagsbunnen"): (5, 3),
        (on("extra-gyldenpris-2100"), "vagsbunnen"): (2, None),
    }


def test_the_feed_is_a_valid_gtfs(tmp_path: Path) -> None:
    for schedule, counts in (a_full_day(), (the_real_schedule(), {})):
        errors = [code for severity, code in report_of(feed(schedule, counts), tmp_path) if severity == "ERROR"]
        assert errors == []


def test_its_gtfs_is_the_timetable_without_the_changes_of_the_day() -> None:
    schedule, counts = a_full_day()
    days = dates(WEEK.first, WEEK.last)
    planned = static_zip(replace(schedule, changes=()), WEEK.first, WEEK.last)
    assert by_the_letter(feed(schedule, counts), days) == by_the_letter(planned, days)


def test_riders_by_destination_name_trips_and_stops_of_the_feed() -> None:
    riders = {
        (trip_of(row), row["stop_id"]): (row["riders_at_least"], row["riders_at_most"])
        for row in lines(feed(*a_full_day()), "riders_by_destination.txt")
    }
    assert riders["gyldenpris-weekday-1000", "mo-gyldenpris"] == ("4", "4")
    assert riders["extra-gyldenpris-2100", "mo-gyldenpris"] == ("2", "2"), "the only stop ahead of the boardings"
    assert riders["round-weekday-1700", "vagsbunnen"] == ("3", "3")


def test_number_zero_not_recorded_and_cancelled_are_told_apart() -> None:
    found = {
        (trip_of(row), row["stop_id"], row["stop_sequence"]): row
        for row in lines(feed(*a_full_day()), "board_alight.txt")
        if row["service_date"] == "20261116"
    }

    def said(trip: str, stop: str, sequence: str) -> tuple[str, ...]:
        row = found[trip, stop, sequence]
        return row["record_use"], row["schedule_relationship"], row["boardings"], row["alightings"], row["source"]

    assert said("gyldenpris-weekday-1000", "vagsbunnen", "1") == ("0", "0", "4", "", "0")
    assert said("gyldenpris-weekday-1000", "mo-gyldenpris", "2") == ("0", "0", "0", "4", "0")
    assert said("gyldenpris-weekday-1500", "vagsbunnen", "1") == ("0", "0", "0", "", "0")
    assert said("gyldenpris-weekday-1200", "vagsbunnen", "1") == ("1", "1", "", "", "")
    assert said("gyldenpris-weekday-1200", "mo-gyldenpris", "2") == ("1", "1", "", "", "")
    assert said("extra-gyldenpris-2100", "vagsbunnen", "1") == ("0", "5", "2", "", "0")
    assert said("round-weekday-1700", "vagsbunnen", "1") == ("0", "0", "5", "", "0")
    assert said("round-weekday-1700", "vagsbunnen", "4") == ("0", "0", "", "3", "0")
    assert len(found) == 8, "no row for a stop where nobody counted, nor for an extra that was taken back"


def test_the_load_stands_where_it_is_known() -> None:
    found = lines(feed(*a_full_day()), "board_alight.txt")
    ten = [(row["load_count"], row["load_type"]) for row in found if trip_of(row) == "gyldenpris-weekday-1000"]
    assert ten == [("4", "1"), ("0", "1")]
    round_trip = [(row["load_count"], row["load_type"]) for row in found if trip_of(row) == "round-weekday-1700"]
    assert round_trip == [("5", "1"), ("", "")]


def test_every_row_names_a_trip_and_a_call_of_the_feed() -> None:
    content = feed(*a_full_day())
    calls = {(row["trip_id"], row["stop_id"], row["stop_sequence"]) for row in lines(content, "stop_times.txt")}
    rows = lines(content, "board_alight.txt")
    assert {(row["trip_id"], row["stop_id"], row["stop_sequence"]) for row in rows} <= calls
    assert {row["stop_id"] for row in lines(content, "ridership.txt")} - {""} <= {stop for _, stop, _ in calls}


def test_a_departure_counted_and_then_cancelled_has_run(tmp_path: Path) -> None:
    schedule, counts = a_full_day()
    counts = {
        **counts,
        (on("gyldenpris-weekday-1200"), "vagsbunnen"): (1, None),
        (on("extra-gyldenpris-2200"), "vagsbunnen"): (3, None),
    }
    found = {trip_of(row): row for row in lines(feed(schedule, counts), "board_alight.txt")}
    assert (found["gyldenpris-weekday-1200"]["record_use"], found["gyldenpris-weekday-1200"]["boardings"]) == ("0", "1")
    assert found["extra-gyldenpris-2200"]["schedule_relationship"] == "5"


def a_counted_day(day: date) -> Counts:
    times = ("1000", "1200", "1500", "1700", "1830")
    return {
        **{(on(f"gyldenpris-weekday-{at}", day), "vagsbunnen"): (3, None) for at in times},
        **{(on(f"gyldenpris-weekday-{at}", day), "mo-gyldenpris"): (0, 3) for at in times},
    }


def test_only_a_day_that_was_counted_whole_has_totals() -> None:
    tuesday = MONDAY + timedelta(days=1)
    counts = {**a_counted_day(MONDAY), **a_counted_day(tuesday)}
    del counts[on("gyldenpris-weekday-1500", tuesday), "vagsbunnen"]
    content = feed(a_schedule(), counts)
    found = [
        (row["ridership_start_date"], row["stop_id"], row["total_boardings"], row["total_alightings"])
        for row in lines(content, "ridership.txt")
    ]
    assert found == [
        ("20261116", "mo-gyldenpris", "0", "15"),
        ("20261116", "vagsbunnen", "15", ""),
        ("20261116", "", "15", "15"),
        ("20261117", "mo-gyldenpris", "0", "15"),
    ]
    assert lines(content, "ride_feed_info.txt") == [
        {"ride_files": "4", "ride_start_date": "20261116", "ride_end_date": "20261122"}
    ]


def test_a_skipped_stop_has_a_row_without_counts_and_keeps_totals() -> None:
    counts = a_counted_day(MONDAY)
    ten = on("gyldenpris-weekday-1000")
    del counts[ten, "vagsbunnen"]
    counts[ten, "mo-gyldenpris"] = (0, 0)
    found = counted(a_schedule(), counts, unserved={(ten, "vagsbunnen"): ReasonCode.ROAD_CLOSED})
    content = zipped(gtfs_ride_files(a_schedule(), found, words("en"), PUBLISHER))
    (row,) = [row for row in lines(content, "board_alight.txt") if row["record_use"] == "1"]
    assert (trip_of(row), row["stop_id"], row["schedule_relationship"], row["boardings"]) == (
        "gyldenpris-weekday-1000",
        "vagsbunnen",
        "3",
        "",
    )
    totals = {row["stop_id"]: row["total_boardings"] for row in lines(content, "ridership.txt")}
    assert totals == {"mo-gyldenpris": "0", "vagsbunnen": "12", "": "12"}


def test_a_day_that_is_not_over_has_no_totals() -> None:
    counts = {key: amounts for key, amounts in a_counted_day(MONDAY).items() if "-1000" in key[0]}
    morning = datetime(2026, 11, 16, 10, tzinfo=UTC)
    content = feed(a_schedule(), counts, WEEK, morning)
    assert lines(content, "ridership.txt") == []
    assert lines(content, "ride_feed_info.txt")[0]["ride_files"] == "0"


@given(
    st.dictionaries(
        st.sampled_from(sorted(a_counted_day(MONDAY))), st.tuples(st.integers(0, 9), st.none() | st.integers(0, 9))
    )
)
def test_the_rows_add_up_to_what_was_counted_and_totals_to_the_rows(counts: Counts) -> None:
    content = feed(a_schedule(), counts, Span(MONDAY, MONDAY))
    rows = lines(content, "board_alight.txt")
    assert sum(int(row["boardings"] or 0) for row in rows) == sum(amounts[0] for amounts in counts.values())
    assert sum(int(row["alightings"] or 0) for row in rows) == sum(amounts[1] or 0 for amounts in counts.values())
    for total in lines(content, "ridership.txt"):
        here = [row for row in rows if total["stop_id"] in ("", row["stop_id"])]
        assert int(total["total_boardings"]) == sum(int(row["boardings"] or 0) for row in here)
        if not total["stop_id"]:
            assert total["total_boardings"] == total["total_alightings"]


def test_one_day_alone_leaves_the_span_out_since_its_end_must_be_later() -> None:
    content = feed(a_schedule(), {}, Span(MONDAY, MONDAY))
    assert lines(content, "ride_feed_info.txt") == [{"ride_files": "0", "ride_start_date": "", "ride_end_date": ""}]


def test_the_seats_are_those_of_the_bus_that_ran_where_there_was_only_one() -> None:
    tuesday = MONDAY + timedelta(days=1)
    small, big = Vehicle(id="small", seats=8, wheelchair_places=1), Vehicle(id="big", seats=16)

    def table_of(*vehicles: Vehicle) -> list[tuple[str, ...]]:
        schedule = replace(a_schedule(), network=replace(a_schedule().network, vehicles=vehicles))
        content = feed(schedule, {}, Span(MONDAY, tuesday))
        return [tuple(row.values())[1:] for row in lines(content, "trip_capacity.txt")]

    assert table_of(small) == [("", "small", "8", "1")]
    assumed = replace(small, provenance=Provenance(assumed=True, reason="?"))
    assert table_of(assumed) == [("", "small (seats assumed)", "8", "1")]
    assert table_of(small, big) == []
    until, since = replace(small, validity=Validity(None, MONDAY)), replace(big, validity=Validity(tuesday, None))
    assert table_of(until, since) == [("20261116", "small", "8", "1"), ("20261117", "big", "16", "0")]


def test_there_is_no_file_of_riders_and_nobody_who_counted() -> None:
    schedule, counts = a_full_day()
    files = gtfs_ride_files(schedule, counted(schedule, counts), words("en"), PUBLISHER)
    assert "rider_trip.txt" not in files
    assert not any("Kari" in text for text in files.values())
