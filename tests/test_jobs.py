"""Scheduled jobs: each due time runs once, in whichever process, across changes of the system clock."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st

from shuttle import jobs
from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.outcome import JobOutcome
from shuttle.jobs import JOBS, Job, JobScheduler, WeeklyJob, latest_due, next_due
from shuttle.services.app_context import AppContext
from shuttle.services.operation.installation import open_app_context
from shuttle.services.operation.scheduler_lease import LEASE, SchedulerLease
from shuttle.settings import Settings
from shuttle.store.operation.jobs import latest_runs, lease_end
from shuttle.store.operation.outcomes import read_outcome
from tests.conftest import NOON, OSLO

ADMIN = Person("a", "Admin", Role.ADMIN)
NIGHT = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)
"""06:30 in Bergen: everything of the night is due."""


EACH_NIGHT = [job.name for job in JOBS if not isinstance(job, WeeklyJob)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


def at(context: AppContext, moment: datetime) -> None:
    context.now = lambda: moment


@pytest.fixture
def other(database_url: str) -> Iterator[AppContext]:
    """The same installation, in another process."""
    context = open_app_context(database_url, OSLO)
    yield context
    context.close()


def test_each_job_runs_once_for_its_due_time(context: AppContext, settings: Settings) -> None:
    clock = JobScheduler(context, settings)
    at(context, NIGHT)
    assert clock.tick() == EACH_NIGHT
    assert clock.tick() == []
    at(context, NIGHT + timedelta(days=1))
    assert clock.tick() == EACH_NIGHT
    saved = sorted(file.name for file in (settings.data_dir / "backups").iterdir())
    assert saved == ["shuttle-2026-11-24.db", "shuttle-2026-11-25.db"]
    with context.reading() as session:
        assert {row.outcome for row in latest_runs(session).values()} == {"done"}


def test_a_due_time_before_the_installation_is_neither_run_nor_missed(context: AppContext, settings: Settings) -> None:
    clock = JobScheduler(context, settings)
    at(context, NOON + timedelta(hours=1))
    assert clock.tick() == []
    with context.reading() as session:
        assert latest_runs(session) == {}
    at(context, NIGHT)
    assert clock.tick() == EACH_NIGHT


def test_what_a_killed_backup_left_goes_when_it_is_nobodys_any_more(context: AppContext, settings: Settings) -> None:
    folder = settings.data_dir / "backups"
    folder.mkdir(parents=True)
    left = [folder / f"shuttle-2026-11-{day}.dbabc.part" for day in (20, 23, 24)]
    for part in left:
        part.write_bytes(b"PK")
    at(context, NIGHT)
    JobScheduler(context, settings).tick()
    assert [part.exists() for part in left] == [False, True, True]


def test_one_of_two_processes_holds_the_lease_until_it_ends(
    context: AppContext, other: AppContext, settings: Settings
) -> None:
    first, second = JobScheduler(context, settings), JobScheduler(other, settings)
    at(context, NIGHT)
    at(other, NIGHT)
    assert first.tick() == EACH_NIGHT
    for later in (0, 60):
        at(other, NIGHT + timedelta(seconds=later))
        assert second.tick() == []
    at(other, NIGHT + timedelta(days=1))
    assert second.tick() == EACH_NIGHT
    at(context, NIGHT + timedelta(days=1))
    assert first.tick() == []


def test_a_job_that_takes_longer_than_the_lease_stays_with_who_began_it(
    context: AppContext, other: AppContext, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = JobScheduler(other, settings)
    seen: list[tuple[list[str], str]] = []

    def take_long(_context: AppContext, _settings: Settings) -> JobOutcome:
        for minutes in (1, 2, 3):
            later = NIGHT + timedelta(minutes=minutes)
            at(context, later)
            at(other, later)
            wait_until(lambda until=later + LEASE: held(other) == until)  # type: ignore[misc]
            ran = second.tick()
            with other.reading() as session:
                seen.append((ran, latest_runs(session)["long"].outcome))
        return JobOutcome("sums-equal")

    monkeypatch.setattr(jobs, "JOBS", (Job("long", 3, 0, take_long),))
    at(context, NIGHT)
    assert JobScheduler(context, settings, every=0.02).tick() == ["long"]
    assert seen == [([], "running")] * 3
    with context.reading() as session:
        assert latest_runs(session)["long"].outcome == "done"


def held(context: AppContext) -> datetime | None:
    with context.reading() as session:
        return lease_end(session, "clock")


def wait_until(happened: Callable[[], bool]) -> None:
    until = monotonic() + 120
    while not happened():
        assert monotonic() < until, "it did not happen"
        sleep(0.01)


def test_a_lease_of_a_clock_that_was_ahead_holds_nobody_off(context: AppContext, other: AppContext) -> None:
    at(context, NIGHT + timedelta(hours=1))
    assert SchedulerLease(context).hold()
    at(other, NIGHT + timedelta(hours=1) - timedelta(seconds=80))
    assert not SchedulerLease(other).hold(), "clocks of two hosts differ a little"
    at(other, NIGHT)
    assert SchedulerLease(other).hold()


def test_a_clock_that_was_a_year_ahead_for_a_while_holds_no_job_off(
    context: AppContext, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "JOBS", (Job("quick", 3, 0, lambda _context, _settings: JobOutcome("sums-equal")),))
    clock = JobScheduler(context, settings)
    at(context, NIGHT + timedelta(days=365))
    assert clock.tick() == ["quick"]
    at(context, NIGHT)
    assert clock.tick() == ["quick"]
    assert clock.tick() == []


def test_a_clock_set_back_makes_nothing_due_again(context: AppContext, settings: Settings) -> None:
    clock = JobScheduler(context, settings)
    at(context, NIGHT)
    clock.tick()
    for minutes in range(60, 0, -10):
        at(context, NIGHT - timedelta(minutes=minutes))
        assert clock.tick() == []
    at(context, NIGHT)
    assert clock.tick() == []


def test_the_clock_ticks_on_when_the_clock_on_the_wall_is_set_back(
    context: AppContext, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "JOBS", (Job("quick", 3, 0, lambda _context, _settings: JobOutcome("sums-equal")),))
    clock = JobScheduler(context, settings, every=0.05)
    clock.start()
    wait_until(lambda: held(context) is not None)
    (ticking,) = clock._scheduler.get_jobs()
    ticking.modify(next_run_time=datetime.now(UTC) + timedelta(days=365))  # as it stands after a year was taken back
    at(context, NIGHT)
    wait_until(lambda: held(context) == NIGHT + LEASE)
    clock.stop()
    assert held(context) == NIGHT, "it is given back"


def test_a_due_time_long_past_is_written_down_as_missed_and_not_run(context: AppContext, settings: Settings) -> None:
    clock = JobScheduler(context, settings)
    at(context, NIGHT + timedelta(hours=14))
    assert clock.tick() == []
    with context.reading() as session:
        assert {row.outcome for row in latest_runs(session).values()} == {"missed"}


def test_a_job_that_fails_says_so_and_stops_no_other(
    context: AppContext, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    def fail(_context: AppContext, _settings: Settings) -> JobOutcome:
        raise ValueError("the moon was in the way")

    monkeypatch.setattr(jobs, "JOBS", (Job("broken", 3, 0, fail), JOBS[0]))
    at(context, NIGHT)
    assert JobScheduler(context, settings).tick() == ["broken", JOBS[0].name]
    with context.reading() as session:
        runs = latest_runs(session)
    assert runs["broken"].outcome == "failed"
    assert read_outcome(runs["broken"].said) == JobOutcome("unexpected", {"detail": "the moon was in the way"})


@trying(max_examples=50)
@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)),  # noqa: DTZ001
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
    step=st.integers(1, 180),
)
def test_over_a_change_of_the_clock_each_day_is_due_once(start: datetime, hour: int, minute: int, step: int) -> None:
    zone = ZoneInfo("Europe/Oslo")
    job = Job("any", hour, minute, lambda _context, _settings: JobOutcome("saved"))
    now, last = start.replace(tzinfo=UTC), None
    due_times = []
    for _ in range(4 * 24 * 60 // step):
        now += timedelta(minutes=step)
        due = latest_due(job, zone, last, now)
        if due is not None:
            due_times.append(due)
            last = due
    days = [due.astimezone(zone).date() for due in due_times]
    assert len(days) == len(set(days))
    assert days == [days[0] + timedelta(days=number) for number in range(len(days))]


@pytest.mark.parametrize("night", ["2026-03-29", "2026-10-25"])
def test_on_the_nights_when_the_clock_changes_half_past_two_is_due_once(night: str) -> None:
    zone = ZoneInfo("Europe/Oslo")
    job = Job("any", 2, 30, lambda _context, _settings: JobOutcome("saved"))
    begin = datetime.fromisoformat(night).replace(tzinfo=zone)
    now, last, due_times = begin.astimezone(UTC), begin.astimezone(UTC), []
    while now < begin.astimezone(UTC) + timedelta(hours=12):
        now += timedelta(minutes=7)
        due = latest_due(job, zone, last, now)
        if due is not None:
            due_times.append(due)
            last = due
    assert len(due_times) == 1


def test_a_weekly_job_runs_once_on_its_day(context: AppContext, settings: Settings) -> None:
    clock, sunday = JobScheduler(context, settings), datetime(2026, 11, 29, 4, 0, tzinfo=UTC)
    job = next(job for job in JOBS if job.name == "drill-restore")
    at(context, NIGHT)
    clock.tick()
    assert next_due(context, job) == datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
    at(context, sunday)
    assert "drill-restore" in clock.tick()
    assert clock.tick() == []
    assert next_due(context, job) == datetime(2026, 12, 6, 3, 0, tzinfo=UTC)
    with context.reading() as session:
        row = latest_runs(session)["drill-restore"]
        outcome = read_outcome(row.said)
    assert row.outcome == "done" and outcome is not None
    assert outcome.amounts["file"] == "shuttle-2026-11-29.db"
    assert [file.suffix for file in (settings.data_dir / "backups").iterdir()] == [".db", ".db"], "the scratch is gone"


def test_a_weekly_job_that_nobody_ran_is_missed(context: AppContext, settings: Settings) -> None:
    clock = JobScheduler(context, settings)
    at(context, datetime(2026, 12, 2, 5, 0, tzinfo=UTC))
    assert "drill-restore" not in clock.tick()
    with context.reading() as session:
        assert latest_runs(session)["drill-restore"].outcome == "missed"


def test_a_backup_that_cannot_be_restored_fails_the_drill(context: AppContext, settings: Settings) -> None:
    clock, sunday = JobScheduler(context, settings), datetime(2026, 11, 29, 4, 0, tzinfo=UTC)
    folder = settings.data_dir / "backups"
    folder.mkdir(parents=True)
    at(context, NIGHT)
    clock.tick()
    at(context, sunday)
    for file in folder.glob("*.db"):
        file.unlink()
    assert clock.run_now(ADMIN, "drill-restore") == "failed", "no backup"
    (folder / "shuttle-2026-11-29.db").write_bytes(b"SQLite format 3\0 and nothing else")
    assert clock.run_now(ADMIN, "drill-restore") == "failed", "damaged"
    assert [file.name for file in folder.iterdir()] == ["shuttle-2026-11-29.db"]
