"""Finding about a change of publications: a fact for a planner to accept or to know before publishing.

A *blocker* prevents the act. An *acceptable* finding prevents it until the planner accepts its code. A *warning* and a *note*
prevent nothing: the first may be a mistake, the second says what follows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from shuttle.domain.basics.provenance import Validity


class PublishingSeverity(StrEnum):
    BLOCKER = "blocker"
    ACCEPTABLE = "acceptable"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True)
class PublishingFinding:
    """One finding. `code` is stable; `subject` is the trip, date, day type or timetable concerned.

    `dates`: the dates concerned, one by one; `span`: those between two dates; `numbers`: further figures of the text.
    """

    code: str
    severity: PublishingSeverity
    subject: str
    message: str
    dates: tuple[date, ...] = ()
    span: Validity | None = None
    numbers: Mapping[str, int] = field(default_factory=dict)


def blocking_findings(several: Iterable[PublishingFinding], accepted: Iterable[str] = ()) -> list[PublishingFinding]:
    """The findings that prevent the act, once the planner has accepted the codes `accepted`."""
    accepted = set(accepted)
    return [
        finding
        for finding in several
        if finding.severity is PublishingSeverity.BLOCKER
        or (finding.severity is PublishingSeverity.ACCEPTABLE and finding.code not in accepted)
    ]
