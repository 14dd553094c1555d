"""A synthetic year whose truth is known: plain arithmetic on what was generated gives back every figure that the program shows."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.ridership.fortnights import DAYS, fortnight_of
from shuttle.domain.ridership.summaries import Grouping, RidershipRow, Span
from shuttle.domain.timetable.changes import ChangeKind, ReasonCode
from shuttle.language import words
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.figures import figures
from shuttle.services.ridership.releases import freeze_due, released
from shuttle.services.ridership.riders.by_destination import riders_by
from shuttle.services.ridership.riders.coordination import coordination
from shuttle.services.ridership.ridership import ridership
from shuttle.services.timetable.changes import ChangeRequest, change_departures
from shuttle.store.ridership.boardings import Arrival, store_arrivals

ADMIN = Person("a", "Admin", Role.ADMIN)
YEAR = Span(date(2025, 11, 3), date(2026, 11, 1))
"""52 weeks, which are 26 fortnights."""
TODAY = datetime(2026, 11, 23, 11, tzinfo=UTC)
RED_DAYS = {
    date.fromisoformat(day)
    for day in [
        "2025-12-25",
        "2025-12-26",
        "2026-01-01",
        "2026-04-02",
        "2026-04-03",
        "2026-04-05",
        "2026-04-06",
        "2026-05-01",
        "2026-05-14",
        "2026-05-17",
        "2026-05-24",
        "2026-05-25",
    ]
}
"""Public holidays of the year by Norwegian law."""
BASE, CENTRE = "vagsbunnen", "mo-gyldenpris"
ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass(frozen=True, kw_only=True)
class Truth:
    """A departure as it was: boardings in town (None: nobody counted), and answers of the driver (None: not answered)."""

    day: date
    trip: str
    hour: int
    cancelled: bool = False
    boardings: int | None = None
    alightings: int | None = None
    full: bool | None = None
    left: int | None = None

    @property
    def ran(self) -> bool:
        return not self.cancelled


def generated(context: AppContext, chance: random.Random) -> Iterator[Truth]:
    """Every departure of the year with a fate: cancelled, not counted, or counted with or without the optional answers."""
    for day in YEAR:
        week = 1 + 0.3 * chance.random()
        for departure in context.schedule().departures_on(day).departures:
            trip, hour = departure.trip, departure.departs // 60
            fate = chance.random()
            if fate < 0.03:
                yield Truth(day=day, trip=trip, hour=hour, cancelled=True)
            elif fate < 0.25:
                yield Truth(day=day, trip=trip, hour=hour)
            else:
                wished = sum(chance.random() < 0.1 * week for _ in range(45))
                boardings = min(wished, 8)
                yield Truth(
                    day=day,
                    trip=trip,
                    hour=hour,
                    boardings=boardings,
                    alightings=boardings if chance.random() < 0.4 else None,
                    full=boardings == 8 if chance.random() < 0.7 else None,
                    left={0: 0, 1: 1, 2: 2}.get(wished - boardings, 3) if chance.random() < 0.7 else None,
                )


def stored(context: AppContext, truths: list[Truth]) -> None:
    arrivals = []
    for number, truth in enumerate(truths):
        departure = f"{truth.day}.{truth.trip}"
        counts = []
        if truth.boardings is not None:
            told = {"full": truth.full, "left_behind": truth.left}
            counts.append((BASE, Count(departure=departure, stop=BASE, boardings=truth.boardings, **told)))  # type: ignore[arg-type]
        if truth.alightings is not None:
            counts.append((CENTRE, Count(departure=departure, stop=CENTRE, boardings=0, alightings=truth.alightings)))
        for stop, count in counts:
            arrivals.append(
                Arrival(
                    id=f"{number}-{stop}",
                    key=f"{number}-{stop}",
                    count=count,
                    service_date=truth.day,
                    hour=truth.hour if stop == BASE else hour_at_centre(context, departure),
                    source="Kari",
                    role="driver",
                    received_at=TODAY,
                )
            )
    with context.transaction() as session:
        for truth in truths:
            if truth.cancelled:
                request = ChangeRequest(
                    kind=ChangeKind.CANCEL, first=truth.day, last=truth.day, reason=ReasonCode.WEATHER, trip=truth.trip
                )
                change_departures(session, ADMIN, request, TODAY)
        for start in range(0, len(arrivals), 400):
            store_arrivals(session.connection(), arrivals[start : start + 400])


def hour_at_centre(context: AppContext, departure: str) -> int:
    day, trip = date.fromisoformat(departure[:10]), departure[11:]
    calls = next(each for each in context.schedule().departures_on(day).departures if each.trip == trip).calls
    return calls[-1].arrives // 60


@pytest.fixture
def year(context: AppContext) -> list[Truth]:
    truths = list(generated(context, random.Random(26)))
    stored(context, truths)
    context.now = lambda: TODAY
    return truths


def figures_of(row: RidershipRow) -> tuple[int, int, int, int]:
    return row.amounts.boardings, row.amounts.left_behind, row.run.run, row.run.counted


def plain(truths: list[Truth]) -> tuple[int, int, int, int]:
    """Boardings, left behind, departures that ran, and counted ones."""
    counted = [each for each in truths if each.boardings is not None]
    return (
        sum(each.boardings or 0 for each in counted),
        sum(each.left or 0 for each in counted),
        sum(each.ran for each in truths),
        len(counted),
    )


@ON_ONE
def test_every_grouping_gives_back_the_truth(context: AppContext, year: list[Truth]) -> None:
    keys: dict[Grouping, Callable[[Truth], object]] = {
        Grouping.DAY: lambda each: each.day,
        Grouping.WEEKDAY: lambda each: each.day.weekday() + 1,
        Grouping.TRIP: lambda each: each.trip,
    }
    for grouping, key in keys.items():
        groups: dict[object, list[Truth]] = defaultdict(list)
        for truth in year:
            groups[key(truth)].append(truth)
        shown = ridership(context, ADMIN, YEAR, (grouping,))
        expected = {name: plain(several) for name, several in groups.items() if any(each.ran for each in several)}
        assert {line.key[0]: figures_of(line) for line in shown.lines} == expected
        assert figures_of(shown.total) == plain(year)
    by_stop = {line.key[0]: line for line in ridership(context, ADMIN, YEAR, (Grouping.STOP,)).lines}
    assert by_stop[BASE].amounts.boardings == plain(year)[0]
    assert by_stop[CENTRE].amounts.alightings == sum(each.alightings or 0 for each in year)
    hours = Counter[int]()
    for truth in year:
        hours[truth.hour] += truth.boardings or 0
    shown = ridership(context, ADMIN, YEAR, (Grouping.HOUR,))
    assert {line.key[0]: line.amounts.boardings for line in shown.lines if line.amounts.boardings} == +hours


@ON_ONE
def test_riders_by_destination_give_back_the_truth(context: AppContext, year: list[Truth]) -> None:
    by_day: dict[object, int] = Counter()
    for truth in year:
        by_day[truth.day] += truth.boardings or 0
    rows = riders_by(context, ADMIN, YEAR, (Grouping.DAY, Grouping.DESTINATION))
    assert {row.key[1] for row in rows} == {CENTRE}, "nobody rides to where they boarded"
    assert {row.key[0]: row.riders.exact for row in rows} == {row.key[0]: by_day[row.key[0]] for row in rows}
    boardings, _, ran, counted = plain(year)
    assert sum(row.riders.least for row in rows) == boardings
    assert (sum(row.run for row in rows), sum(row.counted for row in rows)) == (ran, counted)


@ON_ONE
def test_crowding_and_means_give_back_the_truth(context: AppContext, year: list[Truth]) -> None:
    shown = figures(context, ADMIN, YEAR, words("nb"))
    boardings, _, ran, counted = plain(year)
    assert shown.mean is not None and shown.crowding is not None
    assert (shown.whole.run.due, shown.whole.run.counted) == (ran, counted)
    assert shown.mean.mean == pytest.approx(boardings / counted)
    weeks: dict[date, list[Truth]] = defaultdict(list)
    for truth in year:
        weeks[truth.day - timedelta(truth.day.weekday())].append(truth)
    expected = {f"{monday}": plain(several) for monday, several in weeks.items()}
    assert {row[0]: (row[1], row[5], row[3], row[4]) for row in shown.weeks.rows} == expected
    asked = [each for each in year if each.full is not None]
    left = [each for each in year if each.left is not None]
    assert (shown.crowding.asked_full, shown.crowding.full) == (len(asked), sum(bool(each.full) for each in asked))
    assert (shown.crowding.asked_left, shown.crowding.left) == (len(left), sum(bool(each.left) for each in left))


@ON_ONE
def test_every_fortnight_gives_back_the_truth_exact_and_released(context: AppContext, year: list[Truth]) -> None:
    fortnights: dict[date, list[Truth]] = defaultdict(list)
    for truth in year:
        fortnights[fortnight_of(truth.day).first].append(truth)
    shown = coordination(context, ADMIN, date(2024, 1, 1), YEAR.last)
    assert shown is not None and len(shown.line) >= 26
    for each in shown.line:
        if each.span.first in fortnights:
            boardings, _, ran, counted = plain(fortnights[each.span.first])
            assert (each.riders, each.run.due, each.run.counted) == (boardings, ran, counted)
            assert each.estimate == pytest.approx(boardings / counted * ran)
    freeze_due(context, ADMIN, 5)
    by_first = {each.fortnight.first: each for each in released(context, ADMIN)}
    assert len(fortnights) == YEAR.days // DAYS == 26
    for first, several in fortnights.items():
        boardings, _, ran, counted = plain(several)
        assert (by_first[first].release.total, by_first[first].run.run, by_first[first].run.counted) == (
            boardings,
            ran,
            counted,
        )
        assert by_first[first].release.breakdowns["destination"] == {CENTRE: boardings}


@ON_ONE
def test_weekdays_by_hour_hold_public_holidays_apart(context: AppContext, year: list[Truth]) -> None:
    shown = figures(context, ADMIN, YEAR, words("nb"))
    groups: dict[tuple[str, str], list[Truth]] = defaultdict(list)
    for truth in year:
        name = "Helligdag" if truth.day in RED_DAYS else words("nb").weekday(truth.day)
        groups[name, f"{truth.hour:02}"].append(truth)
    expected = {key: plain(several)[0] / plain(several)[3] for key, several in groups.items() if plain(several)[3]}
    means = {(row[0], row[1]): row[2] for row in shown.weekday_hours.rows if row[2] is not None}
    assert {key: pytest.approx(mean) for key, mean in expected.items()} == means


@ON_ONE
def test_shares_and_cost_give_back_the_truth(context: AppContext, year: list[Truth]) -> None:
    shown = figures(context, ADMIN, YEAR, words("nb"))
    cancelled = sum(each.cancelled for each in year)
    assert shown.operated.cancelled == ((ReasonCode.WEATHER, cancelled),)
    assert shown.operated.cancelled_share == pytest.approx(cancelled / len(year))
    network, (boardings, _, ran, counted) = context.schedule().network, plain(year)
    nok = 0.0
    for truth in year:
        if truth.ran:
            there = network.on(truth.day).running_times[BASE, CENTRE]
            back = network.on(truth.day).running_times[CENTRE, BASE]
            minutes = there.minutes(truth.hour * 60) + back.minutes(truth.hour * 60)
            costs = network.costs_on(truth.day)
            nok += minutes / 60 * costs.nok_per_driver_hour + ((there.km or 0) + (back.km or 0)) * costs.nok_per_km
    extra = shown.operated.nok
    assert extra is not None and extra >= nok, "supplements of evenings and weekends come on top"
    assert shown.nok_per_rider == pytest.approx(extra / (boardings / counted * ran))
