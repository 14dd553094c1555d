"""Changes of facts from a date: stops, opening hours, running times, vehicles.

A fact is a chain of values, each with its dates. A new value begins on a date; the value before ends on the day before, and a value
that begins later stays. The past stays as it was: a date that has passed keeps its value, and only the source of a value that is
unchanged may be stated for all of its dates.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TypeVar

from shuttle.domain.basics.errors import Invalid, NotFound, Refused
from shuttle.domain.basics.provenance import ALWAYS, UNSTATED, Provenance, Validity
from shuttle.domain.basics.service_time import days_after, service_date
from shuttle.domain.timetable.network import Costs, RunningTime, Stop, Vehicle
from shuttle.domain.timetable.opening_hours import OpeningHours, OpeningTimes, SpecialHours, Window

AnyDated = Stop | RunningTime | Vehicle | OpeningHours | Costs
Dated = TypeVar("Dated", bound=AnyDated)

LONGEST_SPAN = 92
"""Dates of special hours in one act: a summer."""

LONGEST_TEXT = 400
"""Characters of a source or a reason."""


class FactGroup(StrEnum):
    """Facts that are changed and undone together. The key: a stop, a link (`a b`), a vehicle or a pattern;
    empty for costs."""

    STOP = "stop"
    OPENING_HOURS = "opening_hours"
    SPECIAL_HOURS = "special_hours"
    RUNNING_TIME = "running_time"
    VEHICLE = "vehicle"
    COSTS = "costs"
    PATTERN = "pattern"
    PICTURE = "picture"


@dataclass(frozen=True)
class Basis:
    """From when a value holds, and what it rests on. `first` None: the value is unchanged, its source holds for all its dates.

    Raises Invalid (`no-source`, `long-text`, `date-outside`).
    """

    first: date | None
    provenance: Provenance

    def __post_init__(self) -> None:
        if self.first is not None:
            service_date(self.first)
        provenance = self.provenance
        if not provenance.source.strip() and not (provenance.assumed and provenance.reason.strip()):
            raise Invalid(
                "no-source",
                "a fact needs a source, or is assumed with a reason",
                given="assumed without a reason" if provenance.assumed else "neither",
                allowed="a source; or assumed, and the reason",
            )
        for text in (provenance.source, provenance.reason):
            if len(text) > LONGEST_TEXT:
                allowed = f"at most {LONGEST_TEXT} characters"
                raise Invalid("long-text", "a source or reason is too long", given=f"{len(text)}", allowed=allowed)


def with_value(values: Sequence[Dated], new: Dated, first: date | None, today: date) -> tuple[Dated, ...]:
    """The values of one fact with `new` from the date `first` on, until the day before the next value that begins later.

    `first` None: `new` must be what holds today, and states its source. Raises Invalid (`no-date`), Refused (`fact-in-the-past`).
    """
    if first is None:
        return _confirmed(values, new, today)
    _refuse_the_past(first, today)
    earlier = [each for each in values if each.validity.first is None or each.validity.first < first]
    later = [each for each in values if each.validity.first is not None and each.validity.first > first]
    following = min((each.validity.first for each in later if each.validity.first), default=None)
    kept = [_ending(each, days_after(first, -1)) for each in earlier]
    begun = replace(new, validity=Validity(first, days_after(following, -1) if following else None))
    return (*kept, begun, *later)


def without_value(values: Sequence[Dated], first: date, today: date) -> tuple[Dated, ...]:
    """The values of one fact that ends: from the date `first` on it is no more. Raises as `with_value`."""
    _refuse_the_past(first, today)
    earlier = [each for each in values if each.validity.first is None or each.validity.first < first]
    return tuple(_ending(each, days_after(first, -1)) for each in earlier)


def _ending(value: Dated, last: date) -> Dated:
    if value.validity.last is not None and value.validity.last <= last:
        return value
    return replace(value, validity=Validity(value.validity.first, last))


def _confirmed(values: Sequence[Dated], new: Dated, today: date) -> tuple[Dated, ...]:
    current = value_of(values, today)
    if current is None or _bare(current) != _bare(new):
        raise Invalid(
            "no-date",
            "a new value needs the date from which it holds",
            given="no date",
            allowed="a date from today on; none only where the value stays as it is",
        )
    return tuple(replace(new, validity=each.validity) if each is current else each for each in values)


def value_of(values: Sequence[Dated], today: date) -> Dated | None:
    """The value that holds today, else the first one that begins later; None: there is none."""
    coming = sorted(
        (each for each in values if each.validity.last is None or each.validity.last >= today),
        key=lambda each: each.validity.first or date.min,
    )
    return coming[0] if coming else None


def _bare(value: AnyDated) -> AnyDated:
    if isinstance(value, Costs):
        value = replace(value, supplements=tuple(replace(each, provenance=UNSTATED) for each in value.supplements))
    return replace(value, validity=ALWAYS, provenance=UNSTATED)


def _refuse_the_past(first: date, today: date) -> None:
    if first < today:
        raise Refused(
            "fact-in-the-past",
            f"{first} has passed; what held then stays as it was",
            given=first.isoformat(),
            allowed=f"{today} or later",
        )


def with_hours(
    times: OpeningTimes, stop: str, hours: Mapping[str, tuple[Window, ...]], basis: Basis, today: date
) -> OpeningTimes:
    """The opening times with new hours of a stop on some day types. Raises as `with_value`, and Invalid (`bad-opening-hours`)."""
    regular = list(times.regular)
    for day_type, windows in hours.items():
        own = [each for each in regular if (each.stop, each.day_type) == (stop, day_type)]
        new = OpeningHours(stop=stop, day_type=day_type, windows=windows, provenance=basis.provenance)
        others = [each for each in regular if (each.stop, each.day_type) != (stop, day_type)]
        regular = [*others, *with_value(own, new, basis.first, today)]
    return OpeningTimes(tuple(regular), times.special)


def with_special_hours(
    times: OpeningTimes,
    stop: str,
    days: Collection[date],
    windows: tuple[Window, ...] | None,
    reason: str,
    today: date,
) -> OpeningTimes:
    """The opening times with special hours of a stop on some dates; `windows` None: the regular hours hold again.

    Raises Refused (`fact-in-the-past`), Invalid (`long-span`, `no-reason`), NotFound (`no-special-hours`).
    """
    if not 1 <= len(days) <= LONGEST_SPAN:
        allowed = f"1 to {LONGEST_SPAN} days, forwards"
        raise Invalid("long-span", "the dates are too many, or run backwards", given=f"{len(days)}", allowed=allowed)
    for day in days:
        _refuse_the_past(service_date(day), today)
    kept = [each for each in times.special if each.stop != stop or each.date not in days]
    if windows is None:
        if len(kept) == len(times.special):
            raise NotFound("no-special-hours", f"{stop} has no special hours on these dates", given=stop)
        return OpeningTimes(times.regular, tuple(kept))
    if not reason.strip():
        raise Invalid("no-reason", "special hours need a reason", given=reason, allowed="3 to 120 characters")
    new = [SpecialHours(stop, day, windows, reason.strip()) for day in days]
    return OpeningTimes(times.regular, tuple(sorted([*kept, *new], key=lambda each: (each.stop, each.date))))


def grouped(values: Iterable[Dated], new: Sequence[Dated], *keys: str) -> tuple[Dated, ...]:
    """All values, with those of the fact that `new` belongs to (equal in the fields `keys`) replaced by `new`, in their place."""
    fact = [getattr(new[0], key) for key in keys] if new else []
    result: list[Dated] = []
    placed = False
    for each in values:
        if [getattr(each, key) for key in keys] != fact:
            result.append(each)
        elif not placed:
            result += new
            placed = True
    return tuple(result if placed else [*result, *new])
