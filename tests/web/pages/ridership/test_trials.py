"""Trials page in three languages: trials, results, and faults at their fields."""

import random
from datetime import UTC, date, datetime, timedelta
from html import escape

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.ridership.trials import Outcome
from shuttle.language import LANGUAGES, words
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.boardings import accepted
from shuttle.services.ridership.trials import close_trial, trials
from shuttle.store.ridership.boardings import Arrival
from shuttle.store.tables.ridership import TrialRow
from shuttle.web.server.identity import COOKIE
from tests.web.pages.conftest import SignIn, session_of

DRIVER, PLANNER = Person("d", "Bus", Role.DRIVER), Person("p", "Plan", Role.PLANNER)
STARTS = date(2026, 11, 30)
GIVEN = {
    "question": "Kommer <flere> når bussen går kl. 20.00?",
    "measure": "boardings_per_departure",
    "stop": "",
    "baseline_from": "2026-10-26",
    "baseline_to": "2026-11-22",
    "starts": STARTS.isoformat(),
    "weeks": "4",
    "goal": "4,5",
    "stop_rule": "Tilbake til den gamle tabellen",
}


def ride(context: AppContext, first: date, days: int, mean: int) -> None:
    """Every departure counted, around a mean."""
    chance, waiting = random.Random(mean), []
    for day in range(days):
        for departure in context.schedule().departures_on(first + timedelta(day)).departures:
            count = Count(
                departure=departure.id, stop="vagsbunnen", boardings=chance.randint(max(mean - 2, 0), mean + 2)
            )
            arrival = accepted(context, DRIVER, count, departure.id)
            assert isinstance(arrival, Arrival)
            waiting.append(context.writer.put(arrival))
    for promise in waiting:
        promise.result()


def written_down(client: TestClient) -> None:
    answer = client.post("/ridership/trials", data=GIVEN, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/ridership/trials?done=planned")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_trial_is_written_down_and_shown_with_its_goal_and_its_rule(signed_in: SignIn, language: str) -> None:
    client, w = signed_in(Role.PLANNER), words(language)
    assert w.say("trials.none") in client.get(f"/ridership/trials?lang={language}").text
    written_down(client)
    page = client.get(f"/ridership/trials?lang={language}").text
    assert "Kommer &lt;flere&gt; når bussen" in page
    for text in ("trials.finding.not_counted", "trials.measure.boardings_per_departure", "trials.model"):
        assert w.say(text) in page
    assert f"<dd>{w.number(4.5, 1)}<small>" in page
    assert w.say("trials.phase", first=w.date_short(STARTS), last=w.date_short(date(2026, 12, 27))) in page
    assert "/ridership/trials/close" not in page  # it has not started


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_trial_that_failed_and_was_stopped_stays_with_its_figures(
    signed_in: SignIn, context: AppContext, language: str
) -> None:
    client, w = signed_in(Role.PLANNER), words(language)
    written_down(client)
    context.now = lambda: datetime(2026, 12, 28, 12, tzinfo=UTC)
    ride(context, date(2026, 10, 26), 28, 6)
    ride(context, STARTS, 28, 2)
    close_trial(context, PLANNER, trials(context, PLANNER)[0][0].id, Outcome.STOPPED)
    client = signed_in_again(client, context)
    page = client.get(f"/ridership/trials?lang={language}").text
    for text in ("trials.finding.not_reached", "trials.verdict.fewer", "trials.outcome.stopped"):
        assert w.say(text) in page
    assert w.say("trials.coverage", counted="124", due="124") in page
    assert "/ridership/trials/close" not in page  # it is decided


def signed_in_again(client: TestClient, context: AppContext) -> TestClient:
    """The old session is over by then."""
    client.cookies.set(COOKIE, session_of(context, Role.PLANNER, "later"))
    return client


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("question", "  ", "bad-question"),
        ("stop_rule", "x", "bad-stop-rule"),
        ("measure", "happiness", "bad-measure"),
        ("stop", "mo-nowhere", "unknown-stop"),
        ("baseline_from", "2026-11-23", "bad-span"),
        ("baseline_to", "2026-11-31", "bad-date"),
        ("baseline_to", "2026-12-05", "baseline-after-start"),
        ("starts", "2026-11-23", "trial-too-late"),
        ("weeks", "2,5", "bad-weeks"),
        ("weeks", "0", "bad-weeks"),
        ("goal", "mange", "bad-goal"),
    ],
)
def test_a_fault_stands_at_its_field_in_the_reader_s_language(
    signed_in: SignIn, field: str, value: str, code: str
) -> None:
    client = signed_in(Role.PLANNER)
    for language in LANGUAGES:
        w = words(language)
        answer = client.post(f"/ridership/trials?lang={language}", data=GIVEN | {field: value})
        assert answer.status_code == 422
        message = w.say(f"fault.{code}", given=value, allowed="")
        assert f'href="#{field}">{message}' in answer.text
        assert 'value="Tilbake til den gamle tabellen"' in answer.text or field == "stop_rule"
        assert w.say("trials.none") in answer.text


def test_a_trial_is_decided_once(signed_in: SignIn, context: AppContext) -> None:
    client = signed_in(Role.PLANNER)
    written_down(client)
    (trial, _) = trials(context, PLANNER)[0]
    answer = client.post("/ridership/trials/close?lang=nn", data={"trial": trial.id, "outcome": "stopped"})
    assert words("nn").say("fault.trial-not-started") in answer.text
    context.now = lambda: datetime(2026, 12, 1, 12, tzinfo=UTC)
    client = signed_in_again(client, context)
    assert "/ridership/trials/close" in client.get("/ridership/trials").text
    answer = client.post(
        "/ridership/trials/close", data={"trial": trial.id, "outcome": "stopped"}, follow_redirects=False
    )
    assert answer.headers["location"] == "/ridership/trials?done=closed"
    answer = client.post("/ridership/trials/close?lang=nn", data={"trial": trial.id, "outcome": "continued"})
    assert words("nn").say("fault.trial-closed") in answer.text


def test_the_baseline_is_shown_before_the_goal_is_set(signed_in: SignIn, context: AppContext) -> None:
    client = signed_in(Role.PLANNER)
    ride(context, date(2026, 10, 26), 28, 6)
    page = client.post("/ridership/trials?lang=nb", data=GIVEN | {"goal": "", "act": "look"}).text
    assert "124 av 124 avganger er talt" in page
    assert "blir en endring på minst" in page
    assert words("nb").say("trials.none") in page, "nothing was planned"


def test_staff_read_trials_and_write_none(signed_in: SignIn) -> None:
    client = signed_in(Role.STAFF)
    assert 'name="question"' not in client.get("/ridership/trials").text
    assert client.post("/ridership/trials", data=GIVEN).status_code == 403


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_trial_is_deleted_on_its_page_until_it_is_decided(
    signed_in: SignIn, context: AppContext, language: str
) -> None:
    client, w = signed_in(Role.PLANNER), words(language)
    written_down(client)
    (trial, _) = trials(context, PLANNER)[0]
    assert w.say("trials.delete") in client.get(f"/ridership/trials?lang={language}").text
    answer = client.post("/ridership/trials/delete", data={"trial": trial.id}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/ridership/trials?done=deleted")
    page = client.get(f"/ridership/trials?done=deleted&lang={language}").text
    assert w.say("trials.done.deleted") in page and w.say("trials.none") in page
    again = client.post(f"/ridership/trials/delete?lang={language}", data={"trial": trial.id})
    assert again.status_code == 422 and w.say("fault.unknown-trial") in again.text


def test_a_stored_trial_of_impossible_dates_is_shown_and_can_be_deleted(signed_in: SignIn, context: AppContext) -> None:
    client = signed_in(Role.PLANNER)
    written_down(client)
    with context.transaction() as session:
        row = session.scalars(select(TrialRow)).one()
        row.baseline_first = date.min
        name = row.id
    page = client.get("/ridership/trials").text
    assert words("nb").say("trials.unreadable", question=escape(GIVEN["question"])) in page
    assert f'value="{name}"' in page
    client.post("/ridership/trials/delete", data={"trial": name})
    assert f'value="{name}"' not in client.get("/ridership/trials").text
