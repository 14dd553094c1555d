"""Remedies: what is proposed when something has happened, and that each act does what it says, on both databases."""

from datetime import datetime

import pytest

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import NotAllowed, Refused, ShuttleError
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.ridership.expectations import Progress
from shuttle.domain.ridership.incidents import IncidentKind
from shuttle.domain.ridership.passings import PassingKind
from shuttle.domain.timetable.changes import ReasonCode
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.boardings import record_and_wait
from shuttle.services.ridership.live.day import live_day
from shuttle.services.ridership.live.incidents import IncidentReport, record_incident
from shuttle.services.ridership.live.last_bus import LeftByLastBus, left_by_last_buses
from shuttle.services.ridership.live.remedies import (
    Remedies,
    add_later,
    cancel_rest,
    hand_over,
    remedies_for,
    say_outcome,
    take_back,
)
from shuttle.services.ridership.passings import PassingReport, record_passing
from shuttle.store.duties.roster import assignments
from tests.builders import SCHEDULES
from tests.conftest import NOON, OSLO
from tests.rosters import PLANNER, a_driver, give, publish_duties, wish

DRIVER = Person("d", "Kari", Role.DRIVER)
STAFF = Person("s", "Sara", Role.STAFF)
TABLET = Person("t", "Tablet", Role.STAFF, centre="mo-nesttun")
DAY = NOON.astimezone(OSLO).date()
TWELVE, THREE = f"{DAY}.gyldenpris-weekday-1200", f"{DAY}.gyldenpris-weekday-1500"


def at(context: AppContext, hour: int, minute: int = 0) -> None:
    context.now = lambda: datetime(DAY.year, DAY.month, DAY.day, hour, minute, tzinfo=OSLO)


def stopped(context: AppContext, departure: str = TWELVE) -> None:
    report = IncidentReport(departure=departure, kind=IncidentKind.STOPPED)
    record_incident(context, DRIVER, f"stopped {departure}", report)


def proposed(context: AppContext, departure: str = TWELVE, person: Person = STAFF) -> Remedies:
    return remedies_for(context, person, departure, SCHEDULES)


def told(context: AppContext, departure: str = TWELVE) -> str:
    schedule = context.schedule()
    return live_day(context, schedule, context.now()).told_of(schedule.departure(departure))


def test_the_rest_of_the_day_is_proposed_with_the_reason_of_what_was_said(context: AppContext) -> None:
    stopped(context)
    found = proposed(context)
    assert [each.departs for each in found.rest] == [720, 900, 1020, 1110]
    assert (found.reason, found.later) == (ReasonCode.VEHICLE_FAULT, 735)


def test_what_has_left_is_not_proposed_to_be_cancelled(context: AppContext) -> None:
    record_passing(context, DRIVER, "left", PassingReport(TWELVE, "vagsbunnen", PassingKind.LEFT, NOON))
    assert [each.departs for each in proposed(context).rest] == [900, 1020, 1110]


def test_cancelling_the_rest_cancels_what_was_shown_and_nothing_else(context: AppContext) -> None:
    stopped(context)
    cancel_rest(context, STAFF, TWELVE, SCHEDULES)
    departures = context.schedule().departures_on(DAY).departures
    assert [(each.departs, each.runs) for each in departures] == [
        (600, True),
        (720, False),
        (900, False),
        (1020, False),
        (1110, False),
    ]
    assert {each.reason for each in departures if not each.runs} == {ReasonCode.VEHICLE_FAULT}
    with pytest.raises(Refused, match="no departure is left"):
        cancel_rest(context, STAFF, TWELVE, SCHEDULES)


def test_a_departure_is_added_later_the_same_way(context: AppContext) -> None:
    stopped(context)
    add_later(context, STAFF, TWELVE, 735, SCHEDULES)
    extra = next(each for each in context.schedule().departures_on(DAY).departures if each.departs == 735)
    assert [call.stop for call in extra.calls] == ["vagsbunnen", "mo-gyldenpris"]
    assert proposed(context).later == 750, "a quarter that is taken is not proposed"
    at(context, 12, 40)
    with pytest.raises(Refused, match="has passed"):
        add_later(context, STAFF, TWELVE, 750, SCHEDULES)


@pytest.mark.parametrize("kind", [IncidentKind.TAXI, IncidentKind.ANOTHER_VEHICLE])
def test_passengers_are_told_what_came_of_it_until_it_is_taken_back(context: AppContext, kind: IncidentKind) -> None:
    stopped(context)
    say_outcome(context, PLANNER, TWELVE, kind)
    assert told(context) == kind
    take_back(context, STAFF, TWELVE)
    assert told(context) == ""


def test_with_another_vehicle_the_departure_is_expected_again(context: AppContext) -> None:
    stopped(context)
    assert live_day(context, context.schedule(), NOON).expectations[TWELVE].stands
    say_outcome(context, STAFF, TWELVE, IncidentKind.ANOTHER_VEHICLE)
    expected = live_day(context, context.schedule(), NOON).expectations
    assert not expected[TWELVE].stands
    assert expected[THREE].progress is Progress.PLANNED and not expected[THREE].is_late


def test_a_driver_does_not_say_what_came_of_it(context: AppContext) -> None:
    report = IncidentReport(departure=TWELVE, kind=IncidentKind.TAXI)
    with pytest.raises(NotAllowed):
        record_incident(context, DRIVER, "taxi", report)
    with pytest.raises(NotAllowed):
        proposed(context, person=DRIVER)


def test_a_tablet_acts_on_departures_of_its_centre_alone(context: AppContext) -> None:
    with pytest.raises(NotAllowed, match="belongs to mo-nesttun"):
        proposed(context, person=TABLET)


def test_a_day_that_is_over_has_no_remedies(context: AppContext) -> None:
    with pytest.raises(Refused, match="not of today"):
        proposed(context, "2026-11-20.gyldenpris-weekday-1200")


def test_the_duty_goes_to_a_driver_who_is_free_and_keeps_the_rest(context: AppContext) -> None:
    publish_duties(context)
    kari, ola, per = (a_driver(context, name) for name in ("Kari", "Ola", "Per"))
    day = DAY
    give(context, kari, wish("weekday-1", day, 1))
    give(context, per, wish("weekday-2", day, 1))
    departures = context.schedule().departures_on(day).departures
    duty_of = {each.id: proposed(context, each.id, PLANNER).duty for each in departures}
    mine = next(key for key, duty in duty_of.items() if duty is not None and duty.duty.id == "weekday-1")
    found = proposed(context, mine, PLANNER)
    assert [each.name for each in found.drivers] == ["Ola"], "Kari has it, and Per has another duty today"
    assert proposed(context, mine).duty is None, "staff do not make the roster"
    hand_over(context, PLANNER, mine, ola, SCHEDULES)
    with context.reading() as session:
        given = {each.duty: each.driver for each in assignments(session, day, day)}
    assert given == {"weekday-1": ola, "weekday-2": per}
    with pytest.raises(ShuttleError):
        hand_over(context, PLANNER, mine, per, SCHEDULES)
    with context.reading() as session:
        assert {each.duty: each.driver for each in assignments(session, day, day)} == given, "all or nothing"


def left_behind(context: AppContext, hour: str, person: Person = STAFF, number: int = 4) -> list[LeftByLastBus]:
    departure = f"{DAY}.gyldenpris-weekday-{hour}"
    full = Count(departure=departure, stop="vagsbunnen", boardings=8, left_behind=number, full=True)
    record_and_wait(context, DRIVER, full, f"full {hour}")
    with context.reading() as session:
        return left_by_last_buses(session, [context.schedule().departures_on(DAY)], person)


def test_only_the_last_bus_leaves_somebody_for_the_night(context: AppContext) -> None:
    at(context, 19)
    assert left_behind(context, "1200") == []
    last = LeftByLastBus(f"{DAY}.gyldenpris-weekday-1830", "vagsbunnen", 1110, "3-5")
    assert left_behind(context, "1830") == [last]
    assert left_behind(context, "1830", TABLET) == [], "the last bus does not call there"


def test_when_the_last_bus_is_cancelled_the_one_before_is_the_last(context: AppContext) -> None:
    at(context, 17, 30)
    cancel_rest(context, STAFF, f"{DAY}.gyldenpris-weekday-1830", SCHEDULES)
    assert [each.departs for each in left_behind(context, "1700", number=1)] == [1020]
