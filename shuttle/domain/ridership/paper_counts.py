"""Paper counts: counts from paper sheets, imported as observations.

All of them belong to one observer, `paper`. A count recorded in the program takes precedence over them. Importing the same
sheet again adds nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from shuttle.domain.ridership.boardings import Count, Observation
from shuttle.domain.timetable.departures import Departure

PAPER = "paper"
"""Observer and role of a paper count; the person who wrote it is not recorded."""


@dataclass(frozen=True)
class PaperCount:
    """One line of a sheet: a departure that calls at the stop, its count, and the line number in the file."""

    departure: Departure
    count: Count
    line: int

    @property
    def hour(self) -> int:
        """The hour of the planned call."""
        hour = self.departure.planned_hour(self.count.stop)
        assert hour is not None
        return hour

    def key(self, earlier: Iterable[Observation]) -> str | None:
        """The idempotency key of the line, from its content and the latest paper count; None when both are equal.

        So the same sheet adds nothing, and a sheet that reverts a correction is a new observation.
        """
        # by role: retention removes the observer, the role stays
        on_paper = (observation for observation in earlier if observation.role == PAPER)
        last = max(on_paper, key=lambda observation: observation.order, default=None)
        own = self.count.fingerprint()
        if last is None:
            return f"{PAPER}-{own}"
        return None if replace(last.count, recorded_at=None).fingerprint() == own else f"{PAPER}-{own}-{last.id}"
