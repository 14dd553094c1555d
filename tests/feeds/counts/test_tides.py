"""TIDES packages are valid by the standard's schemas, keep the four states apart and name no person."""

import csv
import io
import json
import os
import warnings
from collections.abc import Iterable
from contextlib import chdir
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from shuttle.domain.basics.provenance import Provenance
from shuttle.domain.ridership.boardings import Count, Observation
from shuttle.domain.ridership.counted_departures import counted_span
from shuttle.domain.ridership.destination_sums import riders_by_departure
from shuttle.domain.ridership.passings import Passing, PassingKind
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.timetable.changes import ReasonCode
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import Vehicle
from shuttle.feeds.counts.tides import SPEC, VEHICLE_NOT_RECORDED, tides_files
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
from tests.feeds.gtfs.gtfs_readers import lines, static_zip

OSLO = ZoneInfo("Europe/Oslo")
MONDAY = date(2026, 11, 16)
NOW = datetime(2027, 1, 1, tzinfo=UTC)
Counts = dict[tuple[str, str], tuple[int, int | None]]
"""(trip, stop) -> boardings and alightings, on MONDAY."""


def schemas() -> Path:
    """The folder of the TIDES schemas; they are not part of this program."""
    folder = Path(os.environ.get("SHUTTLE_TIDES_SCHEMAS") or Path(__file__).parents[4] / "shared" / "tides")
    if not (folder / "stop_visits.schema.json").is_file():
        pytest.skip(f"the TIDES schemas are not in {folder}; SHUTTLE_TIDES_SCHEMAS names their folder")
    return folder


def files(schedule: Schedule, counts: Counts, span: Span | None = None) -> dict[str, str]:
    observations = {
        (f"{MONDAY}.{trip}", stop): [
            Observation(
                id=f"{trip}{stop}",
                order=1,
                key="k",
                count=Count(
                    departure=f"{MONDAY}.{trip}",
                    stop=stop,
                    boardings=amounts[0],
                    alightings=amounts[1],
                ),
                source="Kari",
                role="driver",
                received_at=NOW,
            )
        ]
        for (trip, stop), amounts in counts.items()
    }
    counted = counted_span(schedule, span or Span(MONDAY, MONDAY), observations, NOW, OSLO)
    riders = riders_by_departure(schedule, counted)
    return tides_files(counted, schedule.network, words("en"), PUBLISHER, riders=riders)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def a_full_day() -> tuple[Schedule, Counts]:
    """Every kind of departure and every state of a stop."""
    schedule = with_changes(
        a_schedule(
            a_timetable(
                "t", trips("gyldenpris", "weekday", "10:00", "12:00", "15:00") + trips("round", "weekday", "17:00")
            )
        ),
        a_cancellation("gyldenpris-weekday-1200", MONDAY),
        a_retiming("gyldenpris-weekday-1500", MONDAY, "15:30"),
        an_extra("gyldenpris", MONDAY, "21:00"),
        an_extra("gyldenpris", MONDAY, "22:00"),
        a_cancellation("extra-gyldenpris-2200", MONDAY, made_at=datetime(2026, 11, 16, 8, tzinfo=UTC)),
    )
    counts: Counts = {
        ("gyldenpris-weekday-1000", "vagsbunnen"): (4, None),
        ("gyldenpris-weekday-1000", "mo-gyldenpris"): (0, 4),
        ("gyldenpris-weekday-1500", "vagsbunnen"): (0, None),
        ("round-weekday-1700", "vagsbunnen"): (5, 3),
        ("round-weekday-1700", "mo-gyldenpris"): (1, 2),
    }
    return schedule, counts


def faults(package: dict[str, str], folder: Path) -> list[str]:
    """What the standard's own command says about a package, with the schemas of a folder; it ends with 1 where it says any."""
    from frictionless.console.console import console  # a second, which a process for each package would take again

    where = f"{schemas().resolve()}/"
    for name, text in package.items():
        local = text.replace(SPEC, where) if name == "datapackage.json" else text
        (folder / name).write_text(local, encoding="utf-8", newline="")
    with chdir(folder), warnings.catch_warnings(action="ignore"):  # how the validator is written is not our matter
        ended = CliRunner().invoke(console, ["validate", "--schema-sync", "--trusted", "--json", "datapackage.json"])
    report = json.loads(ended.stdout)
    assert ended.exit_code == (0 if report["valid"] else 1)
    tables = {name.removesuffix(".csv") for name in package if name.endswith(".csv")}
    assert {task["name"] for task in report["tasks"]} == tables >= {"stop_visits", "trips_performed", "vehicles"}
    return [f"{task['name']}: {error['message']}" for task in report["tasks"] for error in task["errors"]]


def test_a_package_is_valid_by_the_schemas_of_the_standard(tmp_path: Path) -> None:
    assert faults(files(*a_full_day()), tmp_path) == []


def test_a_month_of_the_real_timetable_is_valid(tmp_path: Path) -> None:
    package = files(the_real_schedule(), {}, Span(date(2026, 10, 1), date(2026, 10, 31)))
    assert faults(package, tmp_path) == []
    assert len(rows(package["trips_performed.csv"])) == 22 * 5 + 9 * 3


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("stop_visits.csv", "Missing", "Not recorded"),
        ("stop_visits.csv", ",4,,4,Scheduled", ",-4,,4,Scheduled"),
        ("trips_performed.csv", "Shuttle Bus", "Shuttle"),
        ("trips_performed.csv", f",{VEHICLE_NOT_RECORDED},", ",,"),
        ("stop_visits.csv", "2026-11-16,gyldenpris-weekday-1000,2,", "2026-11-16,gyldenpris-weekday-1000,1,"),
    ],
)
def test_the_validator_finds_what_is_spoilt(tmp_path: Path, name: str, old: str, new: str) -> None:
    package = files(*a_full_day())
    assert old in package[name]
    assert faults({**package, name: package[name].replace(old, new)}, tmp_path) != []


def test_the_descriptor_fits_the_profile_of_the_standard() -> None:
    from jsonschema import Draft7Validator

    profile = json.loads((schemas() / "tides-datapackage-profile.json").read_text("utf-8"))
    document = json.loads(files(*a_full_day())["datapackage.json"])
    assert [error.message for error in Draft7Validator(profile).iter_errors(document)] == []


def test_riders_by_destination_stand_in_a_table_of_their_own() -> None:
    riders = rows(files(*a_full_day())["riders_by_destination.csv"])
    bounds = {(row["trip_id_performed"], row["stop_id"]): tuple(row.values())[3:] for row in riders}
    assert bounds["gyldenpris-weekday-1000", "mo-gyldenpris"] == ("4", "4"), "counted alightings"
    assert bounds["gyldenpris-weekday-1500", "mo-gyldenpris"] == ("0", "0"), "the only stop ahead of the boardings"
    assert bounds["round-weekday-1700", "vagsbunnen"] == ("3", "3")
    assert ("gyldenpris-weekday-1200", "mo-gyldenpris") not in bounds, "a cancelled departure has no riders"


def test_a_number_zero_not_recorded_and_cancelled_are_told_apart() -> None:
    package = files(*a_full_day())
    visits = {(row["trip_id_performed"], row["stop_id"]): row for row in rows(package["stop_visits.csv"])}

    def said(trip: str, stop: str) -> tuple[str, str]:
        return visits[trip, stop]["boarding_1"], visits[trip, stop]["schedule_relationship"]

    assert said("gyldenpris-weekday-1000", "vagsbunnen") == ("4", "Scheduled")
    assert said("gyldenpris-weekday-1500", "vagsbunnen") == ("0", "Scheduled")
    assert said("gyldenpris-weekday-1500", "mo-gyldenpris") == ("", "Missing")
    assert not any(trip == "gyldenpris-weekday-1200" for trip, _ in visits)
    relations = {row["trip_id_performed"]: row["schedule_relationship"] for row in rows(package["trips_performed.csv"])}
    assert relations == {
        "gyldenpris-weekday-1000": "Scheduled",
        "gyldenpris-weekday-1200": "Canceled",
        "gyldenpris-weekday-1500": "Scheduled",
        "round-weekday-1700": "Scheduled",
        "extra-gyldenpris-2100": "Added",
        "extra-gyldenpris-2200": "Canceled",
    }


def test_actual_times_are_those_that_drivers_reported(tmp_path: Path) -> None:
    schedule, _ = a_full_day()
    trip = f"{MONDAY}.round-weekday-1700"
    reported = {
        trip: [
            a_passing(trip, "vagsbunnen", PassingKind.LEFT, "17:04:30"),
            a_passing(trip, "mo-gyldenpris", PassingKind.LEFT, "17:16:00"),
            a_passing(trip, "vagsbunnen", PassingKind.ARRIVED, "17:50:00"),
        ]
    }
    counted = counted_span(schedule, Span(MONDAY, MONDAY), {}, NOW, OSLO)
    package = tides_files(counted, schedule.network, words("en"), PUBLISHER, reported)
    assert faults(package, tmp_path) == []
    visits = [row for row in rows(package["stop_visits.csv"]) if row["trip_id_performed"] == "round-weekday-1700"]
    actual = [(row["actual_arrival_time"], row["actual_departure_time"]) for row in visits]
    assert actual[0] == ("", "2026-11-16T17:04:30+01:00")
    assert actual[1] == ("", "2026-11-16T17:16:00+01:00")
    assert actual[-1] == ("2026-11-16T17:50:00+01:00", "")
    trips_of = {row["trip_id_performed"]: row for row in rows(package["trips_performed.csv"])}
    driven = trips_of["round-weekday-1700"]
    assert driven["actual_trip_start"] == "2026-11-16T17:04:30+01:00"
    assert driven["actual_trip_end"] == "2026-11-16T17:50:00+01:00"
    assert trips_of["gyldenpris-weekday-1000"]["actual_trip_start"] == ""


def a_passing(departure: str, stop: str, kind: PassingKind, clock: str) -> Passing:
    at = datetime.fromisoformat(f"{MONDAY}T{clock}+01:00")
    return Passing(key=f"{stop}{kind}", departure=departure, stop=stop, kind=kind, at=at, said_by="Kari", said_at=at)


def test_a_stop_passed_by_is_skipped_and_the_load_goes_on(tmp_path: Path) -> None:
    schedule, _ = a_full_day()
    trip = f"{MONDAY}.round-weekday-1700"
    observations = {
        (trip, "vagsbunnen"): [
            Observation(
                id="a",
                order=1,
                key="k",
                count=Count(departure=trip, stop="vagsbunnen", boardings=5, alightings=5),
                source="Kari",
                role="driver",
                received_at=NOW,
            )
        ],
        (trip, "mo-nesttun"): [
            Observation(
                id="b",
                order=2,
                key="l",
                count=Count(departure=trip, stop="mo-nesttun", boardings=0, alightings=0),
                source="Kari",
                role="driver",
                received_at=NOW,
            )
        ],
    }
    reasons = {(trip, "mo-gyldenpris"): ReasonCode.ROAD_CLOSED}
    counted = counted_span(schedule, Span(MONDAY, MONDAY), observations, NOW, OSLO, reasons)
    package = tides_files(counted, schedule.network, words("en"), PUBLISHER)
    visits = [row for row in rows(package["stop_visits.csv"]) if row["trip_id_performed"] == "round-weekday-1700"]
    assert [row["schedule_relationship"] for row in visits] == ["Scheduled", "Skipped", "Scheduled", "Scheduled"]
    assert [row["departure_load"] for row in visits] == ["5", "5", "5", "0"]
    assert faults(package, tmp_path) == []


def test_a_departure_that_was_not_scheduled_names_no_scheduled_trip() -> None:
    package = rows(files(*a_full_day())["trips_performed.csv"])
    without = {row["trip_id_performed"] for row in package if not row["trip_id_scheduled"]}
    assert without == {"extra-gyldenpris-2100", "extra-gyldenpris-2200"}


def test_a_moved_departure_has_the_time_of_the_timetable_with_its_offset() -> None:
    package = {row["trip_id_performed"]: row for row in rows(files(*a_full_day())["trips_performed.csv"])}
    assert package["gyldenpris-weekday-1500"]["schedule_trip_start"] == "2026-11-16T15:00:00+01:00"


def test_the_load_is_given_as_far_as_it_is_known() -> None:
    package = rows(files(*a_full_day())["stop_visits.csv"])
    loads = [row["departure_load"] for row in package if row["trip_id_performed"] == "round-weekday-1700"]
    assert loads == ["5", "4", "", ""], "nobody counted at MO Nesttun"
    assert [row["departure_load"] for row in package if row["trip_id_performed"] == "gyldenpris-weekday-1000"] == [
        "4",
        "0",
    ]


def test_every_reference_between_the_tables_holds() -> None:
    package = files(*a_full_day())
    vehicles = {row["vehicle_id"] for row in rows(package["vehicles.csv"])}
    performed = rows(package["trips_performed.csv"])
    visits = rows(package["stop_visits.csv"])
    keys = {(row["service_date"], row["trip_id_performed"]) for row in performed}
    assert {(row["service_date"], row["trip_id_performed"]) for row in visits} <= keys
    assert {row["vehicle_id"] for row in (*performed, *visits)} == vehicles


def test_the_only_bus_is_named_and_its_seats_where_confirmed() -> None:
    confirmed, assumed = (
        Vehicle(id="minibus-1", seats=8, wheelchair_places=1),
        Vehicle(id="minibus-1", seats=8, provenance=Provenance(assumed=True, reason="?")),
    )

    def table_of(*vehicles: Vehicle) -> Iterable[tuple[str, ...]]:
        schedule = replace(a_schedule(), network=replace(a_schedule().network, vehicles=vehicles))
        return [tuple(row.values()) for row in rows(files(schedule, {})["vehicles.csv"])]

    assert table_of(confirmed) == [("minibus-1", "8", "1")]
    assert table_of(assumed) == [("minibus-1", "", "")]
    assert table_of(confirmed, Vehicle(id="minibus-2", seats=16)) == [(VEHICLE_NOT_RECORDED, "", "")]


def test_there_is_no_table_of_persons_and_nobody_who_counted() -> None:
    package = files(*a_full_day())
    tables = ["riders_by_destination.csv", "stop_visits.csv", "trips_performed.csv", "vehicles.csv"]
    assert sorted(package) == sorted(["datapackage.json", "riders_by_destination.schema.json", *tables])
    assert "operator_id" not in package["trips_performed.csv"]
    assert not any("Kari" in text for text in package.values())


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_the_package_is_described_in_each_language(language: str) -> None:
    counted = counted_span(a_schedule(), Span(MONDAY, MONDAY), {}, NOW, OSLO)
    document = json.loads(tides_files(counted, a_schedule().network, words(language), PUBLISHER)["datapackage.json"])
    assert "2026-11-16" in document["title"]
    assert "0" in document["description"]


def test_scheduled_trips_and_stops_have_the_ids_of_gtfs() -> None:
    schedule, counts = a_full_day()
    found = files(schedule, counts)
    static = static_zip(replace(schedule, changes=()), MONDAY, MONDAY)
    scheduled = {row["trip_id_scheduled"] for row in rows(found["trips_performed.csv"])} - {""}
    assert scheduled and scheduled <= {row["trip_id"] for row in lines(static, "trips.txt")}
    assert {row["stop_id"] for row in rows(found["stop_visits.csv"])} <= {
        row["stop_id"] for row in lines(static, "stops.txt")
    }
