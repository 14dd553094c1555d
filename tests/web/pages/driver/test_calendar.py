"""A driver's calendar over HTTP: its address is a secret, and all wrong addresses get the same answer."""

import re
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import date, timedelta

import icalendar
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from shuttle.domain.access.permissions import Role
from shuttle.services.access.account_changes import disable_account
from shuttle.services.access.accounts import create_token, hashed
from shuttle.services.app_context import AppContext
from shuttle.services.duties.duty_calendars import make_calendar
from shuttle.store.access.people import account_with_id, person_of
from shuttle.store.duties.duty_calendars import calendar_of
from shuttle.store.operation.audit_log import latest_entries
from shuttle.store.tables.access import AccountRow
from tests.rosters import ADMIN, a_driver, give, publish_duties, take_back, wish
from tests.web.pages.conftest import SignIn, signed_in

__all__ = ["signed_in"]

MONDAY = date(2026, 11, 23)
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is about HTTP and not about the database."""


@pytest.fixture
def kari(context: AppContext) -> str:
    publish_duties(context)
    return a_driver(context)


def an_address(context: AppContext, account: str) -> str:
    with context.transaction() as session:
        secret = make_calendar(session, person_of(account_with_id(session, account)), context.now())
    return f"/feeds/duties/{secret}.ics"


@on_sqlite
def test_a_calendar_program_gets_the_duties_and_nobody_s_name(
    client: TestClient, context: AppContext, kari: str
) -> None:
    give(context, kari, wish("weekday-1", MONDAY, 12))
    give(context, a_driver(context, "Ola"), wish("weekday-2", MONDAY))
    address = an_address(context, kari)
    client.headers.pop("accept", None)
    answer = client.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert answer.headers["cache-control"].startswith("private")
    assert "set-cookie" not in answer.headers and answer.headers["x-robots-tag"] == "noindex"
    events = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert len(events) == 10
    assert str(events[0]["UID"]) == f"2026-11-23.duty-with-duties-weekday-1@{context.installation()}.shuttle"
    sent = answer.text + str(answer.headers)
    assert not any(secret in sent for secret in ("Kari", kari, address.split("/")[-1].removesuffix(".ics")))
    assert "Driver duty 09:45" in client.get(f"{address}?lang=en").text


@on_sqlite
def test_an_unchanged_calendar_is_not_sent_again_and_a_changed_one_is(
    client: TestClient, context: AppContext, kari: str
) -> None:
    give(context, kari, wish("weekday-1", MONDAY))
    address = an_address(context, kari)
    now = context.now()
    context.now = lambda: now + timedelta(minutes=1)  # no Last-Modified is later than its response
    first = client.get(address)
    headers = {"If-None-Match": first.headers["etag"]}
    assert client.get(address, headers=headers).status_code == 304
    assert client.get(address, headers={"If-Modified-Since": first.headers["last-modified"]}).status_code == 304
    head = client.head(address)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", first.headers["etag"])
    take_back(context, wish("weekday-1", MONDAY))
    changed = client.get(address, headers=headers)
    assert changed.status_code == 200 and "STATUS:CANCELLED" in changed.text


def test_two_taps_at_once_make_two_addresses_of_which_one_is_good(
    client: TestClient, context: AppContext, kari: str
) -> None:
    with ThreadPoolExecutor() as pool:
        with context.transaction() as session:
            first = make_calendar(session, person_of(account_with_id(session, kari)), context.now())
            second = pool.submit(an_address, context, kari)
            wait([second], timeout=0.2)
        last = second.result()
    assert client.get(f"/feeds/duties/{first}.ics").status_code == 404
    assert client.get(last).status_code == 200


@on_sqlite
def test_an_etag_does_not_depend_on_the_address(client: TestClient, context: AppContext, kari: str) -> None:
    give(context, kari, wish("weekday-1", MONDAY))
    first = client.get(an_address(context, kari)).headers["etag"]
    assert client.get(an_address(context, kari)).headers["etag"] == first


def test_whatever_is_wrong_with_an_address_is_answered_alike(
    client: TestClient, context: AppContext, kari: str
) -> None:
    address = an_address(context, kari)
    assert client.get(address).status_code == 200
    refused = [
        client.get(path) for path in (address[:-6] + "xx.ics", "/feeds/duties/x.ics", "/feeds/duties/%C3%A6.ics")
    ]
    newer = an_address(context, kari)
    refused.append(client.get(address))  # made anew: the old one is dead
    with context.transaction() as session:
        disable_account(session, ADMIN, "Kari", context.now())
        assert calendar_of(session, kari) is None
    refused.append(client.get(newer))
    ola = a_driver(context, "Ola")
    demoted = an_address(context, ola)
    with context.transaction() as session:
        session.execute(update(AccountRow).where(AccountRow.id == ola).values(role="staff"))
    refused.append(client.get(demoted))
    for answer in refused:
        assert (answer.status_code, answer.json()["detail"]) == (404, "there is no such calendar")
        assert answer.headers["content-type"] == "application/problem+json" and "given" not in answer.json()


def test_the_secret_is_kept_as_a_hash_and_its_last_use_to_the_hour(
    client: TestClient, context: AppContext, kari: str
) -> None:
    address = an_address(context, kari)
    now = context.now()

    def last_used() -> object:
        with context.reading() as session:
            row = calendar_of(session, kari)
            assert row is not None and row.secret == hashed(address.split("/")[-1].removesuffix(".ics"))
            return row.last_used_at

    assert last_used() is None
    for minutes, noted in ((0, 0), (59, 0), (61, 61)):
        context.now = lambda minutes=minutes: now + timedelta(minutes=minutes)  # type: ignore[misc]
        client.get(address)
        assert last_used() == now + timedelta(minutes=noted)


def test_a_driver_makes_sees_once_renews_and_deletes_the_address(signed_in: SignIn, context: AppContext) -> None:
    driver = signed_in(Role.DRIVER)
    assert "Lag en adresse" in driver.get("/driver/calendar").text
    page = driver.post("/driver/calendar")
    address = re.search(r"http://testserver(/feeds/duties/[\w-]{43}\.ics\?lang=nb)", page.text)
    assert address is not None and f"webcal://testserver{address[1]}" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert driver.get(address[1]).status_code == 200
    later = driver.get("/driver/calendar").text
    assert "/feeds/duties/" not in later and "23. november 2026 kl.\N{NO-BREAK SPACE}12.00" in later
    driver.post("/driver/calendar")
    assert driver.get(address[1]).status_code == 404
    assert "Adressen er slettet" in driver.post("/driver/calendar/delete").text
    again = driver.post("/driver/calendar/delete")
    assert again.status_code == 422 and "ingen adresse å slette" in again.text
    with context.reading() as session:
        acts = latest_entries(session, 3)
    assert [act.act for act in acts] == ["end-duty-calendar", "make-duty-calendar", "make-duty-calendar"]
    assert address[1][14:57] not in str([vars(act) for act in acts])


@on_sqlite
def test_a_token_has_no_calendar_of_its_own(client: TestClient, context: AppContext) -> None:
    with context.transaction() as session:
        token = create_token(session, ADMIN, Role.DRIVER, "a bus", context.now())
    answer = client.post("/driver/calendar", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 422 and "logget inn" in answer.text
