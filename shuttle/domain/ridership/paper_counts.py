"""Counts that were written on paper before there was a program to write them in.

They are observations like any other, by one observer called `paper`: whatever somebody counted on the spot with this program
comes before them, and a sheet that is read again says the same and adds nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from shuttle.domain.ridership.boardings import Count, Observation
from shuttle.domain.timetable.departures import Departure

PAPER = "paper"
"""Observer and role of a count from paper: who held the pencil is not asked for."""


@dataclass(frozen=True)
class PaperCount:
    """One line of a sheet: a count of a departure that called at the stop, and where the line stands in its file."""

    departure: Departure
    count: Count
    line: int

    @property
    def hour(self) -> int:
        """The hour of the planned call."""
        found = self.departure.planned_hour(self.count.stop)
        assert found is not None
        return found

    def key(self, said_before: Iterable[Observation]) -> str | None:
        """The idempotency key of the line, made of what it says and what paper said before; None where it says the same.

        So a sheet read twice adds nothing, and one that takes a correction back is heard.
        """
        # by the role: after a while it is forgotten who counted, and the role is what stays
        last = max((said for said in said_before if said.role == PAPER), key=lambda said: said.order, default=None)
        mine = self.count.fingerprint()
        if last is None:
            return f"{PAPER}-{mine}"
        return None if replace(last.count, recorded_at=None).fingerprint() == mine else f"{PAPER}-{mine}-{last.id}"
