"""Each requirement as rows of the program.

Written apart from the plain checks of `domain.rules`, which a property test lets it argue with. A hard requirement is rows; one
that is not hard pays `weight` for each unit of breach. For breaches in minutes the cost is stated level by level: one more unit
is paid for each level at which the rows would still be broken.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.planning import scenario as ask
from shuttle.domain.planning.costs import km, trip_nok
from shuttle.domain.planning.passenger_cost import usable_rides
from shuttle.domain.planning.scenario import Requirement
from shuttle.domain.timetable.opening_hours import Window
from shuttle.planner.model.fleet import add_vehicle_limit
from shuttle.planner.model.problem import Problem
from shuttle.planner.model.program import Program, Terms
from shuttle.planner.model.variables import all_trips

DEEPEST = 24 * 60
"""Minutes of breach beyond which nothing more is paid."""

PARTS = 10**6
"""Into how many parts the unit of a breach is cut that need not be whole: NOK, or a minute of a share."""


def add_requirements(program: Program, problem: Problem) -> None:
    """The vehicles of the fleet, which are part of the question, and every requirement of the day type.

    `DriverDuties` alone has no rows: it is met by making the duties. Any other kind without rows is a KeyError, never left out.
    """
    add_vehicle_limit(program, problem, problem.scenario.fleet.vehicles, "")
    for requirement in problem.requirements:
        if not isinstance(requirement, ask.DriverDuties):
            ROWS[type(requirement)](program, problem, requirement)


def _slack(program: Program, wanted: Requirement, upper: float, steps: int = 1) -> Terms:
    """A breach that is paid for, or none for a hard requirement. `steps`: parts of its unit in which it is counted."""
    if wanted.hard:
        return []
    breach = program.variable(choice=False, upper=upper, steps=steps)
    program.pay(breach, wanted.weight)
    return [(breach, 1.0)]


def _by_levels(program: Program, wanted: Requirement, rows_at: Callable[[int], list[tuple[int, ...]]]) -> None:
    """At least one candidate of each row; `rows_at(level)`: the rows when the requirement is eased by `level` minutes.

    Eased rows change only at some levels: between two of them the same rows are paid for by the minute.
    """
    if wanted.hard:
        for row in rows_at(0):
            program.at_least([(number, 1.0) for number in row], 1.0, wanted.name)
        return
    level, rows = 0, rows_at(0)
    while rows and level < DEEPEST:
        width = 1
        while level + width < DEEPEST and rows_at(level + width) == rows:
            width += 1
        broken = program.variable()
        program.pay(broken, wanted.weight * width)
        for row in rows:
            program.at_least([*((number, 1.0) for number in row), (broken, 1.0)], 1.0)
        level += width
        rows = rows_at(level)


def keep_departures(program: Program, problem: Problem, wanted: ask.KeepDepartures) -> None:
    base = [trip for trip in problem.base if wanted.to is None or wanted.to in trip.stops[1:]]
    _own_trip_each(program, problem, base, wanted.tolerance, wanted, _slack(program, wanted, float(len(base))))


def _own_trip_each(
    program: Program,
    problem: Problem,
    base: list[Any],
    tolerance: int,
    wanted: Requirement,
    breach: Terms,
) -> list[tuple[int, int]]:
    """Assign each base trip a trip of its own; gives (assignment variable, minutes moved)."""
    taken: dict[int, Terms] = {}
    assigned: list[tuple[int, int]] = []
    every: Terms = []
    for trip in base:
        own: Terms = []
        for number, candidate in enumerate(problem.candidates):
            moved = abs(candidate.departs - trip.departs)
            if moved <= tolerance and candidate.serves(trip.stops):
                variable = program.variable()
                own.append((variable, 1.0))
                taken.setdefault(number, []).append((variable, 1.0))
                assigned.append((variable, moved))
        every += own
        program.at_most(own, 1.0)
        if not breach:
            program.at_least(own, 1.0, wanted.name)
    if breach:
        program.at_least([*every, *breach], float(len(base)), wanted.name)
    for number, assignments in taken.items():
        program.at_most([*assignments, (number, -1.0)], 0.0)
    return assigned


def pin(program: Program, problem: Problem, wanted: ask.Pin) -> None:
    there = _at(problem, wanted.pattern, wanted.at)
    program.at_least([*there, *_slack(program, wanted, 1.0)], 1.0, wanted.name)


def forbid(program: Program, problem: Problem, wanted: ask.Forbid) -> None:
    there = _at(problem, wanted.pattern, wanted.at)
    program.at_most([*there, *_negative(_slack(program, wanted, 1.0))], 0.0, wanted.name)


def _at(problem: Problem, pattern: int, at: Minute) -> Terms:
    stops = problem.scenario.patterns[pattern]
    return [(n, 1.0) for n, trip in enumerate(problem.candidates) if trip.departs == at and trip.stops == stops]


def _negative(terms: Terms) -> Terms:
    return [(variable, -amount) for variable, amount in terms]


def _arrivals(problem: Problem, to: str) -> dict[Minute, set[int]]:
    """Minute -> candidates that arrive at a stop then; one that calls there twice arrives twice."""
    found: dict[Minute, set[int]] = {}
    for number, trip in enumerate(problem.candidates):
        for call in trip.calls[1:]:
            if call.stop == to:
                found.setdefault(call.arrives, set()).add(number)
    return found


def _between(events: dict[Minute, set[int]], first: Minute, last: Minute) -> tuple[int, ...]:
    """Candidates with an event from `first` to `last`, both included."""
    return tuple(
        sorted({number for minute, numbers in events.items() if first <= minute <= last for number in numbers})
    )


def max_gap(program: Program, problem: Problem, wanted: ask.MaxGap) -> None:
    """No gap is longer where every stretch of that many minutes inside the window has an arrival."""
    windows = [wanted.between] if wanted.between else list(problem.scenario.inner_windows(wanted.to, problem.day_type))
    arrivals = _arrivals(problem, wanted.to)
    _by_levels(program, wanted, lambda level: _stretches(arrivals, windows, wanted.minutes + level))


def _stretches(arrivals: dict[Minute, set[int]], windows: Iterable[Window], minutes: int) -> list[tuple[int, ...]]:
    """Each stretch that starts just after the window's start or after a possible arrival: others hold when these do."""
    rows: set[tuple[int, ...]] = set()
    for first, last in windows:
        for begins in sorted({first, *(minute for minute in arrivals if first <= minute <= last)}):
            if begins + minutes < last:
                rows.add(_between(arrivals, begins + 1, begins + minutes))
    return sorted(rows)


def min_gap(program: Program, problem: Problem, wanted: ask.MinGap) -> None:
    """At most one departure in every stretch of that many minutes; a trip that departs twice within one does not run."""
    base = problem.scenario.base_stop
    leaving: list[tuple[Minute, int]] = []
    for number, trip in enumerate(problem.candidates):
        for place, call in enumerate(trip.calls[:-1]):
            if call.stop == base and (wanted.to is None or wanted.to in trip.stops[place + 1 :]):
                leaving.append((call.departs, number))
    for level in range(1 if wanted.hard else wanted.minutes):
        length = wanted.minutes - level
        segments = {
            tuple(sorted(number for minute, number in leaving if first <= minute < first + length))
            for first in {minute for minute, _ in leaving}
        }
        breach = [] if wanted.hard else [(program.variable(), -float(len(leaving)))]
        if breach:
            program.pay(breach[0][0], wanted.weight)
        for stretch in sorted(segments):
            counts = [(number, float(times)) for number, times in Counter(stretch).items()]
            program.at_most([*counts, *breach], 1.0, wanted.name)


def first_arrival_by_opening(program: Program, problem: Problem, wanted: ask.FirstArrivalByOpening) -> None:
    arrivals = _arrivals(problem, wanted.to)
    openings = [opens for opens, _ in problem.scenario.windows(wanted.to, problem.day_type) or ()]
    _by_levels(
        program,
        wanted,
        lambda level: [_between(arrivals, opens - 60, opens + wanted.minutes + level) for opens in openings],
    )


def last_return_after_closing(program: Program, problem: Problem, wanted: ask.LastReturnAfterClosing) -> None:
    leaving: dict[Minute, set[int]] = {}
    for number, trip in enumerate(problem.candidates):
        for ride in trip.rides.get((wanted.origin, problem.scenario.base_stop), ()):
            leaving.setdefault(ride.leaves, set()).add(number)
    closings = [closes for _, closes in problem.scenario.windows(wanted.origin, problem.day_type) or ()]
    _by_levels(
        program,
        wanted,
        lambda level: [_between(leaving, closes, closes + wanted.minutes + level) for closes in closings],
    )


def trip_count(program: Program, problem: Problem, wanted: ask.TripCount) -> None:
    stops = None if wanted.pattern is None else problem.scenario.patterns[wanted.pattern]
    trips = [(n, 1.0) for n, trip in enumerate(problem.candidates) if stops is None or trip.stops == stops]
    breach = _slack(program, wanted, float(len(trips)))
    if wanted.least is not None:
        program.at_least([*trips, *breach], float(wanted.least), wanted.name)
    if wanted.most is not None:
        program.at_most([*trips, *_negative(breach)], float(wanted.most), wanted.name)


def budget(program: Program, problem: Problem, wanted: ask.Budget) -> None:
    """In minutes, or in NOK."""
    limit = wanted.nok if wanted.driver_hours is None else wanted.driver_hours * 60
    assert limit is not None
    whole = wanted.driver_hours is not None and float(limit).is_integer()
    breach = _negative(_slack(program, wanted, 1e6, 1 if whole else PARTS))
    program.at_most(
        [*spending(problem, "nok" if wanted.driver_hours is None else "minutes"), *breach], limit, wanted.name
    )


def spending(problem: Problem, unit: str) -> Terms:
    """What each trip takes, in paid `minutes` or in `nok`."""
    if unit == "minutes":
        return [(number, float(trip.busy_minutes)) for number, trip in enumerate(problem.candidates)]
    scenario, rates, day_type = problem.scenario, problem.rates, problem.day_type
    return [(n, trip_nok(scenario, rates, day_type, trip)) for n, trip in enumerate(problem.candidates)]


def kilometres(problem: Problem) -> Terms:
    """What each trip drives, in km; a length that is unknown counts as none."""
    return [(number, km(problem.scenario, [trip]) or 0.0) for number, trip in enumerate(problem.candidates)]


def measure(problem: Problem, by: str) -> Terms:
    """What each trip takes of what a front is drawn by: of trips, of driver hours, of NOK; duties may take more."""
    if by == "trips":
        return all_trips(problem)
    if by == "nok":
        return spending(problem, "nok")
    return [(number, minutes / 60) for number, minutes in spending(problem, "minutes")]


def vehicle_limit(program: Program, problem: Problem, wanted: ask.VehicleLimit) -> None:
    add_vehicle_limit(program, problem, wanted.most, wanted.name, _slack(program, wanted, 1000.0))


def clock_face(program: Program, problem: Problem, wanted: ask.ClockFace) -> None:
    if wanted.repeat is None:
        others = [(n, 1.0) for n, trip in enumerate(problem.candidates) if trip.departs % 60 not in wanted.minutes]
        breach = _negative(_slack(program, wanted, float(len(others))))
        program.at_most([*others, *breach], 0.0, wanted.name)
        return
    first, last = wanted.between or (problem.scenario.first_departure, problem.scenario.last_arrival)
    numbers = {(trip.stops, trip.departs): number for number, trip in enumerate(problem.candidates)}
    for stops in problem.scenario.patterns:
        inside = sorted(minute for where, minute in numbers if where == stops and first <= minute <= last)
        for at in sorted({minute + step for minute in inside for step in (wanted.repeat, -wanted.repeat)}):
            if first <= at <= last:
                here = [(numbers[stops, at], 1.0)] if (stops, at) in numbers else []
                breach = _slack(program, wanted, 1.0)
                for other in (at - wanted.repeat, at + wanted.repeat):
                    if (stops, other) in numbers and first <= other <= last:
                        program.at_least([*here, *breach, (numbers[stops, other], -1.0)], 0.0, wanted.name)


def coverage_share(program: Program, problem: Problem, wanted: ask.CoverageShare) -> None:
    """A minute is covered where a trip runs that leaves at or after it and arrives in time; minutes alike are counted together."""
    scenario, pair = problem.scenario, (problem.scenario.base_stop, wanted.of)
    rides = [
        (ride, number)
        for number, trip in enumerate(problem.candidates)
        for ride in usable_rides(scenario, problem.day_type, [trip], pair)
    ]
    alike: dict[tuple[int, ...], int] = {}
    for first, last in scenario.inner_windows(wanted.of, problem.day_type):
        for ready in range(first, last + 1):
            latest = ready + scenario.demand.coverage_minutes
            covering = tuple(sorted({n for ride, n in rides if ride.leaves >= ready and ride.arrives <= latest}))
            alike[covering] = alike.get(covering, 0) + 1
    minutes = sum(alike.values())
    if not minutes:
        return
    covered: Terms = []
    for covering, count in alike.items():
        variable = program.variable(choice=False)
        program.at_least([*((number, 1.0) for number in covering), (variable, -1.0)], 0.0)
        covered.append((variable, float(count)))
    breach = _slack(program, wanted, 1.0, minutes * PARTS)
    shares = [(variable, float(minutes)) for variable, _ in breach]
    program.at_least([*covered, *shares], wanted.share * minutes, wanted.name)


def max_change(program: Program, problem: Problem, wanted: ask.MaxChange) -> None:
    """Every departure of today has a trip of its own within `by`, and at most `moved` of them at another minute."""
    base = list(problem.base)
    missing = _slack(program, wanted, float(len(base)))
    assigned = _own_trip_each(program, problem, base, wanted.by, wanted, missing)
    moved = [(variable, 1.0) for variable, minutes in assigned if minutes]
    program.at_most([*moved, *_negative(_slack(program, wanted, float(len(base))))], float(wanted.moved), wanted.name)


def room(_program: Program, _problem: Problem, _wanted: ask.Room) -> None:
    """No rows over trips alone: who is left behind depends on who boards. See `passenger_flows`, and the cuts of `solve`."""


def last_bus(program: Program, problem: Problem, wanted: ask.LastBus) -> None:
    scenario, base = problem.scenario, problem.scenario.base_stop
    arriving: dict[Minute, set[int]] = {}
    leaving: dict[Minute, set[int]] = {}
    for number, trip in enumerate(problem.candidates):
        for ride in usable_rides(scenario, problem.day_type, [trip], (base, wanted.centre)):
            arriving.setdefault(ride.arrives, set()).add(number)
        for ride in trip.rides.get((wanted.centre, base), ()):
            leaving.setdefault(ride.leaves, set()).add(number)
    closings = [closes for _, closes in scenario.windows(wanted.centre, problem.day_type) or ()]

    def rows_at(level: int) -> list[tuple[int, ...]]:
        reach = wanted.minutes + level
        return [
            _between(events, closes - reach, latest)
            for closes in closings
            for events, latest in ((arriving, closes), (leaving, closes + 60))
        ]

    _by_levels(program, wanted, rows_at)


ROWS: dict[type[Requirement], Callable[[Program, Problem, Any], None]] = {
    ask.KeepDepartures: keep_departures,
    ask.Pin: pin,
    ask.Forbid: forbid,
    ask.MaxGap: max_gap,
    ask.MinGap: min_gap,
    ask.FirstArrivalByOpening: first_arrival_by_opening,
    ask.LastReturnAfterClosing: last_return_after_closing,
    ask.TripCount: trip_count,
    ask.Budget: budget,
    ask.VehicleLimit: vehicle_limit,
    ask.ClockFace: clock_face,
    ask.CoverageShare: coverage_share,
    ask.MaxChange: max_change,
    ask.Room: room,
    ask.LastBus: last_bus,
}
"""Requirement -> what states it. `DriverDuties` is met by making the duties, see `duties`."""
