"""The cheapest duties that man a day's trips within the rules, with proof; or why there are none.

The timetable is fixed here. Set partitioning over `CandidateDuty`s: how many drivers take each shell, and, for shells that may
drive the same trips, how many of those drivers take each trip. Trips that overlap ask for different drivers; since trips
are intervals, counting at each departure is enough, and the names can be dealt out afterwards in order of departure.
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from shuttle.domain.basics.errors import Unavailable
from shuttle.domain.basics.service_time import Minute, time_of_day_text
from shuttle.domain.duties.costs import UNITS_PER_NOK, Pay, duties_nok, paid_minutes
from shuttle.domain.duties.duty import Duty, TripWork
from shuttle.domain.duties.rules import RuleProfile
from shuttle.planner.duties.candidate_duties import CandidateDuties, CandidateDuty
from shuttle.planner.model.program import Program, Terms
from shuttle.planner.solvers import cpsat, highs
from shuttle.planner.solvers.cpsat import Effort

DEFAULT_EFFORT = Effort(seconds=20.0)


@dataclass(frozen=True, kw_only=True)
class DutyTask:
    """What is asked: trips to man, rules, how many drivers there are (None: as many as it takes), when two must be on board,
    what a minute costs, and how many minutes and how much money may be paid in all."""

    trips: tuple[TripWork, ...]
    profile: RuleProfile
    drivers: int | None = None
    two_on_board_after: Minute | None = None
    pay: Pay = field(default_factory=Pay)
    most_minutes: float = math.inf
    most_nok: float = math.inf

    @property
    def is_budgeted(self) -> bool:
        return self.most_minutes < math.inf or (self.pay.in_nok and self.most_nok < math.inf)


@dataclass(frozen=True, kw_only=True)
class DutyPlan:
    """The duties, in order of start; `cost` and `bound` in units of `Pay` (minutes where no rate is known)."""

    duties: tuple[Duty, ...]
    paid_minutes: int
    nok: float
    cost: int
    bound: int

    @property
    def proven(self) -> bool:
        return self.cost == self.bound


@dataclass(frozen=True, kw_only=True)
class NoDuties:
    """Why the trips cannot be driven: trips that no legal duty holds, else too little to pay the drivers with, else the fewest
    drivers that would do.

    That there are too few drivers, or too little pay, is proven; `drivers_needed` is the fewest unless the time limit ended
    before. `unknown`: the time ended before anything was known.
    """

    impossible: tuple[TripWork, ...] = ()
    drivers_needed: int = 0
    drivers: int | None = None
    too_dear: bool = False
    unknown: bool = False

    def __str__(self) -> str:
        if self.impossible:
            named = ", ".join(trip.name or time_of_day_text(trip.departs) for trip in self.impossible)
            return f"no duty within the rules can hold {named}"
        if self.unknown:
            return "no duties were found in time"
        if self.too_dear:
            return "all duties within the rules are paid more than the budget allows"
        return f"the trips need {self.drivers_needed} drivers within the rules; there are {self.drivers}"


def plan_duties(task: DutyTask, effort: Effort = DEFAULT_EFFORT) -> DutyPlan | NoDuties:
    """The duties of least cost for a task. The same task, seed and one worker give the same answer.

    Raises Unavailable (`out-of-time`) when the time ends before any set of duties is found.
    """
    if not task.trips:
        return DutyPlan(duties=(), paid_minutes=0, nok=0.0, cost=0, bound=0)
    trips = tuple(sorted(task.trips))
    shells = CandidateDuties(trips, task.profile, task.pay).shells()
    reached = 0
    for shell in shells:
        reached |= shell.may_drive
    if impossible := tuple(trip for position, trip in enumerate(trips) if not reached >> position & 1):
        return NoDuties(impossible=impossible, drivers=task.drivers)
    manning = _Manning(task, trips, shells)
    for shell, taken in zip(shells, manning.taken, strict=True):
        manning.program.pay(taken, shell.cost)
    cheapest = cpsat.solve(manning.program, effort)
    if cheapest.infeasible:
        return _refused(task, manning, effort)
    if cheapest.values is None:
        raise _out_of_time(effort)
    duties = manning.duties([round(value) for value in cheapest.values])
    minutes, nok = paid_minutes(duties, task.profile), duties_nok(duties, task.profile, task.pay)
    return DutyPlan(
        duties=duties, paid_minutes=minutes, nok=nok, cost=round(cheapest.cost), bound=math.ceil(cheapest.bound - 1e-6)
    )


def _refused(task: DutyTask, manning: "_Manning", effort: Effort) -> NoDuties:
    """What is lacking: drivers (how many it takes) or pay. HiGHS has to find so too, before anyone is told."""
    unlimited = _Manning(
        replace(task, drivers=None, most_minutes=math.inf, most_nok=math.inf), manning.trips, manning.shells
    )
    for taken in unlimited.taken:
        unlimited.program.pay(taken, 1)
    fewest = highs.solve(unlimited.program, effort)
    if fewest.values is not None and task.drivers is not None and math.ceil(fewest.bound - 1e-6) > task.drivers:
        return NoDuties(drivers_needed=round(fewest.cost), drivers=task.drivers)
    if task.is_budgeted and highs.solve(manning.program, effort, feasibility_only=True).infeasible:
        return NoDuties(drivers=task.drivers, too_dear=True)
    raise _out_of_time(effort)


def _out_of_time(effort: Effort) -> Unavailable:
    return Unavailable(
        "out-of-time",
        f"the duties could neither be found nor proven impossible in {effort.seconds:g} s",
        given=f"{effort.seconds:g} s",
        allowed="fewer trips or more time",
    )


class _Manning:
    """One model: which shells are taken, and how many drivers of alike shells take each trip."""

    def __init__(self, task: DutyTask, trips: Sequence[TripWork], shells: Sequence[CandidateDuty]) -> None:
        self.trips, self.shells = trips, shells
        self.program = Program()
        self.wanted = [trip.drivers(task.two_on_board_after) for trip in trips]
        self.crossing = [any(other is not trip and trip.overlaps(other) for other in trips) for trip in trips]
        self.taken = [self.program.variable(upper=sum(self.wanted)) for _ in shells]
        self.alike: dict[int, list[int]] = defaultdict(list)
        for number, shell in enumerate(shells):
            self.alike[shell.may_drive & self._crossing_bits].append(number)
        self.drives = {
            (crossed, position): self.program.variable(upper=self.wanted[position])
            for crossed in self.alike
            for position in _positions(crossed)
        }
        if task.drivers is not None:
            self.program.at_most(_once(self.taken), task.drivers)
        if task.most_minutes < math.inf:
            paid = [(n, float(shell.paid_minutes)) for n, shell in zip(self.taken, self.shells, strict=True)]
            self.program.at_most(paid, task.most_minutes)
        if task.pay.in_nok and task.most_nok < math.inf:
            paid = [(n, float(shell.cost)) for n, shell in zip(self.taken, self.shells, strict=True)]
            self.program.at_most(paid, task.most_nok * UNITS_PER_NOK)
        self._man_every_trip()
        self._enough_at_once()
        self._one_trip_at_a_time()

    @property
    def _crossing_bits(self) -> int:
        return sum(1 << position for position, crossing in enumerate(self.crossing) if crossing)

    def _man_every_trip(self) -> None:
        """Enough drivers who may; and of a trip that overlaps others, so many who do."""
        for position, wanted in enumerate(self.wanted):
            may = [
                taken for shell, taken in zip(self.shells, self.taken, strict=True) if shell.may_drive >> position & 1
            ]
            self.program.at_least(_once(may), wanted)
            if self.crossing[position]:
                drive = _once(self.drives[m, position] for m in self.alike if m >> position & 1)
                self.program.equal(drive, wanted)

    def _enough_at_once(self) -> None:
        """Implied by the rest, and what makes the linear relaxation tight: drivers for all that is under way at a time."""
        for trip in self.trips:
            under_way = [n for n, other in enumerate(self.trips) if other.departs <= trip.departs < other.released]
            bits = sum(1 << position for position in under_way)
            may = [taken for shell, taken in zip(self.shells, self.taken, strict=True) if shell.may_drive & bits]
            if len(under_way) > 1:
                self.program.at_least(_once(may), sum(self.wanted[position] for position in under_way))

    def _one_trip_at_a_time(self) -> None:
        """At each departure, the drivers of alike shells who are on a trip are no more than those who have the shells."""
        for crossed, numbers in self.alike.items():
            drivers: Terms = [(self.taken[number], -1.0) for number in numbers]
            for position in _positions(crossed):
                trip = self.trips[position]
                under_way = [
                    self.drives[crossed, other]
                    for other in _positions(crossed)
                    if self.trips[other].departs <= trip.departs < self.trips[other].released
                ]
                self.program.at_most(_once(under_way) + drivers, 0)

    def duties(self, values: Sequence[int]) -> tuple[Duty, ...]:
        """The duties of the solution, trips dealt out in order of departure to whoever may drive and is free."""
        held = [
            (shell, list[TripWork]())
            for number, shell in enumerate(self.shells)
            for _ in range(values[self.taken[number]])
        ]
        held.sort(key=lambda one: (one[0].starts, one[0].ends, one[0].may_drive))
        for position, trip in enumerate(self.trips):
            for crossed, wanted in self._shares(position, values):
                free = (
                    mine
                    for shell, mine in held
                    if shell.may_drive >> position & 1
                    and crossed in (None, shell.may_drive & self._crossing_bits)
                    and (not mine or mine[-1].released <= trip.departs)
                )
                for mine in list(itertools.islice(free, wanted)):
                    mine.append(trip)
        return tuple(
            Duty(driver=driver, starts=shell.starts, ends=shell.ends, trips=tuple(mine), breaks=shell.breaks)
            for driver, (shell, mine) in enumerate(held, start=1)
        )

    def _shares(self, position: int, values: Sequence[int]) -> Iterable[tuple[int | None, int]]:
        """How many drivers of which alike shells take a trip; of any shells (None) when it overlaps no other."""
        if not self.crossing[position]:
            return [(None, self.wanted[position])]
        shared = ((m, values[self.drives[m, position]]) for m in self.alike if m >> position & 1)
        return [(crossed, number) for crossed, number in shared if number]


def _positions(bits: int) -> list[int]:
    return [position for position in range(bits.bit_length()) if bits >> position & 1]


def _once(variables: Iterable[int]) -> Terms:
    return [(variable, 1.0) for variable in variables]
