"""Changes from today's timetable to a proposal: departures kept, moved, added and dropped.

A departure of today may correspond to a trip of the proposal that serves the same stops in order and leaves within an hour
of it. The pairing has as many pairs as possible, and among these the fewest minutes moved.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.planning.planned_trips import PlannedTrip

FARTHEST = 60
"""Largest number of minutes that a departure can move; beyond it, it is dropped and another one added."""


@dataclass(frozen=True)
class TimetableChanges:
    """Departure minutes, in order of time. `moved`: pairs (old minute, new minute)."""

    kept: tuple[Minute, ...]
    moved: tuple[tuple[Minute, Minute], ...]
    added: tuple[Minute, ...]
    dropped: tuple[Minute, ...]


def pairing(base: Sequence[PlannedTrip], trips: Sequence[PlannedTrip], farthest: int = FARTHEST) -> dict[int, int]:
    """Index of a base trip -> index of the trip paired with it: most pairs, then fewest minutes (dynamic programming)."""
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
    """The changes from the base timetable's trips to these trips."""
    pairs = pairing(base, trips)
    shifts = sorted((base[i].departs, trips[j].departs) for i, j in pairs.items())
    return TimetableChanges(
        kept=tuple(old for old, new in shifts if old == new),
        moved=tuple((old, new) for old, new in shifts if old != new),
        added=tuple(sorted(t.departs for j, t in enumerate(trips) if j not in pairs.values())),
        dropped=tuple(sorted(t.departs for i, t in enumerate(base) if i not in pairs)),
    )
