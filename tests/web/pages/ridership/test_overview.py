"""Ridership page: figures, charts that are valid Vega-Lite, and the same numbers in tables."""

from datetime import timedelta

import altair
import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.ridership.trials import Measure, Trial
from shuttle.language import LANGUAGES, words
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.boardings import record_and_wait
from shuttle.services.ridership.releases import freeze_due
from shuttle.services.ridership.trials import plan_trial
from shuttle.web.server.identity import COOKIE
from tests.web.pages.conftest import SignIn, session_of

DRIVER = Person("d", "Bus", Role.DRIVER)


@pytest.fixture
def counted(context: AppContext) -> None:
    for back, boardings in ((3, 7), (10, 2), (11, 0)):
        day = context.today() - timedelta(back)
        count = Count(departure=f"{day}.gyldenpris-weekday-1000", stop="vagsbunnen", boardings=boardings)
        record_and_wait(context, DRIVER, count, f"key-{back}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_sums_and_what_nobody_counted(signed_in: SignIn, counted: None, language: str) -> None:
    page = signed_in(Role.STAFF).get(f"/ridership?lang={language}").text
    w = words(language)
    assert f"<dd>9<small>{w.say('ridership.on_counted')}" in page
    assert f"<dd>{w.number(3, 1)}<small>" in page
    assert w.say("ridership.missing_is_not_zero") in page
    assert w.at_clock(12 * 60) in page.partition('id="uncounted"')[2]


@pytest.mark.parametrize("name", ["trend", "heat", "day"])
def test_a_picture_is_valid_and_never_draws_missing_as_zero(signed_in: SignIn, counted: None, name: str) -> None:
    document = signed_in(Role.STAFF).get(f"/ridership/charts/{name}.json").json()
    altair.Chart.from_dict({**document, "$schema": altair.SCHEMA_URL}, validate=True)
    values = document["data"]["values"]
    assert {value["mean"] for value in values} >= {None}
    assert all(value["written"] == "" for value in values if value["mean"] is None)


def test_a_departure_counted_as_zero_is_drawn_as_zero(signed_in: SignIn, counted: None) -> None:
    values = signed_in(Role.STAFF).get("/ridership/charts/heat.json").json()["data"]["values"]
    drawn = {value["week"]: value["mean"] for value in values if value["departure"] == "10.00"}
    assert drawn["2026-11-09"] == 1.0  # 2 on one departure, an explicit 0 on another
    assert drawn["2026-11-16"] == 7.0


def test_a_span_without_counts_says_so_instead_of_drawing_nothing(signed_in: SignIn) -> None:
    page = signed_in(Role.STAFF).get("/ridership").text
    assert words("nb").say("ridership.nothing") in page
    assert "data-chart" not in page


@pytest.mark.parametrize("query", ["from=2026-11-24&to=2026-11-01", "from=tomorrow", "from=2001-01-01&to=2026-01-01"])
def test_a_bad_span_is_said_at_the_field_and_keeps_what_was_typed(signed_in: SignIn, query: str) -> None:
    answer = signed_in(Role.STAFF).get(f"/ridership?{query}")
    assert answer.status_code == 422
    assert 'id="errors"' in answer.text
    assert query.partition("&")[0].partition("=")[2] in answer.text


def test_a_picture_that_does_not_exist_is_not_found(signed_in: SignIn) -> None:
    assert signed_in(Role.STAFF).get("/ridership/charts/rider.json").status_code == 404


def test_nobody_and_a_driver_see_no_figures(client: TestClient, signed_in: SignIn) -> None:
    assert client.get("/ridership", follow_redirects=False).status_code in (303, 401)
    assert signed_in(Role.DRIVER).get("/ridership").status_code == 403


def test_a_reader_sees_what_was_released_and_why_some_is_hidden(signed_in: SignIn, context: AppContext) -> None:
    client = signed_in(Role.READER)
    assert words("nb").say("ridership.nothing_released") in client.get("/ridership").text
    for back, boardings in ((40, 6), (41, 3), (44, 2)):
        day = context.today() - timedelta(back)
        trip = context.schedule().departures_on(day).departures[0].trip
        record_and_wait(
            context, DRIVER, Count(departure=f"{day}.{trip}", stop="vagsbunnen", boardings=boardings), f"key-{back}"
        )
    freeze_due(context, Person("a", "Admin", Role.ADMIN), 5)
    page = client.get("/ridership").text
    assert "<dd>11</dd>" in page
    assert "<dd>2</dd>" not in page
    assert words("nb").say("ridership.why_hidden", n=5) in page
    for file_format in ("pdf", "html", "csv"):
        link = f"/api/v1/reports?from=2026-10-05&to=2026-10-18&format={file_format}&lang=nb"
        assert link.replace("&", "&amp;") in page
        assert client.get(link).status_code == 200
    assert client.get("/ridership/charts/heat.json").status_code == 403


def test_a_trial_is_written_down_decided_and_stays(signed_in: SignIn, context: AppContext) -> None:
    client = signed_in(Role.PLANNER)
    form = {
        "question": "Kommer flere om kvelden?",
        "measure": "boardings_per_departure",
        "baseline_from": "2026-10-01",
        "baseline_to": "2026-11-20",
        "starts": "2026-11-24",
        "weeks": "6",
        "goal": "4,5",
        "stop_rule": "tilbake til gammel tabell",
    }
    wrong = client.post("/ridership/trials", data=form | {"goal": "mange"})
    assert wrong.status_code == 422
    assert "Kommer flere om kvelden?" in wrong.text, "nobody loses what they typed"
    late = client.post("/ridership/trials", data=form | {"starts": "2026-11-23"})
    assert late.status_code == 422
    assert client.post("/ridership/trials", data=form, follow_redirects=False).status_code == 303
    page = client.get("/ridership/trials").text
    assert "Kommer flere om kvelden?" in page
    assert words("nb").number(4.5, 1) in page
    later = context.now() + timedelta(days=60)
    context.now = lambda: later
    client.cookies.set(COOKIE, session_of(context, Role.PLANNER, "kari-again"))  # the session of 60 days ago has ended
    trial = page.partition('aria-labelledby="trial-')[2].partition('"')[0]
    decided = client.post("/ridership/trials/close", data={"trial": f"trial-{trial}", "outcome": "stopped"})
    assert words("nb").say("trials.outcome.stopped") in decided.text
    assert "Kommer flere om kvelden?" in decided.text


def test_staff_read_trials_and_cannot_plan_them(signed_in: SignIn) -> None:
    client = signed_in(Role.STAFF)
    assert words("nb").say("trials.save") not in client.get("/ridership/trials").text
    assert client.post("/ridership/trials", data={"question": "x"}).status_code == 403


def test_the_trend_marks_where_a_timetable_and_a_trial_begin(
    signed_in: SignIn, context: AppContext, counted: None
) -> None:
    now = context.now()
    context.now = lambda: now - timedelta(days=20)
    span = Span(context.today() - timedelta(20), context.today())
    trial = Trial(
        id="",
        question="Flere om kvelden?",
        measure=Measure.BOARDINGS_PER_DEPARTURE,
        baseline=span,
        starts=context.today() + timedelta(5),
        weeks=6,
        goal=4,
        stop_rule="stopp",
    )
    plan_trial(context, Person("a", "Admin", Role.ADMIN), trial)
    context.now = lambda: now
    layers = signed_in(Role.STAFF).get("/ridership/charts/trend.json").json()["layer"]
    assert layers[3]["data"]["values"] == [{"week": "2026-11-02", "name": "Flere om kvelden?"}]


def test_two_differing_counts_stand_side_by_side_the_valid_one_first(signed_in: SignIn, context: AppContext) -> None:
    departure = f"{context.today() - timedelta(3)}.gyldenpris-weekday-1000"
    for person, boardings in ((DRIVER, 5), (Person("s", "Dør", Role.STAFF), 6)):
        record_and_wait(
            context, person, Count(departure=departure, stop="vagsbunnen", boardings=boardings), f"key-{person.id}"
        )
    page = signed_in(Role.STAFF).get("/ridership").text.partition('id="disputed"')[2]
    w = words("nb")
    first = w.say("ridership.says.on", role=w.say("role.driver"), boardings="5", alightings="–")
    second = w.say("ridership.says.off", role=w.say("role.staff"), boardings="6", alightings="–")
    assert f"{first}; {second}" in page
