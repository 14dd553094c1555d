"""Sign-in, sign-out and one-time links."""

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Role
from shuttle.services.access.accounts import add_account, first_link
from shuttle.services.app_context import AppContext
from tests.web.pages.conftest import ADMIN, PASSWORD, session_of


@pytest.fixture
def browser(client: TestClient) -> TestClient:
    client.headers["sec-fetch-site"] = "same-origin"
    return client


def test_the_first_link_makes_an_administrator_who_is_signed_in(browser: TestClient, context: AppContext) -> None:
    with context.transaction() as session:
        secret = first_link(session, context.now())
    assert 'name="name"' in browser.get(f"/login/link/{secret}").text
    form = {"name": "Berit", "password": PASSWORD, "again": PASSWORD, "first": "yes"}
    assert "Logg ut Berit" in browser.post(f"/login/link/{secret}", data=form).text
    page = browser.post(f"/login/link/{secret}", data=form)
    assert page.status_code == 404 and "Lenken er brukt eller for gammel" in page.text


def test_two_passwords_that_differ_keep_the_link_and_the_name(browser: TestClient, context: AppContext) -> None:
    with context.transaction() as session:
        secret = first_link(session, context.now())
    form = {"name": "Berit", "password": PASSWORD, "again": "noko anna", "first": "yes"}
    page = browser.post(f"/login/link/{secret}", data=form)
    assert page.status_code == 422 and 'value="Berit"' in page.text and 'href="#again"' in page.text
    assert browser.get(f"/login/link/{secret}").status_code == 200


def test_a_short_password_is_told_the_rule(browser: TestClient, context: AppContext) -> None:
    with context.transaction() as session:
        secret = add_account(session, ADMIN, "per", Role.STAFF, context.now())
    page = browser.post(f"/login/link/{secret}", data={"password": "kort", "again": "kort"})
    assert page.status_code == 422 and "Passordet må ha 12 til 200 tegn." in page.text


def test_a_driver_who_signs_in_comes_to_the_driving(browser: TestClient, context: AppContext) -> None:
    session_of(context, Role.DRIVER, "kari")
    page = browser.post("/login", data={"name": "kari", "password": PASSWORD}, follow_redirects=False)
    assert (page.status_code, page.headers["location"]) == (303, "/driver")
    cookie = page.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie


@pytest.mark.parametrize("elsewhere", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:1"])
def test_signing_in_never_leads_to_another_site(browser: TestClient, context: AppContext, elsewhere: str) -> None:
    session_of(context, Role.STAFF, "per")
    form = {"name": "per", "password": PASSWORD, "next": elsewhere}
    assert browser.post("/login", data=form, follow_redirects=False).headers["location"] == "/staff"


def test_a_wrong_name_and_a_wrong_password_are_answered_alike(browser: TestClient, context: AppContext) -> None:
    session_of(context, Role.STAFF, "per")
    answers = [browser.post("/login", data={"name": name, "password": "feil feil feil"}) for name in ("per", "pål")]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].text.replace('value="per"', "") == answers[1].text.replace('value="pål"', "")


def test_after_signing_out_the_session_is_nobody(browser: TestClient, context: AppContext) -> None:
    session_of(context, Role.STAFF, "per")
    browser.post("/login", data={"name": "per", "password": PASSWORD})
    assert browser.get("/staff").status_code == 200
    secret = browser.cookies["shuttle_session"]
    browser.post("/logout")
    browser.cookies.set("shuttle_session", secret)
    assert browser.get("/staff").status_code == 401


def test_another_site_cannot_sign_somebody_in_or_out(client: TestClient, context: AppContext) -> None:
    session_of(context, Role.STAFF, "per")
    client.headers["sec-fetch-site"] = "cross-site"
    assert client.post("/login", data={"name": "per", "password": PASSWORD}).status_code == 401
    assert client.post("/logout").status_code == 401
