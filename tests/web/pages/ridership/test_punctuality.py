"""Punctuality page in three languages, and measured running times that a planner takes into the network."""

from datetime import date, timedelta

import pytest

from shuttle.domain.access.permissions import Role
from shuttle.domain.basics.service_time import instant
from shuttle.domain.ridership.passings import Passing, PassingKind
from shuttle.language import LANGUAGES, words
from shuttle.services.app_context import AppContext
from shuttle.store.ridership.passings import add_passing
from tests.conftest import NOON, OSLO
from tests.web.pages.conftest import SignIn

DAY = NOON.astimezone(OSLO).date()
FIRST = DAY - timedelta(days=28)
LINK = {"origin": "vagsbunnen", "destination": "mo-gyldenpris"}


def drive(context: AppContext, days: int, late: int, minutes: int) -> None:
    """Every departure of `days` days reported at both ends."""
    with context.transaction() as session:
        for day in (FIRST + timedelta(days=n) for n in range(days)):
            for departure in context.schedule().departures_on(day).departures:
                left = departure.departs + late
                for stop, kind, minute in (
                    ("vagsbunnen", PassingKind.LEFT, left),
                    ("mo-gyldenpris", PassingKind.ARRIVED, left + minutes),
                ):
                    at = instant(day, minute, OSLO)
                    passing = Passing(
                        key=f"{departure.id}{kind}",
                        departure=departure.id,
                        stop=stop,
                        kind=kind,
                        at=at,
                        said_by="Kari",
                        said_at=at,
                    )
                    add_passing(session, passing)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_coordinator_reads_what_was_on_time_late_and_not_reported(
    signed_in: SignIn, context: AppContext, language: str
) -> None:
    drive(context, 7, late=12, minutes=14)
    client, w = signed_in(Role.READER), words(language)
    span = {"from": FIRST.isoformat(), "to": (FIRST + timedelta(days=13)).isoformat(), "lang": language}
    page = client.get("/ridership/punctuality", params=span).text
    due = sum(len(context.schedule().departures_on(FIRST + timedelta(days=n)).departures) for n in range(7))
    assert w.say("punctuality.of_reported", n=w.number(due)) in page
    assert w.say("punctuality.of_run", n=w.number(2 * due)) in page
    assert w.percent(0) in page and w.say("punctuality.minutes", n=14) in page
    assert "Kari" not in page and w.say("punctuality.take") not in page
    assert "/ridership/punctuality" in client.get("/ridership").text
    chart = client.get("/ridership/punctuality/chart.json", params=span).json()
    assert sum(each["departures"] for each in chart["data"]["values"]) == 2 * due


def test_a_planner_takes_measured_times_into_the_network_from_a_date(signed_in: SignIn, context: AppContext) -> None:
    drive(context, 7, late=0, minutes=14)
    client, holds = signed_in(Role.PLANNER), DAY + timedelta(days=30)
    form = {**LINK, "percent": "85", "from": FIRST.isoformat(), "to": DAY.isoformat(), "holds": holds.isoformat()}
    late = client.post("/ridership/punctuality/running-time", data=form | {"holds": "2020-01-01"})
    assert late.status_code == 422 and "er passert, og det som gjaldt da" in late.text
    answer = client.post("/ridership/punctuality/running-time", data=form, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/plan/places/network?done=running_time")
    network = context.schedule().network

    def link(day: date) -> tuple[int, bool, str]:
        running = network.on(day).running_time(LINK["origin"], LINK["destination"])
        return running.minutes(600), running.provenance.assumed, running.provenance.source

    assert link(holds - timedelta(days=1))[:2] == (10, True)
    minutes, assumed, source = link(holds)
    assert (minutes, assumed) == (14, False) and source.startswith("Målt: 85. persentil")
    assert context.schedule().departures_on(holds).departures[0].calls[-1].arrives == 614 or holds.weekday() > 4


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"percent": "84"}, "84 er ikke en persentil"),
        ({"percent": "<b>"}, "&lt;b&gt; er ikke en persentil"),
        ({"holds": ""}, "Skriv datoen det gjelder fra"),
        ({"origin": "mars"}, "Kjøretiden er ikke kjent på denne strekningen"),
        ({"from": "x"}, "«x»"),
        ({}, "målt for få ganger"),
    ],
)
def test_a_refused_proposal_says_why_and_changes_nothing(
    signed_in: SignIn, context: AppContext, wrong: dict[str, str], message: str
) -> None:
    client, before = signed_in(Role.PLANNER), context.versioned_schedule()[0]
    whole = {"percent": "85", "from": FIRST.isoformat(), "to": DAY.isoformat(), "holds": "2030-01-01"}
    answer = client.post("/ridership/punctuality/running-time", data={**LINK, **whole, **wrong})
    summary = answer.text.partition('id="errors"')[2].partition("</div>")[0]
    assert answer.status_code == 422 and message in summary
    assert context.versioned_schedule()[0] == before


def test_a_wrong_percentile_or_span_in_the_address_is_told(signed_in: SignIn) -> None:
    client = signed_in(Role.PLANNER)
    for query in ("percent=1", "from=yesterday", "from=2026-02-01&to=2026-01-01"):
        assert client.get(f"/ridership/punctuality?{query}").status_code == 422
