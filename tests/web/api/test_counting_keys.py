"""Counting keys: a driver's phone sends counts after its session has ended, and its key allows nothing else."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Role
from shuttle.services.access.account_changes import disable_account
from shuttle.services.access.accounts import reset_link, use_link
from shuttle.services.app_context import AppContext
from shuttle.store.access.counting_keys import keys_in_use
from shuttle.store.access.people import account_named, revoke_sessions
from shuttle.store.ridership.boardings import observations_of
from shuttle.web.server.identity import COOKIE as SESSION
from shuttle.web.server.identity import COUNTING_COOKIE
from tests.web.pages.conftest import ADMIN, session_of

TEN = "/api/v1/departures/2026-11-23.gyldenpris-weekday-1000"
KEY = "/api/v1/departures/counting-key"
COUNT = {"stop": "vagsbunnen", "boardings": 4}
only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def phone(client: TestClient, context: AppContext, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A phone on which a driver has opened the page; nobody is remembered from one request to the next."""
    monkeypatch.setattr("shuttle.services.access.accounts.TRUSTED_SECONDS", 0.0)
    monkeypatch.setattr("shuttle.services.access.counting_keys.TRUSTED_SECONDS", 0.0)
    client.cookies.set(SESSION, session_of(context, Role.DRIVER, "Kari"))
    client.headers["sec-fetch-site"] = "same-origin"
    answer = client.post(KEY)
    assert answer.status_code == 201 and answer.json()["id"]
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/api/v1/departures;" in cookie
    return client


def end_sessions(context: AppContext, name: str = "Kari") -> None:
    with context.transaction() as session:
        account = account_named(session, name)
        assert account
        revoke_sessions(session, context.now(), account=account.id)


def count(phone: TestClient, key: str = "k") -> int:
    return int(phone.post(f"{TEN}/boardings", json=COUNT, headers={"Idempotency-Key": key}).status_code)


def test_a_key_sends_counts_and_passings_after_the_session_has_ended(phone: TestClient, context: AppContext) -> None:
    end_sessions(context)
    assert phone.get("/driver").status_code == 401
    assert count(phone) == 201
    passing = {"stop": "vagsbunnen", "kind": "left", "at": "2026-11-23T10:00:00+01:00"}
    assert phone.post(f"{TEN}/passings", json=passing, headers={"Idempotency-Key": "p"}).status_code == 201
    with context.reading() as session:
        kari = account_named(session, "Kari")
        (observation,) = observations_of(session, "2026-11-23.gyldenpris-weekday-1000")
        assert kari and (observation.source, observation.role) == (kari.id, "driver")
        assert keys_in_use(session, context.now())[0][0].last_used_at == context.now()


@only_sqlite
def test_a_key_opens_nothing_else(phone: TestClient, context: AppContext) -> None:
    end_sessions(context)
    secret = phone.cookies[COUNTING_COOKIE]
    assert count(phone) == 201, "now it is remembered"
    stop = f"{TEN}/unserved/vagsbunnen"
    assert phone.put(stop, json={"reason": "road_closed"}).status_code == 401
    assert phone.get("/api/v1/changes?from=2026-11-23&to=2026-11-24").status_code == 401
    assert phone.post(KEY).status_code == 401, "a key gives no key"
    phone.cookies.clear()
    assert phone.get("/driver", headers={"authorization": f"Bearer {secret}"}).status_code == 401
    phone.cookies.set(SESSION, secret)
    assert phone.get("/driver").status_code == 401


@only_sqlite
@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_another_site_cannot_use_the_key(phone: TestClient, context: AppContext, site: str) -> None:
    end_sessions(context)
    phone.headers["sec-fetch-site"] = site
    assert count(phone) == 401


@only_sqlite
def test_one_phone_has_one_key_and_keeps_it(phone: TestClient, context: AppContext) -> None:
    secret = phone.cookies[COUNTING_COOKIE]
    again = phone.post(KEY)
    assert again.status_code == 200 and again.json()["id"] and "set-cookie" not in again.headers
    now = context.now()
    context.now = lambda: now + timedelta(days=2)
    phone.cookies.set(SESSION, session_of(context, Role.DRIVER, "Ola"))
    assert "set-cookie" in phone.post(KEY).headers
    assert phone.cookies[COUNTING_COOKIE] != secret
    with context.reading() as session:
        assert [name for _, name, _ in keys_in_use(session, context.now())] == ["Ola"]


@only_sqlite
def test_a_key_ends_with_its_last_day(phone: TestClient, context: AppContext) -> None:
    end_sessions(context)
    now = context.now()
    context.now = lambda: now + timedelta(days=14, seconds=-1)
    assert count(phone) == 201
    context.now = lambda: now + timedelta(days=14)
    assert count(phone, "later") == 401


@only_sqlite
@pytest.mark.parametrize("how", ["sign out", "new password", "disabled", "revoked"])
def test_a_key_ends_with(phone: TestClient, context: AppContext, how: str) -> None:
    with context.reading() as session:
        key = keys_in_use(session, context.now())[0][0].id
    if how == "sign out":
        secret = phone.cookies[COUNTING_COOKIE]
        phone.post("/logout")
        assert COUNTING_COOKIE not in phone.cookies
        phone.cookies.set(COUNTING_COOKIE, secret)
    elif how == "revoked":
        phone.cookies.set(SESSION, session_of(context, Role.ADMIN))
        assert "Telefoner som sender tellinger" in phone.get("/admin").text
        assert phone.post("/admin/phones/revoke", data={"key": key}).status_code == 200
        assert "Telefoner som sender tellinger" not in phone.get("/admin").text
        assert phone.post("/admin/phones/revoke", data={"key": key}).status_code == 422
        phone.cookies.delete(SESSION)
    else:
        with context.transaction() as session:
            if how == "disabled":
                disable_account(session, ADMIN, "Kari", context.now())
            else:
                link = reset_link(session, ADMIN, "Kari", context.now())
        if how != "disabled":
            use_link(context, link, "", "a whole sentence")
    end_sessions(context)
    assert count(phone) == 401


@only_sqlite
def test_a_key_is_for_a_phone_that_a_driver_is_signed_in_on(client: TestClient, context: AppContext) -> None:
    client.headers["sec-fetch-site"] = "same-origin"
    assert client.post(KEY).status_code == 401
    client.cookies.set(SESSION, session_of(context, Role.STAFF))
    assert client.post(KEY).status_code == 403
