"""Agreement of all outputs: others' readers find the same connections in each of them as a naive resolver does.

For every day and every pair of stops the list of (departs, arrives) is read back from calendars by two engines, from GTFS by
partridge, from an older GTFS with GTFS Realtime applied to it, from NeTEx, the page `/timetable`, the poster's text and the API.
A page or poster shows what is usual from a date: it leaves out the changes of a single day. The other outputs are asked for each
day within their own horizon. A further reader is one more entry of `OF_DAYS`.
"""

import io
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from shuttle.domain.basics.errors import NotFound
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import dates, instant
from shuttle.domain.timetable.changes import Change, ChangeKind
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import Stop
from shuttle.domain.timetable.service_days import Override
from shuttle.domain.timetable.trips import Publication
from shuttle.feeds.gtfs.realtime import trip_updates
from shuttle.feeds.gtfs.schedule import published_feed
from shuttle.feeds.gtfs.tables import zipped
from shuttle.feeds.ical.calendars import connections_calendar
from shuttle.feeds.netex import netex_zip
from shuttle.feeds.printed.poster import poster_pdf
from shuttle.services.operation.installation import open_app_context
from shuttle.settings import Settings
from shuttle.web.app import create_app
from tests.builders import (
    PUBLISHER,
    a_cancellation,
    a_retiming,
    a_timetable,
    an_extra,
    trips,
    two_centres,
    with_changes,
)
from tests.conftest import NOON, OSLO, filled_file, with_schedule
from tests.feeds.gtfs.gtfs_readers import calls_by_partridge
from tests.feeds.gtfs.realtime_client import applied
from tests.feeds.ical.calendar_readers import Reader, by_ical, by_recurring_ical_events
from tests.feeds.test_netex import read_back
from tests.naive import naive_connections, naive_day_type

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")  # partridge, with pandas 3

STOPS = ("vagsbunnen", "mo-gyldenpris", "mo-nesttun")
PAIRS = [(origin, destination) for origin in STOPS for destination in STOPS if origin != destination]
FIRST = date(2026, 10, 19)  # the clocks go back on the 25th
LAST = FIRST + timedelta(days=20)
SECOND_TABLE = FIRST + timedelta(days=7)
TEMPORARY = Validity(FIRST + timedelta(days=10), FIRST + timedelta(days=12))
MOVES = FIRST + timedelta(days=5)

Moments = tuple[datetime, datetime]
"""When a connection departs and arrives."""
Board = dict[tuple[date, tuple[str, str]], list[Moments]]
"""Service date and pair of stops -> connections, in order."""


def base_world() -> Schedule:
    """Two centres, patterns in both orders, a loop, a trip past midnight, a stop that moves, three tables one after another."""
    schedule = two_centres()
    stops: list[Stop] = []
    for stop in schedule.network.stops:
        if stop.id == "mo-gyldenpris":
            stops.append(replace(stop, validity=Validity(None, MOVES - timedelta(days=1))))
            stops.append(replace(stop, name="MO Gyldenpris sør", lat=60.38, validity=Validity(MOVES)))
        else:
            stops.append(stop)
    first = a_timetable(
        "first",
        trips("round", "weekday", "10:00", "15:00", "24:30")
        + trips("other-way", "weekday", "12:00", "17:00")
        + trips("gyldenpris", "holiday", "11:00", "26:15"),
    )
    second = a_timetable(
        "second",
        trips("round", "weekday", "10:00", "16:00")
        + trips("other-way", "weekday", "09:30", "25:10")
        + trips("nesttun", "holiday", "13:30"),
    )
    temporary = a_timetable("temporary", trips("gyldenpris", "weekday", "08:00") + trips("nesttun", "weekday", "14:00"))
    published = datetime(2026, 9, 1, tzinfo=UTC)
    assert TEMPORARY.first is not None and TEMPORARY.last is not None
    return replace(
        schedule,
        network=replace(schedule.network, stops=tuple(stops)),
        timetables=(first, second, temporary),
        publications=(
            Publication("first", Validity(FIRST - timedelta(days=60), SECOND_TABLE - timedelta(days=1)), published),
            Publication("second", Validity(SECOND_TABLE, TEMPORARY.first - timedelta(days=1)), published),
            Publication("temporary", TEMPORARY, published),
            Publication("second", Validity(TEMPORARY.last + timedelta(days=1), None), published),
        ),
    )


@st.composite
def any_world(draw: st.DrawFn) -> Schedule:
    """The world with cancelled, moved and extra departures on dates drawn at random."""
    world = base_world()
    names = sorted({trip.id for timetable in world.timetables for trip in timetable.trips})
    changes = []
    for number in range(draw(st.integers(0, 8))):
        first = FIRST + timedelta(days=draw(st.integers(0, 20)))
        last = first + timedelta(days=draw(st.integers(0, 4)))
        kind = draw(st.sampled_from(ChangeKind))
        minute = 5 * draw(st.integers(60, 330))
        at = f"{minute // 60:02d}:{minute % 60:02d}"
        made = datetime(2026, 9, 2, tzinfo=UTC) + timedelta(hours=number)
        if kind is ChangeKind.CANCEL:
            changes.append(a_cancellation(draw(st.sampled_from(names)), first, last, made_at=made, id=f"c{number}"))
        elif kind is ChangeKind.RETIME:
            changes.append(a_retiming(draw(st.sampled_from(names)), first, at, last, made_at=made, id=f"c{number}"))
        else:
            pattern = draw(st.sampled_from(["round", "other-way", "gyldenpris", "nesttun"]))
            changes.append(an_extra(pattern, first, at, last, made_at=made, id=f"c{number}"))
    return with_changes(world, *changes)


def naive_board(schedule: Schedule, days: list[date]) -> Board:
    return {
        (day, pair): sorted(
            (instant(day, departs, OSLO).astimezone(UTC), instant(day, arrives, OSLO).astimezone(UTC))
            for _, departs, arrives in naive_connections(schedule, day, *pair)
        )
        for day in days
        for pair in PAIRS
    }


def in_calendars(read: Reader) -> Callable[[Schedule, list[date]], Board]:
    """A calendar for each pair; the service date stands in front of the UID."""

    def board(schedule: Schedule, days: list[date]) -> Board:
        board_read: Board = {(day, pair): [] for day in days for pair in PAIRS}
        for pair in PAIRS:
            content = connections_calendar(schedule, pair, days[0], OSLO, "nb", days)
            for event in read(content):
                if not event.cancelled:
                    board_read[date.fromisoformat(event.uid[:10]), pair].append((event.starts, event.ends))
        return {key: sorted(several) for key, several in board_read.items()}

    return board


def rides_of(times: tuple[tuple[str, int | None, int | None], ...]) -> Iterator[tuple[tuple[str, str], int, int]]:
    """Each pair of stops that a journey connects: arriving first, and of those that arrive together boarding last."""
    best: dict[tuple[str, str], tuple[int, int]] = {}
    for index, (origin, _, departs) in enumerate(times):
        for destination, arrives, _ in times[index + 1 :]:
            if origin == destination or departs is None or arrives is None:
                continue
            ride = (arrives, -departs)
            best[origin, destination] = min(ride, best.get((origin, destination), ride))
    for pair, (arrives, minus_departs) in best.items():
        yield pair, -minus_departs, arrives


def in_board(board: Board, day: date, times: tuple[tuple[str, int | None, int | None], ...]) -> None:
    """Add the connections of a journey; a point is a stop's id, with the date from which it is another."""
    stops = tuple((re.sub(r"_\d+$", "", point), arrives, departs) for point, arrives, departs in times)
    for pair, departs, arrives in rides_of(stops):
        moments = (instant(day, departs, OSLO).astimezone(UTC), instant(day, arrives, OSLO).astimezone(UTC))
        board[day, pair].append(moments)


def empty_board(days: list[date]) -> Board:
    return {(day, pair): [] for day in days for pair in PAIRS}


def in_order(board: Board) -> Board:
    return {key: sorted(several) for key, several in board.items()}


def in_netex(schedule: Schedule, days: list[date]) -> Board:
    """The XML by its own rules."""
    board = empty_board(days)
    for day, several in read_back(netex_zip(schedule, days[0], days[-1], publisher=PUBLISHER), days).items():
        for times in several:
            in_board(board, day, times)
    return in_order(board)


def in_gtfs(schedule: Schedule, days: list[date]) -> Board:
    """The zip that is published on the first day, every change made with notice."""
    content = published_zip(decided_before(schedule, lambda _day: days[0] - timedelta(days=9)), days[0])
    board = empty_board(days)
    for day, several in calls_by_partridge(content, days).items():
        for calls in several:
            in_board(board, day, tuple((stop, arrives // 60, departs // 60) for stop, arrives, departs in calls))
    return in_order(board)


def in_gtfs_with_realtime(schedule: Schedule, days: list[date]) -> Board:
    """A zip that is three days old and the trip updates of every fourth morning; changes stand in realtime or in both."""
    schedule = decided_before(schedule, lambda day: day - timedelta(days=(day - days[0]).days % 4 + 1))
    board = empty_board(days)
    for today in days[::4]:
        now, before = morning(today), today - timedelta(days=3)
        decided = tuple(change for change in schedule.changes if change.made_at and change.made_at <= morning(before))
        content = published_zip(replace(schedule, changes=decided), before)
        updates = trip_updates(schedule, now, PUBLISHER, now)
        for day in dates(today, min(today + timedelta(days=3), days[-1])):
            for calls in applied(content, updates, day, OSLO):
                in_board(board, day, calls)
    return in_order(board)


def morning(day: date) -> datetime:
    return instant(day, 6 * 60, OSLO)


def published_zip(schedule: Schedule, day: date) -> bytes:
    return zipped(published_feed(schedule, morning(day), PUBLISHER).files)


def decided_before(schedule: Schedule, latest: Callable[[date], date]) -> Schedule:
    """The schedule with its changes made in the same order, each on the day that `latest` names for its first date or before."""
    changes: list[Change] = []
    moment = morning(LAST + timedelta(days=400))
    for change in sorted(schedule.changes, key=lambda change: (change.made_at or moment, change.id), reverse=True):
        assert change.dates.first is not None
        moment = min(moment, morning(latest(change.dates.first))) - timedelta(minutes=1)
        changes.append(replace(change, made_at=moment))
    return replace(schedule, changes=tuple(changes))


@contextmanager
def served(schedule: Schedule) -> Iterator[TestClient]:
    """A client of the web application on a database of its own, which serves the schedule."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(filled_file(), Path(folder) / "shuttle.db")
        context = open_app_context(f"sqlite:///{folder}/shuttle.db", OSLO)
        context.now = lambda: NOON
        with_schedule(context, schedule)
        with TestClient(create_app(context, Settings())) as client:
            yield client
        context.close()


def in_the_api(schedule: Schedule, days: list[date]) -> Board:
    """`GET /api/v1/departures?date=&from=&to=`."""
    board: Board = {}
    with served(schedule) as client:
        for day in days:
            for origin, destination in PAIRS:
                question = {"date": day.isoformat(), "from": origin, "to": destination}
                departures = client.get("/api/v1/departures", params=question).json()["departures"]
                running = [each for each in departures if each["status"] != "cancelled"]
                board[day, (origin, destination)] = sorted(
                    (in_utc(each["departs_at"]), in_utc(each["arrives_at"])) for each in running
                )
    return board


def in_utc(moment: str) -> datetime:
    return datetime.fromisoformat(moment).astimezone(UTC)


OF_DAYS: dict[str, Callable[[Schedule, list[date]], Board]] = {
    "calendars by recurring-ical-events": in_calendars(by_recurring_ical_events),
    "calendars by ical": in_calendars(by_ical),
    "GTFS by partridge": in_gtfs,
    "GTFS with realtime": in_gtfs_with_realtime,
    "NeTEx": in_netex,
    "the API": in_the_api,
}


@pytest.mark.parametrize("output", OF_DAYS)
@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
@given(schedule=any_world())
def test_every_output_has_the_connections_of_every_day(output: str, schedule: Schedule) -> None:
    days = dates(FIRST, LAST)
    assert OF_DAYS[output](schedule, days) == naive_board(schedule, days)


@pytest.mark.slow
@pytest.mark.parametrize("output", OF_DAYS)
def test_400_days_agree(output: str) -> None:
    """Winter, summer and both clock changes, with one change of each kind."""
    schedule = with_changes(
        base_world(),
        a_cancellation("round-weekday-1000", FIRST + timedelta(days=1)),
        a_retiming("other-way-weekday-0930", FIRST + timedelta(days=200), "09:45"),
        an_extra("round", date(2027, 3, 28), "25:40"),
    )
    days = dates(FIRST, FIRST + timedelta(days=399))
    assert OF_DAYS[output](schedule, days) == naive_board(schedule, days)


def usual(schedule: Schedule, day: date, pair: tuple[str, str]) -> list[tuple[str, str]]:
    """What is usual on the day: its connections without any date's changes, as times of day in order of departure."""
    plain = replace(schedule, changes=())
    several = sorted((departs, arrives) for _, departs, arrives in naive_connections(plain, day, *pair))
    return [(time_of_day(departs), time_of_day(arrives)) for departs, arrives in several]


def time_of_day(minute: int) -> str:
    """As a clock on a wall shows it."""
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def on_the_page(page: str, day_type: str) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Pair of stops -> (departs, arrives) of each departure in the page's blocks of the day type."""
    blocks = re.findall(
        r'<section class="block[^"]*" data-from="([^"]+)" data-to="([^"]+)" data-day-type="([^"]+)">(.*?)</section>',
        page,
        re.DOTALL,
    )
    times = r'<time datetime="(\d+):(\d\d)" data-arrives="(\d+):(\d\d)"'
    shown = {
        (origin, destination): [
            (time_of_day(int(h) * 60 + int(m)), time_of_day(int(to_h) * 60 + int(to_m)))
            for h, m, to_h, to_m in re.findall(times, body)
        ]
        for origin, destination, of, body in blocks
        if of == day_type
    }
    return {pair: several for pair, several in shown.items() if several}


@pytest.mark.slow
def test_the_timetable_page_has_the_usual_connections_of_400_days() -> None:
    with served(with_changes(base_world(), a_cancellation("round-weekday-1000", FIRST))) as client:
        for day in dates(FIRST, FIRST + timedelta(days=399)):
            page = client.get("/timetable", params={"date": day.isoformat()}).text
            expected = {pair: several for pair in PAIRS if (several := usual(base_world(), day, pair))}
            assert on_the_page(page, naive_day_type(base_world(), day)) == expected, day


def of_every_day_type(schedule: Schedule, day: date, pair: tuple[str, str]) -> list[tuple[str, str]]:
    """What the table in force on the day has for the pair, on each day type."""
    several = []
    for day_type in schedule.calendar.day_types:
        override = Override(date=day, day_type=day_type.id, reason="test")
        several += usual(replace(schedule, calendar=replace(schedule.calendar, overrides=(override,))), day, pair)
    return sorted(several)


@pytest.mark.slow
@pytest.mark.parametrize("stop", STOPS)
def test_the_poster_has_the_usual_connections_of_400_days_from_its_stop(stop: str) -> None:
    """A destination's block begins with its name and holds pairs of departure and arrival.

    The one omission is stated: a change of one day, here a departure that is cancelled on the very day, is not on paper.
    """
    world = base_world()
    for day in dates(FIRST, FIRST + timedelta(days=399)):
        changed = with_changes(world, a_cancellation("round-weekday-1000", day))
        expected = {
            world.network.stop_name(there, day): several
            for here, there in PAIRS
            if here == stop and (several := of_every_day_type(world, day, (here, there)))
        }
        assert on_the_poster(changed, day, stop) == expected, day


def on_the_poster(schedule: Schedule, day: date, stop: str) -> dict[str, list[tuple[str, str]]]:
    """Name of a destination -> (departs, arrives) of each departure in its block; empty where there is no poster."""
    try:
        pdf = poster_pdf(schedule, day, "nb", "a3", "", stop=stop)
    except NotFound:
        return {}
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    blocks = dict(re.findall(r"Til ([^\n]+)\n(.*?)(?=\n *Til |$)", text, re.DOTALL))
    return {
        name: sorted((f"{a}:{b}", f"{c}:{d}") for a, b, c, d in re.findall(r"(\d\d)\.(\d\d) (\d\d)\.(\d\d)", block))
        for name, block in blocks.items()
    }
