"""Which rules stand in the way where no duties were found: the trips dealt out as simply as one would by hand, and what that breaks.

It proves nothing: other duties might break other rules, or none. It says what to look at in a timetable that nobody can drive yet.
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
    """Keys of rules, each once, in the order of time; none where the simplest duties break none."""
    duties = simplest_duties(trips, profile, drivers, two_on_board_after)
    found = check_duties(duties, trips, profile, drivers, two_on_board_after)
    return tuple(dict.fromkeys(violation.rule for violation in found))


def simplest_duties(
    trips: Sequence[TripWork], profile: RuleProfile, drivers: int | None, two_on_board_after: Minute | None
) -> tuple[Duty, ...]:
    """Each trip to whoever is free and has driven last; a new driver where nobody is, or where the day grows too long and there is
    another driver."""
    held: list[list[TripWork]] = []
    for trip in sorted(trips):
        for _ in range(trip.drivers(two_on_board_after)):
            free = [mine for mine in held if mine[-1].released <= trip.departs and mine[-1] is not trip]
            fits = [mine for mine in free if _span(mine[0], trip, profile) <= profile.longest_span]
            may_grow = drivers is None or len(held) < drivers
            chosen = max(fits or ([] if may_grow else free), key=lambda mine: mine[-1].released, default=None)
            if chosen is None:
                held.append([trip])
            else:
                chosen.append(trip)
    return tuple(_duty(number, mine, profile) for number, mine in enumerate(held, start=1))


def _span(first: TripWork, last: TripWork, profile: RuleProfile) -> int:
    return last.released - first.departs + profile.sign_on_minutes + profile.sign_off_minutes


def _duty(number: int, trips: Sequence[TripWork], profile: RuleProfile) -> Duty:
    """With breaks in the longest times between trips, until they are enough."""
    starts = max(0, trips[0].departs - profile.sign_on_minutes)
    ends = trips[-1].released + profile.sign_off_minutes
    needed, taken = profile.break_needed(ends - starts), list[Break]()
    gaps = sorted(((a.released, b.departs) for a, b in pairwise(trips)), key=lambda gap: gap[0] - gap[1])
    for begins, until in gaps:
        left = needed - sum(b - a for a, b in taken)
        length = min(until - begins, max(left, profile.shortest_break_minutes))
        if left > 0 and length >= profile.shortest_break_minutes:
            taken.append((begins, begins + length))
    return Duty(driver=number, starts=starts, ends=ends, trips=tuple(trips), breaks=tuple(sorted(taken)))
