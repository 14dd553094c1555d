"""Released figures in and out of the database. A fortnight is written once and never again."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shuttle.domain.basics.service_time import FIRST_DATE, LAST_DATE
from shuttle.domain.ridership.summaries import ServiceCounts, Span
from shuttle.domain.ridership.suppression import Published, Release
from shuttle.store.engine.rows import readable
from shuttle.store.tables.ridership import ReleaseRow, TripSumRow

NOT_COUNTED = "not_counted"


@dataclass(frozen=True, kw_only=True)
class StoredRelease:
    """A fortnight as it was released."""

    fortnight: Span
    release: Release
    run: ServiceCounts
    threshold: int
    frozen_at: datetime

    @property
    def is_counted(self) -> bool:
        """A total of 0 on no counted departure is no 0."""
        return self.release.total != 0 or self.run.counted > 0


def add(session: Session, frozen: StoredRelease) -> None:
    breakdowns: dict[str, Any] = {name: dict(parts) for name, parts in frozen.release.breakdowns.items()}
    breakdowns[NOT_COUNTED] = {name: list(parts) for name, parts in frozen.release.not_counted.items()}
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


def releases(session: Session, span: Span | None = None) -> list[StoredRelease]:
    """Those whose fortnight lies in the span, in order; all without a span."""
    first, last = (span.first, span.last) if span is not None else (FIRST_DATE, LAST_DATE)
    query = select(ReleaseRow).where(ReleaseRow.first.between(first, last), ReleaseRow.last.between(first, last))
    return list(readable(session.scalars(query.order_by(ReleaseRow.first)), _frozen))


def first_released(session: Session) -> Span | None:
    return next((frozen.fortnight for frozen in releases(session)), None)


def _frozen(row: ReleaseRow) -> StoredRelease:
    breakdowns: dict[str, Published] = {name: parts for name, parts in row.breakdowns.items() if name != NOT_COUNTED}
    not_counted = {name: tuple(parts) for name, parts in row.breakdowns.get(NOT_COUNTED, {}).items()}
    run = ServiceCounts(run=row.departures_run, due=row.departures_run, counted=row.departures_counted)
    release = Release(row.total, breakdowns, not_counted)
    return StoredRelease(
        fortnight=Span(row.first, row.last), release=release, run=run, threshold=row.threshold, frozen_at=row.frozen_at
    )


def first_counted(session: Session) -> date | None:
    """The first service date on which anything was counted."""
    return session.scalar(
        select(func.min(TripSumRow.service_date)).where(TripSumRow.service_date.between(FIRST_DATE, LAST_DATE))
    )
