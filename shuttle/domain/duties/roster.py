"""Roster: the driver of each duty on each date.

A planned duty is a rule of a timetable version ("weekdays, the first driver"). An `Assignment` gives it to one driver on one
date; a `DutyOnDate` is the duty with that date's departures. An assignment names its timetable version. It has *lapsed* on
a date with another version in force or another day type, so a new timetable never changes working hours by itself.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import LAST_DATE, Minute, dates
from shuttle.domain.duties.duty import Duty, Violation
from shuttle.domain.duties.roster_rules import Shift, check_roster, rest_days_of
from shuttle.domain.duties.rules import RuleProfile
from shuttle.domain.timetable.departures import DayOfService, Departure, Schedule
from shuttle.domain.timetable.planned_duties import PlannedDuty
from shuttle.domain.timetable.trips import Timetable

LONGEST_SPAN = timedelta(days=366)
"""The longest span of dates that one act may assign."""


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """A driver (account id) has a duty of a timetable version on a date, until it is withdrawn."""

    date: date
    timetable: str
    duty: str
    driver: str
    made_at: datetime
    withdrawn_at: datetime | None = None

    @property
    def in_force(self) -> bool:
        return self.withdrawn_at is None

    @property
    def latest_moment(self) -> datetime:
        return self.withdrawn_at or self.made_at


@dataclass(frozen=True, kw_only=True)
class DutyOnDate:
    """A duty on a date. `withdrawn`: it was assigned to this driver, and is no longer.

    `revision` and `changed_at` rise with every event: assigned, withdrawn, a departure changed.
    """

    date: date
    timetable: str
    duty: PlannedDuty
    departures: tuple[Departure, ...]
    withdrawn: bool = False
    revision: int = 0
    changed_at: datetime | None = None

    @property
    def id(self) -> str:
        """`2026-12-24.duty-evening-weekday-1`: from the date and the duty, without the driver."""
        return f"{self.date.isoformat()}.duty-{self.timetable}-{self.duty.id}"

    @property
    def starts(self) -> Minute:
        return self.duty.starts

    @property
    def ends(self) -> Minute:
        return self.duty.ends


@dataclass(frozen=True, kw_only=True)
class DutyAssignmentWish:
    """A request to assign a duty of a timetable version, from `first` to `last`, on some weekdays (Monday is 0).

    Raises Invalid (`bad-roster-span`, `no-weekdays`).
    """

    timetable: str
    duty: str
    first: date
    last: date
    weekdays: frozenset[int] = frozenset(range(7))

    def __post_init__(self) -> None:
        if not timedelta(0) <= self.last - self.first <= LONGEST_SPAN or self.last > LAST_DATE:
            raise Invalid(
                "bad-roster-span",
                f"from {self.first} to {self.last} is no span of dates",
                given=f"{self.first} to {self.last}",
                allowed=f"a last date at most {LONGEST_SPAN.days} days after the first, and not after {LAST_DATE}",
            )
        if not self.weekdays <= frozenset(range(7)) or not self.weekdays:
            raise Invalid(
                "no-weekdays", "no day of the week was chosen", allowed="one or more of 0 (Monday) to 6 (Sunday)"
            )

    def dates(self, schedule: Schedule) -> list[date]:
        """The dates among them on which the duty is driven."""
        chosen = (day for day in dates(self.first, self.last) if day.weekday() in self.weekdays)
        return [day for day in chosen if duty_on(schedule, day, self.timetable, self.duty)]


def duties_on(schedule: Schedule, day: date) -> tuple[DutyOnDate, ...]:
    """The duties of the timetable in force on a date, by number; empty when none were planned."""
    service = schedule.departures_on(day)
    timetable = schedule.timetable_by_id.get(service.timetable or "")
    if timetable is None or not service.service_day.runs:
        return ()
    planned = timetable.duties_on(timetable.day_type_of(service.service_day.day_types))
    return tuple(_on_date(service, timetable, duty) for duty in planned)


def duty_on(schedule: Schedule, day: date, timetable: str, duty: str) -> DutyOnDate | None:
    """A duty of a timetable version on a date; None when that version or its day type does not apply on the date."""
    return next((d for d in duties_on(schedule, day) if (d.timetable, d.duty.id) == (timetable, duty)), None)


def duties_of_driver(schedule: Schedule, assignments: Iterable[Assignment]) -> tuple[DutyOnDate, ...]:
    """A driver's assignments as duties, by date: a withdrawn one is included as withdrawn, a lapsed one is left out."""
    by_duty: dict[tuple[date, str, str], list[Assignment]] = {}
    for assignment in sorted(assignments, key=lambda each: (each.date, each.made_at)):
        by_duty.setdefault((assignment.date, assignment.timetable, assignment.duty), []).append(assignment)
    duties = ((duty_on(schedule, *key), several) for key, several in by_duty.items())
    return tuple(_with_history(duty, several) for duty, several in duties if duty is not None)


def has_lapsed(schedule: Schedule, assignment: Assignment) -> bool:
    """True when the assigned duty is not driven on its date."""
    return duty_on(schedule, assignment.date, assignment.timetable, assignment.duty) is None


def broken_rules(schedule: Schedule, assigned: Iterable[Assignment], profile: RuleProfile) -> tuple[Violation, ...]:
    """Every rule of rest, hours and Sundays that the roster breaks; `who` is the driver."""
    return check_roster(_shifts(schedule, assigned), profile, rest_days_of(schedule.calendar))


def newly_broken(
    schedule: Schedule, assigned: Iterable[Assignment], added: Iterable[Assignment], profile: RuleProfile
) -> tuple[Violation, ...]:
    """The rules that the roster breaks with the added assignments, and does not break without them."""
    assigned = list(assigned)
    already = set(broken_rules(schedule, assigned, profile))
    return tuple(v for v in broken_rules(schedule, [*assigned, *added], profile) if v not in already)


def _on_date(service: DayOfService, timetable: Timetable, duty: PlannedDuty) -> DutyOnDate:
    departures = tuple(departure for departure in service.departures if departure.trip in duty.trips)
    moments = (departure.changed_at for departure in departures)
    return DutyOnDate(
        date=service.date,
        timetable=timetable.id,
        duty=duty,
        departures=departures,
        revision=sum(departure.revision for departure in departures),
        changed_at=max((moment for moment in moments if moment is not None), default=None),
    )


def _with_history(duty: DutyOnDate, several: list[Assignment]) -> DutyOnDate:
    """The duty with the history of its assignments: each assignment and each withdrawal raises the revision."""
    moments = [moment for each in several for moment in (each.made_at, each.withdrawn_at) if moment is not None]
    return replace(
        duty,
        withdrawn=not any(each.in_force for each in several),
        revision=duty.revision + len(moments) - 1,
        changed_at=max([*moments, *([duty.changed_at] if duty.changed_at else [])]),
    )


def _shifts(schedule: Schedule, assignments: Iterable[Assignment]) -> Iterator[Shift]:
    """Shifts of the assignments in force that have not lapsed. They have no trips: planning checked those."""
    for each in assignments:
        on_date = duty_on(schedule, each.date, each.timetable, each.duty) if each.in_force else None
        if on_date is not None:
            planned = on_date.duty
            duty = Duty(
                driver=planned.number, starts=planned.starts, ends=planned.ends, trips=(), breaks=planned.breaks
            )
            yield Shift(each.date, each.driver, duty)
