"""Incidents: what holds of a departure, what ends it, and what follows from it for expected times."""

from datetime import UTC, date, datetime, timedelta

import pytest

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.ridership.expectations import Expectation, Progress, Reported, expectations
from shuttle.domain.ridership.incidents import Incident, IncidentKind, Standing, check_recorded, standing_incidents
from shuttle.domain.ridership.passings import Passing, PassingKind
from shuttle.domain.timetable.departures import Departure, DepartureStatus
from shuttle.domain.timetable.network import Call

DELAYED, STOPPED, CLOSED, HELP, ANOTHER, TAXI = IncidentKind
DAY, TEN = date(2026, 12, 1), datetime(2026, 12, 1, 10, tzinfo=UTC)
TOWN, CENTRE = "vagsbunnen", "mo-gyldenpris"


def said(
    kind: IncidentKind, minute: int = 0, minutes: int | None = None, departure: int = 600, withdrawn: bool = False
) -> Incident:
    """Recorded `minute` minutes after ten."""
    at = TEN + timedelta(minutes=minute)
    return Incident(
        key=f"{kind}{minute}", departure=f"{DAY}.t{departure}", kind=kind, minutes=minutes, withdrawn=withdrawn,
        recorded_at=at, said_by="Kari", said_at=at,
    )  # fmt: skip


def passed(minute: int) -> Passing:
    at = TEN + timedelta(minutes=minute)
    return Passing(key=f"p{minute}", departure="d", stop=TOWN, kind=PassingKind.LEFT, at=at, said_by="Kari", said_at=at)


def holds(*incidents: Incident, moved: tuple[int, ...] = (), bus: tuple[int, ...] = ()) -> tuple[object, object]:
    standing = standing_incidents(incidents, map(passed, moved), map(passed, bus))
    return (standing.told and (standing.told.kind, standing.told.minutes), standing.help and standing.help.kind)


def test_the_latest_word_of_each_subject_holds() -> None:
    assert holds(said(DELAYED, 1, 5), said(DELAYED, 2, 20)) == ((DELAYED, 20), None)
    assert holds(said(DELAYED, 1, 5), said(STOPPED, 2)) == ((STOPPED, None), None)
    assert holds(said(DELAYED, 1, 5), said(HELP, 2)) == ((DELAYED, 5), HELP), "help hides nothing from passengers"


def test_what_was_tapped_earlier_and_arrives_later_does_not_hold() -> None:
    assert holds(said(DELAYED, 4, 20), said(DELAYED, 1, 5)) == ((DELAYED, 20), None)


def test_a_word_that_is_taken_back_leaves_nothing_of_its_subject() -> None:
    assert holds(said(DELAYED, 1, 5), said(STOPPED, 2), said(DELAYED, 3, withdrawn=True)) == (None, None)
    assert holds(said(STOPPED, 1), said(HELP, 2), said(HELP, 3, withdrawn=True)) == ((STOPPED, None), None)
    assert standing_incidents([said(HELP, 3, withdrawn=True)], []) == Standing(help_at=TEN + timedelta(minutes=3))


def test_a_delay_ends_with_its_departure_and_a_stand_with_its_bus() -> None:
    assert holds(said(DELAYED, 5, 10), moved=(3,)) == ((DELAYED, 10), None)
    assert holds(said(DELAYED, 5, 10), moved=(6,)) == (None, None)
    assert holds(said(DELAYED, 5, 10), bus=(6,)) == ((DELAYED, 10), None), "its bus arrives from the departure before"
    assert holds(said(STOPPED, 5), bus=(6,)) == (None, None)
    assert holds(said(CLOSED, 5), said(HELP, 5), moved=(6,), bus=(7,)) == ((CLOSED, None), HELP)


@pytest.mark.parametrize(
    ("kind", "minutes", "withdrawn"),
    [(DELAYED, None, False), (DELAYED, 0, False), (DELAYED, 181, False), (STOPPED, 5, False), (DELAYED, 5, True)],
)
def test_minutes_belong_to_a_delay_alone(kind: IncidentKind, minutes: int | None, withdrawn: bool) -> None:
    with pytest.raises(Invalid):
        said(kind, 0, minutes, withdrawn=withdrawn)


def test_a_phone_whose_clock_is_ahead_does_not_outrank_what_follows() -> None:
    arrives = TEN + timedelta(minutes=20)
    assert check_recorded(TEN + timedelta(minutes=9), TEN, arrives, TEN) == TEN
    assert check_recorded(TEN - timedelta(minutes=9), TEN, arrives, TEN) == TEN - timedelta(minutes=9)
    for wrong in (TEN + timedelta(minutes=11), TEN - timedelta(hours=4), TEN.replace(tzinfo=None)):
        with pytest.raises(Invalid):
            check_recorded(wrong, TEN, arrives, TEN)


def expected(now: int, incident: Incident, *reports: tuple[str, PassingKind, int]) -> dict[int, Expectation]:
    """Departures of one bus at 600 and 660: the centre after 20 minutes, the end after 40; the run back takes 15 minutes."""
    several = [
        Departure(
            date=DAY, trip=f"t{minute}", pattern="p", direction=0, status=DepartureStatus.SCHEDULED,
            calls=(
                Call(TOWN, 1, minute, minute),
                Call(CENTRE, 2, minute + 20, minute + 22),
                Call("end", 3, minute + 40, minute + 40),
            ),
        )
        for minute in (600, 660)
    ]  # fmt: skip
    told, reported = {incident.departure: incident}, {f"{DAY}.t600": [Reported(*each) for each in reports]}
    by_id = expectations(several, reported, now, lambda _here, _there: 15, 1, told)
    return {each.departs: by_id[each.id] for each in several}


def times(expectation: Expectation) -> list[tuple[int, int]]:
    return [(call.arrives, call.departs) for call in expectation.calls]


def test_a_reported_delay_moves_the_departure_and_the_bus_s_next() -> None:
    """Leaves 610; at the centre 630, where 2 minutes of standing are absorbed; at the end 648, back in town 663: 3 late."""
    both = expected(598, said(DELAYED, minutes=10))
    assert times(both[600]) == [(600, 610), (630, 630), (648, 648)]
    assert (both[600].progress, both[600].delay) == (Progress.PLANNED, 10)
    assert (both[660].delay, both[660].calls[0].departs) == (3, 663)


def test_a_bus_that_was_said_to_be_late_is_waited_for_until_given_up() -> None:
    assert (
        expected(615, said(DELAYED, minutes=10))[600].delay,
        expected(640, said(DELAYED, minutes=10))[600].delay,
    ) == (
        15,
        40,
    )
    given_up = expected(641, said(DELAYED, minutes=10))[600]
    assert (given_up.progress, given_up.delay) == (Progress.UNREPORTED, 0)


def test_a_delay_under_way_moves_the_calls_that_are_left() -> None:
    """Left on time; ten minutes are lost on the road: the centre at 630, the end at 648."""
    one = expected(612, said(DELAYED, 12, 10), (TOWN, PassingKind.LEFT, 600))[600]
    assert times(one) == [(600, 600), (630, 630), (648, 648)]
    assert (one.progress, one.delay) == (Progress.LEFT, 10)


def test_a_bus_that_stands_has_no_expected_time() -> None:
    both = expected(615, said(STOPPED, 12), (TOWN, PassingKind.LEFT, 606))
    assert times(both[600]) == [(600, 606), (620, 622), (640, 640)]
    assert (both[600].stands, both[600].delay) == (True, 0)
    assert (both[660].stands, both[660].delay) == (False, 0)
    before = expected(605, said(STOPPED, 2))[600]
    assert (before.stands, before.progress) == (True, Progress.UNREPORTED)
