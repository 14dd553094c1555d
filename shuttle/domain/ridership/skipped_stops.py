"""Skipped stop: a stop at which a departure that ran did not call, with a reason code (GTFS Realtime SKIPPED).

A departure that did not run is a change of the schedule instead. A report has a role and no name, is never edited, and the
latest one applies. The count at a skipped stop has the state `cancelled`, unless passengers were counted there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from shuttle.domain.timetable.changes import ReasonCode

SkipReasons = Mapping[tuple[str, str], ReasonCode]
"""(departure id, stop) -> why the stop was skipped."""


@dataclass(frozen=True, kw_only=True)
class SkippedStop:
    """A report that the departure skipped the stop; `reason` None withdraws an earlier report."""

    departure: str
    stop: str
    reason: ReasonCode | None
    role: str
    said_at: datetime


def skip_reasons(reports: Iterable[SkippedStop]) -> dict[tuple[str, str], ReasonCode]:
    """The skipped stops by the latest report of each; `reports` in order of time."""
    last = {(report.departure, report.stop): report.reason for report in reports}
    return {place: reason for place, reason in last.items() if reason is not None}
