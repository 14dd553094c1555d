"""The program with one job that runs until a file appears, so that a test may end the program during it.

python -m tests.faults.slow_job serve --port 8000

The job is due at SLOW_JOB_DUE (`02:40`), writes its start and end to the file `events` of the data folder, and ends
when the file `may-end` exists. A lost process is detected after 8 seconds in place of 90.
"""

import os
import time
from datetime import timedelta
from functools import partial

from shuttle import jobs
from shuttle.cli import main
from shuttle.cli.operation import worker
from shuttle.domain.basics.outcome import JobOutcome
from shuttle.services.app_context import AppContext
from shuttle.services.operation import scheduler_lease
from shuttle.settings import Settings

LOST_SECONDS = 8.0  # longer than a busy machine keeps a process waiting


def last_until_let(_context: AppContext, settings: Settings) -> JobOutcome:
    with (settings.data_dir / "events").open("a", encoding="utf-8") as events:
        events.write(f"begins {os.getpid()}\n")
        events.flush()
        while not (settings.data_dir / "may-end").exists():
            time.sleep(0.02)
        events.write(f"ends {os.getpid()}\n")
    return JobOutcome("sums-equal")


if __name__ == "__main__":
    hour, minute = os.environ["SLOW_JOB_DUE"].split(":")
    slow = jobs.Job("slow", int(hour), int(minute), last_until_let)
    for module, name, value in (
        (jobs, "JOBS", (slow,)),
        (scheduler_lease, "LOST_SECONDS", LOST_SECONDS),
        (scheduler_lease, "LEASE", timedelta(seconds=LOST_SECONDS)),
        (worker, "make_scheduler", partial(jobs.JobScheduler, every=0.3)),
    ):
        assert hasattr(module, name), f"{name} is no longer what decides it"
        setattr(module, name, value)
    main()
