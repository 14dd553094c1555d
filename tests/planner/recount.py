"""A proposal's document counted again by following people one by one: another program than ours, written from the words alone.

People are units: a slot of 60 minutes with halves of passengers is whole units of a 120th in each of its minutes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations, pairwise
from typing import Any

from shuttle.domain.planning.scenario import Scenario, Wish
from shuttle.domain.timetable.network import Costs, Supplement

UNIT = 120

Document = dict[str, Any]


def minute(text: str) -> int:
    hours, minutes = text.split(":")
    return 60 * int(hours) + int(minutes)


@dataclass
class Person:
    here: str
    there: str
    ready: int
    comes: int
    left_behind: bool = False
    wait: int | None = None


@dataclass
class Recount:
    """The figures of a proposal for one scenario (its hours on weekdays, its demand in whole units)."""

    scenario: Scenario
    proposal: Document
    people: list[Person] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.trips = [
            [(call["stop"], minute(call["arrives_at"]), minute(call["departs_at"])) for call in trip["calls"]]
            for trip in self.proposal["trips"]
        ]
        for profile in self.scenario.demand.profiles:
            for slot, amount in enumerate(profile.passengers):
                units = round(amount * UNIT / profile.slot_minutes)
                assert abs(units - amount * UNIT / profile.slot_minutes) < 1e-9, "no whole units"
                first = profile.starts + slot * profile.slot_minutes
                for ready in range(first, first + profile.slot_minutes):
                    comes = self._comes(profile.origin, profile.destination, ready)
                    self.people += [Person(profile.origin, profile.destination, ready, comes) for _ in range(units)]
        self.people.sort(key=lambda who: (who.comes, who.ready))

    def is_open(self, stop: str, arrives: int) -> bool:
        hours = self.scenario.hours.get(stop)
        return hours is None or any(opens - 10 <= arrives <= closes for opens, closes in hours["weekday"])

    def rides(self, here: str, there: str) -> Iterator[tuple[int, int]]:
        """(leaves, arrives) of everything that takes one there while it is of use."""
        for trip in self.trips:
            for place, (stop, _, leaves) in enumerate(trip):
                arrives = next((at for name, at, _ in trip[place + 1 :] if name == there), None)
                if stop == here and arrives is not None and self.is_open(there, arrives):
                    yield leaves, arrives

    def _comes(self, here: str, there: str, ready: int) -> int:
        if self.scenario.demand.wish is not Wish.DISPLACEMENT:
            return ready
        nearest = [(abs(leaves - ready), -leaves) for leaves, _ in self.rides(here, there)]
        return -min(nearest)[1] if nearest else ready

    def without_seats(self) -> float:
        """Passenger cost where there is room for everybody."""
        demand, total = self.scenario.demand, 0.0
        for who in self.people:
            leaves = [leaves for leaves, _ in self.rides(who.here, who.there)]
            if demand.wish is not Wish.DISPLACEMENT:
                leaves = [each for each in leaves if each >= who.ready]
            wait = min((abs(each - who.ready) for each in leaves), default=demand.max_wait + 1)
            total += wait if wait <= demand.max_wait else demand.unserved
        return total / UNIT

    def played(self) -> Document:
        """The day as it is run: who comes first boards first, as long as there is a seat."""
        seats = float("inf") if self.scenario.fleet.seats is None else self.scenario.fleet.seats * UNIT
        aboard: dict[int, list[str]] = {number: [] for number in range(len(self.trips))}
        most = 0
        calls = [(leaves, n, place) for n, trip in enumerate(self.trips) for place, (_, _, leaves) in enumerate(trip)]
        for leaves, number, place in sorted(calls):
            stop, rest = self.trips[number][place][0], self.trips[number][place + 1 :]
            aboard[number] = [there for there in aboard[number] if there != stop]
            names = [name for name, _, _ in rest]
            queue = [who for who in self.people if who.here == stop and who.there in names]
            for who in sorted(queue, key=lambda who: (who.comes, who.ready, names.index(who.there))):
                if who.here != stop or who.wait is not None or who.comes > leaves:
                    continue
                arrives = next((at for name, at, _ in rest if name == who.there), None)
                wait = abs(leaves - who.ready)
                if arrives is None or not self.is_open(who.there, arrives) or wait > self.scenario.demand.max_wait:
                    continue
                if len(aboard[number]) < seats:
                    aboard[number].append(who.there)
                    who.wait = wait
                else:
                    who.left_behind = True
            most = max(most, len(aboard[number]))
        waits = sorted(who.wait for who in self.people if who.wait is not None)
        left_out = len(self.people) - len(waits)
        return {
            "cost": (sum(waits) + self.scenario.demand.unserved * left_out) / UNIT,
            "served": len(waits) / UNIT,
            "unserved": left_out / UNIT,
            "left_behind": sum(who.left_behind for who in self.people) / UNIT,
            "wait_minutes": sum(waits) / UNIT,
            "wait_median": waits[-(-len(waits) // 2) - 1] if waits else 0,
            "wait_p90": waits[-(-9 * len(waits) // 10) - 1] if waits else 0,
            "max_load": most / UNIT,
        }

    def coverage(self, stop: str) -> float:
        ways = list(self.rides(self.scenario.base_stop, stop))
        asked = [m for opens, closes in self.scenario.hours[stop]["weekday"] for m in range(opens, closes + 1)]
        return sum(any(leaves >= m and arrives <= m + 60 for leaves, arrives in ways) for m in asked) / len(asked)

    def empty(self, trip: list[tuple[str, int, int]]) -> tuple[int, float]:
        """Minutes and km of the way back to the base stop without passengers, after a trip that ends elsewhere."""
        last, at, _ = trip[-1]
        base = self.scenario.base_stop
        if last == base or not self.scenario.fleet.empty_returns:
            return 0, 0.0
        leg = self.scenario.running_times[last, base]
        minutes = [minutes for start, minutes in leg.bands if start <= at][-1]
        return minutes, leg.km or 0.0

    def free(self, trip: list[tuple[str, int, int]]) -> int:
        """When bus and driver are free after a trip."""
        return trip[-1][1] + self.empty(trip)[0] + self.scenario.fleet.turnaround

    def driver_minutes(self) -> int:
        return sum(self.free(trip) - trip[0][2] for trip in self.trips)

    def km(self) -> float:
        legs = (leg for trip in self.trips for leg in pairwise(stop for stop, _, _ in trip))
        driven = sum(self.scenario.running_times[leg].km or 0.0 for leg in legs)
        return driven + sum(self.empty(trip)[1] for trip in self.trips)

    def nok(self, rates: Costs) -> float:
        """By the minute: the hour's rate, and each supplement in its hours on the clock, past midnight too."""
        total = self.km() * rates.nok_per_km
        for trip in self.trips:
            for now in range(trip[0][2], self.free(trip)):
                extra = [
                    each.nok_per_hour
                    for each in rates.supplements
                    if "weekday" in each.day_types
                    and (each.starts <= now < each.ends or (each.ends <= each.starts and self._at_night(each, now)))
                ]
                total += (rates.nok_per_driver_hour + sum(extra)) / 60
        return total

    @staticmethod
    def _at_night(each: Supplement, now: int) -> bool:
        return now < each.ends or each.starts <= now < each.ends + 24 * 60

    def vehicles(self) -> int:
        """The fewest chains of trips, tried one by one: each trip goes on a bus that can be there, or on another one."""
        order = sorted(self.trips, key=lambda trip: (trip[0][2], trip[-1][1]))

        longest = max(leg.minutes(0) for leg in self.scenario.running_times.values())

        @cache
        def fewest(buses: tuple[tuple[str, int], ...], place: int) -> int:
            if place == len(order):
                return len(buses)
            trip = order[place]
            now = trip[0][2]
            after = (self.scenario.base_stop if self.empty(trip)[0] else trip[-1][0], self.free(trip))
            ways = {(*buses, after)}
            for number, (stop, free) in enumerate(buses):
                if free + self._empty(stop, trip[0][0]) <= now:
                    ways.add((*buses[:number], after, *buses[number + 1 :]))
            # A bus that has been free for longer than any way is may have been so for hours: else there were too many ways to try.
            alike = {tuple(sorted((stop, max(free, now - longest)) for stop, free in way)) for way in ways}
            return min(fewest(way, place + 1) for way in alike)

        return fewest((), 0)

    def _empty(self, here: str, there: str) -> float:
        """Minutes to drive empty."""
        if here == there:
            return 0
        leg = self.scenario.running_times.get((here, there))
        return leg.minutes(0) if leg else float("inf")

    def vehicles_are_driven_in_turn(self) -> bool:
        """Whether no vehicle of the document is in two places at once."""
        rows = [(each["vehicle"], trip) for each, trip in zip(self.proposal["trips"], self.trips, strict=True)]
        for (one, first), (other, second) in combinations(rows, 2):
            early, late = sorted([first, second], key=lambda trip: trip[0][2])
            where = self.scenario.base_stop if self.empty(early)[0] else early[-1][0]
            if one == other and self.free(early) + self._empty(where, late[0][0]) > late[0][2]:
                return False
        return True
