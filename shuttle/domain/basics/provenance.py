"""Validity and provenance: the dates on which a reference value holds, and its source.

Stops move and running times are measured again. A value is never overwritten: its validity ends and another value begins.
An unconfirmed value is marked `assumed`, with the reason, wherever it is used.
"""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from shuttle.domain.basics.errors import Invalid


@dataclass(frozen=True)
class Validity:
    """Dates from `first` to `last`, both included; None is open-ended. Raises Invalid (`bad-validity`)."""

    first: date | None = None
    last: date | None = None

    def __post_init__(self) -> None:
        if self.first and self.last and self.last < self.first:
            raise Invalid(
                "bad-validity",
                f"valid from {self.first} to {self.last} ends before it begins",
                given=f"{self.first} to {self.last}",
                allowed="an end on or after the beginning",
            )

    def covers(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    def overlaps(self, other: "Validity") -> bool:
        begins_in_time = self.first is None or other.last is None or self.first <= other.last
        return begins_in_time and (other.first is None or self.last is None or other.first <= self.last)


@dataclass(frozen=True)
class Provenance:
    """The source of a value, or the reason why it is assumed."""

    source: str = ""
    assumed: bool = False
    reason: str = ""


ALWAYS = Validity()
UNSTATED = Provenance()


def first_overlap(periods: Iterable[Validity]) -> tuple[Validity, Validity] | None:
    """Two of the periods that share a date, or None."""
    ordered = sorted(periods, key=lambda period: period.first or date.min)
    for earlier, later in itertools.pairwise(ordered):
        if earlier.overlaps(later):
            return earlier, later
    return None
