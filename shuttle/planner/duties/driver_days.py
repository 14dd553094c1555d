"""The days of so many drivers, beside trips that are still to be chosen: why these trips cannot be driven is a row, not a surprise.

The day is cut into slots at every minute at which a trip may begin or end, so that each trip takes whole slots. For each driver there is
from which slot on they have begun, after which slot they have ended, and where a break may start. Two slots in which somebody drives
and that lie farther apart than one piece of work ask for a break between them, in which nobody drives; and so on for each rule.

No duty that is legal breaks a row. Whoever keeps them all may still lack a duty (trips change hands in the middle of the road here where
several overlap, and a break may be longer than it looks): duties are made afterwards, by `duties`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.duties.duty import TripWork
from shuttle.domain.duties.rules import RuleProfile
from shuttle.planner.model.program import Program, Terms

MOST_SLOTS, MOST_DRIVERS = 400, 4
"""More make a program that is too large to be worth it: then drivers are counted only (`duty_bound`)."""


@dataclass(frozen=True)
class _Breaks:
    """Breaks of `minutes`, which also stand for those of up to `at_most`. `so_far[k]`: how many start with one of the slots up to `k`;
    with sums instead of single breaks, every row is short."""

    minutes: int
    at_most: int
    so_far: list[int]

    def starting(self, first: int, last: int, amount: float) -> Terms:
        """`amount` for each that starts with a slot from `first` to `last`, both included."""
        if first > last:
            return []
        before: Terms = [(self.so_far[first - 1], -amount)] if first > 0 else []
        return [(self.so_far[last], amount), *before]


@dataclass
class _Driver:
    """Variables by slot: `begun` 1 from the first slot driven on, `ended` 1 after the last, and what `drives` in each."""

    begun: list[int]
    ended: list[int]
    breaks: list[_Breaks]
    drives: list[Terms] = field(default_factory=list)


@dataclass(kw_only=True)
class DriverDays:
    """`works[n]`: trip n as work, `drivers_on[n]`: how many drivers it wants; rows about trips state `requirement`."""

    program: Program
    works: Sequence[TripWork]
    drivers_on: Sequence[int]
    profile: RuleProfile
    drivers: int
    requirement: str

    @classmethod
    def fit(cls, works: Sequence[TripWork], drivers: int | None) -> bool:
        """Whether there are few enough drivers and slots."""
        edges = {edge for work in works for edge in (work.departs, work.released)}
        return drivers is not None and 0 < drivers <= MOST_DRIVERS and 1 < len(edges) <= MOST_SLOTS

    def __post_init__(self) -> None:
        edges = sorted({edge for work in self.works for edge in (work.departs, work.released)})
        self._starts, self._ends = edges[:-1], edges[1:]
        self._all = [self._driver() for _ in range(self.drivers)]
        self._under_way()
        for driver in self._all:
            self._order(driver)
            self._spans(driver)
            self._pieces(driver)
            self._break_minutes(driver)
        for earlier, later in pairwise(self._all):
            for slot in self._slots:
                self.program.at_least([(earlier.begun[slot], 1.0), (later.begun[slot], -1.0)], 0.0)

    @cached_property
    def paid_minutes(self) -> Terms:
        """What these days are paid at least, in minutes."""
        return [term for driver in self._all for term in self._paid(driver)]

    @property
    def _slots(self) -> range:
        return range(len(self._starts))

    @cached_property
    def _signing(self) -> int:
        return self.profile.sign_on_minutes + self.profile.sign_off_minutes

    def _driver(self) -> _Driver:
        program, rules = self.program, self.profile
        lengths = sorted({rules.shortest_break_minutes, rules.break_minutes, rules.long_duty_break_minutes})
        classes = [each for each in lengths if rules.shortest_break_minutes <= each <= rules.longest_break_minutes]
        begun = [program.variable() for _ in self._slots]
        ended = [program.variable() for _ in self._slots]
        upper = float(rules.longest_break_minutes // max(1, rules.shortest_break_minutes))
        at_most = [*(minutes - 1 for minutes in classes[1:]), rules.longest_break_minutes]
        breaks = [
            _Breaks(minutes, most, [program.variable(upper=upper) for _ in self._slots])
            for minutes, most in zip(classes, at_most, strict=False)
        ]
        return _Driver(begun, ended, breaks)

    def _on_duty(self, driver: _Driver, slot: int) -> Terms:
        """1 where the driver has begun, has not ended and is not on a break."""
        off: Terms = []
        for each in driver.breaks:
            first = bisect_right(self._starts, self._starts[slot] - each.minutes)
            off += each.starting(first, slot, -1.0)
        return [(driver.begun[slot], 1.0), (driver.ended[slot], -1.0), *off]

    def _taken(self, driver: _Driver, since: Minute, until: Minute) -> Terms:
        """-1 for each break from `since` to `until`."""
        found: Terms = []
        for each in driver.breaks:
            first, last = bisect_left(self._starts, since), bisect_right(self._starts, until - each.minutes) - 1
            found += each.starting(first, last, -1.0)
        return found

    def _under_way(self) -> None:
        """Who is on duty in a slot is enough for the trips under way in it."""
        for slot in self._slots:
            starts = self._starts[slot]
            trips = [
                (number, float(self.drivers_on[number]))
                for number, work in enumerate(self.works)
                if work.departs <= starts < work.released
            ]
            for driver in self._all:
                driver.drives.append(trips if self.drivers == 1 else [(self.program.variable(), 1.0)])
                idle = [(variable, -amount) for variable, amount in driver.drives[slot]]
                self.program.at_least([*self._on_duty(driver, slot), *idle], 0.0, self._named)
                self.program.at_least(self._on_duty(driver, slot), 0.0)
            if self.drivers > 1:
                driving = [term for driver in self._all for term in driver.drives[slot]]
                away = [(number, -amount) for number, amount in trips]
                self.program.at_least([*driving, *away], 0.0, self.requirement)

    @property
    def _named(self) -> str:
        """What a row states that knows what a driver drives: with one driver these are the trips themselves."""
        return self.requirement if self.drivers == 1 else ""

    def _order(self, driver: _Driver) -> None:
        """Begun stays begun, ended stays ended, and breaks add up."""
        for several in (driver.begun, driver.ended, *(each.so_far for each in driver.breaks)):
            for now, then in pairwise(several):
                self.program.at_least([(then, 1.0), (now, -1.0)], 0.0)
        self.program.at_most([(driver.ended[0], 1.0)], 0.0)

    def _first_beyond(self, minutes: int) -> Iterator[tuple[int, int]]:
        """For each slot the first one so much later that from the start of the one to the end of the other it is longer than that."""
        later = 0
        for slot in self._slots:
            while later < len(self._ends) and self._ends[later] - self._starts[slot] <= minutes:
                later += 1
            if later == len(self._ends):
                return
            yield slot, max(slot, later)

    def _spans(self, driver: _Driver) -> None:
        """Who has begun by a slot has ended before one that is too far away."""
        for slot, later in self._first_beyond(self.profile.longest_span - self._signing):
            self.program.at_least([(driver.ended[later], 1.0), (driver.begun[slot], -1.0)], 0.0)

    def _pieces(self, driver: _Driver) -> None:
        """A break between what lies farther apart than a piece of work: between two slots driven, from signing on, to signing off."""
        longest, named = self.profile.longest_piece_minutes, self._named

        for slot, later in self._first_beyond(longest):
            between = self._taken(driver, self._ends[slot], self._starts[later])
            self.program.at_most([*driver.drives[slot], *driver.drives[later], *between], 1.0, named)
        for slot, later in self._first_beyond(longest - self.profile.sign_on_minutes):
            before = self._taken(driver, 0, self._starts[later])
            self.program.at_most([(driver.begun[slot], 1.0), *driver.drives[later], *before], 1.0, named)
        for slot, later in self._first_beyond(longest - self.profile.sign_off_minutes):
            after = self._taken(driver, self._ends[slot], self._ends[-1])
            self.program.at_most([*driver.drives[slot], (driver.ended[later], -1.0), *after], 0.0, named)

    def _break_minutes(self, driver: _Driver) -> None:
        """Enough in all for how long the day is, and no more than there may be."""
        rules = self.profile
        enough = [(each.so_far[-1], float(each.at_most)) for each in driver.breaks]
        for needed, span in (
            (rules.break_minutes, rules.break_after_minutes),
            (rules.long_duty_break_minutes, rules.long_duty_minutes - 1),
        ):
            for slot, later in self._first_beyond(span - self._signing) if needed else ():
                day = [(driver.begun[slot], -float(needed)), (driver.ended[later], float(needed))]
                self.program.at_least([*enough, *day], 0.0)
        taken = [(each.so_far[-1], float(each.minutes)) for each in driver.breaks]
        any_break = self.program.variable()
        self.program.at_most([*taken, (any_break, -float(rules.longest_break_minutes))], 0.0)
        longer = -float(rules.break_after_minutes + 1)
        self.program.at_least([*self._span(driver), (any_break, longer)], 0.0)

    def _span(self, driver: _Driver) -> Terms:
        """From signing on to signing off, in minutes."""
        lengths = [float(ends - starts) for starts, ends in zip(self._starts, self._ends, strict=True)]
        terms: dict[int, float] = {}
        for begun, ended, length in zip(driver.begun, driver.ended, lengths, strict=True):
            terms[begun], terms[ended] = length, -length
        terms[driver.begun[-1]] += float(self._signing)
        return list(terms.items())

    def _paid(self, driver: _Driver) -> Terms:
        if self.profile.breaks_are_paid:
            return self._span(driver)
        unpaid = self.program.variable(choice=False, upper=float(self.profile.longest_break_minutes))
        breaks = [(each.so_far[-1], -float(each.at_most)) for each in driver.breaks]
        self.program.at_most([(unpaid, 1.0), *breaks], 0.0)
        return [*self._span(driver), (unpaid, -1.0)]
