"""Scheduler lease under processes that start, sleep, die and shut down in any order, with clocks that jump: each run is
started at most twice and completed at most once.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st
from sqlalchemy import delete

from shuttle.domain.basics.outcome import JobOutcome
from shuttle.jobs import Job, JobScheduler
from shuttle.services.app_context import AppContext
from shuttle.services.operation.installation import open_app_context
from shuttle.services.operation.scheduler_lease import LATEST_START
from shuttle.settings import Settings
from shuttle.store.operation.jobs import Run, begin_again, interrupt
from shuttle.store.tables.operation import JobRunRow, LeaseRow
from tests.conftest import OSLO

START = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
SAID = JobOutcome("sums-equal")
JOB = Job("any", 3, 0, lambda _context, _settings: SAID)
SECONDS_TO_END = 8.0
"""Seconds that a process may run after SIGTERM (`cli/operation/serve.py`)."""


@dataclass
class Process:
    """A live process. `has_slept`: since it started its run."""

    clock: JobScheduler
    run: Run | None = None
    sleeps: bool = False
    has_slept: bool = False
    ends_at: float = float("inf")


@dataclass
class World:
    """Hosts, each with a wall clock that may jump, and one monotonic time in seconds."""

    contexts: list[AppContext]
    settings: Settings
    seconds: float = 0.0
    begun: list[Run] = field(default_factory=list)
    done: list[Run] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ahead = [timedelta() for _ in self.contexts]
        self.living: list[Process | None] = [None for _ in self.contexts]
        for host, context in enumerate(self.contexts):
            context.now = lambda host=host: START + timedelta(seconds=self.seconds) + self.ahead[host]  # type: ignore[misc]
        with self.contexts[0].transaction() as session:
            session.execute(delete(JobRunRow))
            session.execute(delete(LeaseRow))

    def wait(self, seconds: float) -> None:
        """Let time pass; every process that is awake sends heartbeats."""
        self.seconds += seconds
        for host, process in enumerate(self.living):
            if process is not None and process.ends_at <= self.seconds:
                self.living[host] = None
            elif process is not None and process.run is not None and not process.sleeps:
                process.clock._lease.beat(process.run)

    def do(self, host: int, what: str) -> None:
        process = self.living[host]
        if what == "all tick":
            for other in (host, (host + 1) % 3, (host + 2) % 3):
                self.do(other, "tick")
        elif what in ("ahead", "back"):
            self.ahead[host] += timedelta(hours=1 if what == "ahead" else -1)
        elif process is None:
            self.living[host] = Process(JobScheduler(self.contexts[host], self.settings, seconds=lambda: self.seconds))
        elif what == "kill":
            self.living[host] = None
        elif what == "sleep":
            process.sleeps, process.has_slept = not process.sleeps, True
        elif process.sleeps:
            return
        elif what == "stop":
            process.clock._lease.give_up()
            process.ends_at = min(process.ends_at, self.seconds + SECONDS_TO_END)
        elif what == "tick" and process.run is None:
            self._tick(host, process)
        elif what in ("done", "failed") and process.run is not None:
            self._end(process.run, process.clock._lease.end(process.run, what, SAID), what)
            process.run = None

    def _end(self, run: Run, written: bool, what: str) -> None:
        """The stored outcome is that of the latest attempt."""
        assert written == (Run(run.job, run.due, run.begun + 1) not in self.begun)
        if written and what == "done":
            self.done.append(run)

    def _tick(self, host: int, process: Process) -> None:
        process.clock._lease.look()
        run = process.clock._begun(JOB) if process.clock._lease.hold() else None
        if run is None:
            return
        assert self.contexts[host].now() - run.due <= LATEST_START
        assert run not in self.begun
        assert run.begun <= 2
        assert run.begun == 1 or Run(run.job, run.due, 1) in self.begun
        still = [other for other in self.living if other is not None and other.run and other.run.due == run.due]
        assert all(other.has_slept for other in still), "the first is still at it"
        self.begun.append(run)
        process.run, process.has_slept = run, False


@pytest.fixture
def contexts(database_url: str) -> Iterator[list[AppContext]]:
    hosts = [open_app_context(database_url, OSLO) for _ in range(3)]
    yield hosts
    for context in hosts:
        context.close()


WHAT = (*["all tick"] * 6, "done", "failed", "kill", "stop", "sleep", "sleep", "ahead", "back")
SECONDS = (0.0, 0.0, 0.0, 7.0, 20.0, 100.0, 100.0, 100.0, 1800.0)
steps = st.tuples(st.sampled_from((0, 0, 1)), st.sampled_from(WHAT), st.sampled_from(SECONDS))
nights = st.lists(st.lists(steps, min_size=5, max_size=25), min_size=1, max_size=3)


@pytest.mark.slow
@trying(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nights)
def test_a_run_starts_at_most_twice_and_ends_at_most_once(
    contexts: list[AppContext], tmp_path: Path, histories: list[list[tuple[int, str, float]]]
) -> None:
    world = World(contexts, Settings(data_dir=tmp_path))
    for night in histories:
        for host, what, seconds in [(0, "all tick", 0.0), (0, "all tick", 0.0), *night, (0, "tick", 86400.0)]:
            world.wait(seconds)
            world.do(host, what)
    assert len({run.due for run in world.done}) == len(world.done)


def until_begun(world: World, host: int) -> Run:
    """Tick on a host until it starts a run."""
    for _ in range(20):
        world.wait(20)
        world.do(host, "tick")
        process = world.living[host]
        if process and process.run:
            return process.run
    raise AssertionError("nothing was begun")


@pytest.mark.parametrize("end", ["kill", "stop", "sleep"])
def test_an_interrupted_run_is_restarted_once_by_the_next_process(
    contexts: list[AppContext], tmp_path: Path, end: str
) -> None:
    world = World(contexts, Settings(data_dir=tmp_path))
    first = until_begun(world, 0)
    world.do(0, end)
    again = until_begun(world, 1)
    assert again == Run(first.job, first.due, 2)
    if end == "sleep":
        for what in ("sleep", "done"):  # it wakes up, and has nothing to say any more
            world.do(0, what)
    world.do(1, "done")
    assert world.done == [again]
    with pytest.raises(AssertionError, match="nothing was begun"):
        until_begun(world, 2)


def test_of_eight_concurrent_restarts_one_succeeds(contexts: list[AppContext], tmp_path: Path) -> None:
    world = World(contexts, Settings(data_dir=tmp_path))
    run = until_begun(world, 0)
    with contexts[0].transaction() as session:
        interrupt(session, run, START)

    def take_up(number: int) -> Run | None:
        with contexts[number % 3].transaction() as session:
            return begin_again(session, run, START)

    with ThreadPoolExecutor(8) as pool:
        taken = [run for run in pool.map(take_up, range(8)) if run is not None]
    assert taken == [Run(run.job, run.due, 2)]


def test_a_second_interruption_stays_one(contexts: list[AppContext], tmp_path: Path) -> None:
    world = World(contexts, Settings(data_dir=tmp_path))
    for host in (0, 1):
        until_begun(world, host)
        world.do(host, "kill")
    with pytest.raises(AssertionError, match="nothing was begun"):
        until_begun(world, 2)
    with contexts[0].reading() as session:
        row = session.get_one(JobRunRow, ("any", world.begun[0].due))
    assert (row.outcome, row.begun) == ("interrupted", 2)


def test_after_twelve_hours_no_run_is_restarted(contexts: list[AppContext], tmp_path: Path) -> None:
    world = World(contexts, Settings(data_dir=tmp_path))
    until_begun(world, 0)
    world.do(0, "kill")
    world.wait(12 * 3600)
    with pytest.raises(AssertionError, match="nothing was begun"):
        until_begun(world, 1)


def test_a_run_started_by_hand_is_interrupted_and_not_restarted(contexts: list[AppContext], tmp_path: Path) -> None:
    world = World(contexts, Settings(data_dir=tmp_path))
    until_begun(world, 0)
    world.do(0, "done")
    run = JobScheduler(contexts[0], world.settings)._lease.begin_by_hand("any")
    with pytest.raises(AssertionError, match="nothing was begun"):
        until_begun(world, 1)
    with contexts[0].reading() as session:
        assert session.get_one(JobRunRow, (run.job, run.due)).outcome == "interrupted"


def test_what_a_person_has_done_since_is_not_taken_up(contexts: list[AppContext], tmp_path: Path) -> None:
    world = World(contexts, Settings(data_dir=tmp_path))
    until_begun(world, 0)
    world.do(0, "kill")
    keeper = JobScheduler(contexts[1], world.settings)._lease
    assert keeper.end(keeper.begin_by_hand("any"), "done", SAID)
    with pytest.raises(AssertionError, match="nothing was begun"):
        until_begun(world, 1)


def test_a_host_that_slept_takes_no_live_run(contexts: list[AppContext], tmp_path: Path) -> None:
    """All wall clocks jump by hours before any heartbeat can be sent."""
    world = World(contexts, Settings(data_dir=tmp_path))
    run = until_begun(world, 0)
    world.do(1, "tick")
    for host in (0, 1, 2):
        world.ahead[host] += timedelta(hours=3)
    for _ in range(2):
        world.do(1, "tick")
    assert world.begun == [run]
    world.do(0, "done")
    assert world.done == [run]
