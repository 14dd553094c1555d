"""A timetable file reads back as it was written, and a trip that cannot be is refused."""

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.provenance import Provenance, Validity
from shuttle.domain.basics.service_time import LATEST, dates
from shuttle.domain.timetable.network import Call
from shuttle.domain.timetable.trips import Timetable, TimetableStatus, Trip
from shuttle.feeds.schedule_files.folder import read_schedules
from shuttle.feeds.schedule_files.timetables import read_timetable, read_timetable_file, write_timetable
from shuttle.feeds.toml.lines import parse_toml
from tests.builders import SCHEDULES, the_real_schedule


def read_back(text: str) -> Timetable | None:
    return read_timetable(parse_toml(text), [])


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_real_timetable_comes_back_word_for_word() -> None:
    text = (SCHEDULES / "timetables" / "2024-10.toml").read_text(encoding="utf-8")
    timetable = the_real_schedule().timetable_by_id["2024-10"]
    assert sorted(write_timetable(timetable).split("\n\n")) == sorted(
        text.rstrip("\n").split("\n\n")[:1]
        + [
            table.rstrip("\n") + ("\n" if last else "")
            for last, table in zip((False, True), text.split("\n\n")[:0:-1], strict=True)
        ]
    )


def test_times_set_by_hand_come_back() -> None:
    calls = (Call("vagsbunnen", 1, 1440, 1440), Call("mo-nesttun", 2, 1465, 1470))
    timetable = Timetable(
        id="t", name="T", trips=(Trip("nesttun", "weekday", 1440, calls), Trip("nesttun", "weekday", 600))
    )
    timetable_read = read_back(write_timetable(timetable))
    assert timetable_read is not None
    assert set(timetable_read.trips) == set(timetable.trips)


CALLS = st.lists(st.integers(0, LATEST), min_size=4, max_size=4).map(sorted)
TRIPS = st.one_of(
    st.builds(Trip, st.sampled_from(["a", "b"]), st.sampled_from(["weekday", "holiday"]), st.integers(0, LATEST)),
    CALLS.map(
        lambda times: Trip(
            "a", "weekday", times[1], (Call("x", 1, times[0], times[1]), Call("y", 2, times[2], times[3]))
        )
    ),
)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1).filter(str.strip)


@given(
    st.lists(TRIPS, unique_by=lambda trip: trip.id),
    TEXT,
    st.none() | TEXT,
    st.none() | st.dates(date(2020, 1, 1), date(2050, 1, 1)),
)
def test_any_timetable_comes_back_as_it_was(
    several: list[Trip], name: str, reason: str | None, first: date | None
) -> None:
    provenance = Provenance("", reason is not None, reason or "")
    status = TimetableStatus.PUBLISHED if first else TimetableStatus.DRAFT
    timetable = Timetable(
        id="t", name=name, trips=tuple(several), intended=Validity(first), status=status, provenance=provenance
    )
    timetable_read = read_back(write_timetable(timetable))
    assert timetable_read is not None
    assert set(timetable_read.trips) == set(timetable.trips)
    assert (timetable_read.name, timetable_read.intended, timetable_read.status, timetable_read.provenance) == (
        name,
        Validity(first),
        status,
        provenance,
    )


@pytest.mark.parametrize(
    ("trips", "what"),
    [
        ('departs = ["10:00"]\ncalls = []', "either departs or calls"),
        ("", "either departs or calls"),
        ('calls = [{ stop = "x", departs = "10:00" }]', "a trip with 1 call"),
        ('calls = [{ stop = "x" }, { stop = "y", arrives = "10:00" }]', "a call has no time"),
        ('calls = [{ stop = "x", departs = "10:00" }, { stop = "y", arrives = "09:00" }]', "do not follow each other"),
        ('departs = "10:00"', "departs is not a list"),
        ('departs = ["30:00"]', "cannot be read"),
    ],
)
def test_a_trip_that_cannot_be_is_refused(tmp_path: Path, trips: str, what: str) -> None:
    head = 'id = "t"\nname = "T"\n[[trips]]\npattern = "a"\nday_type = "weekday"\n'
    with pytest.raises(Invalid, match=what):
        read_timetable_file(written(tmp_path / "t.toml", head + trips))


def test_a_file_that_ends_before_it_begins_is_refused(tmp_path: Path) -> None:
    text = 'id = "t"\nname = "T"\nvalid_from = 2026-05-02\nvalid_to = 2026-05-01\n'
    with pytest.raises(Invalid) as refusal:
        read_timetable_file(written(tmp_path / "t.toml", text))
    assert [fault.line for fault in refusal.value.faults] == [4]


def test_an_exported_version_has_the_same_departures_on_400_days(tmp_path: Path) -> None:
    calls = (Call("vagsbunnen", 1, 1190, 1190), Call("mo-nesttun", 2, 1215, 1215))
    real = the_real_schedule()
    timetable = real.timetable_by_id["2024-10"]
    several = (*timetable.trips, Trip("nesttun", "weekday", 1190, calls), Trip("nesttun", "holiday", 1450))
    schedule = replace(real, timetables=(replace(timetable, trips=several),))
    folder = Path(shutil.copytree(SCHEDULES, tmp_path / "schedules"))
    text = write_timetable(schedule.timetables[0], schedule.publications[0].valid)
    (folder / "timetables" / "2024-10.toml").write_text(text, encoding="utf-8")
    back, first = read_schedules(folder), date(2026, 11, 23)
    for day in dates(first, first + timedelta(days=399)):
        assert back.departures_on(day) == schedule.departures_on(day)
