"""Exports of exact counts, on both databases: complete, without observers' names, and recorded."""

import csv
import io
from datetime import date

import pytest
from sqlalchemy import select

from shuttle.domain.access.permissions import Action, Person, Role, may
from shuttle.domain.basics.errors import Invalid, NotAllowed, NotSignedIn
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.ridership.destination_sums import riders_by_departure
from shuttle.domain.timetable.changes import ChangeKind, ReasonCode
from shuttle.feeds.counts.boardings_csv import boardings_csv
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.boardings import record_and_wait
from shuttle.services.ridership.count_exports import export_counts
from shuttle.services.timetable.changes import change_departure
from shuttle.store.tables.operation import AuditLogRow
from shuttle.store.tables.ridership import TripSumRow

DRIVER = Person("driver-7", "Kari Nordmann", Role.DRIVER)
STAFF = Person("staff-3", "Ola Nordmann", Role.STAFF)
ADMIN = Person("a", "Admin", Role.ADMIN)
FRIDAY = date(2026, 11, 20)
TEN = "2026-11-20.gyldenpris-weekday-1000"
NOON = "2026-11-20.gyldenpris-weekday-1200"
THREE = "2026-11-20.gyldenpris-weekday-1500"


def count(
    context: AppContext,
    departure: str,
    stop: str,
    boardings: int,
    person: Person = DRIVER,
    alightings: int | None = None,
    left_behind: int | None = None,
) -> None:
    key = f"{departure}-{stop}-{boardings}-{person.id}"
    record_and_wait(
        context,
        person,
        Count(departure=departure, stop=stop, boardings=boardings, alightings=alightings, left_behind=left_behind),
        key,
    )


def cancel(context: AppContext, departure: str) -> None:
    with context.transaction() as session:
        change_departure(session, ADMIN, departure, ChangeKind.CANCEL, ReasonCode.WEATHER, None, context.now(), True)


def lines(
    context: AppContext, first: date | None = FRIDAY, last: date | None = FRIDAY
) -> dict[tuple[str, str], dict[str, str]]:
    counted = export_counts(context, STAFF, first, last, "boardings")
    text = boardings_csv(counted, riders_by_departure(context.schedule(), counted))
    return {(line["departure"], line["stop"]): line for line in csv.DictReader(io.StringIO(text))}


def test_every_stop_of_every_departure_has_a_row_with_one_of_four_states(context: AppContext) -> None:
    count(context, TEN, "vagsbunnen", 4)
    count(context, NOON, "vagsbunnen", 0)
    cancel(context, THREE)
    rows = lines(context)
    assert len(rows) == 10
    assert [(rows[d, "vagsbunnen"]["state"], rows[d, "vagsbunnen"]["boardings"]) for d in (TEN, NOON, THREE)] == [
        ("number", "4"),
        ("zero", "0"),
        ("cancelled", ""),
    ]
    uncounted = rows[TEN, "mo-gyldenpris"]
    assert (uncounted["state"], uncounted["boardings"], uncounted["alightings"]) == ("not_recorded", "", "")
    assert (rows[THREE, "vagsbunnen"]["status"], rows[THREE, "vagsbunnen"]["reason"]) == ("cancelled", "weather")


def test_a_line_has_the_riders_who_travelled_to_its_stop(context: AppContext) -> None:
    count(context, TEN, "vagsbunnen", 4)
    rows = lines(context)
    to_centre, to_town, uncounted = rows[TEN, "mo-gyldenpris"], rows[TEN, "vagsbunnen"], rows[NOON, "mo-gyldenpris"]
    assert (to_centre["riders_at_least"], to_centre["riders_at_most"], to_centre["boardings"]) == ("4", "4", "")
    assert (to_town["riders_at_least"], uncounted["riders_at_least"]) == ("", ""), "missing is not zero"


def test_what_nobody_looked_at_is_empty_and_not_0(context: AppContext) -> None:
    count(context, TEN, "vagsbunnen", 4, left_behind=0)
    line = lines(context)[TEN, "vagsbunnen"]
    assert (line["alightings"], line["left_behind"], line["full"]) == ("", "0", "")


def test_a_departure_that_was_counted_and_then_cancelled_keeps_its_number(context: AppContext) -> None:
    count(context, TEN, "vagsbunnen", 4)
    cancel(context, TEN)
    line = lines(context)[TEN, "vagsbunnen"]
    assert (line["status"], line["state"], line["boardings"]) == ("cancelled", "number", "4")


def test_disputed_counts_are_one_row_with_the_holding_count_and_a_mark(context: AppContext) -> None:
    count(context, TEN, "vagsbunnen", 4, DRIVER)
    count(context, TEN, "vagsbunnen", 6, STAFF)
    line = lines(context)[TEN, "vagsbunnen"]
    assert (line["boardings"], line["role"], line["observers"], line["disputed"]) == ("4", "driver", "2", "1")


def test_a_correction_replaces_what_the_same_observer_said(context: AppContext) -> None:
    count(context, TEN, "vagsbunnen", 4)
    count(context, TEN, "vagsbunnen", 5)
    line = lines(context)[TEN, "vagsbunnen"]
    assert (line["boardings"], line["observers"], line["disputed"]) == ("5", "1", "0")


def test_roles_stand_in_the_file_and_nobody_who_counted(context: AppContext) -> None:
    count(context, TEN, "vagsbunnen", 4, DRIVER)
    count(context, NOON, "vagsbunnen", 2, STAFF)
    text = boardings_csv(export_counts(context, STAFF, FRIDAY, FRIDAY, "boardings"))
    assert "driver" in text
    for person in (DRIVER, STAFF):
        assert person.name not in text
        assert person.id not in text


def test_what_is_still_to_come_is_not_in_the_file(context: AppContext) -> None:
    today = context.today()
    departs = [line["departs"] for line in lines(context, today, today).values() if line["stop"] == "vagsbunnen"]
    assert departs == ["10:00", "12:00"]


def test_the_file_adds_up_to_the_roll_up(context: AppContext) -> None:
    for number, departure in enumerate(context.schedule().departures_on(FRIDAY).departures):
        count(context, departure.id, "vagsbunnen", number + 1, STAFF, alightings=0)
        count(context, departure.id, "mo-gyldenpris", 0, STAFF, alightings=number)
        count(context, departure.id, "vagsbunnen", number + 2, DRIVER)
    rows = lines(context, None, None).values()
    with context.reading() as session:
        sums = session.execute(select(TripSumRow.boardings, TripSumRow.alightings)).all()
    assert sum(int(line["boardings"] or 0) for line in rows) == sum(row.boardings for row in sums) == 20
    assert sum(int(line["alightings"] or 0) for line in rows) == sum(row.alightings for row in sums) == 10


def test_without_dates_it_goes_from_the_first_count_to_today(context: AppContext) -> None:
    count(context, TEN, "vagsbunnen", 4)
    taken = export_counts(context, STAFF, None, None, "boardings")
    assert (taken.span.first, taken.span.last) == (FRIDAY, context.today())


@pytest.mark.parametrize("role", list(Role))
def test_only_permitted_roles_export_counts_and_each_export_is_recorded(context: AppContext, role: Role) -> None:
    person = Person("p", "somebody", role)
    if may(person, Action.READ_BOARDINGS):
        export_counts(context, person, FRIDAY, FRIDAY, "boardings")
        export_counts(context, person, FRIDAY, FRIDAY, "boardings")
    else:
        with pytest.raises(NotAllowed):
            export_counts(context, person, FRIDAY, FRIDAY, "boardings")
    with context.reading() as session:
        acts = list(session.scalars(select(AuditLogRow).where(AuditLogRow.act == "export-counts")))
    assert len(acts) == (2 if may(person, Action.READ_BOARDINGS) else 0)
    assert all(
        (act.person, act.subject, act.details["from"]) == ("somebody", "boardings", "2026-11-20") for act in acts
    )


def test_nobody_and_a_span_that_runs_backwards_are_refused(context: AppContext) -> None:
    with pytest.raises(NotSignedIn):
        export_counts(context, None, FRIDAY, FRIDAY, "boardings")
    with pytest.raises(Invalid, match="backwards"):
        export_counts(context, STAFF, FRIDAY, date(2026, 11, 1), "boardings")
