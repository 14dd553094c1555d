"""Changes of departures on dates."""

from datetime import date

import pytest

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Invalid, NotAllowed, NotFound, NotSignedIn, Refused
from shuttle.domain.timetable.changes import ChangeKind, ReasonCode
from shuttle.domain.timetable.departures import DepartureStatus
from shuttle.services.app_context import AppContext
from shuttle.services.timetable import changes
from shuttle.services.timetable.changes import ChangeRequest
from shuttle.store.operation.audit_log import latest_entries

PLANNER = Person("p", "Planner", Role.PLANNER)
DRIVER = Person("d", "Driver", Role.DRIVER)
TUESDAY = date(2026, 11, 24)
TEN = "gyldenpris-weekday-1000"


def cancel(context: AppContext, person: Person | None = PLANNER, trip: str = TEN, last: date = TUESDAY) -> str:
    request = ChangeRequest(kind=ChangeKind.CANCEL, first=TUESDAY, last=last, reason=ReasonCode.WEATHER, trip=trip)
    with context.transaction() as session:
        return changes.change_departures(session, person, request, context.now()).id


def test_a_cancellation_shows_at_once_and_says_who_and_why(context: AppContext) -> None:
    cancel(context)
    departure = context.schedule().departure(f"{TUESDAY}.{TEN}")
    assert (departure.status, departure.reason) == (DepartureStatus.CANCELLED, "weather")
    with context.reading() as session:
        act = latest_entries(session)[0]
    assert (act.person, act.act) == ("Planner", "cancel-departure")


def test_a_withdrawn_cancellation_stays_in_the_history(context: AppContext) -> None:
    change_id = cancel(context)
    with context.transaction() as session:
        changes.withdraw_change(session, PLANNER, change_id, context.now())
    assert context.schedule().departure(f"{TUESDAY}.{TEN}").status is DepartureStatus.SCHEDULED
    assert [change.withdrawn_by for change in context.schedule().changes] == ["Planner"]


def test_a_driver_cancels_nothing(context: AppContext) -> None:
    with pytest.raises(NotAllowed):
        cancel(context, DRIVER)
    with pytest.raises(NotSignedIn):
        cancel(context, None)
    assert context.schedule().changes == ()


def test_a_trip_that_does_not_run_on_the_dates_cannot_be_cancelled(context: AppContext) -> None:
    with pytest.raises(NotFound):
        cancel(context, trip="gyldenpris-holiday-1100")


def test_a_span_runs_forwards_and_is_no_longer_than_a_year(context: AppContext) -> None:
    with pytest.raises(Invalid, match="ends before it begins"):
        cancel(context, last=date(2026, 11, 23))
    with pytest.raises(Invalid, match="publish a timetable"):
        cancel(context, last=date(2028, 11, 23))


def test_an_extra_departure_where_one_leaves_already_is_refused(context: AppContext) -> None:
    request = ChangeRequest(
        kind=ChangeKind.EXTRA, first=TUESDAY, last=TUESDAY, reason=ReasonCode.EVENT, pattern="gyldenpris", departs=600
    )
    with pytest.raises(Refused, match="already leaves at 10:00"), context.transaction() as session:
        changes.change_departures(session, PLANNER, request, context.now())


def test_a_later_override_of_a_date_replaces_the_earlier_and_both_are_kept(context: AppContext) -> None:
    eve = date(2026, 12, 24)
    for day_type in ("weekday", "holiday"):
        with context.transaction() as session:
            changes.override_day(session, PLANNER, eve, day_type, f"Julaften som {day_type}", context.now())
    assert context.schedule().calendar.service_day(eve).day_type == "holiday"
    with context.transaction() as session:
        changes.withdraw_override(session, PLANNER, eve, context.now())
    assert context.schedule().calendar.service_day(eve).undecided


def test_an_override_that_is_not_there_cannot_be_withdrawn(context: AppContext) -> None:
    with pytest.raises(NotFound), context.transaction() as session:
        changes.withdraw_override(session, PLANNER, TUESDAY, context.now())
