import io
import itertools
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import dates
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import Call
from shuttle.domain.timetable.trips import Publication, TimetableStatus, Trip
from shuttle.feeds.gtfs.importing import ImportedFeed, read_gtfs
from shuttle.feeds.gtfs.periods import timetable_periods
from tests.builders import (
    a_cancellation,
    a_retiming,
    a_schedule,
    a_timetable,
    an_extra,
    the_real_schedule,
    trips,
    with_changes,
)
from tests.conftest import OSLO
from tests.feeds.gtfs.gtfs_readers import static_zip

TODAY = date(2026, 11, 23)
IN_TIME = datetime(2026, 11, 1, tzinfo=UTC)
REAL = static_zip(the_real_schedule(), TODAY)


Edit = Callable[[str], str | None]


def edited(**edits: Edit) -> bytes:
    """The real feed with files changed, by name without ".txt"; a file is left out where its edit gives None."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(REAL)) as whole, zipfile.ZipFile(buffer, "w") as other:
        for entry in whole.namelist():
            text = edits.get(entry.removesuffix(".txt"), str)(whole.read(entry).decode())
            if text is not None:
                other.writestr(entry, text)
    return buffer.getvalue()


def imported(content: bytes, schedule: Schedule | None = None) -> ImportedFeed:
    return read_gtfs(content, schedule or the_real_schedule(), "tilbake", OSLO)


def test_what_was_exported_comes_back_as_a_draft() -> None:
    feed = imported(REAL)
    (draft,) = feed.timetables
    assert set(draft.trips) == set(the_real_schedule().timetable_by_id["2024-10"].trips)
    assert draft.status is TimetableStatus.DRAFT
    assert draft.intended == Validity(TODAY, TODAY + timedelta(days=399))
    assert feed.remarks == ()


def test_times_set_by_hand_come_back_and_derived_ones_stay_derived() -> None:
    calls = (Call("vagsbunnen", 1, 600, 600), Call("mo-gyldenpris", 2, 625, 625))
    timetable = a_timetable(several=(Trip("gyldenpris", "weekday", 600, calls), *trips("round", "holiday", "25:10")))
    schedule = a_schedule(timetable)
    (draft,) = imported(static_zip(schedule, TODAY), schedule).timetables
    assert set(draft.trips) == set(timetable.trips)


def test_a_date_that_differs_is_told_and_makes_no_other_draft() -> None:
    schedule = with_changes(
        the_real_schedule(),
        a_cancellation("gyldenpris-weekday-1000", TODAY + timedelta(days=1), made_at=IN_TIME),
        an_extra("nesttun", TODAY, "9:00", made_at=IN_TIME),
    )
    feed = imported(static_zip(schedule, TODAY), schedule)
    (draft,) = feed.timetables
    assert set(draft.trips) == set(the_real_schedule().timetable_by_id["2024-10"].trips)
    extra, cancelled = sorted(feed.remarks)
    assert re.fullmatch(r"extra-nesttun-0900_\w+ also runs on 2026-11-23 and is no regular trip.*", extra)
    assert re.fullmatch(r"gyldenpris-weekday-1000_\w+ does not run on 2026-11-24: enter it as a change", cancelled)


def test_a_temporary_move_is_told_and_a_later_table_is_a_draft_of_its_own() -> None:
    turn = TODAY + timedelta(days=35)
    new = a_timetable("new", trips("gyldenpris", "weekday", "10:00", "17:30") + trips("gyldenpris", "holiday", "11:00"))
    old = a_timetable("old", trips("gyldenpris", "weekday", "10:00", "17:00") + trips("gyldenpris", "holiday", "11:00"))
    schedule = replace(
        a_schedule(old, new),
        publications=(
            Publication("old", Validity(date(2024, 10, 1), turn - timedelta(days=1))),
            Publication("new", Validity(turn)),
        ),
        changes=(
            a_retiming(
                "gyldenpris-weekday-1700",
                TODAY + timedelta(days=8),
                "17:10",
                TODAY + timedelta(days=21),
                made_at=IN_TIME,
            ),
        ),
    )
    feed = imported(static_zip(schedule, TODAY), schedule)
    first, second = feed.timetables
    assert (first.id, set(first.trips), first.intended.last) == ("tilbake", set(old.trips), turn - timedelta(days=1))
    assert (second.id, set(second.trips), second.intended.first) == ("tilbake-2", set(new.trips), turn)
    several, *moved = feed.remarks
    assert several.startswith("the feed holds 2 timetables")
    assert len(moved) == 2 and all("(10 dates)" in each for each in moved)


def a_feed(services: dict[str, tuple[str, str, str]], runs: list[tuple[str, str, str]], **files: str) -> bytes:
    """A feed of others: services (week as 1111100, first, last), and trips (id, service, time of departure)."""
    stop_times = "".join(
        f"{trip},{time},{time},vagsbunnen,1\n{trip},{later(time)},{later(time)},mo-gyldenpris,2\n"
        for trip, _, time in runs
    )
    texts = {
        "stops": "stop_id,stop_name\nvagsbunnen,A\n\nmo-gyldenpris,B\n",
        "trips": "route_id,service_id,trip_id\n" + "".join(f"g,{service},{trip}\n" for trip, service, _ in runs),
        "stop_times": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n" + stop_times,
        "calendar": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
        + "".join(f"{name},{','.join(week)},{first},{last}\n" for name, (week, first, last) in services.items()),
        **files,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in texts.items():
            archive.writestr(f"{name}.txt", text)
    return buffer.getvalue()


def later(time: str) -> str:
    return f"{time[:3]}{int(time[3:5]) + 10:02d}{time[5:]}"


WEEKDAYS = ("1111100", "20261130", "20270226")


@pytest.mark.parametrize(
    ("week", "remark"),
    [
        ("1010100", "b also runs on mondays, wednesdays, fridays from 2026-11-30 to 2027-02-26"),
        ("1111000", "b also runs on mondays, tuesdays, wednesdays, thursdays from"),
        ("0000010", "b also runs on saturdays from 2026-12-05 to 2027-02-20"),
    ],
)
def test_a_trip_on_some_weekdays_of_a_day_type_is_told_and_not_added(week: str, remark: str) -> None:
    content = a_feed(
        {"wk": WEEKDAYS, "some": (week, *WEEKDAYS[1:])}, [("a", "wk", "10:00:00"), ("b", "some", "12:00:00")]
    )
    feed = imported(content)
    assert [trip.departs for trip in feed.timetables[0].trips] == [600]
    assert any(each.startswith(remark) for each in feed.remarks)


def test_seasons_are_drafts_and_the_months_between_are_left_out() -> None:
    content = a_feed(
        {"winter": WEEKDAYS, "summer": ("1111100", "20270601", "20270831")},
        [("w", "winter", "10:00:00"), ("s", "summer", "12:00:00")],
    )
    drafts = imported(content).timetables
    assert [[trip.departs for trip in draft.trips] for draft in drafts] == [[600], [720]]
    assert drafts[0].intended.last is not None and drafts[0].intended.last < date(2027, 6, 1)
    assert drafts[1].intended == Validity(date(2027, 6, 1), date(2027, 8, 31))


def test_a_month_that_is_taken_out_parts_two_drafts() -> None:
    july = "".join(f"all,202707{day:02d},2\n" for day in range(1, 32))
    content = a_feed(
        {"all": ("1111100", "20270503", "20270930")},
        [("a", "all", "10:00:00")],
        calendar_dates=f"service_id,date,exception_type\n{july}",
    )
    drafts = imported(content).timetables
    assert [draft.id for draft in drafts] == ["tilbake", "tilbake-2"]
    assert drafts[0].intended.last == date(2027, 6, 30) and drafts[1].intended.first == date(2027, 8, 2)


def test_seconds_are_cut_and_told_by_trip() -> None:
    feed = imported(a_feed({"wk": WEEKDAYS}, [("a", "wk", "10:00:30")]))
    assert [trip.departs for trip in feed.timetables[0].trips] == [600]
    assert "times with seconds are cut to whole minutes in a" in feed.remarks


@pytest.mark.parametrize(
    ("zone", "is_read"), [("Europe/Oslo", True), ("Europe/Berlin", True), ("UTC", False), ("Oslo", False)]
)
def test_a_feed_of_other_hours_is_refused(zone: str, is_read: bool) -> None:
    content = a_feed({"wk": WEEKDAYS}, [("a", "wk", "10:00:00")], agency=f"agency_name,agency_timezone\nA,{zone}\n")
    if is_read:
        assert imported(content).timetables
    else:
        with pytest.raises(Invalid, match="another time zone"):
            imported(content)


@st.composite
def any_running(draw: st.DrawFn) -> list[frozenset[date]]:
    """Dates of some trips: weekdays of seasons, with dates added and taken out."""
    trips_dates = []
    for _ in range(draw(st.integers(1, 5))):
        first = TODAY + timedelta(days=draw(st.integers(0, 120)))
        span = dates(first, first + timedelta(days=draw(st.integers(0, 200))))
        week = draw(st.sets(st.integers(0, 6), min_size=1) | st.sampled_from([set(range(5)), {5, 6}]))
        days = {day for day in span if day.weekday() in week}
        odd = draw(st.sets(st.integers(0, 300), max_size=8))
        trips_dates.append(frozenset(days ^ {TODAY + timedelta(days=each) for each in odd}))
    return trips_dates


@given(any_running())
def test_drafts_and_remarks_together_are_the_service_of_the_feed(running: list[frozenset[date]]) -> None:
    calendar = a_schedule().calendar
    periods, deviations = timetable_periods(running, calendar)
    assert all(one.last < two.first for one, two in itertools.pairwise(periods))
    for trip, days in enumerate(running):
        told = {
            day
            for period in periods
            for day in dates(period.first, period.last)
            if trip in period.trips.get(calendar.service_day(day).day_type, ())
        }
        for deviation in deviations:
            if deviation.trip == trip:
                assert told.isdisjoint(deviation.added) and told.issuperset(deviation.removed)
                told = (told | set(deviation.added)) - set(deviation.removed)
        assert told == days


def test_stops_of_other_ids_are_known_by_their_names() -> None:
    def renamed(text: str) -> str:
        return text.replace("vagsbunnen", "NSR-1")

    assert len(imported(edited(stops=renamed, stop_times=renamed)).timetables[0].trips) == 8


@pytest.mark.parametrize(
    ("name", "edit", "what", "line"),
    [
        ("trips", lambda text: None, "the file is missing or empty", None),
        ("stop_times", lambda text: text.replace("stop_sequence", "order"), "column stop_sequence is missing", 1),
        ("stop_times", lambda text: text.replace("11:10:00", "30:10:00", 1), "arrival_time is not a time", 3),
        ("stop_times", lambda text: text.replace("11:10:00", "noon", 1), "arrival_time is not a time", 3),
        ("stop_times", lambda text: text.replace(",vagsbunnen,1,", ",bryggen,1,", 1), "none of ours", 2),
        ("stop_times", lambda text: text.replace(",vagsbunnen,1,", ",vagsbunnen,x,", 1), "not a number", 2),
        ("calendar", lambda text: text.replace("20261123", "20261199", 1), "start_date is not a date", 2),
        ("calendar", lambda text: text.replace("20271227", "20991226", 1), "spans too long", 2),
        ("calendar_dates", lambda text: text.replace(",1\r\n", ",7\r\n", 1), "unknown exception", 2),
    ],
)
def test_a_fault_is_told_with_file_and_line(name: str, edit: Edit, what: str, line: int | None) -> None:
    with pytest.raises(Invalid) as refusal:
        read_gtfs(edited(**{name: edit}), the_real_schedule(), "tilbake", OSLO)
    fault = refusal.value.faults[0]
    assert what in fault.what
    assert (fault.where, fault.line) == (f"{name}.txt", line)


def test_a_trip_of_no_pattern_is_refused_with_the_patterns_that_exist() -> None:
    network = replace(a_schedule().network, patterns=a_schedule().network.patterns[1:2])
    with pytest.raises(Invalid, match="no pattern calls at vagsbunnen mo-gyldenpris"):
        read_gtfs(REAL, replace(a_schedule(), network=network), "tilbake", OSLO)


@pytest.mark.parametrize("content", [b"", b"PK", b"GIF89a", REAL[: len(REAL) // 2]])
def test_what_is_no_zip_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid, match="not a zip"):
        read_gtfs(content, the_real_schedule(), "tilbake", OSLO)


def test_large_and_foreign_files_of_a_feed_are_passed_over() -> None:
    assert (
        len(imported(a_feed({"wk": WEEKDAYS}, [("a", "wk", "10:00:00")], shapes="x" * 30_000_000)).timetables[0].trips)
        == 1
    )


def test_a_file_that_unpacks_too_large_is_refused_unread() -> None:
    with pytest.raises(Invalid, match="too large"):
        read_gtfs(edited(stops=lambda text: text + "x" * 30_000_000), the_real_schedule(), "tilbake", OSLO)


def test_a_feed_without_regular_trips_is_refused() -> None:
    extra = an_extra("nesttun", TODAY, "9:00", made_at=IN_TIME)
    schedule = with_changes(a_schedule(a_timetable(several=())), extra)
    with pytest.raises(Invalid, match="no trip runs on every weekday"):
        read_gtfs(static_zip(schedule, TODAY), schedule, "tilbake", OSLO)
