"""Punctuality: what is on time, what nobody reported, running times by leg and band, and the proposals made of them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.provenance import Provenance
from shuttle.domain.basics.service_time import instant
from shuttle.domain.ridership.passings import Passing, PassingKind
from shuttle.domain.ridership.punctuality import (
    LEAST,
    LegTime,
    OnTime,
    Punctual,
    PunctualityOfSpan,
    percentile,
    proposed,
    punctuality,
    times_by_band,
)
from shuttle.domain.timetable.departures import Departure, DepartureStatus
from shuttle.domain.timetable.network import Call, NetworkOnDay, RunningTime

LEFT, ARRIVED = PassingKind.LEFT, PassingKind.ARRIVED
OSLO = ZoneInfo("Europe/Oslo")
MONDAY = date(2026, 11, 30)
TOWN, GYLDENPRIS, NESTTUN = "vagsbunnen", "mo-gyldenpris", "mo-nesttun"
MEASURED = Provenance("Målt")


def departure(minute: int = 600, status: DepartureStatus = DepartureStatus.SCHEDULED, planned: int = 600) -> Departure:
    """Town, Gyldenpris after 10 minutes with 2 minutes of standing, Nesttun after 15 more."""
    calls = (
        Call(TOWN, 1, minute, minute),
        Call(GYLDENPRIS, 2, minute + 10, minute + 12),
        Call(NESTTUN, 3, minute + 27, minute + 27),
    )
    return Departure(
        date=MONDAY, trip="t", pattern="p", direction=0, status=status, calls=calls, planned=planned
    )  # fmt: skip


def passing(stop: str, kind: PassingKind, minute: float) -> Passing:
    at = instant(MONDAY, 0, OSLO) + timedelta(minutes=minute)
    return Passing(
        key=f"{stop}{kind}", departure=f"{MONDAY}.t", stop=stop, kind=kind, at=at, said_by="Kari", said_at=at
    )


def of(*reports: tuple[str, PassingKind, float], driven: Departure | None = None) -> PunctualityOfSpan:
    several = [passing(*report) for report in reports]
    return punctuality([driven or departure()], {f"{MONDAY}.t": several}, OnTime(), OSLO)


def was(span: PunctualityOfSpan) -> list[Punctual]:
    return [punctual for punctual, number in span.whole.counts.items() if number]


@pytest.mark.parametrize(
    ("minute", "expected"),
    [
        (598.9, Punctual.EARLY),
        (599, Punctual.ON_TIME),
        (605.9, Punctual.ON_TIME),
        (606, Punctual.LATE),
    ],
)
def test_on_time_is_from_one_minute_before_until_five_after(minute: float, expected: Punctual) -> None:
    assert was(of((TOWN, LEFT, minute))) == [expected]


def test_what_nobody_reported_is_not_late_and_enters_no_share() -> None:
    measured = of()
    assert was(measured) == [Punctual.NOT_REPORTED]
    assert (measured.whole.run, measured.whole.reported, measured.whole.on_time) == (1, 0, None)


def test_a_cancelled_departure_is_no_departure() -> None:
    assert of(driven=departure(status=DepartureStatus.CANCELLED)).whole.run == 0


def test_a_moved_departure_is_measured_against_its_new_time() -> None:
    measured = of((TOWN, LEFT, 630), driven=departure(630, DepartureStatus.RETIMED))
    assert was(measured) == [Punctual.ON_TIME]
    assert list(measured.by_departure) == [(600, (TOWN, GYLDENPRIS, NESTTUN))]
    assert list(measured.by_weekday) == [0]


def test_a_leg_is_measured_from_leaving_to_arriving_else_to_leaving_again() -> None:
    measured = of((TOWN, LEFT, 602), (GYLDENPRIS, LEFT, 615), (NESTTUN, ARRIVED, 640))
    assert [(each.leg, each.minutes, each.planned, each.stood) for each in measured.times] == [
        ((TOWN, GYLDENPRIS), 13, 10, True),
        ((GYLDENPRIS, NESTTUN), 25, 15, False),
    ]
    at_end = {
        leg[1]: [each for each, number in shares.counts.items() if number] for leg, shares in measured.by_leg.items()
    }
    assert at_end == {GYLDENPRIS: [Punctual.ON_TIME], NESTTUN: [Punctual.LATE]}


def test_a_leg_of_one_report_has_no_running_time() -> None:
    assert of((TOWN, LEFT, 602)).times == ()
    assert of((NESTTUN, ARRIVED, 640)).times == ()


def test_times_that_nobody_can_have_driven_are_left_out_and_told() -> None:
    both_at_once = of((TOWN, LEFT, 612), (GYLDENPRIS, LEFT, 612), (NESTTUN, ARRIVED, 900))
    assert (both_at_once.times, both_at_once.left_out) == ((), 2)


@given(st.lists(st.integers(1, 100), min_size=1), st.sampled_from([1, 50, 85, 100]))
def test_a_percentile_is_the_shortest_time_that_so_many_kept(minutes: list[int], percent: int) -> None:
    chosen = percentile(minutes, percent)
    assert chosen in minutes
    assert sum(each <= chosen for each in minutes) * 100 >= percent * len(minutes)
    assert sum(each < chosen for each in minutes) * 100 < percent * len(minutes)


def network() -> NetworkOnDay:
    link = RunningTime(origin=TOWN, destination=GYLDENPRIS, bands=((0, 10), (900, 12)), km=3.2)
    return NetworkOnDay({}, {(TOWN, GYLDENPRIS): link}, {})


def observed(number: int, starts: int, minutes: int) -> list[LegTime]:
    one = LegTime(leg=(TOWN, GYLDENPRIS), starts=starts, minutes=minutes, planned=10, stood=False)
    return [one] * number


def test_bands_are_those_of_the_network_by_the_start_of_the_trip() -> None:
    bands = times_by_band([*observed(2, 899, 11), *observed(1, 900, 14)], network())
    assert [(band.begins, band.planned, band.minutes) for band in bands] == [(0, 10, (11, 11)), (900, 12, (14,))]


def test_a_leg_that_the_network_has_no_longer_has_no_band() -> None:
    gone = LegTime(leg=(NESTTUN, TOWN), starts=600, minutes=20, planned=20, stood=False)
    assert times_by_band([gone], network()) == ()


def test_a_proposal_changes_only_bands_that_were_observed_often_enough() -> None:
    times = [*observed(LEAST, 600, 13), *observed(LEAST - 1, 900, 20)]
    link = network().running_times[TOWN, GYLDENPRIS]
    made = proposed(link, times_by_band(times, network()), 85, MEASURED)
    assert (made.bands, made.km, made.provenance) == (((0, 13), (900, 12)), 3.2, MEASURED)


def test_too_few_observations_propose_nothing() -> None:
    bands = times_by_band(observed(LEAST - 1, 600, 13), network())
    with pytest.raises(Invalid) as refused:
        proposed(network().running_times[TOWN, GYLDENPRIS], bands, 85, MEASURED)
    assert (refused.value.code, refused.value.given) == ("too-few-observations", str(LEAST - 1))


def test_limits_below_zero_are_refused() -> None:
    with pytest.raises(Invalid):
        OnTime(-1, 5)


def test_clock_changes_do_not_make_a_bus_late() -> None:
    """On 25 October 2026 the clocks go back; ten o'clock is ten hours after noon minus twelve hours."""
    day = date(2026, 10, 25)
    calls = (Call(TOWN, 1, 600, 600), Call(GYLDENPRIS, 2, 610, 610))
    driven = Departure(
        date=day, trip="t", pattern="p", direction=0, status=DepartureStatus.SCHEDULED, calls=calls, planned=600
    )  # fmt: skip
    at = datetime(2026, 10, 25, 10, 2, tzinfo=OSLO)
    left = Passing(key="k", departure=driven.id, stop=TOWN, kind=LEFT, at=at, said_by="Kari", said_at=at)
    assert was(punctuality([driven], {driven.id: [left]}, OnTime(), OSLO)) == [Punctual.ON_TIME]
