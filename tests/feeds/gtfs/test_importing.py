import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.timetable.network import Call
from shuttle.domain.timetable.trips import TimetableStatus, Trip
from shuttle.feeds.gtfs.importing import read_gtfs
from shuttle.feeds.gtfs.schedule import gtfs_zip
from tests.builders import a_cancellation, a_schedule, a_timetable, an_extra, the_real_schedule, trips, with_changes

TODAY = date(2026, 11, 23)
REAL = gtfs_zip(the_real_schedule(), TODAY)


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


def test_what_was_exported_comes_back_as_a_draft() -> None:
    found = read_gtfs(REAL, the_real_schedule(), "tilbake")
    assert set(found.timetable.trips) == set(the_real_schedule().timetable_by_id["2024-10"].trips)
    assert found.timetable.status is TimetableStatus.DRAFT
    assert found.timetable.intended == Validity(TODAY, TODAY + timedelta(days=399))
    assert found.remarks == ()


def test_times_set_by_hand_come_back_and_derived_ones_stay_derived() -> None:
    calls = (Call("vagsbunnen", 1, 600, 600), Call("mo-gyldenpris", 2, 625, 625))
    timetable = a_timetable(several=(Trip("gyldenpris", "weekday", 600, calls), *trips("round", "holiday", "25:10")))
    schedule = a_schedule(timetable)
    assert set(read_gtfs(gtfs_zip(schedule, TODAY), schedule, "tilbake").timetable.trips) == set(timetable.trips)


def test_a_date_that_differs_does_not_make_another_table_and_what_is_left_out_is_said() -> None:
    schedule = with_changes(
        the_real_schedule(),
        a_cancellation("gyldenpris-weekday-1000", TODAY + timedelta(days=1)),
        an_extra("nesttun", TODAY, "9:00"),
    )
    found = read_gtfs(gtfs_zip(schedule, TODAY), schedule, "tilbake")
    assert set(found.timetable.trips) == set(the_real_schedule().timetable_by_id["2024-10"].trips)
    assert found.remarks == ("extra-nesttun-0900 runs on 1 dates and is no regular trip: enter it as a change",)


def test_stops_of_other_ids_are_known_by_their_names() -> None:
    def renamed(text: str) -> str:
        return text.replace("vagsbunnen", "NSR-1")

    found = read_gtfs(edited(stops=renamed, stop_times=renamed), the_real_schedule(), "tilbake")
    assert len(found.timetable.trips) == 8


@pytest.mark.parametrize(
    ("name", "edit", "what", "line"),
    [
        ("trips", lambda text: None, "the file is missing or empty", None),
        ("stop_times", lambda text: text.replace("stop_sequence", "order"), "column stop_sequence is missing", 1),
        ("stop_times", lambda text: text.replace("11:10:00", "30:10:00", 1), "arrival_time is not a time", 3),
        ("stop_times", lambda text: text.replace("11:10:00", "noon", 1), "arrival_time is not a time", 3),
        ("stop_times", lambda text: text.replace(",vagsbunnen,1,", ",bryggen,1,", 1), "none of ours", 2),
        ("stop_times", lambda text: text.replace(",vagsbunnen,1,", ",vagsbunnen,x,", 1), "not a number", 2),
        ("calendar", lambda text: text.replace("20261128", "20261199"), "start_date is not a date", 2),
        ("calendar", lambda text: text.replace("20271226", "20991226"), "spans too long", 2),
        ("calendar_dates", lambda text: text.replace(",1\r\n", ",7\r\n", 1), "unknown exception", 2),
    ],
)
def test_a_fault_is_told_with_file_and_line(name: str, edit: Edit, what: str, line: int | None) -> None:
    with pytest.raises(Invalid) as refusal:
        read_gtfs(edited(**{name: edit}), the_real_schedule(), "tilbake")
    fault = refusal.value.faults[0]
    assert what in fault.what
    assert (fault.where, fault.line) == (f"{name}.txt", line)


def test_a_trip_of_no_pattern_is_refused_with_the_patterns_that_exist() -> None:
    network = replace(a_schedule().network, patterns=a_schedule().network.patterns[1:2])
    with pytest.raises(Invalid, match="no pattern calls at vagsbunnen mo-gyldenpris"):
        read_gtfs(REAL, replace(a_schedule(), network=network), "tilbake")


@pytest.mark.parametrize("content", [b"", b"PK", b"GIF89a", REAL[: len(REAL) // 2]])
def test_what_is_no_zip_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid, match="not a zip"):
        read_gtfs(content, the_real_schedule(), "tilbake")


def test_a_file_that_unpacks_too_large_is_refused_unread() -> None:
    with pytest.raises(Invalid, match="too large"):
        read_gtfs(edited(stops=lambda text: text + "x" * 30_000_000), the_real_schedule(), "tilbake")


def test_a_feed_without_regular_trips_is_refused() -> None:
    schedule = with_changes(a_schedule(a_timetable(several=())), an_extra("nesttun", TODAY, "9:00"))
    with pytest.raises(Invalid, match="no trip runs on most days"):
        read_gtfs(gtfs_zip(schedule, TODAY), schedule, "tilbake")
