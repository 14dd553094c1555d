"""Remedies: what can be done when something has happened to a departure of today, each by one act.

Proposed is only what is possible now: departures that have not left, a time that has not passed, drivers who are free and keep their rest.
Every act is one that exists: a change of departures, an assignment of a duty, or an incident that says what came of it.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow, allow_at, may
from shuttle.domain.basics.errors import Refused
from shuttle.domain.basics.service_time import Minute, minute_at
from shuttle.domain.duties.roster import Assignment, DutyAssignmentWish, DutyOnDate, duties_on, newly_broken
from shuttle.domain.duties.rules import RuleProfile
from shuttle.domain.ridership.expectations import Progress
from shuttle.domain.ridership.incidents import OUTCOMES, Incident, IncidentKind, Standing
from shuttle.domain.timetable.changes import ChangeKind, ReasonCode
from shuttle.domain.timetable.departures import Departure, Schedule
from shuttle.services.app_context import AppContext
from shuttle.services.duties import roster
from shuttle.services.ridership.live.day import LiveDay, live_day
from shuttle.services.ridership.live.incidents import IncidentReport, record_incident
from shuttle.services.timetable.changes import ChangeRequest, change_departures
from shuttle.store.duties import roster as roster_store

LATER_BY: Minute = 10
"""Minutes from now at which an extra departure can leave at the earliest."""
QUARTER: Minute = 15
LAST_MINUTE: Minute = 24 * 60 - 1

REASONS = {
    IncidentKind.DELAYED: ReasonCode.TRAFFIC,
    IncidentKind.STOPPED: ReasonCode.VEHICLE_FAULT,
    IncidentKind.ROAD_CLOSED: ReasonCode.ROAD_CLOSED,
    IncidentKind.NEEDS_HELP: ReasonCode.OTHER,
    IncidentKind.ANOTHER_VEHICLE: ReasonCode.VEHICLE_FAULT,
    IncidentKind.TAXI: ReasonCode.VEHICLE_FAULT,
}
"""What was said -> the reason of the changes that follow from it."""


@dataclass(frozen=True)
class Driver:
    """A driver who may take a duty."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Remedies:
    """What can be done for a departure now. `rest`: departures of the same bus that have not left, in order, this one too; `later`: minute of
    an extra departure, None: too late in the day; `duty`: of the departure, None without or for who may not give it; `drivers`: who may take it.
    """

    departure: Departure
    standing: Standing
    reason: ReasonCode
    rest: tuple[Departure, ...]
    later: Minute | None
    duty: DutyOnDate | None = None
    drivers: tuple[Driver, ...] = ()

    @property
    def said(self) -> tuple[Incident, ...]:
        return tuple(each for each in (self.standing.told, self.standing.help) if each is not None)


def remedies_for(context: AppContext, person: Person | None, departure_id: str, schedules: Path) -> Remedies:
    """What can be done. Raises NotFound (`unknown-departure`), Refused (`not-today`), NotAllowed (`other-centre`)."""
    person = allow(person, Action.CHANGE_DEPARTURES)
    schedule, now = context.schedule(), context.now()
    departure = schedule.departure(departure_id)
    allow_at(person, (call.stop for call in departure.calls))
    if departure.date not in schedule.days_in_service(now, context.zone):
        raise Refused(
            "not-today", f"{departure_id} is not of today", given=departure_id, allowed="a departure of today"
        )
    live = live_day(context, schedule, now)
    standing = live.incidents.get(departure_id, Standing())
    duty = next((each for each in duties_on(schedule, departure.date) if departure in each.departures), None)
    with context.reading() as session:
        profile = next(iter(roster.rule_profiles(schedules).values()))
        drivers = _drivers(session, schedule, duty, profile, now) if duty and may(person, Action.ROSTER) else ()
    said, minute = standing.told or standing.help, minute_at(now, departure.date, context.zone)
    return Remedies(
        departure=departure,
        standing=standing,
        reason=REASONS[said.kind] if said else ReasonCode.OTHER,
        rest=tuple(
            each for each in _of_same_bus(schedule, departure, duty) if _is_to_come(live, departure, each, minute)
        ),
        later=_later(schedule, departure, minute),
        duty=duty if may(person, Action.ROSTER) else None,
        drivers=drivers,
    )


def say_outcome(context: AppContext, person: Person | None, departure_id: str, kind: IncidentKind) -> None:
    """Tell passengers what came of it. Raises as `record_incident`, and Refused (`no-such-remedy`) for a kind that is no outcome."""
    if kind not in OUTCOMES:
        raise Refused("no-such-remedy", f"{kind} is no outcome", given=kind, allowed=", ".join(sorted(OUTCOMES)))
    record_incident(context, person, f"remedy-{token_hex(12)}", IncidentReport(departure=departure_id, kind=kind))


def take_back(context: AppContext, person: Person | None, departure_id: str) -> None:
    """Withdraw what passengers are told of the departure, whoever said it."""
    report = IncidentReport(departure=departure_id, kind=IncidentKind.TAXI, withdrawn=True)
    record_incident(context, person, f"remedy-{token_hex(12)}", report)


def cancel_rest(context: AppContext, person: Person | None, departure_id: str, schedules: Path) -> None:
    """Cancel every departure of `Remedies.rest`, in one transaction. Raises Refused (`no-such-remedy`, `departure-has-counts`)."""
    found = remedies_for(context, person, departure_id, schedules)
    if not found.rest:
        raise Refused("no-such-remedy", "no departure is left to cancel")
    with context.transaction() as session:
        for each in found.rest:
            request = ChangeRequest(
                kind=ChangeKind.CANCEL, first=each.date, last=each.date, reason=found.reason, trip=each.trip
            )
            change_departures(session, person, request, context.now())


def add_later(context: AppContext, person: Person | None, departure_id: str, at: Minute, schedules: Path) -> None:
    """Add a departure the same way at a minute that was proposed. Raises Refused (`no-such-remedy`, `departure-exists`)."""
    found = remedies_for(context, person, departure_id, schedules)
    if found.later is None or at < minute_at(context.now(), found.departure.date, context.zone):
        raise Refused("no-such-remedy", "that time has passed")
    day = found.departure.date
    request = ChangeRequest(
        kind=ChangeKind.EXTRA,
        first=day,
        last=day,
        reason=found.reason,
        pattern=found.departure.pattern,
        departs=at,
    )
    with context.transaction() as session:
        change_departures(session, person, request, context.now())


def hand_over(context: AppContext, person: Person | None, departure_id: str, driver: str, schedules: Path) -> None:
    """Give the departure's duty of today to another driver, in one transaction with taking it back.

    Raises Refused (`no-such-remedy`, `rota-broken` and others of `give_duty`), NotAllowed.
    """
    allow(person, Action.ROSTER)
    duty = remedies_for(context, person, departure_id, schedules).duty
    if duty is None:
        raise Refused("no-such-remedy", f"{departure_id} belongs to no duty", given=departure_id)
    wish = DutyAssignmentWish(timetable=duty.timetable, duty=duty.duty.id, first=duty.date, last=duty.date)
    profile = next(iter(roster.rule_profiles(schedules).values()))
    now = context.now()
    with context.transaction() as session:
        if any(_is_of(each, duty) for each in roster_store.assignments(session, duty.date, duty.date)):
            roster.take_back_duty(session, person, wish, now, duty.date)
        roster.give_duty(session, person, wish, driver, profile, now, duty.date)


def _of_same_bus(schedule: Schedule, departure: Departure, duty: DutyOnDate | None) -> list[Departure]:
    """Departures that run, from this one on: all with one vehicle, else those of its duty, else this one."""
    day = schedule.departures_on(departure.date).departures
    one_vehicle = len(schedule.network.on(departure.date).vehicles) == 1
    among = day if one_vehicle else duty.departures if duty else (departure,)
    return sorted(
        (each for each in among if each.runs and each.departs >= departure.departs), key=lambda each: each.departs
    )


def _is_to_come(live: LiveDay, happened_to: Departure, departure: Departure, now: Minute) -> bool:
    """Not reported as left. Past its time it may have gone unreported, except the one to which something has happened."""
    expected = live.expectations.get(departure.id)
    has_left = expected is not None and expected.progress in (Progress.LEFT, Progress.ARRIVED)
    return not has_left and (departure.departs >= now or departure.id == happened_to.id)


def _later(schedule: Schedule, departure: Departure, now: Minute) -> Minute | None:
    """The first quarter of an hour from `LATER_BY` on at which nothing leaves the same way."""
    day = schedule.departures_on(departure.date).departures
    taken = {each.departs for each in day if each.pattern == departure.pattern}
    first = -(-(now + LATER_BY) // QUARTER) * QUARTER
    return next((minute for minute in range(first, LAST_MINUTE, QUARTER) if minute not in taken), None)


def _drivers(
    session: Session, schedule: Schedule, duty: DutyOnDate, profile: RuleProfile, now: datetime
) -> tuple[Driver, ...]:
    """Drivers without a duty on the date whose roster breaks no rule with this one that it does not break without."""
    first, last = duty.date - roster.LOOKED_AROUND, duty.date + roster.LOOKED_AROUND
    around = roster_store.assignments(session, first, last)
    busy = {each.driver for each in around if each.date == duty.date}
    return tuple(
        Driver(account.id, account.name)
        for account in roster_store.drivers(session)
        if account.id not in busy
        and not newly_broken(
            schedule,
            [each for each in around if each.driver == account.id],
            [_assignment(duty, account.id, now)],
            profile,
        )
    )


def _assignment(duty: DutyOnDate, driver: str, now: datetime) -> Assignment:
    return Assignment(date=duty.date, timetable=duty.timetable, duty=duty.duty.id, driver=driver, made_at=now)


def _is_of(assignment: Assignment, duty: DutyOnDate) -> bool:
    return (assignment.timetable, assignment.duty) == (duty.timetable, duty.duty.id)
