"""The plan worker: a thread that takes plans from the queue and follows the solver process.

Each web process has one. A row in the database makes sure that one plan runs at a time, in whichever process. The worker writes a
heartbeat: a running plan whose heartbeat has stopped is marked as interrupted (`store.planning.queues.mark_lost`).
"""

import logging
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from time import monotonic

from shuttle.domain.basics.errors import ShuttleError
from shuttle.domain.basics.outcome import JobOutcome
from shuttle.domain.basics.service_time import Minute, parse_time_of_day
from shuttle.domain.planning.result import PlanProgress, PlanResult, has_findings
from shuttle.domain.planning.scenario import Stops
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.planner.process import solver_client
from shuttle.planner.process.request import PlanRequest
from shuttle.services.app_context import AppContext
from shuttle.services.planning.nearest_values import with_nearest
from shuttle.services.planning.plans import result_of
from shuttle.services.planning.queue_worker import BEAT_SECONDS, QueueWorker, failure_of
from shuttle.services.planning.requests import request_for
from shuttle.services.ridership.past_boardings import past_of
from shuttle.services.ridership.recorded_demand import with_recorded_demand
from shuttle.store.planning import plans as store
from shuttle.store.planning.queues import anything_open, take_next
from shuttle.store.tables.planning import PlanRow

log = logging.getLogger("shuttle.plans")

LOGGED = JobOutcome("solving-failed", {"detail": "something went wrong while solving; it has been logged"})
"""Failure shown to planners where the cause is a fault of the program: the details are in the log alone."""

OUT_OF_MEMORY = JobOutcome("solver-too-large", {"detail": "the solver took more memory than it may and was ended"})
"""The result up to then is kept."""

Starts = dict[str, tuple[tuple[tuple[Stops, Minute], ...], ...]]
"""By day type: timetables, each trip as its stops and its departure."""


class PlanWorker(QueueWorker[PlanRow]):
    """`schedules`: the folder with the duty rules; `memory_mb`: the solver's memory limit (0: none)."""

    def __init__(self, context: AppContext, schedules: Path, memory_mb: int = 0) -> None:
        super().__init__("plan-worker", end_seconds=5)
        self._context = context
        self._schedules = schedules
        self._memory_mb = memory_mb

    def take(self) -> PlanRow | None:
        """The plan that has been queued longest."""
        with self._context.reading() as session:
            if not anything_open(session, PlanRow):
                return None
        with self._context.transaction() as session:
            return take_next(session, PlanRow, self._context.now(), self.may_judge)

    def solve(self, row: PlanRow) -> None:
        """Solve a plan in a process of its own, and store its result or why it failed."""
        follower = _Follower(self, self._context, row.id)
        try:
            request = self._request(row)
            result = solver_client.run(request, follower.progress, follower.ending, follower.grown)
            result = with_nearest(request, result, follower.ending, follower.progress)
        except ShuttleError as error:
            self._end(row.id, "failed", failure=failure_of(error))
        except Exception:
            log.exception("plan failed")
            self._end(row.id, "failed", failure=LOGGED)
        else:
            failure = OUT_OF_MEMORY if result.get("ended_by") == "memory" else None
            self._end(row.id, result["status"], result if has_findings(result) else None, failure)

    def _request(self, row: PlanRow) -> PlanRequest:
        """The plan's scenario with demand and boardings as they are now, starting from the plan's earlier result."""
        schedule = self._context.schedule()
        scenario = with_recorded_demand(
            self._context, schedule, read_scenario(row.scenario, schedule, self._context.today())
        )
        past = past_of(self._context, schedule, scenario)
        request = request_for(scenario, schedule, self._schedules, **row.options, past=past)
        return replace(request, starts=starts_of(result_of(row)), memory_mb=self._memory_mb)

    def _end(
        self, plan_id: str, status: str, result: PlanResult | None = None, failure: JobOutcome | None = None
    ) -> None:
        """Without a `result` the plan keeps the one that it has."""

        def end() -> None:
            with self._context.transaction() as session:
                row = store.plan(session, plan_id)
                row.status, row.ended_at = status, self._context.now()
                if result is not None:
                    row.answer = dict(result)
                store.set_failure(row, failure)

        self.patiently(end)


class _Follower:
    """Callbacks of one run: writes the last progress and result every BEAT_SECONDS, and reads whether to cancel."""

    def __init__(self, worker: PlanWorker, context: AppContext, plan_id: str) -> None:
        self._worker = worker
        self._context = context
        self._plan_id = plan_id
        self._progress: PlanProgress | None = None
        self._result: PlanResult | None = None
        self._grown = 0
        self._written = 0.0
        self._cancelled = False

    def progress(self, progress: PlanProgress) -> None:
        self._progress = progress

    def grown(self, result: PlanResult) -> None:
        """A result without findings never replaces that of an earlier run."""
        if has_findings(result):
            self._result, self._grown = result, self._grown + 1

    def ending(self) -> str | None:
        """The status to end with; None to go on."""
        if not self._cancelled and monotonic() - self._written >= BEAT_SECONDS:
            self._written = monotonic()
            self._beat(self._context.now())
        if self._worker.stopping.is_set():
            return "interrupted"
        return "cancelled" if self._cancelled else None

    def _beat(self, now: datetime) -> None:
        progress = None if self._progress is None else {**self._progress, "grown": self._grown}
        result = None if self._result is None else dict(self._result)

        def write() -> None:
            with self._context.transaction() as session:
                self._cancelled = store.beat(session, self._plan_id, now, progress, result)

        if self._worker.is_beating(write):
            self._result = None


def starts_of(result: PlanResult | None) -> Starts:
    """The timetables of a result's proposals, as starting points of the next run."""
    days = result["day_types"] if result else {}
    return {
        day_type: tuple(
            tuple((tuple(trip["stops"]), parse_time_of_day(trip["departs"])) for trip in proposal["trips"])
            for proposal in day["proposals"]
        )
        for day_type, day in days.items()
    }
