"""Riders by destination: examples computed by hand, and bounds against an enumeration of every journey that fits the counts."""

from collections.abc import Mapping
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuttle.domain.ridership.destinations import DepartureCounts, Riders, riders_by_destination
from shuttle.domain.timetable.departures import Departure, DepartureStatus
from shuttle.domain.timetable.network import Call

TOWN, GYLDENPRIS, NESTTUN = "vagsbunnen", "mo-gyldenpris", "mo-nesttun"
PLACES = frozenset({TOWN, GYLDENPRIS, NESTTUN})
SEATS = 8
ONE_WAY, THERE_AND_BACK, ROUND = (TOWN, NESTTUN), (TOWN, NESTTUN, TOWN), (TOWN, GYLDENPRIS, NESTTUN, TOWN)


def departure(*stops: str) -> Departure:
    calls = tuple(Call(stop, n, 600 + 10 * n, 600 + 10 * n) for n, stop in enumerate(stops, 1))
    return Departure(
        date=date(2026, 11, 20), trip="t", pattern="p", direction=0, status=DepartureStatus.SCHEDULED, calls=calls
    )


def riders(
    stops: tuple[str, ...],
    on: Mapping[str, int],
    off: Mapping[str, int] | None = None,
    skipped: tuple[str, ...] = (),
    seats: int | None = SEATS,
) -> dict[str, tuple[int, int | None]]:
    counts = DepartureCounts(boardings=on, alightings=off or {}, skipped=frozenset(skipped))
    return {
        stop: (each.least, each.most)
        for stop, each in riders_by_destination(departure(*stops), counts, PLACES, seats).items()
    }


@pytest.mark.parametrize(
    ("stops", "on", "off", "expected"),
    [
        (ONE_WAY, {TOWN: 5}, {}, {NESTTUN: (5, 5)}),
        (ONE_WAY, {}, {NESTTUN: 4}, {NESTTUN: (4, 4)}),
        (ONE_WAY, {TOWN: 5}, {NESTTUN: 4}, {NESTTUN: (4, 4)}),
        (ONE_WAY, {TOWN: 0}, {}, {NESTTUN: (0, 0)}),
        (ONE_WAY, {}, {}, {}),
        (THERE_AND_BACK, {TOWN: 5, NESTTUN: 3}, {}, {NESTTUN: (5, 5), TOWN: (3, 3)}),
        (THERE_AND_BACK, {TOWN: 5}, {}, {NESTTUN: (5, 5)}),
        (ROUND, {TOWN: 5, GYLDENPRIS: 0, NESTTUN: 0}, {}, {GYLDENPRIS: (0, 5), NESTTUN: (0, 5), TOWN: (0, 0)}),
        (
            ROUND,
            {TOWN: 5, GYLDENPRIS: 2, NESTTUN: 1},
            {GYLDENPRIS: 3},
            {GYLDENPRIS: (3, 3), NESTTUN: (2, 4), TOWN: (1, 3)},
        ),
        (
            ROUND,
            {TOWN: 5, GYLDENPRIS: 2, NESTTUN: 1},
            {NESTTUN: 4},
            {GYLDENPRIS: (1, 3), NESTTUN: (4, 4), TOWN: (1, 3)},
        ),
        (ROUND, {TOWN: 5}, {}, {GYLDENPRIS: (0, 5), NESTTUN: (0, 8)}),
        (ROUND, {TOWN: 5}, {GYLDENPRIS: 5}, {GYLDENPRIS: (5, 5), NESTTUN: (0, 8)}),
    ],
)
def test_riders_by_hand(
    stops: tuple[str, ...], on: dict[str, int], off: dict[str, int], expected: dict[str, tuple[int, int]]
) -> None:
    assert riders(stops, on, off) == expected


def test_a_skipped_centre_is_no_destination() -> None:
    assert riders(ROUND, {TOWN: 5, NESTTUN: 0}, skipped=(GYLDENPRIS,)) == {NESTTUN: (5, 5), TOWN: (0, 0)}


def test_contradicting_counts_say_nothing_of_a_stop_without_a_count() -> None:
    assert riders(ROUND, {TOWN: 2, GYLDENPRIS: 0, NESTTUN: 0}, {GYLDENPRIS: 7})[NESTTUN] == (0, SEATS)


def test_without_seats_and_with_an_uncounted_stop_there_is_no_upper_bound() -> None:
    assert riders(ROUND, {TOWN: 5}, seats=None)[NESTTUN] == (0, None)
    assert (Riders(1, None) + Riders(2, 3)) == Riders(3, None)


def journeys(stops: tuple[str, ...]) -> list[tuple[str, str]]:
    """Pairs that a passenger can ride: from a stop's first call to another stop's later last call."""
    last = {stop: at for at, stop in enumerate(stops)}
    first = {stop: at for at, stop in reversed(list(enumerate(stops)))}
    return [(here, there) for here in first for there in last if here != there and first[here] < last[there]]


@settings(max_examples=60)
@given(st.data())
def test_bounds_are_the_extremes_over_all_journeys_that_fit(data: st.DataObject) -> None:
    stops = data.draw(st.sampled_from([ONE_WAY, THERE_AND_BACK, ROUND]))
    pairs = journeys(stops)
    made = {pair: data.draw(st.integers(0, 2)) for pair in pairs}
    on = {stop: sum(n for (here, _), n in made.items() if here == stop) for stop in {here for here, _ in pairs}}
    off = {stop: sum(n for (_, there), n in made.items() if there == stop) for stop in {there for _, there in pairs}}
    known_off = {stop: n for stop, n in off.items() if data.draw(st.booleans())}
    most = max(on.values())
    fitting: dict[str, set[int]] = {stop: set() for stop in off}
    for numbers in product(range(most + 1), repeat=len(pairs)):
        flows = dict(zip(pairs, numbers, strict=True))
        boards = {stop: sum(n for (here, _), n in flows.items() if here == stop) for stop in on}
        leaves = {stop: sum(n for (_, there), n in flows.items() if there == stop) for stop in off}
        if boards == on and all(leaves[stop] == n for stop, n in known_off.items()):
            for stop, n in leaves.items():
                fitting[stop].add(n)
    assert riders(stops, on, known_off) == {stop: (min(each), max(each)) for stop, each in fitting.items()}
