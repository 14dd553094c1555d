"""Causes of notifications: what there is to tell now, read from what is stored, so that a restart forgets nothing.

A cause that still holds is found at every look; its `subject` makes it one thing, and the queue tells it once. No cause holds a number of
passengers: mails and webhooks leave the house.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from shuttle.domain.access.notifications import LATE_FROM_MINUTES, NotificationKind
from shuttle.domain.basics.service_time import dates, instant
from shuttle.domain.duties.roster import duties_of_driver
from shuttle.domain.ridership.expectations import Progress
from shuttle.domain.timetable.changes import Change, ChangeKind
from shuttle.domain.timetable.departures import Departure, Schedule
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.live.day import read_live_day
from shuttle.store.duties.roster import assignments_of_driver
from shuttle.store.operation.jobs import failed_since
from shuttle.store.ridership.left_behind import stops_with_left_behind
from shuttle.store.ridership.releases import releases

UNDECIDED_AHEAD = 14
"""Days ahead within which an undecided day is told."""

RECENT = timedelta(days=3)
"""What happened longer ago is not told any more: after a restore, or a long stop, it is no news."""


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One thing to tell. `subject`: its identifier among those of its kind; `ends_at`: from when it is no news at once, None: never; `data`:
    codes, identifiers, minutes and dates for the text; `account`: whom alone it concerns, empty: everybody who chose the kind.
    """

    kind: NotificationKind
    subject: str
    happened_at: datetime
    ends_at: datetime | None = None
    data: dict[str, Any] = field(default_factory=dict)
    account: str = ""

    def key(self, recipient: str) -> str:
        """The notification's identifier: this cause to this recipient."""
        return f"{self.kind}/{self.subject}/{recipient}"


def causes_now(context: AppContext, session: Session, schedule: Schedule) -> Iterator[Cause]:
    """What there is to tell to whoever chose it; a driver's own duties are in `duty_causes`."""
    now = context.now()
    yield from _cancelled(context, schedule, now)
    yield from _today(context, session, schedule, now)
    today = context.today()
    for day in dates(today, today + timedelta(days=UNDECIDED_AHEAD)):
        if schedule.departures_on(day).service_day.undecided:
            data = {"date": day.isoformat()}
            yield Cause(kind=NotificationKind.DAY_UNDECIDED, subject=day.isoformat(), happened_at=now, data=data)
    for run in failed_since(session, now - RECENT):
        at = run.ended_at or run.started_at
        data = {"job": run.job, "outcome": run.said, "due": run.due.isoformat()}
        yield Cause(
            kind=NotificationKind.JOB_FAILED, subject=f"{run.job}@{run.due.isoformat()}", happened_at=at, data=data
        )
    for stored in releases(session):
        if stored.frozen_at > now - RECENT:
            first, last = (day.isoformat() for day in (stored.fortnight.first, stored.fortnight.last))
            data = {"from": first, "to": last}
            kind = NotificationKind.FIGURES_RELEASED
            yield Cause(kind=kind, subject=first, happened_at=stored.frozen_at, data=data)


def duty_causes(context: AppContext, session: Session, schedule: Schedule, account: str) -> Iterator[Cause]:
    """Duties of today and tomorrow of one driver that were given, taken back or changed today: too late for the roster to be looked up."""
    today = context.today()
    midnight = datetime.combine(today, time(), context.zone)
    assigned = assignments_of_driver(session, account, today, today + timedelta(days=1))
    for duty in duties_of_driver(schedule, assigned):
        ends_at = instant(duty.date, duty.ends, context.zone)
        if duty.changed_at is None or duty.changed_at < midnight or ends_at <= context.now():
            continue
        yield Cause(
            kind=NotificationKind.DUTY_CHANGED,
            subject=f"{duty.id}@{duty.changed_at.isoformat()}",
            happened_at=duty.changed_at,
            ends_at=ends_at,
            data={"date": duty.date.isoformat(), "starts": duty.starts, "ends": duty.ends, "withdrawn": duty.withdrawn},
            account=account,
        )


def _cancelled(context: AppContext, schedule: Schedule, now: datetime) -> Iterator[Cause]:
    """One cause for each change that cancels, however many dates it has."""
    for change in schedule.changes:
        first, last, made_at = change.dates.first, change.dates.last, change.made_at
        if change.kind is not ChangeKind.CANCEL or not change.in_force or first is None or last is None:
            continue
        if made_at is None or made_at < now - RECENT or last < context.today():
            continue
        departure = _first_of(schedule, change, max(first, context.today()), last)
        if departure is not None:
            yield Cause(
                kind=NotificationKind.DEPARTURE_CANCELLED,
                subject=change.id,
                happened_at=made_at,
                ends_at=_arrival(context, departure, last),
                data={
                    "departure": departure.id,
                    "from": first.isoformat(),
                    "to": last.isoformat(),
                    "reason": change.reason.value,
                },
            )


def _first_of(schedule: Schedule, change: Change, first: date, last: date) -> Departure | None:
    """The first departure that the change cancels from a date on."""
    return next(
        (
            departure
            for day in dates(first, last)
            for departure in schedule.departures_on(day).departures
            if departure.change == change.id
        ),
        None,
    )


def _today(context: AppContext, session: Session, schedule: Schedule, now: datetime) -> Iterator[Cause]:
    """Delays, incidents and full buses of the service days that run now."""
    live = read_live_day(session, context, schedule, now)
    days = schedule.days_in_service(now, context.zone)
    for day in days:
        for departure in schedule.departures_on(day).departures:
            expected = live.expectations.get(departure.id)
            if departure.runs and expected is not None and expected.progress is not Progress.ARRIVED:
                ends_at = instant(day, expected.calls[-1].arrives, context.zone)
                if expected.delay >= LATE_FROM_MINUTES:
                    yield Cause(
                        kind=NotificationKind.DEPARTURE_LATE,
                        subject=departure.id,
                        happened_at=now,
                        ends_at=ends_at,
                        data={"departure": departure.id, "minutes": expected.delay},
                    )
    for key, standing in live.incidents.items():
        for incident in (standing.told, standing.help):
            if incident is not None and incident.minutes is None:  # a delay is told as such, from 15 minutes
                yield Cause(
                    kind=NotificationKind.INCIDENT,
                    subject=incident.key,
                    happened_at=incident.said_at,
                    ends_at=now + timedelta(hours=2),
                    data={"departure": key, "incident": incident.kind.value},
                )
    for key, stop, _, at in stops_with_left_behind(session, days):  # the number stays in the house
        yield Cause(
            kind=NotificationKind.LEFT_BEHIND,
            subject=f"{key}/{stop}",
            happened_at=at,
            data={"departure": key, "stop": stop},
        )


def _arrival(context: AppContext, departure: Departure, day: date) -> datetime:
    return instant(day, departure.calls[-1].arrives, context.zone)
