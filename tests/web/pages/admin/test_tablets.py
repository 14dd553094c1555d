"""Shared tablets: paired by a QR code, limited to their centre, and revoked."""

import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Role
from shuttle.services.access.tablets import add_tablet
from shuttle.services.app_context import AppContext
from shuttle.store.access.tablets import centre_codes, tablets_in_use
from shuttle.store.ridership.boardings import observations_of
from shuttle.store.timetable.schedule import read_schedule
from shuttle.web.server.identity import COOKIE
from tests.web.pages.conftest import ADMIN, session_of

TEN = "/api/v1/departures/2026-11-23.gyldenpris-weekday-1000"
CANCEL = {"kind": "cancel", "reason": "weather"}
CENTRES = frozenset({"mo-gyldenpris", "mo-nesttun"})
only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def browser(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A browser whose requests come from our own pages; nobody is remembered from one request to the next."""
    monkeypatch.setattr("shuttle.services.access.accounts.TRUSTED_SECONDS", 0.0)
    client.headers["sec-fetch-site"] = "same-origin"
    return client


def link_of(context: AppContext, centre: str = "mo-gyldenpris") -> str:
    """The path of a link that pairs a tablet."""
    with context.transaction() as session:
        return f"/login/tablet/{add_tablet(session, ADMIN, 'Ved døra', centre, CENTRES, context.now())}"


def become(browser: TestClient, secret: str) -> TestClient:
    browser.cookies.clear()
    browser.cookies.set(COOKIE, secret)
    return browser


@pytest.fixture
def tablet(browser: TestClient, context: AppContext) -> TestClient:
    """Paired with MO Gyldenpris."""
    assert browser.post(link_of(context)).status_code == 200
    return browser


@pytest.fixture
def other_tablet(browser: TestClient, context: AppContext) -> TestClient:
    """Paired with MO Nesttun, where nothing calls on this day."""
    assert browser.post(link_of(context, "mo-nesttun")).status_code == 200
    return browser


def count(tablet: TestClient, stop: str) -> int:
    answer = tablet.post(f"{TEN}/boardings", json={"stop": stop, "boardings": 2}, headers={"Idempotency-Key": stop})
    return int(answer.status_code)


def test_a_paired_tablet_counts_as_itself_at_its_centre(tablet: TestClient, context: AppContext) -> None:
    page = tablet.get("/staff?stop=mo-nesttun").text
    assert "MO Gyldenpris</h1>" in page and "MO Nesttun</a>" not in page
    assert count(tablet, "mo-gyldenpris") == 201
    with context.reading() as session:
        (row,) = tablets_in_use(session, context.now())
        (observation,) = observations_of(session, TEN.rpartition("/")[2])
    assert (observation.source, observation.role) == (f"tablet:{row.id}", "staff")
    assert (row.paired_at, row.last_used_at) == (context.now(), context.now())
    now = context.now()
    context.now = lambda: now + timedelta(hours=1)
    assert tablet.get("/staff").status_code == 200
    with context.reading() as session:
        assert tablets_in_use(session, context.now())[0].last_used_at == context.now()


@only_sqlite
def test_a_tablet_acts_on_nothing_that_does_not_call_at_its_centre(other_tablet: TestClient) -> None:
    tablet = other_tablet
    assert "MO Nesttun</h1>" in tablet.get("/staff").text
    assert [count(tablet, stop) for stop in ("mo-gyldenpris", "vagsbunnen")] == [403, 403]
    left = {"stop": "vagsbunnen", "kind": "left", "at": "2026-11-23T10:00:00+01:00"}
    assert tablet.post(f"{TEN}/passings", json=left, headers={"Idempotency-Key": "p"}).status_code == 403
    assert tablet.put(f"{TEN}/unserved/vagsbunnen", json={"reason": "road_closed"}).status_code == 403
    assert tablet.put(f"{TEN}/change", json=CANCEL).status_code == 403
    extra = {"stop": "mo-nesttun", "pattern": "gyldenpris", "departs": "20:00", "reason": "event"}
    assert "hører til et annet senter" in tablet.post("/staff/extra", data=extra).text
    assert "done=extra" in str(tablet.post("/staff/extra", data={**extra, "pattern": "nesttun"}).url)
    assert tablet.get("/admin").status_code == 403


@only_sqlite
def test_a_tablet_takes_back_what_calls_at_its_centre_only(tablet: TestClient, context: AppContext) -> None:
    change = tablet.put(f"{TEN}/change", json=CANCEL)
    assert change.status_code == 200
    with context.reading() as session:
        (made,) = read_schedule(session).changes
    mine, back = tablet.cookies[COOKIE], {"stop": "mo-gyldenpris", "change": made.id}
    tablet.cookies.clear()
    tablet.post(link_of(context, "mo-nesttun"))
    assert "hører til et annet senter" in tablet.post("/staff/withdraw", data=back).text
    assert "done=withdrawn" in str(become(tablet, mine).post("/staff/withdraw", data=back).url)


def test_an_administrator_makes_a_qr_code_and_revokes_the_tablet(browser: TestClient, context: AppContext) -> None:
    siri = session_of(context, Role.ADMIN, "Siri")
    page = (
        become(browser, siri).post("/admin/tablets", data={"tablet_name": "Ved døra", "centre": "mo-gyldenpris"}).text
    )
    link = re.search(r"/login/tablet/[\w-]+", page)
    assert link and "QR-kode for Ved døra" in page and "<svg" in page and "Venter på nettbrettet" in page
    assert link[0] not in browser.get("/admin").text, "it is shown once"
    browser.cookies.clear()
    assert "Nettbrett for MO Gyldenpris" in browser.get(link[0]).text
    browser.post(link[0])
    tablet = browser.cookies[COOKIE]
    page = become(browser, siri).get("/admin").text
    match = re.search(r'name="tablet" value="(\w+)"', page)
    assert match and "Venter på nettbrettet" not in page
    assert "Det er gjort." in browser.post("/admin/tablets/revoke", data={"tablet": match[1]}).text
    assert browser.post("/admin/tablets/revoke", data={"tablet": match[1]}).status_code == 422
    for name, centre in (("", "mo-gyldenpris"), ("Ved døra", "vagsbunnen"), ("Ved døra", "x")):
        assert browser.post("/admin/tablets", data={"tablet_name": name, "centre": centre}).status_code == 422
    assert become(browser, tablet).get("/staff").status_code == 401


@only_sqlite
def test_opening_a_link_does_not_use_it_up_and_using_it_does(browser: TestClient, context: AppContext) -> None:
    link = link_of(context)
    answers = [browser.get(link) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert (answers[0].headers["referrer-policy"], answers[0].headers["cache-control"]) == ("no-referrer", "no-store")
    assert browser.post(link, headers={"sec-fetch-site": "cross-site"}).status_code == 401
    assert become(browser, link.rpartition("/")[2]).get("/staff").status_code == 401, (
        "the link's secret is no session's"
    )
    browser.cookies.clear()
    assert browser.post(link).status_code == 200
    browser.cookies.clear()
    assert (browser.get(link).status_code, browser.post(link).status_code) == (404, 404)
    assert browser.get("/login/tablet/unknown").status_code == 404


@only_sqlite
def test_a_link_is_good_for_a_quarter_of_an_hour(browser: TestClient, context: AppContext) -> None:
    link, now = link_of(context), context.now()
    context.now = lambda: now + timedelta(minutes=15)
    assert (browser.get(link).status_code, browser.post(link).status_code) == (404, 404)


@only_sqlite
@pytest.mark.parametrize(
    ("days", "unused", "status"), [(30, True, 200), (31, True, 401), (179, False, 200), (180, False, 401)]
)
def test_a_tablet_ends_with_its_last_day_or_when_nobody_uses_it(
    tablet: TestClient, context: AppContext, days: int, unused: bool, status: int
) -> None:
    now = context.now()
    for day in (days,) if unused else (*range(20, days, 20), days):
        context.now = lambda day=day: now + timedelta(days=day)  # type: ignore[misc]
        answer = tablet.get("/staff")
    assert answer.status_code == status


@only_sqlite
def test_signing_out_asks_for_the_code_and_ends_the_pairing(tablet: TestClient, context: AppContext) -> None:
    cookie = tablet.cookies[COOKIE]
    with context.reading() as session:
        code = centre_codes(session)["mo-gyldenpris"]
    assert 'name="code"' in tablet.post("/logout").text
    assert tablet.post("/logout", data={"code": f"{code}0"}).status_code == 422
    assert tablet.get("/staff").status_code == 200
    tablet.post("/logout", data={"code": f" {code}"})
    assert COOKIE not in tablet.cookies
    assert become(tablet, cookie).get("/staff").status_code == 401


@only_sqlite
def test_a_tablet_reads_only_the_counts_of_its_own_centre(
    tablet: TestClient, browser: TestClient, context: AppContext
) -> None:
    assert count(tablet, "mo-gyldenpris") == 201
    assert tablet.get(f"{TEN}/boardings").status_code == 200
    assert tablet.get("/api/v1/boardings?from=2026-11-23&to=2026-11-23").status_code == 403
    assert tablet.get("/api/v1/ridership?from=2026-11-23&to=2026-11-23").json()["suppressed"] is True
    assert tablet.get("/ridership/trials").status_code == 403
    assert browser.post(link_of(context, "mo-nesttun")).status_code == 200
    assert browser.get(f"{TEN}/boardings").status_code == 403
