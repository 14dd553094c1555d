"""Draft edit: one undoable step in the editing of a draft timetable.

An edit stores the trips removed and added, not the whole draft. Its inverse is an edit too, so undo and redo are the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from shuttle.domain.timetable.trips import Trip


@dataclass(frozen=True)
class DraftEdit:
    """Trips that an edit removed from a draft and added to it; a moved trip is in both."""

    removed: tuple[Trip, ...]
    added: tuple[Trip, ...]

    @classmethod
    def between(cls, before: Iterable[Trip], after: Iterable[Trip]) -> "DraftEdit":
        """The edit that turns one set of trips into another; their order does not matter."""
        old, new = tuple(before), tuple(after)
        return cls(
            tuple(trip for trip in old if trip not in new),
            tuple(trip for trip in new if trip not in old),
        )

    @property
    def changes_nothing(self) -> bool:
        return not self.removed and not self.added

    @property
    def back(self) -> "DraftEdit":
        """The inverse edit."""
        return DraftEdit(self.added, self.removed)

    def applied(self, trips: Iterable[Trip]) -> tuple[Trip, ...]:
        """The trips after this edit."""
        return (*(trip for trip in trips if trip not in self.removed), *self.added)
