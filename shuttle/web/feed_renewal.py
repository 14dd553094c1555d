"""Renewal time of realtime feeds: when their content last became other, as the header of GTFS Realtime says it.

The content is renewed with every minute and with every new version of the schedule. Changes and publications carry their own
moment, which is the same in every process. Other facts (running times, stops) carry none: they count from when this process
first read them.
"""

from datetime import datetime
from threading import Lock

from shuttle.domain.timetable.departures import Schedule


def last_decision(schedule: Schedule, until: datetime | None = None) -> datetime | None:
    """The latest moment that the schedule's changes, overrides and publications carry, of those not after `until`."""
    calendar = schedule.calendar
    moments = [
        *(publication.published_at for publication in schedule.publications),
        *(change.latest_moment for change in schedule.changes),
        *(override.made_at for override in calendar.overrides),
        *(override.withdrawn_at for override in calendar.withdrawn_overrides),
    ]
    return max((moment for moment in moments if moment and (until is None or moment <= until)), default=None)


class RenewalTime:
    """Gives the renewal time of one process's realtime feeds."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._schedule: Schedule | None = None
        self._decided: datetime | None = None
        self._renewed: datetime | None = None

    def of(self, schedule: Schedule, minute: datetime, now: datetime) -> datetime:
        """When the feeds of this schedule and minute became what they are; never later than `now`."""
        with self._lock:
            if schedule is not self._schedule:
                decided = last_decision(schedule, now)
                if self._schedule is not None:
                    self._renewed = now if decided is None or decided == self._decided else decided
                else:
                    self._renewed = decided
                self._schedule, self._decided = schedule, decided
            renewed = self._renewed
        return minute if renewed is None else min(max(minute, renewed), now)
