"""A leap of the wall clock stops releases, reports and retention until a person has confirmed the time; nothing else waits."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import NotAllowed, Refused
from shuttle.domain.ridership.boardings import Count
from shuttle.jobs import JOBS, JobScheduler, WeeklyJob
from shuttle.language import words
from shuttle.services.app_context import AppContext
from shuttle.services.operation.backups import backup, restore
from shuttle.services.operation.stored_reports import stored_reports, write_due
from shuttle.services.operation.wall_clock import WallClockWatch, confirm_clock, unconfirmed_leap
from shuttle.services.ridership.boardings import record_and_wait
from shuttle.services.ridership.releases import freeze_due, released
from shuttle.services.ridership.retention import forget
from shuttle.settings import Settings
from shuttle.store.operation.jobs import latest_runs
from shuttle.store.operation.outcomes import read_outcome

ADMIN = Person("a", "Admin", Role.ADMIN)
DRIVER = Person("d", "Bus", Role.DRIVER)
PLANNER = Person("p", "Petra", Role.PLANNER)
NIGHT = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)
YEAR = timedelta(days=365)
GUARDED = {"release-figures", "write-reports", "forget-observers"}


def at(context: AppContext, moment: datetime) -> None:
    context.now = lambda: moment


def test_a_clock_a_year_ahead_releases_writes_and_forgets_nothing(context: AppContext, tmp_path: Path) -> None:
    record_and_wait(
        context, DRIVER, Count(departure="2026-11-20.gyldenpris-weekday-1000", stop="vagsbunnen", boardings=4), "key"
    )
    scheduler = JobScheduler(context, Settings(data_dir=tmp_path), seconds=lambda: 0.0)
    at(context, NIGHT)
    scheduler.tick()
    before = released(context, ADMIN), stored_reports(context, ADMIN)
    at(context, NIGHT + YEAR)
    assert scheduler.tick() == [job.name for job in JOBS if not isinstance(job, WeeklyJob)]
    with context.reading() as session:
        runs = latest_runs(session)
    assert {name for name, run in runs.items() if run.outcome == "failed"} == GUARDED, "the others go on"
    refusal = read_outcome(runs["release-figures"].said)
    assert refusal is not None and refusal.code == "clock-leapt"
    assert (released(context, ADMIN), stored_reports(context, ADMIN)) == before
    for act in (
        lambda: freeze_due(context, ADMIN, 5),
        lambda: write_due(context, ADMIN, words("nb"), None),
        lambda: forget(context, ADMIN, 90, 30),
    ):
        with pytest.raises(Refused, match=r"leapt from 2026-11-24 06:30.* to 2027-11-24 06:30"):
            act()
    at(context, NIGHT + timedelta(minutes=1))
    scheduler.tick()
    with pytest.raises(Refused, match="leapt"):
        freeze_due(context, ADMIN, 5)
    confirm_clock(context, ADMIN)
    assert freeze_due(context, ADMIN, 5) == [], "nothing is due at the right time"


def test_days_that_pass_by_both_clocks_are_no_leap(context: AppContext) -> None:
    seconds = 0.0
    watch = WallClockWatch(context, lambda: seconds)
    for day in range(5):
        seconds = day * 86_400.0
        at(context, NIGHT + timedelta(days=day))
        watch.look()
    at(context, NIGHT + timedelta(days=4, hours=23))
    watch.look()
    assert unconfirmed_leap(context) is None


@pytest.mark.parametrize("off", [timedelta(days=3), timedelta(days=-3)])
def test_a_start_days_from_the_last_reading_asks(context: AppContext, off: timedelta) -> None:
    at(context, NIGHT)
    WallClockWatch(context).look()
    at(context, NIGHT + timedelta(hours=20))
    WallClockWatch(context).look()
    assert unconfirmed_leap(context) is None, "a night without the program"
    at(context, NIGHT + off)
    WallClockWatch(context).look()
    leap = unconfirmed_leap(context)
    assert leap is not None and (leap.expected, leap.shown) == (NIGHT + timedelta(hours=20), NIGHT + off)


def test_a_restore_confirms_no_leap(context: AppContext, tmp_path: Path) -> None:
    file = tmp_path / "before.db"
    at(context, NIGHT)
    WallClockWatch(context).look()
    backup(context, ADMIN, file)
    at(context, NIGHT + YEAR)
    WallClockWatch(context).look()
    restore(context, ADMIN, file)
    assert unconfirmed_leap(context) is not None


def test_only_an_administrator_confirms_the_time(context: AppContext) -> None:
    with pytest.raises(NotAllowed):
        confirm_clock(context, PLANNER)
