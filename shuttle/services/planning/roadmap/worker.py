"""The roadmap worker: a thread of each web process that takes runs of roadmaps from the queue, one at a time in the installation.

It solves two fronts at a time in processes of their own. Its heartbeat and the answer so far go to the row, so that a run whose process
died is marked as interrupted and keeps what it has.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic

from shuttle.domain.basics.errors import ShuttleError
from shuttle.domain.basics.outcome import JobOutcome
from shuttle.domain.planning.roadmap.result import RoadmapResult
from shuttle.planner.process import solver_client
from shuttle.services.app_context import AppContext
from shuttle.services.planning.plan_worker import LOGGED
from shuttle.services.planning.queue_worker import BEAT_SECONDS, QueueWorker, failure_of
from shuttle.services.planning.roadmap.run import RoadmapRun
from shuttle.services.planning.roadmap.runs import question_of
from shuttle.services.planning.roadmap.stored_fronts import StoredFronts
from shuttle.store.planning import roadmap_runs as store
from shuttle.store.planning.queues import anything_open, take_next
from shuttle.store.tables.planning import RoadmapRunRow

log = logging.getLogger("shuttle.roadmaps")

PARALLEL = 2


class RoadmapWorker(QueueWorker[RoadmapRunRow]):
    """`schedules`: the folder with scenarios and duty rules; `memory_mb`: the solver's memory limit (0: none)."""

    def __init__(self, context: AppContext, schedules: Path, memory_mb: int = 0) -> None:
        super().__init__("roadmap-worker", end_seconds=8)
        self._context = context
        self._schedules = schedules
        self._memory_mb = memory_mb

    def take(self) -> RoadmapRunRow | None:
        """The run that has been queued longest."""
        with self._context.reading() as session:
            if not anything_open(session, RoadmapRunRow):
                return None
        with self._context.transaction() as session:
            return take_next(session, RoadmapRunRow, self._context.now(), self.may_judge)

    def solve(self, row: RoadmapRunRow) -> None:
        """Solve a roadmap's fronts in processes of their own, and store its answer or why it failed."""
        follower = _Follower(self, self._context, row.id)
        try:
            answer = self._answer(row, follower)
        except ShuttleError as error:
            self._end(row.id, "failed", failure=failure_of(error))
        except Exception:
            log.exception("roadmap run failed")
            self._end(row.id, "failed", failure=LOGGED)
        else:
            self._end(row.id, answer["status"], answer)

    def _answer(self, row: RoadmapRunRow, follower: "_Follower") -> RoadmapResult:
        question = question_of(self._context, self._context.schedule(), self._schedules, row.text)
        fronts = tuple(
            replace(front, request=replace(front.request, memory_mb=self._memory_mb)) for front in question.fronts
        )
        with ThreadPoolExecutor(max_workers=PARALLEL) as executor:
            return RoadmapRun(
                question=replace(question, fronts=fronts),
                executor=executor,
                solve=partial(solver_client.run, ending=follower.stopped),
                store=StoredFronts(self._context),
                time_limit=row.time_limit,
                parallel=PARALLEL,
                ending=follower.ending,
                on_answer=follower.grown,
            ).run()

    def _end(
        self, run_id: str, status: str, answer: RoadmapResult | None = None, failure: JobOutcome | None = None
    ) -> None:
        def end() -> None:
            with self._context.transaction() as session:
                row = store.run(session, run_id)
                row.status, row.ended_at = status, self._context.now()
                if answer is not None:
                    row.answer = dict(answer)
                store.set_failure(row, failure)

        self.patiently(end)


class _Follower:
    """Callbacks of one run: writes heartbeat and answer every BEAT_SECONDS, and reads whether to cancel."""

    def __init__(self, worker: RoadmapWorker, context: AppContext, run_id: str) -> None:
        self._worker = worker
        self._context = context
        self._run_id = run_id
        self._answer: RoadmapResult | None = None
        self._written = 0.0
        self._cancelled = False

    def grown(self, answer: RoadmapResult) -> None:
        self._answer = answer

    def ending(self) -> str | None:
        """The status to end with; None to go on. Called by the run's own thread alone."""
        if not self._cancelled and monotonic() - self._written >= BEAT_SECONDS:
            self._written = monotonic()
            answer, now = self._answer, self._context.now()

            def write() -> None:
                with self._context.transaction() as session:
                    self._cancelled = store.beat(session, self._run_id, now, dict(answer) if answer else None)

            if self._worker.is_beating(write) and self._answer is answer:
                self._answer = None
        return self.stopped()

    def stopped(self) -> str | None:
        """As `ending`, without reading the database."""
        if self._worker.stopping.is_set():
            return "interrupted"
        return "cancelled" if self._cancelled else None
