"""A step in the making of a draft: what it took out and what it put in. Backwards it is a step as well."""

from collections.abc import Iterable
from dataclasses import dataclass

from shuttle.domain.timetable.trips import Trip


@dataclass(frozen=True)
class DraftEdit:
    """Trips that an edit took out of a draft, and those that it put in; a trip that was moved stands in both."""

    removed: tuple[Trip, ...]
    added: tuple[Trip, ...]

    @classmethod
    def between(cls, before: Iterable[Trip], after: Iterable[Trip]) -> "DraftEdit":
        """The step from the one to the other, whatever their order."""
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
        return DraftEdit(self.added, self.removed)

    def applied(self, trips: Iterable[Trip]) -> tuple[Trip, ...]:
        """The trips with this step taken."""
        return (*(trip for trip in trips if trip not in self.removed), *self.added)
