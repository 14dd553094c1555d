"""Application context: engine, cached schedule, counts writer, clock and time zone, one per process.

The cached schedule is replaced when the schedule version in the database has risen, whichever process raised it. A
Schedule is immutable: a reference to an old one stays valid.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from threading import Lock
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shuttle.domain.timetable.departures import Departure, Schedule, split_departure_id
from shuttle.domain.timetable.service_details import ServiceDetails
from shuttle.store.engine import database
from shuttle.store.operation.installation import installation_id
from shuttle.store.ridership.writer import BoardingsWriter
from shuttle.store.timetable.schedule import read_schedule, version
from shuttle.store.timetable.schedule_watch import ScheduleWatch

MAX_DEPARTURES = 2000
"""Cached departures: about a year's, in 2 MB."""


def utc_now() -> datetime:
    """The current moment."""
    return datetime.now(UTC)


class AppContext:
    """Passed to every act. `now` is replaceable, so that a test or a report can take another date."""

    def __init__(self, engine: Engine, zone: ZoneInfo, now: Callable[[], datetime] = utc_now) -> None:
        self.engine = engine
        self.zone = zone
        self.now = now
        self.watch = ScheduleWatch(engine)
        self.writer = BoardingsWriter(engine)
        self._lock = Lock()
        self._versioned: tuple[int, Schedule] | None = None
        self._departures: tuple[Schedule | None, dict[str, Departure]] = (None, {})

    def today(self) -> date:
        """Today's calendar date in the service's time zone."""
        return self.now().astimezone(self.zone).date()

    def installation(self) -> str:
        """The installation's id, which never changes; after a restore it is that of the backup."""
        with self.reading() as session:
            return installation_id(session)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A writing transaction: committed at the end, or rolled back on an exception."""
        with database.transaction(self.engine) as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A read-only session on one snapshot."""
        with database.reading(self.engine) as session:
            yield session

    def schedule(self) -> Schedule:
        """The current schedule; the same object while nothing changes."""
        return self.versioned_schedule()[1]

    def versioned_schedule(self) -> tuple[int, Schedule]:
        """The current schedule with its version, which validates cached responses (ETag)."""
        current = self.watch.version()
        cached = self._versioned
        if cached is not None and cached[0] == current:
            return cached
        with self._lock:
            latest = self._versioned
            if latest is not None and latest is not cached and latest[0] >= current:
                return latest  # read by another thread during the wait: one thread reads after each change
            with self.reading() as session:
                self._versioned = (version(session), read_schedule(session))
            return self._versioned

    def details(self) -> ServiceDetails:
        """The service's names and texts as this process read them last, without a question to the database."""
        cached = self._versioned
        return (cached[1] if cached is not None else self.schedule()).details

    def departure(self, departure_id: str) -> Departure:
        """A departure as it is now. Departures of a date are cached while the schedule is the same.

        Raises NotFound (`unknown-departure`).
        """
        schedule = self.schedule()
        if self._departures[0] is not schedule or len(self._departures[1]) > MAX_DEPARTURES:
            self._departures = (schedule, {})
        cached = self._departures[1]
        if departure_id not in cached:
            day = split_departure_id(departure_id)[0]
            cached.update({departure.id: departure for departure in schedule.departures_on(day).departures})
        return cached.get(departure_id) or schedule.departure(departure_id)  # raises with the cause

    def close(self) -> None:
        """Write the queued counts and close all connections."""
        self.writer.close()
        self.watch.close()
        self.engine.dispose()
