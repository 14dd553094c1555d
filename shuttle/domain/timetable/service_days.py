"""Service day: the day type of a date, with all reasons for it.

"Holiday" means three things: a public holiday (helligdag, lov 24.2.1995 nr. 12), a high day equal to a Sunday (høytidsdag:
1 and 17 May, lov 26.4.1947 nr. 1), and the day type whose departures run. A `ServiceDay` separates them: the day type
decides the departures, and the reasons name everything that falls on the date.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

from shuttle.domain.basics.errors import Invalid

NO_SERVICE = "no-service"
"""In place of the day type of an override: no departure runs. The date keeps the day type that decides its opening hours."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class SpecialKind(StrEnum):
    """The legal kind of a special day. An eve is no holiday: a planner decides its day type."""

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
        """The name in `nb`, `nn` or `en`; nb for any other language."""
        return {"nn": self.nn, "en": self.en}.get(language, self.nb)


@dataclass(frozen=True, kw_only=True)
class SpecialDay:
    """A dated special day, proposed by a holiday library or entered by a planner. `day_type` None: the weekday's."""

    date: date
    key: str
    kind: SpecialKind
    names: Names
    day_type: str | None = None


@dataclass(frozen=True, kw_only=True)
class Override:
    """A planner's decision on one date; it overrides weekday and holidays. `day_type`: an existing one, or `NO_SERVICE`."""

    date: date
    day_type: str
    reason: str
    made_by: str = ""
    made_at: datetime | None = None
    withdrawn_at: datetime | None = None


class ReasonKind(StrEnum):
    """Kinds of reason for a day type."""

    WEEKDAY = "weekday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"
    PUBLIC_HOLIDAY = "public_holiday"
    HIGH_DAY = "high_day"
    EVE = "eve"
    OVERRIDE = "override"
    NO_SERVICE = "no_service"


@dataclass(frozen=True)
class Reason:
    """One reason: its kind, the names of a special day, and the text of an override."""

    why: ReasonKind
    names: Names | None = None
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class ServiceDay:
    """A date with its day type and all reasons. `undecided`: an eve without a planner's decision. `runs`: departures run.

    `also`: the day types whose trips and opening hours apply, in this order, where `day_type` has none.
    """

    date: date
    day_type: str
    reasons: tuple[Reason, ...]
    undecided: bool = False
    runs: bool = True
    also: tuple[str, ...] = ()

    @property
    def day_types(self) -> tuple[str, ...]:
        """The day type and those that it falls back to."""
        return (self.day_type, *self.also)


@dataclass(frozen=True)
class DayType:
    """A kind of day with its own trips in a timetable (NeTEx DayType), and its name in three languages.

    `like`: the day type whose trips and opening hours apply while there are none of its own; so a new one changes nothing.
    """

    id: str
    names: Names
    like: str | None = None


NO_DEPARTURES = DayType(NO_SERVICE, Names("Ingen avganger", "Ingen avgangar", "No departures"))
"""What `NO_SERVICE` is called; no timetable has trips for it."""


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """Day types, the day type of each weekday (Monday first), special days and overrides.

    Raises Invalid (`unknown-day-type`, `two-overrides`).
    """

    day_types: tuple[DayType, ...]
    week: tuple[str, str, str, str, str, str, str]
    special_days: tuple[SpecialDay, ...] = ()
    overrides: tuple[Override, ...] = ()
    withdrawn_overrides: tuple[Override, ...] = ()
    """Those that no longer decide anything, in order of their withdrawal: what was published with them in force is known by them."""

    def __post_init__(self) -> None:
        defined = {day_type.id for day_type in self.day_types}
        used = set(self.week) | ({override.day_type for override in self.overrides} - {NO_SERVICE})
        used |= {special.day_type for special in self.special_days if special.day_type}
        if unknown := used - defined:
            raise Invalid(
                "unknown-day-type",
                f"day type {', '.join(sorted(unknown))} is used but not defined",
                given=", ".join(sorted(unknown)),
                allowed=", ".join(sorted(defined)),
            )
        unknown_like = {each.like for each in self.day_types if each.like} - defined
        if unknown_like or any(each.id in self.fallbacks(each.like) for each in self.day_types if each.like):
            raise Invalid(
                "unknown-day-type",
                "a day type is like one that is not defined, or like itself",
                given=", ".join(sorted(unknown_like)),
                allowed=", ".join(sorted(defined)),
            )
        dates = [override.date for override in self.overrides]
        if len(dates) != len(set(dates)):
            raise Invalid("two-overrides", "a date has two overrides; a date has at most one")

    @cached_property
    def _special_by_date(self) -> Mapping[date, tuple[SpecialDay, ...]]:
        by_date: dict[date, tuple[SpecialDay, ...]] = {}
        for special in sorted(self.special_days, key=lambda special: (special.kind, special.key)):
            by_date[special.date] = (*by_date.get(special.date, ()), special)
        return by_date

    @cached_property
    def _override_by_date(self) -> Mapping[date, Override]:
        return {override.date: override for override in self.overrides}

    def names_of(self, day_type: str) -> Names:
        """Names of the day type with this id. Raises Invalid (`unknown-day-type`) with the existing ids."""
        for each in (*self.day_types, NO_DEPARTURES):
            if each.id == day_type:
                return each.names
        allowed = ", ".join(each.id for each in self.day_types)
        raise Invalid(
            "unknown-day-type", f"there is no day type {day_type!r}; known: {allowed}", given=day_type, allowed=allowed
        )

    def service_day(self, day: date) -> ServiceDay:
        """The service day of a date. Precedence: override, public holiday or high day, decided eve, weekday."""
        override = self._override_by_date.get(day)
        if override is not None and override.day_type == NO_SERVICE:
            usual = self.without_override(day)
            reason = Reason(ReasonKind.NO_SERVICE, text=override.reason)
            named = tuple(each for each in usual.reasons if each.names)
            return replace(usual, reasons=(reason, *named), undecided=False, runs=False)
        return self.without_override(day) if override is None else self._overridden(day, override)

    def _named(self, day: date) -> tuple[Reason, ...]:
        return tuple(
            Reason(ReasonKind(special.kind.value), special.names) for special in self._special_by_date.get(day, ())
        )

    def _overridden(self, day: date, override: Override) -> ServiceDay:
        reasons = (Reason(ReasonKind.OVERRIDE, text=override.reason), *self._named(day))
        return self._of(day, override.day_type, reasons)

    def _of(self, day: date, day_type: str, reasons: tuple[Reason, ...], undecided: bool = False) -> ServiceDay:
        like = next((each.like for each in self.day_types if each.id == day_type), None)
        return ServiceDay(date=day, day_type=day_type, reasons=reasons, undecided=undecided, also=self.fallbacks(like))

    def fallbacks(self, like: str | None) -> tuple[str, ...]:
        """The day types that one which is like `like` falls back to, the nearest first."""
        chain: list[str] = []
        while like is not None and like not in chain:
            chain.append(like)
            like = next((each.like for each in self.day_types if each.id == like), None)
        return tuple(chain)

    def without_override(self, day: date) -> ServiceDay:
        """The service day as weekday, holidays and decided eves have it."""
        specials, named = self._special_by_date.get(day, ()), self._named(day)
        holidays = [s for s in specials if s.kind is not SpecialKind.EVE and s.day_type]
        if holidays:
            return self._of(day, holidays[0].day_type or "", named)
        ordinary = Reason({5: ReasonKind.SATURDAY, 6: ReasonKind.SUNDAY}.get(day.weekday(), ReasonKind.WEEKDAY))
        eves = [s for s in specials if s.kind is SpecialKind.EVE]
        for eve in eves:
            if eve.day_type:
                return self._of(day, eve.day_type, named)
        return self._of(day, self.week[day.weekday()], (*named, ordinary), undecided=bool(eves))
