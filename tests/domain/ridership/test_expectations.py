"""Expected times: a late bus, slack that absorbs, the same bus's next departure, and what nobody reported."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.ridership.expectations import Expectation, Progress, Reported, expectations
from shuttle.domain.ridership.passings import PassingKind
from shuttle.domain.timetable.departures import Departure, DepartureStatus
from shuttle.domain.timetable.network import Call

LEFT, ARRIVED = PassingKind.LEFT, PassingKind.ARRIVED
DAY = date(2026, 12, 1)
TOWN, GYLDENPRIS, NESTTUN = "vagsbunnen", "mo-gyldenpris", "mo-nesttun"


def departure(minute: int, status: DepartureStatus = DepartureStatus.SCHEDULED) -> Departure:
    """Town, Gyldenpris after 10 minutes with 2 minutes of standing, Nesttun after 15 more."""
    calls = (
        Call(TOWN, 1, minute, minute),
        Call(GYLDENPRIS, 2, minute + 10, minute + 12),
        Call(NESTTUN, 3, minute + 27, minute + 27),
    )
    return Departure(
        date=DAY, trip=f"t{minute}", pattern="p", direction=0, status=status, calls=calls,
    )  # fmt: skip


def expected(now: int, *reports: tuple[int, str, PassingKind, int], vehicles: int = 1) -> dict[int, Expectation]:
    """Departures at 600 and 660; the run back from Nesttun takes 20 minutes. A report: (departure, stop, kind, minute)."""
    both = [departure(600), departure(660)]
    reported: dict[str, list[Reported]] = {}
    for minute, stop, kind, at in reports:
        reported.setdefault(f"{DAY}.t{minute}", []).append(Reported(stop, kind, at))
    several = expectations(both, reported, now, lambda _here, _there: 20, vehicles)
    return {each.departs: several[each.id] for each in both}


def times(expectation: Expectation) -> list[tuple[int, int]]:
    return [(call.arrives, call.departs) for call in expectation.calls]


def test_a_departure_whose_time_has_not_come_is_as_planned() -> None:
    one = expected(590)[600]
    assert (one.progress, one.delay, one.is_late) == (Progress.PLANNED, 0, False)
    assert times(one) == [(600, 600), (610, 612), (627, 627)]


def test_a_late_bus_is_late_at_each_call_less_what_a_stop_absorbs() -> None:
    one = expected(608, (600, TOWN, LEFT, 606))[600]
    assert times(one) == [(600, 606), (616, 616), (631, 631)]
    assert (one.progress, one.delay, one.left) == (Progress.LEFT, 6, 606)


def test_a_bus_that_is_two_minutes_late_is_not_called_late() -> None:
    assert not expected(603, (600, TOWN, LEFT, 602))[600].is_late
    assert expected(604, (600, TOWN, LEFT, 603))[600].is_late


def test_an_early_bus_waits_for_its_time_at_the_next_stop() -> None:
    assert times(expected(600, (600, TOWN, LEFT, 598))[600]) == [(600, 598), (608, 612), (627, 627)]


def test_the_same_bus_leaves_late_again_where_it_comes_back_too_late() -> None:
    """At Nesttun at 645, back in town at 665: five minutes after the next departure."""
    after = expected(640, (600, TOWN, LEFT, 620))[660]
    assert (after.progress, after.delay, after.calls[0].departs) == (Progress.PLANNED, 5, 665)
    assert expected(640, (600, TOWN, LEFT, 614))[660].delay == 0, "the turnaround absorbs it"


def test_with_two_buses_each_departure_stands_for_itself() -> None:
    assert expected(640, (600, TOWN, LEFT, 620), vehicles=2)[660].delay == 0


def test_what_nobody_reported_is_not_called_late_and_delays_nothing() -> None:
    both = expected(650)
    assert (both[600].progress, both[600].delay) == (Progress.UNREPORTED, 0)
    assert (both[660].progress, both[660].delay) == (Progress.PLANNED, 0)
    assert expected(610)[600].calls[0].departs == 610, "it leaves now at the earliest"


def test_an_arrival_at_the_last_stop_ends_the_departure() -> None:
    one = expected(640, (600, TOWN, LEFT, 606), (600, NESTTUN, ARRIVED, 633))[600]
    assert (one.progress, one.delay, one.calls[-1].arrives) == (Progress.ARRIVED, 0, 633)


@pytest.mark.parametrize("kind", list(PassingKind))
def test_a_cancelled_departure_has_no_expectation(kind: PassingKind) -> None:
    gone = departure(600, DepartureStatus.CANCELLED)
    assert expectations([gone], {gone.id: [Reported(TOWN, kind, 600)]}, 700, lambda _a, _b: None, 1) == {}


@given(
    st.integers(560, 720),
    st.lists(
        st.tuples(
            st.sampled_from([600, 660]),
            st.sampled_from([TOWN, GYLDENPRIS, NESTTUN, "elsewhere"]),
            st.sampled_from([LEFT, ARRIVED]),
            st.integers(590, 720),
        ),
        max_size=5,
    ),
)
def test_expected_times_run_forward_from_the_last_report(
    now: int, reports: list[tuple[int, str, PassingKind, int]]
) -> None:
    for planned, one in expected(now, *reports).items():
        assert one.delay >= 0
        if one.progress in (Progress.PLANNED, Progress.UNREPORTED):
            assert one.calls[0].departs >= planned
            moments = [minute for call in one.calls[1:] for minute in (call.arrives, call.departs)]
            assert moments == sorted(moments)
