"""Released figures in and out of the database. A fortnight is written once and never again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shuttle.domain.ridership import Run, Span
from shuttle.domain.suppression import Published, Release
from shuttle.store.tables.boardings import TripSumRow
from shuttle.store.tables.releases import ReleaseRow


@dataclass(frozen=True)
class Frozen:
    """A fortnight as it was released."""

    fortnight: Span
    release: Release
    run: Run
    threshold: int
    frozen_at: datetime


def add(session: Session, frozen: Frozen) -> None:
    breakdowns = {name: dict(parts) for name, parts in frozen.release.breakdowns.items()}
    session.add(
        ReleaseRow(
            first=frozen.fortnight.first,
            last=frozen.fortnight.last,
            frozen_at=frozen.frozen_at,
            threshold=frozen.threshold,
            total=frozen.release.total,
            breakdowns=breakdowns,
            departures_run=frozen.run.run,
            departures_counted=frozen.run.counted,
        )
    )


def releases(session: Session, span: Span | None = None) -> list[Frozen]:
    """Those whose fortnight lies in the span, in order; all without a span."""
    query = select(ReleaseRow).order_by(ReleaseRow.first)
    if span is not None:
        query = query.where(ReleaseRow.first >= span.first, ReleaseRow.last <= span.last)
    return [_frozen(row) for row in session.scalars(query)]


def _frozen(row: ReleaseRow) -> Frozen:
    breakdowns: Mapping[str, Published] = row.breakdowns
    run = Run(row.departures_run, row.departures_run, row.departures_counted)
    return Frozen(Span(row.first, row.last), Release(row.total, breakdowns), run, row.threshold, row.frozen_at)


def first_counted(session: Session) -> date | None:
    """The first service date on which anything was counted."""
    return session.scalar(select(func.min(TripSumRow.service_date)))
