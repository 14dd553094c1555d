"""The pages that everyone may read, as they come over HTTP: whole before any script runs."""

import re
from datetime import UTC, date, datetime

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.timetable.changes import ChangeKind, ReasonCode
from shuttle.services.app_context import AppContext
from shuttle.services.timetable.changes import ChangeRequest, change_departures

PLANNER = Person("p", "Planner", Role.PLANNER)
TODAY = date(2026, 11, 23)


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def change(context: AppContext, wanted: ChangeRequest) -> None:
    with context.transaction() as session:
        change_departures(session, PLANNER, wanted, context.now())


def test_today_shows_the_next_departure_and_the_whole_day(client: TestClient) -> None:
    page = client.get("/")
    text = text_of(page.text)
    assert page.status_code == 200
    assert '<html lang="nb"' in page.text
    assert "Mandag 23. november 2026" in text
    assert "Neste avgang 12.00" in text, "the house's clock stands at 12.00, and it is leaving now"
    for time in ("10.00", "12.00", "15.00", "17.00", "18.30"):
        assert time in text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nb", "Helligdag: Kristi himmelfartsdag"),
        ("nn", "Heilagdag: Kristi himmelfartsdag"),
        ("en", "Public holiday: Ascension Day"),
    ],
)
def test_a_day_says_why_it_runs_as_it_does(client: TestClient, language: str, words: str) -> None:
    page = client.get(f"/?date=2026-05-14&lang={language}")
    assert f'<html lang="{language}"' in page.text
    assert words in text_of(page.text)


def test_a_language_once_chosen_is_remembered(client: TestClient) -> None:
    client.get("/?lang=nn")
    assert "Avgangar i dag" in client.get("/").text


def test_a_cancelled_departure_stays_and_says_why(client: TestClient, context: AppContext) -> None:
    change(
        context,
        ChangeRequest(
            kind=ChangeKind.CANCEL, first=TODAY, last=TODAY, reason=ReasonCode.WEATHER, trip="gyldenpris-weekday-1700"
        ),
    )
    text = text_of(client.get("/").text)
    assert re.search(r"17\.00 MO Gyldenpris Grunn: Været Innstilt", text), text


def test_the_next_departure_is_never_a_cancelled_one(client: TestClient, context: AppContext) -> None:
    change(
        context,
        ChangeRequest(
            kind=ChangeKind.CANCEL, first=TODAY, last=TODAY, reason=ReasonCode.WEATHER, trip="gyldenpris-weekday-1200"
        ),
    )
    assert "Neste avgang 15.00" in text_of(client.get("/").text)


def test_when_the_day_is_over_the_page_names_the_next_day(client: TestClient, context: AppContext) -> None:
    context.now = lambda: datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
    assert "Neste er tirsdag 24. november 2026 kl.\xa010.00" in client.get("/").text


def test_a_stop_shows_what_calls_there(client: TestClient) -> None:
    text = text_of(client.get("/?stop=mo-gyldenpris&date=2026-11-24").text)
    assert "10.10 fra Vågsbunnen" in text


def test_what_nobody_has_confirmed_is_said(client: TestClient) -> None:
    text = text_of(client.get("/").text)
    assert "Tidene for når bussen er framme, er anslått." in text
    assert "framme ca. 17.10" in text


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("date=14.5.26", "Datoen «14.5.26» kan ikke leses. Skriv den som 14.05.2026."),
        ("date=1999-01-01", "Datoen «1999-01-01» kan ikke leses."),
        (
            "stop=nowhere",
            "Holdeplassen «nowhere» finnes ikke. Velg en av disse: Vågsbunnen, MO Gyldenpris, MO Nesttun.",
        ),
    ],
)
def test_a_question_that_cannot_be_read_is_answered_with_what_to_do(client: TestClient, query: str, says: str) -> None:
    page = client.get(f"/?{query}")
    assert page.status_code == 422
    assert says in text_of(page.text)
    assert "Neste avgang" in text_of(page.text), "and today is shown all the same"


def test_what_a_reader_types_cannot_become_markup(client: TestClient) -> None:
    assert "<script>alert" not in client.get("/?date=<script>alert(1)</script>").text


def test_the_timetable_has_regular_times_first_special_dates_beneath(client: TestClient) -> None:
    text = text_of(client.get("/timetable").text)
    assert "Gjelder fra 1. oktober 2024" in text
    assert text.index("Hverdag") < text.index("Helg og helligdag") < text.index("Andre tider disse dagene")
    assert "Fredag 25. desember 2026 Helligdag: 1. juledag 11.00, 13.30, 15.30" in text


def test_a_page_that_does_not_exist_says_so_in_the_language_of_the_reader(client: TestClient) -> None:
    client.get("/?lang=nn")
    page = client.get("/finst-ikkje")
    assert page.status_code == 404
    assert "Sida finst ikkje" in page.text


def test_the_calendar_of_the_stop_that_is_shown_is_offered(client: TestClient) -> None:
    page = client.get("/?stop=mo-gyldenpris&lang=nn").text
    assert 'href="webcal://testserver/feeds/stops/mo-gyldenpris.ics?lang=nn"' in page


def test_no_page_has_script_or_style_of_its_own_in_it(client: TestClient) -> None:
    for path in ("/", "/timetable", "/nope"):
        html = client.get(path).text.replace('<script type="application/ld+json">', "")  # data, which no browser runs
        assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=", html), path


def test_static_files_are_kept_for_a_year_under_their_build_only(client: TestClient) -> None:
    address = re.search(r"/static/\w+/shuttle\.css", client.get("/").text)
    assert address
    kept = client.get(address[0])
    assert "immutable" in kept.headers["cache-control"]
    assert client.get(address[0], headers={"If-None-Match": kept.headers["etag"]}).status_code == 304
    assert client.get("/static/older/shuttle.css").headers["cache-control"] == "no-cache"
    assert client.get("/static/older/../../settings.py").status_code == 404
