"""Sheets of paper counts: every fault has its line, and a missing figure is never read as 0."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.ridership.boardings import Count, Observation
from shuttle.domain.ridership.counted_departures import counted_span
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.timetable.departures import Schedule
from shuttle.feeds.counts.boardings_csv import boardings_csv
from shuttle.feeds.counts.paper_counts import PaperSheet, read_paper_counts
from tests.builders import a_cancellation, a_schedule, a_timetable, an_extra, trips, with_changes

OSLO = ZoneInfo("Europe/Oslo")
NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
TEN = "2026-11-20.gyldenpris-weekday-1000"


def read(text: str, schedule: Schedule | None = None) -> PaperSheet:
    return read_paper_counts("counts.csv", text.encode(), schedule or a_schedule(), NOW, OSLO)


def faults(text: str, schedule: Schedule | None = None) -> list[str]:
    return list(map(str, read(text, schedule).faults))


def test_a_departure_is_named_by_its_id_or_by_date_and_time() -> None:
    by_id = read(f"departure,stop,boardings\n{TEN},vagsbunnen,4\n")
    by_time = read("date;departs;stop;boardings\r\n2026-11-20;10.00;vagsbunnen;4\r\n")
    assert by_id.faults == by_time.faults == ()
    assert by_id.counts[0].count == by_time.counts[0].count
    assert (by_id.counts[0].count.departure, by_id.counts[0].count.boardings) == (TEN, 4)


def test_an_empty_figure_is_not_0_and_a_line_without_figures_adds_nothing() -> None:
    sheet = read(
        "date,departs,stop,boardings,alightings,left_behind,full\n"
        "2026-11-20,10:00,vagsbunnen,0,,3-5,1\n"
        "2026-11-20,12:00,vagsbunnen,,,,\n"
    )
    assert (sheet.faults, sheet.blank) == ((), 1)
    count = sheet.counts[0].count
    assert (count.boardings, count.alightings, count.left_behind, count.full) == (0, None, 3, True)


def test_every_fault_of_a_sheet_has_its_line_and_what_is_allowed() -> None:
    text = (
        "date,departs,stop,boardings,alightings\n"
        "2026-11-20,10:00,vagsbunnen,four,-1\n"
        "\n"
        "20.11.2026,10:00,vagsbunnen,4,\n"
        "2026-11-20,10:30,vagsbunnen,4,\n"
        "2026-11-20,12:00,eidsvag,4,\n"
        "2026-11-20,15:00,vagsbunnen,4\n"
        "2026-11-24,10:00,vagsbunnen,4,\n"
        "2026-11-20,17:00,vagsbunnen,,2\n"
        "2026-11-20,17:00,vagsbunnen,2,\n"
        "2026-11-20,17:00,vagsbunnen,3,\n"
    )
    lines = faults(text)
    assert [fault.split(": ")[0] for fault in lines] == [f"counts.csv:{line}" for line in (2, 2, 4, 5, 6, 7, 8, 9, 11)]
    assert lines[0].endswith("boardings is not a count; given: four; allowed: a whole number from 0 to 1000, or empty")
    assert "given: 20.11.2026; allowed: YYYY-MM-DD" in lines[2]
    assert "10:00 (gyldenpris-weekday-1000), 12:00 (gyldenpris-weekday-1200)" in lines[3]
    assert "allowed: vagsbunnen, mo-gyldenpris" in lines[4]
    assert "there are 4 cells" in lines[5] and "allowed: 5 cells" in lines[5]
    assert "has not left yet" in lines[6]
    assert "boardings is empty beside other figures" in lines[7]
    assert "stands on line 10 already" in lines[8]


def test_a_column_that_could_name_somebody_is_refused_and_nothing_is_read() -> None:
    sheet = read(f"departure,stop,boardings,navn\n{TEN},vagsbunnen,4,Kari\n")
    assert sheet.counts == ()
    assert str(sheet.faults[0]).startswith("counts.csv:1: a column is not known; given: navn; allowed: departure, date")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "the column stop is missing"),
        ("stop,boardings\n", "no column names the departure"),
        ("date,stop,boardings\n", "no column names the departure"),
        ("departure,stop\n", "the column boardings is missing"),
        ("departure,stop,boardings,stop\n", "a column stands there twice"),
        ('departure,stop,boardings\n"x', "this is not CSV"),
        ("departure,date,departs,stop,boardings\n,2026-11-20,,vagsbunnen,4\n", "departs is empty"),
    ],
)
def test_a_sheet_that_cannot_be_understood_is_a_fault(text: str, what: str) -> None:
    assert what in "\n".join(faults(text))


def test_text_in_another_encoding_is_a_fault_with_its_line() -> None:
    sheet = read_paper_counts("c.csv", "departure,stop\nVågsbunnen".encode("latin-1"), a_schedule(), NOW, OSLO)
    assert str(sheet.faults[0]) == "c.csv:2: not UTF-8 text; given: byte e5; allowed: UTF-8"


def test_a_figure_for_wheelchairs_is_a_fault_unless_they_are_counted() -> None:
    text = f"departure,stop,boardings,wheelchairs\n{TEN},vagsbunnen,4,1\n"
    (fault,) = faults(text)
    assert fault.startswith("counts.csv:2: wheelchairs are not counted here")
    sheet = read_paper_counts("counts.csv", text.encode(), a_schedule(), NOW, OSLO, count_wheelchairs=True)
    assert (sheet.faults, sheet.counts[0].count.wheelchairs) == ((), 1)
    assert faults(text.replace(",1\n", ",\n")) == []


def test_a_cancelled_departure_cannot_have_been_counted() -> None:
    schedule = with_changes(a_schedule(), a_cancellation("gyldenpris-weekday-1000", date(2026, 11, 20)))
    (fault,) = faults(f"departure,stop,boardings\n{TEN},vagsbunnen,4\n", schedule)
    assert "is cancelled (vehicle_fault)" in fault


def test_where_two_leave_at_once_the_pattern_or_the_id_says_which() -> None:
    both = trips("gyldenpris", "weekday", "10:00") + trips("nesttun", "weekday", "10:00")
    schedule = a_schedule(a_timetable("both", both))
    (fault,) = faults("date,departs,stop,boardings\n2026-11-20,10:00,vagsbunnen,4\n", schedule)
    assert TEN in fault and "2026-11-20.nesttun-weekday-1000" in fault
    sheet = read("date,departs,pattern,stop,boardings\n2026-11-20,10:00,nesttun,vagsbunnen,4\n", schedule)
    assert [line.departure.pattern for line in sheet.counts] == ["nesttun"]


def test_an_extra_departure_of_the_day_is_known() -> None:
    schedule = with_changes(a_schedule(), an_extra("gyldenpris", date(2026, 11, 20), "21:00"))
    assert faults("date,departs,stop,boardings\n2026-11-20,21:00,vagsbunnen,4\n", schedule) == []


def test_an_export_can_be_read_and_its_lines_without_a_count_are_blank() -> None:
    day = date(2026, 11, 20)
    schedule = with_changes(a_schedule(), a_cancellation("gyldenpris-weekday-1000", day))
    sheet = read(boardings_csv(counted_span(schedule, Span(day, day), {}, NOW, OSLO)), schedule)
    assert [str(fault) for fault in sheet.faults] == []
    assert (sheet.counts, sheet.blank) == ((), 10)


Figures = tuple[int, int | None, int | None, bool | None, int | None]
"""Boardings, alightings, left behind, full and wheelchairs."""

NUMBERS = st.none() | st.integers(0, 1000)
FIGURES = st.tuples(st.integers(0, 1000), NUMBERS, NUMBERS, st.none() | st.booleans(), NUMBERS)
FRIDAY = date(2026, 11, 20)
PLACES = [(d.id, call.stop) for d in a_schedule().departures_on(FRIDAY).departures for call in d.calls]


@given(st.dictionaries(st.sampled_from(PLACES), FIGURES))
def test_what_is_exported_reads_back_as_the_same_counts(figures_by_place: dict[tuple[str, str], Figures]) -> None:
    counts = {
        place: Count(
            departure=place[0],
            stop=place[1],
            boardings=on,
            alightings=off,
            left_behind=left,
            full=full,
            wheelchairs=wheelchairs,
        )
        for place, (on, off, left, full, wheelchairs) in figures_by_place.items()
    }
    words = {
        place: [Observation(id="i", order=1, key="k", count=count, source="s", role="driver", received_at=NOW)]
        for place, count in counts.items()
    }
    text = boardings_csv(counted_span(a_schedule(), Span(FRIDAY, FRIDAY), words, NOW, OSLO))
    sheet = read_paper_counts("counts.csv", text.encode(), a_schedule(), NOW, OSLO, count_wheelchairs=True)
    assert sheet.faults == ()
    assert {(line.count.departure, line.count.stop): line.count for line in sheet.counts} == counts
    assert sheet.blank == len(PLACES) - len(counts)


@given(
    st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
)
def test_no_text_makes_the_reader_fall(rows: str, cell: str) -> None:
    read(rows)
    sheet = read(f"departure,date,departs,stop,boardings\n{cell}\n{TEN},,,vagsbunnen,{cell}\n{rows}")
    assert all("\n" not in str(fault) for fault in sheet.faults)
    assert all(line.count.boardings in range(1001) for line in sheet.counts)
