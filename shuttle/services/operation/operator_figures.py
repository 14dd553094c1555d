"""Metrics of operation: jobs, plans and today's counts.

They are read from the database, so that every worker and host reports the same.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shuttle.domain.ridership.summaries import Grouping, Span
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.ridership import exact_ridership
from shuttle.store.operation import jobs
from shuttle.store.planning import plans


@dataclass(frozen=True)
class JobFigures:
    """Start and outcome of a job's latest run, and the end of its latest success."""

    began: datetime
    outcome: str
    succeeded: datetime | None


@dataclass(frozen=True)
class OperatorFigures:
    """`due`: today's departures that have left; `counted`: those of them with a count."""

    jobs: dict[str, JobFigures]
    plans: dict[str, int]
    due: int
    counted: int


def time_without_scheduler(context: AppContext) -> timedelta | None:
    """Time since the scheduler's lease ended, zero or negative while it is held; None where it was never taken."""
    with context.reading() as session:
        until = jobs.lease_end(session, "clock")
    return None if until is None else context.now() - until


def figures(context: AppContext) -> OperatorFigures:
    """The current figures. Raises Unavailable."""
    today = context.today()
    run = exact_ridership(context, Span(today, today), (Grouping.DAY,)).total.run
    with context.reading() as session:
        successes = jobs.last_successes(session)
        return OperatorFigures(
            {
                name: JobFigures(row.started_at, row.outcome, successes.get(name))
                for name, row in jobs.latest_runs(session).items()
            },
            plans.how_many_open(session),
            run.due,
            run.counted + run.partly,
        )
