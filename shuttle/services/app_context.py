"""What every act needs: the database, the schedule as it is now, the clock and the time zone.

One `AppContext` a process. Its copy of the schedule is replaced when the database says that the schedule has changed, whichever
process changed it; a Schedule that was handed out stays what it was.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from threading import Lock
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shuttle.domain.timetable.departures import Departure, Schedule, split_departure_id
from shuttle.store.engine import database
from shuttle.store.operation.installation import installation_id
from shuttle.store.ridership.writer import BoardingsWriter
from shuttle.store.timetable.schedule import read_schedule, version
from shuttle.store.timetable.schedule_watch import ScheduleWatch

MOST_KEPT = 2000
"""Departures that are kept to be counted on: a year's are about so many, in 2 MB."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class AppContext:
    """Handed to every act. `now` can be replaced, so that a test or a report can stand on another day."""

    def __init__(self, engine: Engine, zone: ZoneInfo, now: Callable[[], datetime] = utc_now) -> None:
        self.engine = engine
        self.zone = zone
        self.now = now
        self.watch = ScheduleWatch(engine)
        self.writer = BoardingsWriter(engine)
        self._lock = Lock()
        self._known: tuple[int, Schedule] | None = None
        self._departures: tuple[Schedule | None, dict[str, Departure]] = (None, {})

    def today(self) -> date:
        """The date on the wall, in the service's time zone."""
        return self.now().astimezone(self.zone).date()

    def installation(self) -> str:
        """The installation's own name, the same for ever; a restored one has the name of what was saved."""
        with self.reading() as session:
            return installation_id(session)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One act: everything in it is committed at the end, or nothing is."""
        with database.transaction(self.engine) as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with database.reading(self.engine) as session:
            yield session

    def schedule(self) -> Schedule:
        """The schedule as it is now; the same object while nothing changes."""
        return self.versioned_schedule()[1]

    def versioned_schedule(self) -> tuple[int, Schedule]:
        """The schedule with its version, for answers that are kept with an ETag."""
        now = self.watch.version()
        known = self._known
        if known is not None and known[0] == now:
            return known
        with self._lock:
            read_meanwhile = self._known
            if read_meanwhile is not None and read_meanwhile is not known and read_meanwhile[0] >= now:
                return read_meanwhile  # by somebody whom we waited for: of all who ask after a change, one reads
            with self.reading() as session:
                self._known = (version(session), read_schedule(session))
            return self._known

    def departure(self, departure_id: str) -> Departure:
        """A departure as it is now; those of dates that were asked for are kept while the schedule is the same.

        Raises NotFound (`unknown-departure`).
        """
        schedule = self.schedule()
        if self._departures[0] is not schedule or len(self._departures[1]) > MOST_KEPT:
            self._departures = (schedule, {})
        known = self._departures[1]
        if departure_id not in known:
            day = split_departure_id(departure_id)[0]
            known.update({departure.id: departure for departure in schedule.departures_on(day).departures})
        return known.get(departure_id) or schedule.departure(departure_id)  # which says what is wrong

    def close(self) -> None:
        self.writer.close()
        self.watch.close()
        self.engine.dispose()
