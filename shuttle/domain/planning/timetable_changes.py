"""What a proposal changes for people who know today's times: departures kept, moved, added and dropped.

A departure of today and one of the proposal are the same one when the proposal's trip serves the same stops in the same
order and leaves within an hour of it; the pairing moves as few minutes in all as possible.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.planning.planned_trips import PlannedTrip

FARTHEST = 60
"""Minutes beyond which a departure is not moved but dropped, and another one added."""


@dataclass(frozen=True)
class TimetableChanges:
    """`moved`: pairs of the old and the new minute. All in order of time."""

    kept: tuple[Minute, ...]
    moved: tuple[tuple[Minute, Minute], ...]
    added: tuple[Minute, ...]
    dropped: tuple[Minute, ...]


def pairing(base: Sequence[PlannedTrip], trips: Sequence[PlannedTrip], farthest: int = FARTHEST) -> dict[int, int]:
    """Base trip -> the trip that stands for it: as many as possible, then as few minutes in all as possible."""
    old = sorted(range(len(base)), key=lambda index: base[index].departs)
    possible = {
        i: [j for j, t in enumerate(trips) if abs(t.departs - base[i].departs) <= farthest and t.serves(base[i].stops)]
        for i in old
    }

    @cache
    def best(position: int, used: frozenset[int]) -> tuple[int, int, tuple[tuple[int, int], ...]]:
        if position == len(old):
            return (0, 0, ())
        i = old[position]
        near = frozenset(j for j in used if trips[j].departs >= base[i].departs - 2 * farthest)
        choices = [best(position + 1, near)]
        for j in possible[i]:
            if j not in used:
                missed, minutes, pairs = best(position + 1, near | {j})
                choices.append((missed - 1, minutes + abs(trips[j].departs - base[i].departs), ((i, j), *pairs)))
        return min(choices)

    return dict(best(0, frozenset())[2])


def changes_from(base: Sequence[PlannedTrip], trips: Sequence[PlannedTrip]) -> TimetableChanges:
    """What the trips change from the base timetable."""
    pairs = pairing(base, trips)
    shifts = sorted((base[i].departs, trips[j].departs) for i, j in pairs.items())
    return TimetableChanges(
        kept=tuple(old for old, new in shifts if old == new),
        moved=tuple((old, new) for old, new in shifts if old != new),
        added=tuple(sorted(t.departs for j, t in enumerate(trips) if j not in pairs.values())),
        dropped=tuple(sorted(t.departs for i, t in enumerate(base) if i not in pairs)),
    )
