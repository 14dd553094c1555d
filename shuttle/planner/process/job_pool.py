"""Linear programs and search trees in threads, a limited number at a time. A solver gives up the interpreter's lock, so that they run
side by side.

Jobs wait in order for a place. A thread is never killed: a job ends by its own time limit, and the result of one that is not waited
for is dropped.
"""

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Semaphore, Thread
from typing import Generic, TypeVar

from shuttle.planner.model.time_budget import TimeBudget

Of = TypeVar("Of")
Result = TypeVar("Result")


@dataclass(eq=False)
class Job(Generic[Of, Result]):
    """`of`: what it is solved for; `clock`: its time, from when it has a place; `result` None: none yet, or it failed."""

    of: Of
    clock: TimeBudget
    result: Result | None = None
    thread: Thread = field(init=False)


class JobPool(Generic[Of, Result]):
    """`jobs`: those that wait, run, or have ended without anybody asking for them."""

    def __init__(self, places: int) -> None:
        self.jobs: list[Job[Of, Result]] = []
        self._places = Semaphore(max(1, places))

    def start(
        self, job: Job[Of, Result], seconds: Callable[[], float], solve: Callable[[TimeBudget], Result | None]
    ) -> None:
        """`seconds`: how long it may take, asked when it has a place."""

        def run() -> None:
            with self._places:
                job.clock = job.clock.within(seconds())
                try:
                    job.result = None if job.clock.over else solve(job.clock)
                except Exception:
                    traceback.print_exc()

        job.thread = Thread(target=run, daemon=True)
        job.thread.start()
        self.jobs.append(job)

    def ended(self) -> list[Job[Of, Result]]:
        """Those that have ended since the last time."""
        over = [job for job in self.jobs if not job.thread.is_alive()]
        self.jobs = [job for job in self.jobs if job not in over]
        return over

    def wait(self, seconds: float) -> None:
        """Until the first job ends, or for so long."""
        if self.jobs:
            self.jobs[0].thread.join(seconds)
