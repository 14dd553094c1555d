"""What an operator's machines watch of the work itself: jobs, plans, and today's counts.

The figures come from the database, so that every worker and host gives the same.
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
    """When a job began last and what came of it, and when it last ended well."""

    began: datetime
    outcome: str
    succeeded: datetime | None


@dataclass(frozen=True)
class Figures:
    """`due`: departures of today that have left; `counted`: those of them that somebody counted."""

    jobs: dict[str, JobFigures]
    plans: dict[str, int]
    due: int
    counted: int


def clock_stands_since(context: AppContext) -> timedelta | None:
    """How long nobody has held the clock that runs the jobs; None where nobody ever did. Zero and less: somebody does."""
    with context.reading() as session:
        until = jobs.held_until(session, "clock")
    return None if until is None else context.now() - until


def figures(context: AppContext) -> Figures:
    """Raises Unavailable when the database is away."""
    today = context.today()
    run = exact_ridership(context, Span(today, today), (Grouping.DAY,)).total.run
    with context.reading() as session:
        well = jobs.last_successes(session)
        return Figures(
            {
                name: JobFigures(row.started_at, row.outcome, well.get(name))
                for name, row in jobs.latest_runs(session).items()
            },
            plans.how_many_open(session),
            run.due,
            run.counted + run.partly,
        )
