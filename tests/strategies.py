"""Hypothesis strategies for schedules: successive versions with holes, all kinds of changes, overrides, dated running times,
times set by hand, trips past midnight. All lie around one anchor date, so that they interact."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from shuttle.domain.basics.provenance import Validity
from shuttle.domain.timetable.changes import Change, ChangeKind, ReasonCode
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import Call, Network
from shuttle.domain.timetable.service_days import NO_SERVICE, Calendar, DayType, Names, Override
from shuttle.domain.timetable.trips import Publication, Timetable, TimetableStatus, Trip, layer_for
from tests.builders import a_calendar, a_network

ANCHORS = (
    date(2026, 3, 29),  # clocks go forward
    date(2026, 10, 25),  # clocks go back
    date(2027, 5, 17),  # Constitution Day and Whit Monday
    date(2028, 2, 29),
    date(2026, 4, 3),  # Easter
    date(2026, 12, 28),  # Christmas and New Year
)
SPAN = 12
"""Days before and after the anchor within which all dates lie."""

MINUTES = st.integers(0, 94).map(lambda quarter: 15 * quarter)
PATTERNS = st.sampled_from(["gyldenpris", "nesttun", "round"])
DAY_TYPES = st.sampled_from(["weekday", "holiday"])
DECISIONS = st.sampled_from(["weekday", "holiday", "saturday", NO_SERVICE])


def near(anchor: date) -> st.SearchStrategy[date]:
    return st.integers(-SPAN, SPAN).map(lambda days: anchor + timedelta(days=days))


def window(anchor: date) -> list[date]:
    return [anchor + timedelta(days=days) for days in range(-SPAN, SPAN + 1)]


@st.composite
def any_trip(draw: st.DrawFn) -> Trip:
    trip = Trip(draw(PATTERNS), draw(st.sampled_from(["weekday", "holiday", "saturday"])), draw(MINUTES))
    if trip.pattern != "gyldenpris" or not draw(st.booleans()):
        return trip
    arrives = trip.departs + draw(st.integers(1, 90))
    return replace(
        trip, calls=(Call("vagsbunnen", 1, trip.departs, trip.departs), Call("mo-gyldenpris", 2, arrives, arrives))
    )


@st.composite
def any_network(draw: st.DrawFn, anchor: date) -> Network:
    """Running times that change once, on a date near the anchor, and by the time of day."""
    network, turn = a_network(), draw(near(anchor))
    before = [replace(each, validity=Validity(None, turn - timedelta(days=1))) for each in network.running_times]
    bands = ((0, draw(st.integers(5, 30))), (draw(st.integers(1, 1300)), draw(st.integers(5, 30))))
    after = [replace(each, bands=bands, validity=Validity(turn)) for each in network.running_times]
    return replace(network, running_times=(*before, *after))


@st.composite
def any_change(draw: st.DrawFn, anchor: date, trips: list[str], number: int) -> Change:
    first = draw(near(anchor))
    kind = draw(st.sampled_from(ChangeKind)) if trips else ChangeKind.EXTRA
    made_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=draw(st.integers(0, 5)))
    return Change(
        id=f"change-{number}",
        kind=kind,
        dates=Validity(first, first + timedelta(days=draw(st.integers(0, 9)))),
        reason=draw(st.sampled_from(ReasonCode)),
        trip=draw(st.sampled_from(trips)) if kind is not ChangeKind.EXTRA else None,
        pattern=draw(PATTERNS) if kind is ChangeKind.EXTRA else None,
        departs=draw(MINUTES) if kind is not ChangeKind.CANCEL else None,
        made_at=made_at,
        withdrawn_at=made_at if draw(st.integers(0, 4)) == 0 else None,
    )


@st.composite
def any_calendar(draw: st.DrawFn, anchor: date) -> Calendar:
    days = draw(st.lists(near(anchor), unique=True, max_size=4))
    calendar = a_calendar()
    saturday = DayType("saturday", Names("Lørdag", "Laurdag", "Saturday"), like="holiday")
    return replace(
        calendar,
        day_types=(*calendar.day_types, saturday),
        week=("weekday",) * 5 + ("saturday", "holiday"),
        overrides=tuple(Override(date=day, day_type=draw(DECISIONS), reason="Bestemt") for day in days),
    )


@st.composite
def any_period(draw: st.DrawFn, anchor: date) -> Validity:
    """Some days around the anchor, or from a day on."""
    begins = anchor + timedelta(days=draw(st.integers(-SPAN, SPAN)))
    days = draw(st.one_of(st.none(), st.integers(0, 2 * SPAN)))
    return Validity(begins, None if days is None else begins + timedelta(days=days))


@st.composite
def any_schedule(draw: st.DrawFn, anchor: date) -> Schedule:
    timetables: list[Timetable] = []
    publications: list[Publication] = []
    for number in range(draw(st.integers(1, 3))):
        trips = draw(st.lists(any_trip(), max_size=6, unique_by=lambda trip: trip.id))
        timetable = Timetable(id=f"version-{number}", name="T", trips=tuple(trips), status=TimetableStatus.PUBLISHED)
        timetables.append(timetable)
    for name in draw(st.lists(st.sampled_from([timetable.id for timetable in timetables]), max_size=5)):
        valid = draw(any_period(anchor))
        layer = layer_for(publications, valid)
        publications.append(Publication(name, valid, datetime(2026, 1, 1, tzinfo=UTC), layer))
    names = [trip.id for timetable in timetables for trip in timetable.trips]
    changes: list[Change] = []
    for number in range(draw(st.integers(0, 5))):
        names += [change.touches for change in changes if change.kind is ChangeKind.EXTRA]
        changes.append(draw(any_change(anchor, sorted(set(names)), number)))
    return Schedule(
        network=draw(any_network(anchor)),
        calendar=draw(any_calendar(anchor)),
        timetables=tuple(timetables),
        publications=tuple(publications),
        changes=tuple(changes),
    )
