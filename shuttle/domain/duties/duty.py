"""Duty: one driver's day (trips, start, end, breaks), and the plain checks of its working-time rules.

A driver's duty differs from a vehicle's block: drivers hand a bus over at the base stop, and two may ride in one bus. A
`TripWork` is a trip as work, from the base stop and back; where the pattern ends elsewhere, it includes the empty return.
Between trips a driver is at the base stop, and breaks are taken only there. `planner.duties` states the same rules for
the solver, written independently.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypedDict

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import LATEST, Minute, time_of_day_text
from shuttle.domain.duties.rules import RuleProfile

Break = tuple[Minute, Minute]
"""Start and end of a break, taken at the base stop."""


@dataclass(frozen=True, order=True)
class TripWork:
    """A trip as work, from its departure to `ends` (back at the base stop); `released` adds the turnaround.

    `name` distinguishes two trips that depart in the same minute with two vehicles. Raises Invalid (`bad-trip-work`).
    """

    departs: Minute
    ends: Minute
    released: Minute
    name: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.departs < self.ends <= self.released <= LATEST:
            raise Invalid(
                "bad-trip-work",
                f"the work of trip {self.name or time_of_day_text(self.departs)} runs backwards",
                given=f"{self.departs}, {self.ends}, {self.released}",
                allowed=f"departure, end and release in order, at the latest {time_of_day_text(LATEST)}",
            )

    def overlaps(self, other: "TripWork") -> bool:
        """True when one driver cannot drive both."""
        return self.departs < other.released and other.departs < self.released

    def drivers(self, two_on_board_after: Minute | None) -> int:
        """Drivers that the trip needs: two when it is still on the road after that minute, else one."""
        return 2 if two_on_board_after is not None and self.ends > two_on_board_after else 1


def trip_works(times: Iterable[tuple[Minute, Minute, Minute]]) -> tuple[TripWork, ...]:
    """Trip works from (departure, end, release) of each trip, in order, with unique names: `10:00`, `10:00 (2)`."""
    works: list[TripWork] = []
    at: Counter[Minute] = Counter()
    for departs, ends, released in sorted(times):
        at[departs] += 1
        nth = f" ({at[departs]})" if at[departs] > 1 else ""
        works.append(TripWork(departs, ends, released, time_of_day_text(departs) + nth))
    return tuple(works)


@dataclass(frozen=True)
class Piece:
    """Work between two breaks; the first piece includes sign-on, the last includes sign-off."""

    starts: Minute
    ends: Minute

    @property
    def minutes(self) -> int:
        return self.ends - self.starts


class DutyResult(TypedDict):
    """A duty in the result of a plan: `trips` by name (see `trip_works`), `breaks` as pairs of times of day."""

    driver: int
    starts: str
    ends: str
    trips: list[str]
    breaks: list[list[str]]
    paid_minutes: int


@dataclass(frozen=True, kw_only=True)
class Duty:
    """One driver's day, from sign-on to sign-off; trips and breaks in order of time."""

    driver: int
    starts: Minute
    ends: Minute
    trips: tuple[TripWork, ...]
    breaks: tuple[Break, ...] = ()

    @property
    def span(self) -> int:
        return self.ends - self.starts

    @property
    def break_minutes(self) -> int:
        return sum(ends - starts for starts, ends in self.breaks)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The work between the breaks."""
        edges = [self.starts, *(edge for taken in self.breaks for edge in taken), self.ends]
        return tuple(Piece(starts, ends) for starts, ends in zip(edges[::2], edges[1::2], strict=True))

    def paid_pieces(self, profile: RuleProfile) -> tuple[Piece, ...]:
        """The paid time: the whole span when breaks are paid, else the pieces between the breaks."""
        return (Piece(self.starts, self.ends),) if profile.breaks_are_paid else self.pieces

    def paid_minutes(self, profile: RuleProfile) -> int:
        """Paid minutes: working time as defined in the Act (§ 10-1)."""
        return sum(piece.minutes for piece in self.paid_pieces(profile))

    def document(self, profile: RuleProfile) -> DutyResult:
        """The duty as in the result of a plan."""
        return {
            "driver": self.driver,
            "starts": time_of_day_text(self.starts),
            "ends": time_of_day_text(self.ends),
            "trips": [trip.name for trip in self.trips],
            "breaks": [[time_of_day_text(starts), time_of_day_text(ends)] for starts, ends in self.breaks],
            "paid_minutes": self.paid_minutes(profile),
        }


@dataclass(frozen=True)
class Violation:
    """A broken rule: its key, the driver or trip, the time, and the excess in minutes (or drivers, or days)."""

    rule: str
    who: str
    when: str
    by: int

    def __str__(self) -> str:
        return f"{self.rule}: {self.who}, {self.when}, by {self.by}"


def check_duties(
    duties: Sequence[Duty],
    trips: Sequence[TripWork],
    profile: RuleProfile,
    drivers: int | None = None,
    two_on_board_after: Minute | None = None,
) -> tuple[Violation, ...]:
    """Every rule that one day's duties break: each trip manned, each duty legal, at most `drivers` duties."""
    violations = [violation for duty in duties for violation in check_duty(duty, profile)]
    if drivers is not None and len(duties) > drivers:
        violations.append(Violation("drivers", "the day", _span_text(duties), len(duties) - drivers))
    driving = Counter(trip for duty in duties for trip in set(duty.trips))
    for trip in trips:
        if missing := trip.drivers(two_on_board_after) - driving[trip]:
            rule = "unmanned_trip" if not driving[trip] else "two_on_board"
            rule = "too_many_on_board" if missing < 0 else rule
            violations.append(
                Violation(
                    rule, trip.name or time_of_day_text(trip.departs), time_of_day_text(trip.departs), abs(missing)
                )
            )
    unknown = sorted(driving.keys() - set(trips))
    violations.extend(
        Violation("unknown_trip", trip.name or time_of_day_text(trip.departs), time_of_day_text(trip.departs), 1)
        for trip in unknown
    )
    return tuple(violations)


def check_duty(duty: Duty, profile: RuleProfile) -> tuple[Violation, ...]:
    """Every rule that one duty breaks by itself; `roster_rules` has the rules between days."""
    return (
        *_lengths(duty, profile),
        *_breaks(duty, profile),
        *_trips_within_pieces(duty, profile),
        *_night_work(duty, profile),
    )


def night_minutes(duty: Duty, profile: RuleProfile) -> int:
    """Paid minutes within the night window (§ 10-11 (1)), on both sides of the service day."""
    night = ((0, profile.night_ends), (profile.night_starts, profile.night_ends + 24 * 60))
    return minutes_within(duty.paid_pieces(profile), night)


def minutes_within(pieces: Iterable[Piece], windows: Iterable[tuple[Minute, Minute]]) -> int:
    """Minutes of the pieces within the windows; windows must not overlap each other."""
    windows = tuple(windows)
    return sum(
        max(0, min(piece.ends, closes) - max(piece.starts, opens)) for piece in pieces for opens, closes in windows
    )


def _who(duty: Duty) -> str:
    return f"driver {duty.driver}"


def _when(duty: Duty) -> str:
    return f"{time_of_day_text(duty.starts)}-{time_of_day_text(duty.ends)}"


def _span_text(duties: Sequence[Duty]) -> str:
    return (
        f"{time_of_day_text(min(duty.starts for duty in duties))}-{time_of_day_text(max(duty.ends for duty in duties))}"
    )


def _lengths(duty: Duty, profile: RuleProfile) -> Iterable[Violation]:
    """§ 10-4 (1), and § 10-8 (1) for a driver who has the same duty next day."""
    if (over := duty.paid_minutes(profile) - profile.longest_duty_minutes) > 0:
        yield Violation("longest_duty_minutes", _who(duty), _when(duty), over)
    if (over := duty.span + profile.daily_rest_minutes - 24 * 60) > 0:
        yield Violation("daily_rest_minutes", _who(duty), _when(duty), over)


def _breaks(duty: Duty, profile: RuleProfile) -> Iterable[Violation]:
    """§ 10-9 (1): breaks are long enough in all, none is too short, none only saves pay, and no piece is too long."""
    edges = [duty.starts, *(edge for taken in duty.breaks for edge in taken), duty.ends]
    if edges != sorted(edges):
        yield Violation("breaks_in_order", _who(duty), _when(duty), 1)
    ready, done = duty.starts + profile.sign_on_minutes, duty.ends - profile.sign_off_minutes
    for starts, ends in duty.breaks:
        if (outside := max(ready - starts, ends - done)) > 0:
            yield Violation(
                "break_while_signing_on_or_off",
                _who(duty),
                f"{time_of_day_text(starts)}-{time_of_day_text(ends)}",
                outside,
            )
        if (short := profile.shortest_break_minutes - (ends - starts)) > 0:
            yield Violation(
                "shortest_break_minutes", _who(duty), f"{time_of_day_text(starts)}-{time_of_day_text(ends)}", short
            )
    if (short := profile.break_needed(duty.span) - duty.break_minutes) > 0:
        rule = "long_duty_break_minutes" if duty.span >= profile.long_duty_minutes else "break_after_minutes"
        yield Violation(rule, _who(duty), _when(duty), short)
    if (over := duty.break_minutes - profile.break_allowed(duty.span)) > 0:
        yield Violation("longest_break_minutes", _who(duty), _when(duty), over)
    for piece in duty.pieces:
        if (over := piece.minutes - profile.longest_piece_minutes) > 0:
            when = f"{time_of_day_text(piece.starts)}-{time_of_day_text(piece.ends)}"
            yield Violation("longest_piece_minutes", _who(duty), when, over)


def _trips_within_pieces(duty: Duty, profile: RuleProfile) -> Iterable[Violation]:
    """A driver drives one bus at a time, while signed on and outside breaks."""
    ready, done = duty.starts + profile.sign_on_minutes, duty.ends - profile.sign_off_minutes
    for trip in duty.trips:
        when = time_of_day_text(trip.departs)
        if (early := ready - trip.departs) > 0:
            yield Violation("sign_on_minutes", _who(duty), when, early)
        if (late := trip.released - done) > 0:
            yield Violation("sign_off_minutes", _who(duty), when, late)
        for starts, ends in duty.breaks:
            if (inside := min(ends, trip.released) - max(starts, trip.departs)) > 0:
                yield Violation(
                    "break_at_base_stop", _who(duty), f"{time_of_day_text(starts)}-{time_of_day_text(ends)}", inside
                )
    ordered = sorted(duty.trips)
    for earlier, later in itertools.pairwise(ordered):
        if (over := earlier.released - later.departs) > 0:
            yield Violation("one_trip_at_a_time", _who(duty), time_of_day_text(later.departs), over)


def _night_work(duty: Duty, profile: RuleProfile) -> Iterable[Violation]:
    """§ 10-11 (1), (2): no night work, except within two-shift hours."""
    within_two_shifts = profile.two_shift_starts <= duty.starts and duty.ends <= profile.two_shift_ends
    if not profile.night_work and not within_two_shifts and (minutes := night_minutes(duty, profile)):
        yield Violation("night_work", _who(duty), _when(duty), minutes)
