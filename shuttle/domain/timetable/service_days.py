"""Which kind of day a date is, and why.

"Holiday" is three things that peers mix up: a public holiday (helligdag, lov 24.2.1995 nr. 12), a high day that is equal to
a Sunday (høytidsdag: 1 and 17 May, lov 26.4.1947 nr. 1), and the day type whose departures run. A `ServiceDay` keeps them
apart: its day type says what runs, its reasons say why, and every name that falls on the date is said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

from shuttle.domain.basics.errors import Invalid

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class SpecialKind(StrEnum):
    """What the law calls a special day; an eve is no holiday, and a planner decides what runs."""

    PUBLIC_HOLIDAY = "public_holiday"
    HIGH_DAY = "high_day"
    EVE = "eve"


@dataclass(frozen=True)
class Names:
    """One name in the three languages."""

    nb: str
    nn: str
    en: str

    def of(self, language: str) -> str:
        return {"nn": self.nn, "en": self.en}.get(language, self.nb)


@dataclass(frozen=True, kw_only=True)
class SpecialDay:
    """A dated row of our own: proposed from a holiday library or written by a planner. `day_type` None: as the week has it."""

    date: date
    key: str
    kind: SpecialKind
    names: Names
    day_type: str | None = None


@dataclass(frozen=True, kw_only=True)
class Override:
    """A planner's word about one date, stronger than week and holidays."""

    date: date
    day_type: str
    reason: str
    made_by: str = ""
    made_at: datetime | None = None


class Why(StrEnum):
    """What decided the day type."""

    WEEKDAY = "weekday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"
    PUBLIC_HOLIDAY = "public_holiday"
    HIGH_DAY = "high_day"
    EVE = "eve"
    OVERRIDE = "override"


@dataclass(frozen=True)
class Reason:
    """One reason: its kind, the special day's name where there is one, and an override's own words."""

    why: Why
    names: Names | None = None
    text: str = ""


@dataclass(frozen=True)
class ServiceDay:
    """A date with its day type and every reason for it. `undecided`: an eve on which a planner has not said what runs."""

    date: date
    day_type: str
    reasons: tuple[Reason, ...]
    undecided: bool = False


@dataclass(frozen=True)
class DayType:
    """A kind of day that a timetable has a table for, with its name in the three languages."""

    id: str
    names: Names


@dataclass(frozen=True)
class Calendar:
    """Day types, which of them each day of the week uses (Monday first), special days and overrides."""

    day_types: tuple[DayType, ...]
    week: tuple[str, str, str, str, str, str, str]
    special_days: tuple[SpecialDay, ...] = ()
    overrides: tuple[Override, ...] = ()

    def __post_init__(self) -> None:
        known = {day_type.id for day_type in self.day_types}
        used = set(self.week) | {override.day_type for override in self.overrides}
        used |= {special.day_type for special in self.special_days if special.day_type}
        if unknown := used - known:
            raise Invalid(
                "unknown-day-type",
                f"day type {', '.join(sorted(unknown))} is used but not defined",
                given=", ".join(sorted(unknown)),
                allowed=", ".join(sorted(known)),
            )
        dates = [override.date for override in self.overrides]
        if len(dates) != len(set(dates)):
            raise Invalid("two-overrides", "a date has two overrides; a date has at most one")

    @cached_property
    def _special_by_date(self) -> Mapping[date, tuple[SpecialDay, ...]]:
        found: dict[date, tuple[SpecialDay, ...]] = {}
        for special in sorted(self.special_days, key=lambda special: (special.kind, special.key)):
            found[special.date] = (*found.get(special.date, ()), special)
        return found

    @cached_property
    def _override_by_date(self) -> Mapping[date, Override]:
        return {override.date: override for override in self.overrides}

    def names_of(self, day_type: str) -> Names:
        """Raises Invalid (`unknown-day-type`)."""
        for known in self.day_types:
            if known.id == day_type:
                return known.names
        allowed = ", ".join(known.id for known in self.day_types)
        raise Invalid(
            "unknown-day-type", f"there is no day type {day_type!r}; known: {allowed}", given=day_type, allowed=allowed
        )

    def service_day(self, day: date) -> ServiceDay:
        """Override before public holiday and high day, these before a decided eve, the eve before the week."""
        specials = self._special_by_date.get(day, ())
        named = tuple(Reason(Why(special.kind.value), special.names) for special in specials)
        if override := self._override_by_date.get(day):
            return ServiceDay(day, override.day_type, (Reason(Why.OVERRIDE, text=override.reason), *named))
        holidays = [s for s in specials if s.kind is not SpecialKind.EVE and s.day_type]
        if holidays:
            return ServiceDay(day, holidays[0].day_type or "", named)
        ordinary = Reason({5: Why.SATURDAY, 6: Why.SUNDAY}.get(day.weekday(), Why.WEEKDAY))
        eves = [s for s in specials if s.kind is SpecialKind.EVE]
        for eve in eves:
            if eve.day_type:
                return ServiceDay(day, eve.day_type, named)
        return ServiceDay(day, self.week[day.weekday()], (*named, ordinary), undecided=bool(eves))
