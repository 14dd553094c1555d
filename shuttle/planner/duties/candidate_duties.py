"""Every duty that could be worth having, before anyone knows who drives which trip.

A `CandidateDuty` is a duty without its trips: when it begins and ends, its breaks, what it costs, and which trips a driver *may*
drive in it. A legal duty starts with a trip and ends with one, so shells are as many as pairs of trips times the places for
breaks, and not as many as sets of trips. Of two shells, one that costs no less, is paid for no fewer minutes and may drive
no more is dropped. Trips are bits of a whole number, in order of departure.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.duties.costs import Pay
from shuttle.domain.duties.duty import Break, Piece, TripWork
from shuttle.domain.duties.rules import RuleProfile

MOST_BREAKS = 3
"""More breaks than that in one duty are not looked at."""


@dataclass(frozen=True, kw_only=True)
class CandidateDuty:
    """Signing on at `starts`, off at `ends`; `may_drive` has a bit for each trip that fits between the breaks."""

    starts: Minute
    ends: Minute
    breaks: tuple[Break, ...]
    may_drive: int
    cost: int
    paid_minutes: int


@dataclass(frozen=True)
class _Place:
    """A place for a break, and the bits of the trips that a driver then misses."""

    starts: Minute
    ends: Minute
    misses: int

    @property
    def minutes(self) -> int:
        return self.ends - self.starts


@dataclass(frozen=True)
class CandidateDuties:
    """Makes the shells over `trips` (in order of departure) by a profile and rates of pay."""

    trips: tuple[TripWork, ...]
    profile: RuleProfile
    pay: Pay

    def shells(self) -> list[CandidateDuty]:
        """All shells that are legal and not plainly worse than another, in a fixed order."""
        found: list[CandidateDuty] = []
        for first, last in itertools.product(self.trips, repeat=2):
            if first == last or (first.departs < last.departs and first.released <= last.departs):
                found.extend(_undominated(self._between(first, last)))
        return _undominated(found)

    def _between(self, first: TripWork, last: TripWork) -> Iterable[CandidateDuty]:
        """The legal shells from one trip to another."""
        rules = self.profile
        starts, ends = first.departs - rules.sign_on_minutes, last.released + rules.sign_off_minutes
        if starts < 0 or ends - starts > rules.longest_span or not self._may_work_at(starts, ends):
            return
        bounds = self._bits(
            trip for trip in self.trips if first.departs <= trip.departs and trip.released <= last.released
        )
        ends_needed = self._bits((first, last))
        for breaks in self._ways_to_break(first, last, starts, ends):
            may_drive = bounds
            for place in breaks:
                may_drive &= ~place.misses
            if may_drive & ends_needed == ends_needed:
                yield self._shell(starts, ends, breaks, may_drive)

    def _shell(self, starts: Minute, ends: Minute, breaks: tuple[_Place, ...], may_drive: int) -> CandidateDuty:
        taken = tuple((place.starts, place.ends) for place in breaks)
        unpaid = () if self.profile.breaks_are_paid else taken
        edges = [starts, *(edge for pause in unpaid for edge in pause), ends]
        pieces = [Piece(since, until) for since, until in zip(edges[::2], edges[1::2], strict=True)]
        minutes = sum(piece.minutes for piece in pieces)
        return CandidateDuty(
            starts=starts,
            ends=ends,
            breaks=taken,
            may_drive=may_drive,
            cost=self.pay.units(pieces),
            paid_minutes=minutes,
        )

    def _may_work_at(self, starts: Minute, ends: Minute) -> bool:
        """Whether hours at night, outside two-shift hours, are allowed or not touched."""
        rules = self.profile
        if rules.night_work or (rules.two_shift_starts <= starts and ends <= rules.two_shift_ends):
            return True
        return rules.night_ends <= starts and ends <= rules.night_starts

    def _ways_to_break(
        self, first: TripWork, last: TripWork, starts: Minute, ends: Minute
    ) -> Iterable[tuple[_Place, ...]]:
        """Every set of break places that makes the span legal: long enough in all, short enough, no piece too long."""
        rules, span = self.profile, ends - starts
        needed, allowed = rules.break_needed(span), rules.break_allowed(span)
        if needed == 0 and span <= min(rules.longest_piece_minutes, rules.longest_duty_minutes):
            yield ()
        if allowed == 0:
            return
        unpaid = 0 if rules.breaks_are_paid else 1
        fewest = max(needed, unpaid * (span - rules.longest_duty_minutes), 1)
        places = [
            place
            for place in self._places(starts, ends)
            if first.released <= place.starts and place.ends <= last.departs
        ]
        for count in range(1, min(MOST_BREAKS, allowed // rules.shortest_break_minutes) + 1):
            for breaks in _in_a_row(places, count, starts, rules.longest_piece_minutes, allowed):
                long_enough = sum(place.minutes for place in breaks) >= fewest
                if long_enough and ends - breaks[-1].ends <= rules.longest_piece_minutes:
                    yield breaks

    def _places(self, starts: Minute, ends: Minute) -> list[_Place]:
        """Places where a break of the best places could be moved to without missing more or paying more.

        A break can be slid until it touches a trip, an edge of a pay window or the longest piece of work; its length is one
        that the rules name, or that of a gap between two trips.
        """
        piece = self.profile.longest_piece_minutes
        lengths = self._lengths
        places = dict(self._places_by_trips)
        for length in lengths:
            for since in (starts + piece, ends - piece - length):
                places.setdefault((since, since + length), self._place(since, length))
        return [places[key] for key in sorted(places)]

    @cached_property
    def _lengths(self) -> tuple[int, ...]:
        rules = self.profile
        shortest, longest = rules.shortest_break_minutes, rules.longest_break_minutes
        named = {shortest, longest, longest - shortest, rules.break_minutes, rules.long_duty_break_minutes}
        gaps = {after.departs - before.released for before in self.trips for after in self.trips}
        return tuple(sorted(length for length in named | gaps if shortest <= length <= longest))

    @cached_property
    def _places_by_trips(self) -> dict[Break, _Place]:
        after = {trip.released for trip in self.trips} | {edge for w in self.pay.windows for edge in (w.starts, w.ends)}
        before = {trip.departs for trip in self.trips} | {edge for w in self.pay.windows for edge in (w.starts, w.ends)}
        found: dict[Break, _Place] = {}
        for length in self._lengths:
            for since in after | {edge - length for edge in before}:
                found[since, since + length] = self._place(since, length)
        return found

    def _place(self, since: Minute, length: int) -> _Place:
        until = since + length
        return _Place(since, until, self._bits(t for t in self.trips if t.departs < until and since < t.released))

    def _bits(self, several: Iterable[TripWork]) -> int:
        return sum(1 << position for position in {self._position[trip] for trip in several})

    @cached_property
    def _position(self) -> dict[TripWork, int]:
        return {trip: position for position, trip in enumerate(self.trips)}


def _undominated(shells: Iterable[CandidateDuty]) -> list[CandidateDuty]:
    """The shells without any that costs no less, is paid for no fewer minutes and may drive no more than another."""
    cheapest: dict[tuple[int, int], CandidateDuty] = {}
    for shell in shells:
        alike = (shell.may_drive, shell.paid_minutes)
        known = cheapest.get(alike)
        if known is None or shell.cost < known.cost:
            cheapest[alike] = shell
    kept: list[CandidateDuty] = []
    for shell in sorted(
        cheapest.values(),
        key=lambda shell: (shell.cost, shell.paid_minutes, -shell.may_drive.bit_count(), shell.breaks),
    ):
        if not any(
            shell.may_drive & ~other.may_drive == 0 and other.paid_minutes <= shell.paid_minutes for other in kept
        ):
            kept.append(shell)
    return kept


def _in_a_row(
    places: Sequence[_Place], count: int, since: Minute, longest_piece: int, allowed: int
) -> Iterable[tuple[_Place, ...]]:
    """Sequences of `count` breaks of at most `allowed` minutes in all, with no piece of work before one too long."""
    if count == 0:
        yield ()
        return
    for place in places:
        if since < place.starts <= since + longest_piece and place.minutes <= allowed:
            for rest in _in_a_row(places, count - 1, place.ends, longest_piece, allowed - place.minutes):
                yield (place, *rest)
