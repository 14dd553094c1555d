"""The thread that takes plans from the queue and follows the solver's process.

Each web process has one, and a row in the database sees to it that one plan runs at a time, whichever process took it. Its beat
says that somebody works on it; a plan whose beat has stopped was interrupted, and says so instead of running for ever.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any

from shuttle.domain.basics.errors import ShuttleError
from shuttle.domain.basics.outcome import JobOutcome, outcome_of
from shuttle.domain.basics.service_time import parse_time_of_day
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.planner.process import solver_client
from shuttle.services.app_context import AppContext
from shuttle.services.planning.requests import request_for
from shuttle.services.ridership.past_boardings import past_of
from shuttle.services.ridership.recorded_demand import with_recorded_demand
from shuttle.store.planning import plans as store
from shuttle.store.tables.planning import PlanRow

log = logging.getLogger("shuttle.plans")

LOGGED = JobOutcome("solving-failed", {"detail": "something went wrong while solving; it has been logged"})
"""What a planner is told of a failure that is ours: what happened inside is for the log."""

OUT_OF_MEMORY = JobOutcome("solver-too-large", {"detail": "the solver took more memory than it may and was ended"})
"""What was found until then stays."""

LOOK_SECONDS = 1.0
"""How often the queue is looked at when nobody says that something is in it."""

BEAT_SECONDS = 0.5
"""How often progress is written and a wish to cancel is heard."""


class PlanWorker:
    """`schedules`: the folder with the duty rules; `memory_mb`: how much a solver may take (0: any). `start` and `stop` go with the
    web process."""

    def __init__(self, context: AppContext, schedules: Path, memory_mb: int = 0) -> None:
        self._context = context
        self._schedules = schedules
        self._memory_mb = memory_mb
        self._ending = Event()
        self._asked = Event()
        self._thread = Thread(target=self._run, name="plan-worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End; a plan that is being worked on is interrupted, with what it has found so far."""
        self._ending.set()
        self._asked.set()
        if self._thread.is_alive():  # a program may be asked to end before it has begun
            self._thread.join(timeout=5)

    def wake(self) -> None:
        """Something is in the queue."""
        self._asked.set()

    def _run(self) -> None:
        while not self._ending.is_set():
            self._asked.wait(LOOK_SECONDS)
            self._asked.clear()
            try:
                while not self._ending.is_set() and (row := self._take()) is not None:
                    self._work_on(row)
            except ShuttleError as error:
                log.warning("the queue of plans cannot be read: %s", error.whole)

    def _take(self) -> PlanRow | None:
        with self._context.reading() as session:
            if not store.anything_open(session):
                return None
        with self._context.transaction() as session:
            return store.take_next(session, self._context.now())

    def _work_on(self, row: PlanRow) -> None:
        following = _Following(self._context, row.id, self._ending)
        try:
            schedule = self._context.schedule()
            asked = read_scenario(row.scenario, schedule, self._context.today())
            scenario = with_recorded_demand(self._context, schedule, asked)
            past = past_of(self._context, schedule, scenario)
            request = replace(
                request_for(scenario, schedule, self._schedules, **row.options, past=past),
                starts=starts_of(row.answer),
                memory_mb=self._memory_mb,
            )
            answer = solver_client.run(request, following.heard, following.ending, following.answered)
        except ShuttleError as error:
            self._end(row.id, "failed", failure=outcome_of(error))
        except Exception:
            log.exception("a plan failed")
            self._end(row.id, "failed", failure=LOGGED)
        else:
            failure = OUT_OF_MEMORY if answer.get("ended_by") == "memory" else None
            self._end(row.id, answer["status"], answer if has_something(answer) else None, failure)

    def _end(
        self, plan_id: str, status: str, answer: dict[str, Any] | None = None, failure: JobOutcome | None = None
    ) -> None:
        with self._context.transaction() as session:
            row = store.plan(session, plan_id)
            row.status, row.ended_at = status, self._context.now()
            if answer is not None:
                row.answer = answer  # else what was found so far stays
            store.set_failure(row, failure)


class _Following:
    """Writes the last progress, not more often than BEAT_SECONDS, and hears whether to stop."""

    def __init__(self, context: AppContext, plan_id: str, ending: Event) -> None:
        self._context = context
        self._plan_id = plan_id
        self._ending = ending
        self._latest: dict[str, Any] | None = None
        self._answer: dict[str, Any] | None = None
        self._grown = 0
        self._written = 0.0
        self._cancelled = False

    def heard(self, progress: dict[str, Any]) -> None:
        self._latest = progress

    def answered(self, answer: dict[str, Any]) -> None:
        """What was found so far; nothing takes the place of what an earlier run found."""
        if has_something(answer):
            self._answer, self._grown = answer, self._grown + 1

    def ending(self) -> str | None:
        """The status with which to end, when it is to end."""
        if not self._cancelled and monotonic() - self._written >= BEAT_SECONDS:
            self._written = monotonic()
            now: datetime = self._context.now()
            progress = None if self._latest is None else {**self._latest, "grown": self._grown}
            with self._context.transaction() as session:
                self._cancelled = store.beat(session, self._plan_id, now, progress, self._answer)
            self._answer = None
        if self._ending.is_set():
            return "interrupted"
        return "cancelled" if self._cancelled else None


def has_something(answer: Mapping[str, Any]) -> bool:
    """Whether there is anything to look at: a proposal, or why there is none."""
    return bool(answer["conflicts"]) or any(found["proposals"] for found in answer["day_types"].values())


def starts_of(answer: Mapping[str, Any] | None) -> dict[str, tuple[tuple[tuple[tuple[str, ...], int], ...], ...]]:
    """By day type the timetables of an answer, each trip as its stops and its departure: where the next run begins."""
    return {
        day_type: tuple(
            tuple((tuple(trip["stops"]), parse_time_of_day(trip["departs"])) for trip in proposal["trips"])
            for proposal in found["proposals"]
        )
        for day_type, found in (answer or {"day_types": {}})["day_types"].items()
    }
