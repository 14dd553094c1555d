"""Stored reports in the database. Each is stored once; a final report replaces the preliminary one of its period."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, aliased

from shuttle.domain.basics.service_time import FIRST_DATE, LAST_DATE
from shuttle.domain.ridership.fortnights import Period
from shuttle.domain.ridership.summaries import Span
from shuttle.store.engine.database import insert_into, is_postgres
from shuttle.store.engine.rows import readable
from shuttle.store.tables.operation import StoredReportRow


@dataclass(frozen=True)
class StoredReport:
    """Key of a stored report. `wanted`: file format; `preliminary`: made while late counts were still accepted."""

    period: Period
    span: Span
    wanted: str
    preliminary: bool

    @property
    def name(self) -> str:
        """The file's name."""
        mark = "-preliminary" if self.preliminary else ""
        return f"{self.period}-{self.span.first}-{self.span.last}{mark}.{self.wanted}"


def stored_reports(session: Session) -> list[StoredReport]:
    """All stored reports, the latest period first."""
    row = StoredReportRow
    query = select(row.period, row.first, row.last, row.wanted, row.preliminary)
    query = query.where(row.first.between(FIRST_DATE, LAST_DATE), row.last.between(FIRST_DATE, LAST_DATE))
    rows = session.execute(query.order_by(row.last.desc(), row.first.desc(), row.wanted.desc(), row.preliminary))
    return list(readable(rows, _stored))


def _stored(row: Any) -> StoredReport:
    period, first, last, wanted, preliminary = row
    return StoredReport(Period(period), Span(first, last), wanted, preliminary)


def content(session: Session, report: StoredReport) -> bytes | None:
    """The file; None where it is missing or was deleted."""
    row = session.get(StoredReportRow, _key(report))
    return None if row is None else row.content


def put(session: Session, report: StoredReport, written_at: datetime, content: bytes) -> bool:
    """Store a report; False, and no change, when it is stored already."""
    row = {**_key(report), "written_at": written_at, "content": content}
    statement = insert_into(StoredReportRow, is_postgres(session.connection())).values(**row).on_conflict_do_nothing()
    added: str | None = session.scalar(statement.returning(StoredReportRow.period))
    return added is not None


def forget_preliminary(session: Session) -> None:
    """Delete preliminary reports whose final report is stored."""
    final = aliased(StoredReportRow)
    row = StoredReportRow
    same = (final.period == row.period) & (final.first == row.first) & (final.last == row.last)
    has_final = select(final.period).where(same, final.wanted == row.wanted, ~final.preliminary).exists()
    session.execute(delete(row).where(row.preliminary, has_final).execution_options(synchronize_session=False))


def _key(report: StoredReport) -> dict[str, Any]:
    span = report.span
    return {
        "period": report.period.value,
        "first": span.first,
        "last": span.last,
        "wanted": report.wanted,
        "preliminary": report.preliminary,
    }
