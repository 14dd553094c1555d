"""A stop that a departure passed by, and why, in a code.

A departure that did not run is a change of the schedule; one that ran and could not call somewhere is told here, by whoever
was there. It is said in a role and not by name, is never edited, and the last word holds. A stop not served is `cancelled` for
whoever reads the counts, unless somebody was counted there all the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from shuttle.domain.timetable.changes import ReasonCode

Reasons = Mapping[tuple[str, str], ReasonCode]
"""(departure id, stop) -> why the stop was not served."""


@dataclass(frozen=True, kw_only=True)
class SkippedStop:
    """Somebody's word that the departure did not call at the stop; `reason` None takes back what was said before."""

    departure: str
    stop: str
    reason: ReasonCode | None
    role: str
    said_at: datetime


def reasons(said: Iterable[SkippedStop]) -> dict[tuple[str, str], ReasonCode]:
    """What holds of everything that was said, the last word at the end."""
    last = {(word.departure, word.stop): word.reason for word in said}
    return {place: reason for place, reason in last.items() if reason is not None}
