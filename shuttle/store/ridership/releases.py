"""Releases in the database: the published figures of a fortnight, written once and never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from shuttle.domain.basics.service_time import FIRST_DATE, LAST_DATE
from shuttle.domain.ridership.summaries import ServiceCounts, Span
from shuttle.domain.ridership.suppression import Published, Release
from shuttle.store.engine.rows import readable
from shuttle.store.tables.ridership import ObservationRow, ReleaseRow, TripSumRow

NOT_COUNTED, SUPPLEMENT = "not_counted", "supplement"
"""Keys of a release that are no breakdown."""


@dataclass(frozen=True)
class Supplement:
    """Boardings of departures of earlier fortnights that were counted after those had been released, and how many departures."""

    boardings: int
    departures: int


@dataclass(frozen=True, kw_only=True)
class StoredRelease:
    """A fortnight's release. `run`: departures run and counted; `threshold`: that of the suppression. `supplement`: late counts of
    earlier fortnights, stated here; None: none, or too few to be stated.
    """

    fortnight: Span
    release: Release
    run: ServiceCounts
    threshold: int
    frozen_at: datetime
    supplement: Supplement | None = None

    @property
    def is_counted(self) -> bool:
        """False for a total of 0 without a counted departure, which means "not counted"."""
        return self.release.total != 0 or self.run.counted > 0


def add(session: Session, stored: StoredRelease) -> None:
    """Add a fortnight's release; a second one violates the primary key."""
    breakdowns: dict[str, Any] = {name: dict(parts) for name, parts in stored.release.breakdowns.items()}
    breakdowns[NOT_COUNTED] = {name: list(parts) for name, parts in stored.release.not_counted.items()}
    if stored.supplement is not None:
        breakdowns[SUPPLEMENT] = {"boardings": stored.supplement.boardings, "departures": stored.supplement.departures}
    session.add(
        ReleaseRow(
            first=stored.fortnight.first,
            last=stored.fortnight.last,
            frozen_at=stored.frozen_at,
            threshold=stored.threshold,
            total=stored.release.total,
            breakdowns=breakdowns,
            departures_run=stored.run.run,
            departures_counted=stored.run.counted,
        )
    )


def releases(session: Session, span: Span | None = None) -> list[StoredRelease]:
    """Releases whose fortnight lies in `span` (None: all), in order."""
    first, last = (span.first, span.last) if span is not None else (FIRST_DATE, LAST_DATE)
    query = select(ReleaseRow).where(ReleaseRow.first.between(first, last), ReleaseRow.last.between(first, last))
    return list(readable(session.scalars(query.order_by(ReleaseRow.first)), _stored))


def all_rows(session: Session) -> list[dict[str, Any]]:
    """Every release as its stored values, for `keep`."""
    return [dict(row) for row in session.execute(select(ReleaseRow.__table__)).mappings()]


def keep(session: Session, published: Sequence[dict[str, Any]]) -> None:
    """Put the releases of `all_rows` in the place of those with the same first day: what was published never changes."""
    table = ReleaseRow.__table__
    for row in published:
        session.execute(delete(ReleaseRow).where(ReleaseRow.first == row["first"]))
        session.execute(insert(table), row)  # type: ignore[arg-type]


def first_released(session: Session) -> Span | None:
    """The first fortnight that was released; None where there is none."""
    return next((stored.fortnight for stored in releases(session)), None)


def _stored(row: ReleaseRow) -> StoredRelease:
    breakdowns: dict[str, Published] = {
        name: parts for name, parts in row.breakdowns.items() if name not in (NOT_COUNTED, SUPPLEMENT)
    }
    late = row.breakdowns.get(SUPPLEMENT)
    not_counted = {name: tuple(parts) for name, parts in row.breakdowns.get(NOT_COUNTED, {}).items()}
    run = ServiceCounts(run=row.departures_run, due=row.departures_run, counted=row.departures_counted)
    release = Release(row.total, breakdowns, not_counted)
    return StoredRelease(
        fortnight=Span(row.first, row.last),
        release=release,
        run=run,
        threshold=row.threshold,
        frozen_at=row.frozen_at,
        supplement=Supplement(late["boardings"], late["departures"]) if late else None,
    )


def first_received(session: Session, span: Span) -> dict[str, datetime]:
    """Departure of the span -> when its first count came in."""
    query = (
        select(ObservationRow.departure, func.min(ObservationRow.received_at).label("first"))
        .where(ObservationRow.service_date.between(span.first, span.last))
        .group_by(ObservationRow.departure)
    )
    return {row.departure: row.first for row in session.execute(query)}


def first_counted(session: Session) -> date | None:
    """The first service date with a sum; None without counts."""
    return session.scalar(
        select(func.min(TripSumRow.service_date)).where(TripSumRow.service_date.between(FIRST_DATE, LAST_DATE))
    )
