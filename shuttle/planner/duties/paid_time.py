"""What drivers are paid, put back into the choice of trips.

Without duties a trip is paid from its start to its end plus the turnaround. With duties the wait between trips is paid too, and
signing on and off; so a limit on hours or money is a limit on duties. Trips are chosen before their duties are known, and meet
such a limit in two ways: by the count of drivers (`duty_bound`), which no duties can undercut, from the beginning; and by a
cut for every choice whose duties turned out to be too dear or impossible.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.duties.costs import pay_on
from shuttle.domain.duties.duty import TripWork, trip_works
from shuttle.domain.duties.rules import RuleProfile
from shuttle.domain.planning import scenario as ask
from shuttle.domain.planning.costs import km
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.timetable.network import Costs
from shuttle.planner.duties.duty_bound import count_duties
from shuttle.planner.duties.set_partitioning import DutyTask
from shuttle.planner.model.constraints import kilometres
from shuttle.planner.model.problem import Problem
from shuttle.planner.model.program import Program, Terms

SAMPLE_MINUTES = 30
"""How far apart the drivers at work are counted: closer is a better bound and a larger program."""

HUNDREDTHS = 1e-6


@dataclass(frozen=True)
class Spending:
    """At most so much on drivers: `minutes` paid, or `nok` with the kilometres."""

    minutes: float = float("inf")
    nok: float = float("inf")

    def tighter(self, other: "Spending") -> "Spending":
        return Spending(min(self.minutes, other.minutes), min(self.nok, other.nok))

    def less(self, minutes: float, rates: Costs) -> "Spending":
        """What is left when so many minutes are not paid."""
        return Spending(self.minutes - minutes, self.nok - minutes / 60 * rates.nok_per_driver_hour)


@dataclass(kw_only=True)
class PaidTime:
    """The duties that are asked for, as part of one day type's program."""

    program: Program
    problem: Problem
    wanted: ask.DriverDuties
    profile: RuleProfile
    rates: Costs
    paid_minutes: Terms = field(init=False)

    def __post_init__(self) -> None:
        """The count of drivers, under the name of the requirement; the scenario's budgets hold for it. A wish has no rows."""
        if not self.wanted.hard:
            self.paid_minutes = []
            return
        self.paid_minutes = count_duties(
            self.program, self._work_at(), self.profile, self.wanted.drivers, self.wanted.name
        )
        for budget in self._budgets:
            for terms, high in self.rows(_spending(budget)):
                self.program.at_most(terms, high, budget.name)

    @property
    def _budgets(self) -> list[ask.Budget]:
        return [r for r in self.problem.requirements if isinstance(r, ask.Budget) and r.hard]

    @property
    def budgeted(self) -> Spending:
        """What the scenario's own budgets allow."""
        allowed = Spending()
        for budget in self._budgets:
            allowed = allowed.tighter(_spending(budget))
        return allowed

    def rows(self, most: Spending) -> list[tuple[Terms, float]]:
        """Rows that hold for every choice whose duties keep within `most`: the count is paid no supplements."""
        found: list[tuple[Terms, float]] = []
        if not self.wanted.hard:
            return found
        if most.minutes < float("inf"):
            found.append((self.paid_minutes, most.minutes))
        if most.nok < float("inf"):
            per_minute = self.rates.nok_per_driver_hour / 60
            driven = [(number, km * self.rates.nok_per_km) for number, km in kilometres(self.problem)]
            found.append(([*((v, per_minute * minutes) for v, minutes in self.paid_minutes), *driven], most.nok))
        return found

    def _work_at(self) -> Mapping[Minute, tuple[Terms, float]]:
        """At each sample minute the drivers that the candidates ask for."""
        candidates = self.problem.candidates
        works = [TripWork(trip.departs, trip.ends, trip.busy_until) for trip in candidates]
        first = min((work.departs for work in works), default=0)
        last = max((work.released for work in works), default=0)
        return {
            minute: (
                [
                    (number, float(work.drivers(self.wanted.two_on_board_after)))
                    for number, work in enumerate(works)
                    if work.departs <= minute < work.released
                ],
                0.0,
            )
            for minute in range(first + SAMPLE_MINUTES // 2, last, SAMPLE_MINUTES)
        }


def duty_task(
    problem: Problem, wanted: ask.DriverDuties, profile: RuleProfile, trips: list[PlannedTrip], most: Spending
) -> DutyTask:
    """What is asked of the duties of chosen trips; what `most` allows in NOK is for driving too."""
    scenario, rates = problem.scenario, problem.rates
    return DutyTask(
        trips=trip_works((trip.departs, trip.ends, trip.busy_until) for trip in trips),
        profile=profile,
        drivers=wanted.drivers,
        two_on_board_after=wanted.two_on_board_after,
        pay=pay_on(rates, problem.day_type),
        most_minutes=most.minutes,
        most_nok=most.nok - (km(scenario, trips) or 0.0) * rates.nok_per_km + HUNDREDTHS,
    )


def _spending(budget: ask.Budget) -> Spending:
    if budget.driver_hours is not None:
        return Spending(minutes=budget.driver_hours * 60)
    assert budget.nok is not None
    return Spending(nok=budget.nok)
