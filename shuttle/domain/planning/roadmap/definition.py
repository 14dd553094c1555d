"""Roadmap: opening hours with a timetable, from a date, within a yearly budget, in several steps.

A scenario asks for one timetable under opening hours that are decided. A roadmap leaves the hours open as well: each *step*
(a date and a budget) takes one of the *options* (opening hours of the centres). Money is NOK a year, hours are windows of a
day type.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise, product

from shuttle.domain.basics.errors import Fault, Invalid
from shuttle.domain.basics.service_time import Minute
from shuttle.domain.timetable.network import Supplement
from shuttle.domain.timetable.opening_hours import Window

MOST_STATES = 200
"""Largest number of combinations of opening hours; each has a front for each day type."""

MOST_STEPS = 10

LAST_STEP_YEARS = 2.0
"""Number of years for which the last step counts in the objective."""

TODAY = "today"
"""Id of the option that changes nothing."""

DayHours = Mapping[tuple[str, str], tuple[Window, ...]]
"""(stop, day type) -> opening windows."""

DayWindows = tuple[tuple[str, tuple[Window, ...]], ...]
"""(stop, windows) of one day type, in order of the stops' ids."""


@dataclass(frozen=True, kw_only=True)
class StaffRates:
    """NOK per hour that a centre is open beyond today's hours, by day type."""

    nok_per_hour: Mapping[str, float] = field(default_factory=dict)
    supplements: tuple[Supplement, ...] = ()
    assumed: bool = False

    def nok_a_day(self, day_type: str, today: tuple[Window, ...], windows: tuple[Window, ...]) -> float:
        """NOK of the minutes in `windows` that are not open `today`. Minutes that close save nothing."""
        rate = self.nok_per_hour.get(day_type, 0.0)
        extra = [minute for opens, closes in windows for minute in range(opens, closes) if not _is_open(minute, today)]
        nok = len(extra) * rate
        for supplement in self.supplements:
            if day_type in supplement.day_types:
                nok += supplement.nok_per_hour * sum(supplement.minutes(minute, minute + 1) for minute in extra)
        return nok / 60


def _is_open(minute: Minute, windows: tuple[Window, ...]) -> bool:
    return any(opens <= minute < closes for opens, closes in windows)


@dataclass(frozen=True, kw_only=True)
class HoursOption:
    """Opening hours of one stop on some day types. Day types that it does not name keep today's hours."""

    id: str
    name: str
    stop: str
    windows: Mapping[str, tuple[Window, ...]]


@dataclass(frozen=True, kw_only=True)
class HoursState:
    """Opening hours of all stops with options: today's, one option, or a combination of options. `options`: their ids."""

    id: str
    options: tuple[str, ...]
    hours: DayHours

    def contains(self, earlier: "HoursState") -> bool:
        """True when each minute that is open in `earlier` is open here."""
        return all(
            _is_open(minute, self.hours.get(key, ()))
            for key, windows in earlier.hours.items()
            for opens, closes in windows
            for minute in range(opens, closes)
        )

    def windows_on(self, day_type: str) -> DayWindows:
        return tuple(sorted((stop, windows) for (stop, kind), windows in self.hours.items() if kind == day_type))


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step: `starts`, NOK a year at most. `option`: a decision that stands already; None: chosen."""

    starts: date
    budget: float
    option: str | None = None


@dataclass(frozen=True, kw_only=True)
class ChangeLimit:
    """Largest numbers of departures moved, dropped and added between consecutive steps, over all day types; None: no limit."""

    moved: int | None = None
    dropped: int | None = None
    added: int | None = None


@dataclass(frozen=True, kw_only=True)
class Robustness:
    """Cases in which a road is played again: factors of the demand, and extra running time in per cent.

    A road is marked where the best road of a case is better by more than `tolerance` (a share), or where its timetables need more
    vehicles than there are.
    """

    demand: tuple[float, ...] = (0.7, 1.0, 1.3)
    running_time_percent: tuple[int, ...] = (0, 15)
    tolerance: float = 0.05


@dataclass(frozen=True, kw_only=True)
class Roadmap:
    """A roadmap. `combine`: options of different stops and day types may be taken together. `worst_coverage`: the least covered share
    of each open hour of each centre (0: any).

    Raises Invalid (`bad-roadmap`) with a fault for each thing that is wrong.
    """

    id: str
    name: str
    scenario: str
    options: tuple[HoursOption, ...]
    steps: tuple[Step, ...]
    staff: StaffRates = StaffRates()
    hours_only_grow: bool = True
    combine: bool = False
    change: ChangeLimit = ChangeLimit()
    worst_coverage: float = 0.0
    robustness: Robustness = Robustness()

    def __post_init__(self) -> None:
        faults = [*self._order_of_steps(), *self._options_of_steps()]
        if faults:
            raise Invalid("bad-roadmap", "; ".join(map(str, faults)), faults=faults)

    def _order_of_steps(self) -> list[Fault]:
        faults = []
        for number, (earlier, later) in enumerate(pairwise(self.steps), start=1):
            if later.starts <= earlier.starts:
                allowed = f"a date after {earlier.starts}"
                path = ("steps", number, "starts")
                faults.append(
                    Fault(
                        what="a step starts before the one above it",
                        given=str(later.starts),
                        allowed=allowed,
                        path=path,
                        code="steps-out-of-order",
                    )
                )
        return faults

    def _options_of_steps(self) -> list[Fault]:
        names = [TODAY, *(option.id for option in self.options)]
        return [
            Fault(
                what=f"there is no option {step.option!r}",
                given=step.option,
                allowed=", ".join(names),
                path=("steps", number, "option"),
                code="no-such",
            )
            for number, step in enumerate(self.steps)
            if step.option is not None and any(part not in names for part in step.option.split("+"))
        ]

    def states(self, today: DayHours) -> tuple[HoursState, ...]:
        """Today's hours, each option, and with `combine` each combination; equal hours once. Raises Invalid (`too-many-options`)."""
        stops = {option.stop for option in self.options}
        now = {key: windows for key, windows in today.items() if key[0] in stops}
        choices = self._combined(now) if self.combine else iter([(), *((option,) for option in self.options)])
        states: dict[tuple[object, ...], HoursState] = {}
        for chosen in choices:
            hours = dict(now)
            for option in chosen:
                hours |= _changed(option, now)
            name = "+".join(option.id for option in chosen) or TODAY
            state = HoursState(id=name, options=tuple(option.id for option in chosen), hours=hours)
            states.setdefault(tuple(sorted(hours.items())), state)
            if len(states) > MOST_STATES:
                raise Invalid(
                    "too-many-options",
                    "the options combine to too many opening hours",
                    given=f"more than {MOST_STATES}",
                    allowed=f"at most {MOST_STATES}: fewer options, or combine = false",
                )
        return tuple(states.values())

    def _combined(self, now: DayHours) -> Iterator[tuple[HoursOption, ...]]:
        """Each choice of at most one option for each stop and day type."""
        groups: dict[frozenset[tuple[str, str]], list[HoursOption]] = {}
        for option in self.options:
            groups.setdefault(frozenset(_changed(option, now)), []).append(option)
        for several in product(*([None, *options] for options in groups.values())):
            chosen = tuple(option for option in several if option is not None)
            keys = [key for option in chosen for key in _changed(option, now)]
            if len(keys) == len(set(keys)):
                yield chosen


def _changed(option: HoursOption, now: DayHours) -> dict[tuple[str, str], tuple[Window, ...]]:
    """The hours of the option that differ from today's."""
    keys = {(option.stop, day_type): windows for day_type, windows in option.windows.items()}
    return {key: windows for key, windows in keys.items() if now.get(key, ()) != windows}


def years_of(steps: tuple[Step, ...]) -> tuple[float, ...]:
    """Years from each step to the next; the last counts LAST_STEP_YEARS."""
    return (*(_years(a.starts, b.starts) for a, b in pairwise(steps)), LAST_STEP_YEARS)


def _years(first: date, last: date) -> float:
    """Whole years, and the days after the last anniversary as a share of 365."""
    whole = last.year - first.year
    if _anniversary(first, whole) > last:
        whole -= 1
    return whole + (last - _anniversary(first, whole)).days / 365


def _anniversary(day: date, years: int) -> date:
    return date(day.year + years, 2, 28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year + years)


def year_from(day: date) -> tuple[date, date]:
    """The first day of the year that begins with `day`, and the first day after it."""
    return day, _anniversary(day, 1)
