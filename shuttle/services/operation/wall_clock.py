"""Wall clock: a leap of more than a day stops what cannot be undone until a person has confirmed the time.

Releases, stored reports and retention follow the date, and none of them can be taken back: a clock a year ahead would release
fortnights that nobody has counted yet, and remove the observers of today's counts. Two readings show a leap: within a process the
wall clock against a monotonic one; at its first reading the wall clock against the last one of any process, so that a program which
was off for more than a day asks once. Nothing else waits: counts, pages and backups go on.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Refused
from shuttle.services.app_context import AppContext
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.operation.clock_readings import ClockReading, Leap, put_reading, reading

LEAP = timedelta(days=1)
"""A larger difference between two readings is a leap."""

WRITTEN_EVERY = timedelta(minutes=10)
"""How far the stored reading may lie behind."""


class WallClockWatch:
    """One per process. `seconds`: a monotonic clock."""

    def __init__(self, context: AppContext, seconds: Callable[[], float] = monotonic) -> None:
        self._context, self._seconds = context, seconds
        self._last: tuple[datetime, float] | None = None

    def look(self) -> None:
        """Read the clock, and store the reading and a leap since the last one. Called every few seconds."""
        now, seconds = self._context.now(), self._seconds()
        with self._context.reading() as session:
            stored = reading(session)
        if self._last is not None:
            expected = self._last[0] + timedelta(seconds=seconds - self._last[1])
        else:
            expected = stored.read_at if stored else now
        self._last = now, seconds
        leap = Leap(expected, now) if abs(now - expected) > LEAP else None
        if stored is None or leap is not None or abs(now - stored.read_at) >= WRITTEN_EVERY:
            with self._context.transaction() as session:
                before = reading(session)
                put_reading(session, ClockReading(now, (before.leap if before else None) or leap))


def unconfirmed_leap(context: AppContext) -> Leap | None:
    """A leap that nobody has confirmed; None without one."""
    with context.reading() as session:
        stored = reading(session)
    return stored.leap if stored else None


def check_clock(context: AppContext) -> None:
    """Checks that the date may be trusted for what cannot be undone. Raises Refused (`clock-leapt`)."""
    leap = unconfirmed_leap(context)
    if leap is not None:
        expected, shown = (_minutes(moment, context) for moment in (leap.expected, leap.shown))
        raise Refused(
            "clock-leapt",
            f"the clock leapt from {expected} to {shown}; it shows {_minutes(context.now(), context)} now. Releases, reports and "
            "retention wait until somebody has confirmed the time",
            given=shown,
            allowed="`shuttle clock confirm`, or the button on /admin, once the clock is right",
        )


def confirm_clock(context: AppContext, person: Person | None) -> None:
    """Confirm that the clock shows the right time now. Raises NotSignedIn, NotAllowed."""
    person = allow(person, Action.ADMINISTER)
    now = context.now()
    with context.transaction() as session:
        put_reading(session, ClockReading(now))
        add_entry(session, now, person.name, person.role.value, "confirm-clock", _minutes(now, context))


def _minutes(moment: datetime, context: AppContext) -> str:
    return moment.astimezone(context.zone).isoformat(sep=" ", timespec="minutes")
