"""Every output tells each destination the departures that reach it: what a naive resolver finds, for every pair of stops."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from itertools import permutations

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.provenance import Provenance, Validity
from shuttle.domain.basics.service_time import dates, time_of_day_text
from shuttle.domain.ridership.passings import Passing, PassingKind
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import Pattern, Vehicle
from shuttle.domain.timetable.trips import Publication
from shuttle.feeds.printed.poster import poster_pdf
from shuttle.services.app_context import AppContext
from shuttle.settings import Settings, read_settings
from shuttle.store.ridership.passings import add_passing
from shuttle.web.app import create_app
from tests.builders import (
    PUBLISHED_AT,
    a_cancellation,
    a_retiming,
    a_timetable,
    an_extra,
    trips,
    two_centres,
    with_changes,
    with_hours,
)
from tests.conftest import OSLO, with_schedule
from tests.feeds.ical.calendar_readers import by_ical
from tests.naive import naive_connections, naive_day_type

TODAY = date(2026, 11, 23)
TOWN, GYLDENPRIS, NESTTUN = STOPS = ("vagsbunnen", "mo-gyldenpris", "mo-nesttun")
NAMES = {TOWN: "Vågsbunnen", GYLDENPRIS: "MO Gyldenpris", NESTTUN: "MO Nesttun"}
PAIRS = tuple(permutations(STOPS, 2))
DAYS = dates(TODAY, TODAY + timedelta(days=119))
SECOND_FROM = date(2027, 1, 11)

Times = list[tuple[str, str]]


World = Callable[[], Schedule]


def evenings() -> Schedule:
    """A second table from January: both centres in both orders, one way out, a round by way of town, and one past midnight."""
    schedule = two_centres()
    second = a_timetable(
        "evenings",
        trips("round", "weekday", "10:00", "18:30")
        + trips("other-way", "weekday", "12:00", "19:25")
        + trips("nesttun", "weekday", "16:00", "25:10")
        + trips("town-between", "weekday", "20:40")
        + trips("gyldenpris", "holiday", "11:00")
        + trips("other-way", "holiday", "13:30", "17:00"),
    )
    between = Pattern(id="town-between", stops=(TOWN, NESTTUN, TOWN, GYLDENPRIS, TOWN), headsign="MO Gyldenpris")
    last = SECOND_FROM - timedelta(days=1)
    return replace(
        schedule,
        network=replace(schedule.network, patterns=(*schedule.network.patterns, between)),
        timetables=(*schedule.timetables, second),
        publications=(
            Publication("2024-10", Validity(date(2024, 10, 1), last), PUBLISHED_AT),
            Publication("evenings", Validity(SECOND_FROM), PUBLISHED_AT),
        ),
    )


def published_proposal() -> Schedule:
    """The nine trips a day that the planner proposes for the shipped scenario of MO Nesttun's evenings, published from January."""
    weekday = {
        "round": ("10:00", "15:00", "18:30"),
        "other-way": ("12:00", "13:25", "16:00", "17:00", "19:25", "20:40"),
    }
    holiday = {
        "round": ("18:50",),
        "other-way": ("11:50", "12:40", "13:30", "14:35", "15:30", "16:30"),
        "gyldenpris-and-back": ("11:00", "17:50"),
    }
    proposed = [
        trip
        for day_type, of_pattern in (("weekday", weekday), ("holiday", holiday))
        for pattern, times in of_pattern.items()
        for trip in trips(pattern, day_type, *times)
    ]
    schedule = evenings()
    back = Pattern(id="gyldenpris-and-back", stops=(TOWN, GYLDENPRIS, TOWN), headsign="MO Gyldenpris")
    return replace(
        schedule,
        network=replace(schedule.network, patterns=(*schedule.network.patterns, back)),
        timetables=(schedule.timetables[0], a_timetable("evenings", tuple(proposed))),
    )


def changed() -> Schedule:
    return with_changes(
        evenings(),
        a_cancellation("round-weekday-1000", TODAY + timedelta(days=1), TODAY + timedelta(days=3)),
        a_retiming("other-way-weekday-1200", TODAY + timedelta(days=2), "12:45"),
        an_extra("town-between", TODAY + timedelta(days=4), "21:00"),
        an_extra("nesttun", date(2027, 1, 16), "26:30"),
    )


def oracle(schedule: Schedule, day: date, pair: tuple[str, str]) -> Times:
    pairs = sorted((departs, arrives) for _, departs, arrives in naive_connections(schedule, day, *pair))
    return [(time_of_day_text(departs), time_of_day_text(arrives)) for departs, arrives in pairs]


def on_the_wall(times: Times) -> Times:
    return [(wall(departs), wall(arrives)) for departs, arrives in times]


def wall(time: str) -> str:
    return f"{int(time[:2]) % 24:02d}:{time[3:]}"


class Blocks(HTMLParser):
    """The blocks of a page: (from, to, day type) -> departures and arrivals."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[tuple[str, str, str], Times] = {}
        self.open: tuple[str, str, str] | None = None
        self.depth = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if "data-from" in attributes:
            self.open = (attributes["data-from"], attributes["data-to"], attributes["data-day-type"])
            assert self.open not in self.found, "each block stands once"
            self.found[self.open] = []
        self.depth += self.open is not None and tag == "section"
        if tag == "time":
            assert self.open, "no time stands outside of the blocks"
            self.found[self.open].append((attributes["datetime"], attributes["data-arrives"]))

    def handle_endtag(self, tag: str) -> None:
        self.depth -= self.open is not None and tag == "section"
        if not self.depth:
            self.open = None


def listed(html: str, day: date) -> Times:
    """The rows of the first page: departures, and where it is said, their arrival."""
    page = html[html.index('id="list-heading"') :]
    rows = re.findall(
        r'<li class="([^"]*)" data-departure="([^"]*)" data-state="[^"]*" data-incident="[^"]*">(.*?)</li>\s*(?=<li class|</ol>)',
        page,
        re.DOTALL,
    )
    pairs = []
    for classes, departure, row in rows:
        if "cancelled" not in classes and departure.startswith(day.isoformat()):
            departs, arrives = re.search(r"T(\d\d:\d\d)", row), re.search(r"framme (\d\d)\.(\d\d)", row)
            assert departs and arrives
            pairs.append((departs[1], ":".join(arrives.groups())))
    return pairs


def poster_pairs(text: str, destination: str) -> Times:
    """Departure and arrival of each entry of a destination's block, whatever the column."""
    lines = [line.strip() for line in text.splitlines()]
    start = lines.index(f"Til {destination}")
    ends = (
        n for n, line in enumerate(lines) if n > start and line.startswith(("Til ", "Dager med", "Spørsmål", "Dagens"))
    )
    body = "\n".join(lines[start : next(ends, len(lines))])
    return sorted(
        (a.replace(".", ":"), b.replace(".", ":")) for a, b in re.findall(r"(\d\d\.\d\d)\s+(\d\d\.\d\d)", body)
    )


@pytest.mark.parametrize("world", [evenings, published_proposal])
def test_the_table_and_the_day_agree_with_a_naive_resolver_on_each_date(
    client: TestClient, context: AppContext, world: World
) -> None:
    schedule = world()
    with_schedule(context, schedule)
    for day in DAYS:
        blocks = Blocks(client.get(f"/timetable?date={day}").text).found
        for pair in PAIRS:
            wanted = oracle(schedule, day, pair)
            assert blocks.get((*pair, naive_day_type(schedule, day)), []) == wanted, (day, pair)


@pytest.mark.parametrize("world", [changed, published_proposal])
@pytest.mark.parametrize("pair", PAIRS)
def test_the_api_and_the_first_page_tell_each_date_with_its_changes(
    client: TestClient, context: AppContext, pair: tuple[str, str], world: World
) -> None:
    schedule = world()
    with_schedule(context, schedule)
    for day in DAYS:
        wanted = on_the_wall(oracle(schedule, day, pair))
        query = f"date={day}&from={pair[0]}&to={pair[1]}"
        rows = client.get(f"/api/v1/departures?{query}").json()["departures"]
        running = [row for row in rows if row["status"] != "cancelled"]
        assert [(row["departs_at"][11:16], row["arrives_at"][11:16]) for row in running] == wanted, day
        assert listed(client.get(f"/?{query}&lang=nb").text, day) == wanted, day


@pytest.mark.parametrize("world", [changed, published_proposal])
@pytest.mark.parametrize("pair", PAIRS)
def test_a_calendar_tells_the_same_over_its_window(
    client: TestClient, context: AppContext, pair: tuple[str, str], world: World
) -> None:
    schedule = world()
    with_schedule(context, schedule)
    content = client.get(f"/feeds/departures.ics?from={pair[0]}&to={pair[1]}").content
    seen = sorted(
        (f"{event.starts.astimezone(OSLO):%Y-%m-%d %H:%M}", f"{event.ends.astimezone(OSLO):%H:%M}")
        for event in by_ical(content)
        if not event.cancelled
    )
    wanted = [
        (f"{day + timedelta(days=int(departs[:2]) // 24)} {wall(departs)}", wall(arrives))
        for day in dates(TODAY - timedelta(days=7), TODAY + timedelta(days=90))
        for departs, arrives in oracle(schedule, day, pair)
    ]
    assert seen == sorted(wanted)


@pytest.mark.parametrize("world", [changed, published_proposal])
@pytest.mark.parametrize("day", [TODAY, SECOND_FROM])
@pytest.mark.parametrize("stop", STOPS)
def test_the_poster_s_text_tells_each_destination_its_departures(day: date, stop: str, world: World) -> None:
    schedule = world()
    text = PdfReader(io.BytesIO(poster_pdf(schedule, day, "nb", stop=stop))).pages[0].extract_text()
    regular = replace(schedule, changes=())
    types = {naive_day_type(regular, each): each for each in dates(day, day + timedelta(days=6))}
    for destination in STOPS:
        wanted = [pair for each in types.values() for pair in oracle(regular, each, (stop, destination))]
        if destination != stop and wanted:
            assert poster_pairs(text, NAMES[destination]) == sorted(on_the_wall(wanted))


# What stands beside the times


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.fixture
def shown(client: TestClient, context: AppContext) -> TestClient:
    with_schedule(context, with_hours(two_centres(), NESTTUN, 600, 1260))
    return client


def test_each_departure_names_every_centre_with_its_arrival(shown: TestClient) -> None:
    assert "12.00 MO Nesttun 12.20 · MO Gyldenpris 12.35" in text_of(shown.get("/").text)


def test_the_answer_is_the_next_bus_its_arrival_hours_and_the_one_after(shown: TestClient) -> None:
    text = text_of(shown.get("/?to=mo-nesttun").text).replace("\N{NO-BREAK SPACE}", " ")
    assert "Hvor skal du? MO Gyldenpris 12.00 MO Nesttun 12.00" in text
    assert (
        "Neste buss til MO Nesttun 12.00 Fra Vågsbunnen til MO Nesttun framme kl. 12.20 · åpent til kl. 21.00" in text
    )
    assert "Deretter kl. 15.00" in text


def test_from_a_centre_one_is_told_the_way_home(shown: TestClient) -> None:
    text = text_of(shown.get("/?from=mo-gyldenpris&to=vagsbunnen").text).replace("\N{NO-BREAK SPACE}", " ")
    assert "Neste buss til Vågsbunnen 12.35 Fra MO Gyldenpris til Vågsbunnen framme kl. 12.45" in text


def test_the_way_is_named_where_it_differs(shown: TestClient) -> None:
    text = text_of(shown.get("/timetable").text)
    assert "Til MO Gyldenpris Hverdag 10.00 framme 10.10 12.00 framme 12.35 om MO Nesttun 15.00" in text


def test_a_special_day_names_destinations_or_that_it_is_undecided(shown: TestClient) -> None:
    text = text_of(shown.get("/timetable").text)
    assert "25. desember 2026 Helligdag: 1. juledag Til MO Gyldenpris 11.00, 13.30 Til MO Nesttun 11.00, 13.30" in text
    assert "24. desember 2026 Dag før helligdag: Julaften. Hverdag ikke bestemt ennå" in text


def test_a_missing_way_back_is_told_with_the_hours(client: TestClient) -> None:
    """Today's table names one direction only."""
    page = text_of(client.get("/?to=mo-gyldenpris").text).replace("\N{NO-BREAK SPACE}", " ")
    assert "Det går ingen buss tilbake fra MO Gyldenpris til Vågsbunnen denne dagen." in page
    assert "MO Gyldenpris er åpent til kl. 22.00." in page
    assert "Det går ingen buss tilbake fra MO Gyldenpris" in text_of(client.get("/").text), "also to who has not chosen"
    table = text_of(client.get("/timetable").text).replace("\N{NO-BREAK SPACE}", " ")
    assert table.count("Det går ingen buss tilbake fra MO Gyldenpris til Vågsbunnen.") == 2, "on either kind of day"
    assert "MO Gyldenpris er åpent til kl. 18.00. Antatt" in table


def test_who_takes_the_last_bus_is_told_that_none_goes_back_after_it(client: TestClient, context: AppContext) -> None:
    schedule = two_centres()
    several = (*schedule.timetables[0].trips, *trips("nesttun", "weekday", "20:00"))
    with_schedule(context, replace(schedule, timetables=(replace(schedule.timetables[0], trips=several),)))
    assert "tilbake" not in client.get("/?to=mo-nesttun").text
    context.now = lambda: datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
    text = text_of(client.get("/?to=mo-nesttun").text).replace("\N{NO-BREAK SPACE}", " ")
    assert "Etter kl. 20.20 går det ingen buss tilbake fra MO Nesttun til Vågsbunnen denne dagen." in text


def test_in_the_evening_the_next_day_s_first_bus_is_as_large_as_today_s(shown: TestClient, context: AppContext) -> None:
    context.now = lambda: datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
    page = shown.get("/").text
    assert re.search(r'class="next-clock"><time datetime="2026-11-24T10:00:00\+01:00"[^>]*>10\.00<', page)
    assert "Neste er tirsdag 24. november 2026 kl.\N{NO-BREAK SPACE}10.00." in page


def test_a_place_that_nothing_goes_to_is_said_to_have_no_bus(client: TestClient) -> None:
    text = text_of(client.get("/?to=mo-nesttun").text)
    assert "Det går ingen buss fra Vågsbunnen til MO Nesttun de neste 14 dagene." in text


def test_one_stop_twice_is_no_journey(client: TestClient) -> None:
    page = client.get("/?from=mo-gyldenpris&to=mo-gyldenpris")
    assert page.status_code == 422
    assert "Du er allerede ved MO Gyldenpris. Velg et annet sted." in text_of(page.text)


def test_after_midnight_yesterday_s_buses_are_still_there(client: TestClient, context: AppContext) -> None:
    late = with_changes(evenings(), an_extra("gyldenpris", TODAY, "26:30"))
    with_schedule(context, late)
    context.now = lambda: datetime(2026, 11, 24, 0, 30, tzinfo=UTC)  # half past one at night
    text = text_of(client.get("/").text)
    assert "Neste avgang 02.30 natt til tirsdag" in text
    assert "Natt etter mandag 02.30 MO Gyldenpris" in text
    context.now = lambda: datetime(2026, 11, 24, 2, 45, tzinfo=UTC)  # an hour and five minutes after its arrival
    assert "Natt etter mandag" not in text_of(client.get("/").text)


def test_a_departure_past_midnight_is_marked_as_the_night_after(client: TestClient, context: AppContext) -> None:
    with_schedule(context, evenings())
    page = client.get(f"/timetable?date={SECOND_FROM}").text
    assert re.search(
        r'datetime="25:10" data-arrives="25:30">01\.10</time> <span>framme 01\.30 .*natt til neste dag', page
    )
    assert "Natt til tirsdag" in client.get(f"/?date={SECOND_FROM}").text


# A bus that was reported, and one that was not


def at_minute(context: AppContext, hour: int, minute: int) -> None:
    context.now = lambda: datetime(2026, 11, 23, hour - 1, minute, tzinfo=UTC)


def reported(
    context: AppContext, kind: PassingKind, stop: str, departure: str = "2026-11-23.round-weekday-1500"
) -> None:
    with context.transaction() as session:
        add_passing(
            session,
            Passing(
                key=f"{kind}-{stop}",
                departure=departure,
                stop=stop,
                kind=kind,
                at=context.now(),
                said_by="kari",
                said_at=context.now(),
            ),
        )


def test_a_bus_that_nobody_reported_as_left_is_not_gone(shown: TestClient, context: AppContext) -> None:
    at_minute(context, 15, 10)
    text = text_of(shown.get("/").text).replace("\N{NO-BREAK SPACE}", " ")
    assert "Bussen kl. 15.00 er ikke meldt kjørt ennå. Den kan være forsinket." in text
    assert re.search(r"15\.00 MO Gyldenpris 15\.10 · MO Nesttun 15\.25 Ikke meldt kjørt ennå", text)
    assert "Neste avgang 17.00" in text
    at_minute(context, 15, 31)
    assert "kke meldt kjørt" not in shown.get("/").text


def test_a_bus_that_was_reported_as_left_is_gone_at_once(shown: TestClient, context: AppContext) -> None:
    at_minute(context, 14, 58)
    reported(context, PassingKind.LEFT, TOWN)
    text = text_of(shown.get("/").text)
    assert "Kjørte 14.58" in text
    assert "Neste avgang 17.00" in text
    there = text_of(shown.get("/?stop=mo-gyldenpris").text)
    assert "Neste avgang 15.10" in there, "it has not left the next stop yet"


def test_who_has_reached_a_later_stop_has_left_those_before(shown: TestClient, context: AppContext) -> None:
    at_minute(context, 15, 12)
    reported(context, PassingKind.ARRIVED, GYLDENPRIS)
    assert "kke meldt kjørt" not in shown.get("/").text
    assert "Bussen kl" in shown.get("/?stop=mo-gyldenpris").text, "it stands there, and has not left"


# What else a passenger needs


def test_the_number_to_ring_stands_on_page_table_and_poster(context: AppContext) -> None:
    with TestClient(create_app(context, Settings(telephone="55 56 00 00"))) as client:
        for path in ("/", "/timetable"):
            assert '<a class="ds-link" href="tel:55560000">55 56 00 00</a>' in client.get(path).text
        poster = PdfReader(io.BytesIO(client.get("/timetable.pdf").content)).pages[0].extract_text()
        assert "Spørsmål? Ring 55 56 00 00" in poster
    with TestClient(create_app(context, Settings())) as client:
        assert "tel:" not in client.get("/").text


@pytest.mark.parametrize("number", ["ring oss", "javascript:1", "55-56", "<b>1</b>", "1"])
def test_what_cannot_be_rung_is_refused_at_start(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    monkeypatch.setenv("SHUTTLE_TELEPHONE", number)
    with pytest.raises(Invalid, match="SHUTTLE_TELEPHONE"):
        read_settings()


@pytest.mark.parametrize(
    ("places", "assumed", "says"),
    [
        (2, False, "Bussen har plass til 2 rullestoler."),
        (1, True, "Bussen har plass til 1 rullestol. Antatt"),
        (0, False, "Bussen har ikke plass til rullestol."),
        (0, True, "Det er ikke bekreftet om bussen har plass til rullestol."),
    ],
)
def test_places_for_wheelchairs_are_told(
    client: TestClient, context: AppContext, places: int, assumed: bool, says: str
) -> None:
    schedule = two_centres()
    vehicle = Vehicle(
        id="bus",
        seats=8,
        wheelchair_places=places,
        provenance=Provenance(assumed=assumed, reason="Anslått" if assumed else ""),
    )
    with_schedule(context, replace(schedule, network=replace(schedule.network, vehicles=(vehicle,))))
    assert says in text_of(client.get("/").text)


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("nb", ("Hvor skal du?", "Neste buss til MO Gyldenpris", "om MO Nesttun", "framme kl. 12.35")),
        ("nn", ("Kvar skal du?", "Neste buss til MO Gyldenpris", "om MO Nesttun", "framme kl. 12.35")),
        ("en", ("Where are you going?", "Next bus to MO Gyldenpris", "via MO Nesttun", "arrives 12:35")),
    ],
)
def test_the_answer_is_given_in_each_language(shown: TestClient, language: str, says: tuple[str, ...]) -> None:
    text = text_of(shown.get(f"/?to=mo-gyldenpris&lang={language}").text).replace("\N{NO-BREAK SPACE}", " ")
    for words in says:
        assert words in text
