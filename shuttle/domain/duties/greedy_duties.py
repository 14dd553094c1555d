"""Greedy duties: an explanation for trips to which the solver finds no legal duties.

A greedy heuristic assigns the trips to drivers, and the plain checks name the rules which that breaks. The result proves
nothing: other duties may break other rules, or none. It points at what to change in the timetable.
"""

from collections.abc import Sequence
from itertools import pairwise

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.duties.duty import Break, Duty, TripWork, check_duties
from shuttle.domain.duties.rules import RuleProfile


def rules_in_the_way(
    trips: Sequence[TripWork],
    profile: RuleProfile,
    drivers: int | None = None,
    two_on_board_after: Minute | None = None,
) -> tuple[str, ...]:
    """Keys of the rules that the greedy duties break, each once, in order of time; empty when they break none."""
    duties = greedy_duties(trips, profile, drivers, two_on_board_after)
    violations = check_duties(duties, trips, profile, drivers, two_on_board_after)
    return tuple(dict.fromkeys(violation.rule for violation in violations))


def greedy_duties(
    trips: Sequence[TripWork], profile: RuleProfile, drivers: int | None, two_on_board_after: Minute | None
) -> tuple[Duty, ...]:
    """Duties by a greedy rule: each trip goes to the free driver who was released last.

    A new driver starts when no driver is free, or when every free driver's day would be too long and `drivers` allows one more.
    """
    by_driver: list[list[TripWork]] = []
    for trip in sorted(trips):
        for _ in range(trip.drivers(two_on_board_after)):
            free = [driven for driven in by_driver if driven[-1].released <= trip.departs and driven[-1] is not trip]
            fits = [driven for driven in free if _span(driven[0], trip, profile) <= profile.longest_span]
            may_add = drivers is None or len(by_driver) < drivers
            chosen = max(fits or ([] if may_add else free), key=lambda driven: driven[-1].released, default=None)
            if chosen is None:
                by_driver.append([trip])
            else:
                chosen.append(trip)
    return tuple(_duty(number, driven, profile) for number, driven in enumerate(by_driver, start=1))


def _span(first: TripWork, last: TripWork, profile: RuleProfile) -> int:
    return last.released - first.departs + profile.sign_on_minutes + profile.sign_off_minutes


def _duty(number: int, trips: Sequence[TripWork], profile: RuleProfile) -> Duty:
    """A duty of the trips, with breaks in the longest gaps between them until their sum is enough."""
    starts = max(0, trips[0].departs - profile.sign_on_minutes)
    ends = trips[-1].released + profile.sign_off_minutes
    needed, taken = profile.break_needed(ends - starts), list[Break]()
    gaps = sorted(((a.released, b.departs) for a, b in pairwise(trips)), key=lambda gap: gap[0] - gap[1])
    for begins, until in gaps:
        missing = needed - sum(b - a for a, b in taken)
        length = min(until - begins, max(missing, profile.shortest_break_minutes))
        if missing > 0 and length >= profile.shortest_break_minutes:
            taken.append((begins, begins + length))
    return Duty(driver=number, starts=starts, ends=ends, trips=tuple(trips), breaks=tuple(sorted(taken)))
