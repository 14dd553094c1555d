"""What calendars tell of departures that drivers reported: today's and those of the days behind.

A calendar program takes an event anew where SEQUENCE has risen (RFC 5545 3.8.7.4). What is told becomes another by a report or a decision,
also about another departure of the day, and as time passes: a departure that nobody reported is called so for a while. The number counts
reports and decisions and adds the minute of the last such moment, so it never falls, also where a report is withdrawn.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Lock

from sqlalchemy.orm import Session

from shuttle.domain.basics.service_time import Minute, dates, instant, minute_at
from shuttle.domain.ridership.expectations import (
    GIVEN_UP_AFTER,
    LATE_FROM,
    CallToday,
    Reported,
    Told,
    calls_today,
)
from shuttle.domain.ridership.incidents import IncidentKind
from shuttle.domain.timetable.departures import Departure, Schedule
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.live.day import LiveDay, last_report, read_live_day
from shuttle.store.ridership.incidents import incidents_on
from shuttle.store.ridership.passings import passings_said

Said = Mapping[str, Sequence[datetime]]
"""Departure -> when each report of it was stored."""


@dataclass(frozen=True)
class ToldNow:
    """What is told by departure. `number` is another where anything of it is another."""

    number: int
    calls: Mapping[str, Told]


class ToldWatch:
    """What is told now, worked out again when somebody reported, the schedule changed or a minute passed."""

    def __init__(self, context: AppContext, days_behind: int) -> None:
        self._context = context
        self._days_behind = days_behind
        self._lock = Lock()
        self._last: tuple[object, ToldNow] = (None, ToldNow(0, {}))

    def unchanged(self) -> ToldNow | None:
        """What is told, where nothing was committed in this minute; None: ask `now`. It reads no table, and may run on an event loop."""
        commits = self._context.watch.commits() if self._context.watch.is_instant else None
        mark, told = self._last
        return told if commits is not None and mark == (commits, self._minute()) else None

    def now(self) -> ToldNow:
        """What is told; the same number while nothing became another."""
        context, now = self._context, self._context.now()
        commits, minute = context.watch.commits(), self._minute()
        with self._lock, context.reading() as session:
            mark = (commits, minute) if commits is not None else (context.watch.version(), last_report(session), minute)
            if mark != self._last[0]:
                today = context.today()
                days = dates(today - timedelta(days=self._days_behind), today)
                told, before = told_of(session, context, context.schedule(), now, days), self._last[1]
                self._last = (mark, before if told == before.calls else ToldNow(before.number + 1, told))
            return self._last[1]

    def _minute(self) -> datetime:
        return self._context.now().replace(second=0, microsecond=0)


def told_of(
    session: Session, context: AppContext, schedule: Schedule, now: datetime, days: Sequence[date]
) -> dict[str, Told]:
    """Departure -> what is told of it, for those of the days of which something was ever told."""
    live = read_live_day(session, context, schedule, now, days)
    said = passings_said(session, days)
    for departure, several in incidents_on(session, days).items():
        said.setdefault(departure, []).extend(each.said_at for each in several)
    told: dict[str, Told] = {}
    for day in days:
        departures = schedule.departures_on(day).departures
        reports = [moment for each in departures for moment in said.get(each.id, ())]
        told |= _Day(context, live, day, now, [*reports, *_decided(schedule, day)]).told(departures)
    return told


def _decided(schedule: Schedule, day: date) -> Iterator[datetime]:
    """When something was decided of departures of the day, or withdrawn again."""
    for change in schedule.changes:
        if change.dates.covers(day):
            yield from (moment for moment in (change.made_at, change.withdrawn_at) if moment is not None)


class _Day:
    """One service day. `words`: when anything was reported of its departures or decided about them.

    Each of them renews all events of the day: which other departure a late bus makes late is not the same at every time. Those before the day
    count in the revision of the departure alone.
    """

    def __init__(self, context: AppContext, live: LiveDay, day: date, now: datetime, words: Sequence[datetime]) -> None:
        self.zone = context.zone
        self.live = live
        self.day = day
        self.now = minute_at(now, day, context.zone)
        self.present = now
        self.starts = instant(day, 0, context.zone)
        self.words = [moment for moment in words if self.starts <= moment <= now]

    def told(self, departures: Sequence[Departure]) -> Iterator[tuple[str, Told]]:
        """Each departure of which anything was ever told."""
        edits = [each.changed_at for each in departures if each.revision and each.changed_at]
        common = [*self.words, *self._waits(departures), *(at for at in edits if self.starts <= at <= self.present)]
        for departure in departures:
            calls: tuple[CallToday, ...] = ()
            if departure.runs:
                expectation = self.live.expectations[departure.id]
                calls = calls_today(departure, expectation, self._reported(departure), self.now)
            moments = [*common, *self._passed(departure, calls)]
            if moments:
                latest = max(moments)
                yield (
                    departure.id,
                    Told(
                        calls=calls,
                        incident=IncidentKind(told) if (told := self.live.told_of(departure)) else None,
                        renewed_at=latest,
                        renewals=len(self.words) + minute_at(latest, self.day, self.zone),
                    ),
                )

    def _reported(self, departure: Departure) -> list[Reported]:
        return [
            Reported(each.stop, each.kind, minute_at(each.at, self.day, self.zone))
            for each in self.live.passings.get(departure.id, ())
            if each.at is not None
        ]

    def _passed(self, departure: Departure, calls: Sequence[CallToday]) -> Iterator[datetime]:
        """Moments until now at which a call became one that nobody reported, and was given up."""
        for call, today in zip(departure.calls[:-1], calls, strict=False):
            late_from = call.departs + LATE_FROM
            minutes = (late_from, late_from + today.late_leaving, call.departs + GIVEN_UP_AFTER)
            if today.left is None:
                yield from (self._moment(minute) for minute in minutes if minute <= self.now)

    def _waits(self, departures: Sequence[Departure]) -> Iterator[datetime]:
        """Moments until now at which a late departure that nobody reported as left became another: each minute while one that was said to be
        late is waited for, and the first minute after which nobody knows of one that follows a late bus."""
        for departure in departures:
            expectation = self.live.expectations.get(departure.id)
            if expectation is None or expectation.due is None or self.now <= expectation.due:
                continue
            standing = self.live.incidents.get(departure.id)
            is_said = standing is not None and standing.told is not None
            yield self._moment(min(self.now, expectation.due + GIVEN_UP_AFTER + 1) if is_said else expectation.due + 1)

    def _moment(self, minute: Minute) -> datetime:
        return instant(self.day, minute, self.zone)
