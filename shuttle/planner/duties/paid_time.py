"""What drivers are paid, put back into the choice of trips.

Without duties a trip is paid from its start to its end plus the turnaround. With duties the wait between trips is paid too, and
signing on and off; so a limit on hours or money is a limit on duties. Trips are chosen before their duties are known, and meet
such a limit in two ways: by the days of the drivers (`driver_days`; where there are too many, by their number, `duty_bound`), which
no duties can undercut, from the beginning; and by a cut for every choice whose duties turned out to be too dear or impossible.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from shuttle.domain.basics.errors import Unavailable
from shuttle.domain.basics.service_time import DAY, Minute
from shuttle.domain.duties.costs import Pay, pay_on
from shuttle.domain.duties.duty import TripWork, trip_works
from shuttle.domain.duties.rules import RuleProfile
from shuttle.domain.planning import scenario as ask
from shuttle.domain.planning.costs import km
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.timetable.network import Costs
from shuttle.planner.duties.candidate_duties import CandidateDuties
from shuttle.planner.duties.driver_days import DriverDays
from shuttle.planner.duties.duty_bound import count_duties
from shuttle.planner.duties.set_partitioning import DutyPlan, DutyTask, plan_duties
from shuttle.planner.model.constraints import kilometres
from shuttle.planner.model.problem import Problem
from shuttle.planner.model.program import Program, Terms
from shuttle.planner.solvers.cpsat import Effort

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
        """The drivers' days, under the name of the requirement; the scenario's budgets hold for them. A wish has no rows."""
        if not self.wanted.hard:
            self.paid_minutes = []
            return
        for number in self._impossible():
            self.program.at_most([(number, 1.0)], 0.0, self.wanted.name)
        self.paid_minutes = self._days()
        for budget in self._budgets:
            for terms, high in self.rows(_spending(budget)):
                self.program.at_most(terms, high, budget.name)

    def cut(self, numbers: list[int], most: Spending, effort: Effort) -> tuple[Terms, float]:
        """What keeps these trips, which have no duties, from being chosen again: with all that hold them, where no further trip can
        help. One can where it makes room for a break by making the day longer."""
        here: Terms = [(number, 1.0) for number in numbers]
        if self._more_does_not_help(numbers, most, effort):
            return here, float(len(numbers) - 1)
        chosen = set(numbers)
        others = [(n, -1.0) for n in range(len(self.problem.candidates)) if n not in chosen]
        return here + others, float(len(numbers) - 1)

    def _more_does_not_help(self, numbers: list[int], most: Spending, effort: Effort) -> bool:
        """Whether these trips lack duties, or pay, also by rules under which a part of a legal duty is legal.

        A duty that loses its first or last trips may lose a break beside them, and has to sign on where it had the break.
        """
        rules, trips = self.profile, self.problem.chosen(numbers)
        signing = rules.sign_on_minutes + rules.sign_off_minutes
        lenient = replace(
            rules,
            longest_piece_minutes=min(DAY, rules.longest_piece_minutes + signing),
            longest_duty_minutes=min(DAY, rules.longest_duty_minutes + signing),
            break_after_minutes=rules.break_after_minutes + signing,
            long_duty_minutes=max(rules.long_duty_minutes, rules.break_after_minutes + signing),
            break_minutes=rules.shortest_break_minutes,
            long_duty_break_minutes=rules.shortest_break_minutes,
        )
        task = duty_task(self.problem, self.wanted, lenient, trips, Spending())
        try:
            in_nok = plan_duties(task, effort)
            in_minutes = plan_duties(replace(task, pay=Pay()), effort)
        except Unavailable:
            return False
        if not isinstance(in_nok, DutyPlan) or not isinstance(in_minutes, DutyPlan):
            return True
        spare = (self.wanted.drivers or len(trips)) * (signing + rules.longest_break_minutes)
        dearest = (task.pay.per_hour + sum(window.per_hour for window in task.pay.windows)) / 6000
        driven = (km(self.problem.scenario, trips) or 0.0) * self.rates.nok_per_km
        most = most.tighter(self.budgeted)
        return in_minutes.paid_minutes - spare > most.minutes or in_nok.nok - spare * dearest + driven > most.nok

    @cached_property
    def _works(self) -> list[TripWork]:
        return [work_of(trip) for trip in self.problem.candidates]

    def _impossible(self) -> list[int]:
        """Candidates that no duty may hold, were they the only trip of the day."""
        alone: dict[TripWork, bool] = {}
        for work in self._works:
            if work not in alone:
                alone[work] = bool(CandidateDuties((work,), self.profile, Pay()).shells())
        return [number for number, work in enumerate(self._works) if not alone[work]]

    def _days(self) -> Terms:
        """Rows for the drivers' days; gives the least that they are paid, in minutes."""
        wanted = self.wanted
        if wanted.drivers is not None and DriverDays.fit(self._works, wanted.drivers):
            on = [work.drivers(wanted.two_on_board_after) for work in self._works]
            return DriverDays(
                program=self.program,
                works=self._works,
                drivers_on=on,
                profile=self.profile,
                drivers=wanted.drivers,
                requirement=wanted.name,
            ).paid_minutes
        return count_duties(self.program, self._work_at(), self.profile, wanted.drivers, wanted.name)

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
        works = self._works
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


def work_of(trip: PlannedTrip) -> TripWork:
    """A trip as work, its empty runs included."""
    return TripWork(trip.busy_from, trip.back, trip.busy_until)


def duty_task(
    problem: Problem, wanted: ask.DriverDuties, profile: RuleProfile, trips: list[PlannedTrip], most: Spending
) -> DutyTask:
    """What is asked of the duties of chosen trips; what `most` allows in NOK is for driving too."""
    scenario, rates = problem.scenario, problem.rates
    return DutyTask(
        trips=trip_works((trip.busy_from, trip.back, trip.busy_until) for trip in trips),
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
