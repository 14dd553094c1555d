"""The second factor in the browser: setting it up, its code at sign-in, roles that must have one, and fresh sign-in."""

import re
from datetime import timedelta

import pyotp
import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Role
from shuttle.services.access.accounts import create_token
from shuttle.services.app_context import AppContext
from shuttle.settings import Settings
from shuttle.web.app import create_app
from shuttle.web.server.identity import COOKIE
from tests.web.pages.conftest import ADMIN, PASSWORD, session_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def browser(context: AppContext, **settings: object) -> TestClient:
    client = TestClient(create_app(context, Settings(**settings)), follow_redirects=False)  # type: ignore[arg-type]
    client.headers["sec-fetch-site"] = "same-origin"
    return client


@pytest.fixture(autouse=True)
def nobody_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shuttle.services.access.accounts.TRUSTED_SECONDS", 0.0)


def later(context: AppContext, minutes: float) -> None:
    now = context.now() + timedelta(minutes=minutes)
    context.now = lambda: now


def secret_on(page: str) -> str:
    match = re.search(r'<code class="address grow">([A-Z2-7 ]+)</code>', page)
    assert match is not None
    return match[1].replace(" ", "")


def set_up(client: TestClient, context: AppContext) -> tuple[str, list[str]]:
    """Turn the second factor on as a person would; the app's secret and the recovery codes."""
    assert client.post("/account/second-factor/begin").status_code == 303
    page = client.get("/account").text
    assert "otpauth://totp/" in page and 'class="qr"' in page
    secret = secret_on(page)
    answer = client.post("/account/second-factor/set", data={"code": pyotp.TOTP(secret).at(context.now())})
    assert answer.status_code == 200
    return secret, re.findall(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){5}", answer.text)


def test_a_person_sets_it_up_and_signs_in_with_a_code(context: AppContext) -> None:
    client = browser(context)
    client.cookies.set(COOKIE, session_of(context, Role.PLANNER, "Kari"))
    secret, codes = set_up(client, context)
    assert len(codes) == 8 and codes[0] not in client.get("/account").text, "shown once"
    client.cookies.clear()
    later(context, 2)
    asked = client.post("/login", data={"name": "Kari", "password": PASSWORD, "next": "/plan"})
    assert asked.headers["location"] == "/login/code?next=/plan"
    assert COOKIE not in client.cookies and client.get("/plan").status_code == 401
    wrong = client.post("/login/code", data={"code": "abc", "next": "/plan"})
    assert wrong.status_code == 401 and "må vente" in wrong.text
    code = pyotp.TOTP(secret).at(context.now())
    entered = client.post("/login/code", data={"code": code, "next": "/plan"})
    assert entered.headers["location"] == "/plan"
    assert client.get("/plan").status_code == 200


def test_without_a_right_password_there_is_no_code_to_enter(context: AppContext) -> None:
    client = browser(context)
    assert client.post("/login/code", data={"code": "123456"}).headers["location"] == "/login"


def test_a_role_that_must_have_one_sets_it_up_before_anything_else(context: AppContext) -> None:
    client = browser(context, second_factor_roles="admin")
    session_of(context, Role.ADMIN, "Sjef")
    answer = client.post("/login", data={"name": "Sjef", "password": PASSWORD, "next": "/admin"})
    assert answer.headers["location"] == "/account"
    assert client.get("/admin").headers["location"] == "/account"
    refused = client.get("/api/v1/boardings?from=2026-11-23&to=2026-11-24")
    assert refused.status_code == 403 and refused.json()["type"] == "urn:shuttle:second-factor-needed"
    assert "krever en andre faktor" in client.get("/account").text
    set_up(client, context)
    assert client.get("/admin").status_code == 200
    assert "/account/second-factor/remove" not in client.get("/account").text


def test_other_roles_and_tokens_are_not_asked(context: AppContext) -> None:
    client = browser(context, second_factor_roles="admin")
    client.cookies.set(COOKIE, session_of(context, Role.PLANNER, "Kari"))
    assert client.get("/plan").status_code == 200
    with context.transaction() as session:
        token = create_token(session, ADMIN, Role.ADMIN, "program", context.now())
    client.cookies.clear()
    assert client.get("/admin", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_access_is_changed_only_after_a_fresh_sign_in(context: AppContext) -> None:
    client = browser(context, fresh_sign_in_minutes=30)
    client.cookies.set(COOKIE, session_of(context, Role.ADMIN, "Sjef"))
    later(context, 31)
    assert client.get("/admin").status_code == 200, "reading needs no proof"
    form = {"name": "Ola", "role": "driver"}
    assert client.post("/admin/people", data=form).headers["location"] == "/account/confirm?next=/admin"
    assert "Ola" not in client.get("/admin").text
    assert client.post("/account/confirm", data={"proof": "feil", "next": "/admin"}).status_code == 401
    confirmed = client.post("/account/confirm", data={"proof": PASSWORD, "next": "/admin"})
    assert confirmed.headers["location"] == "/admin"
    assert client.post("/admin/people", data=form).status_code == 200
    assert "Ola" in client.get("/admin").text


def test_who_has_a_second_factor_confirms_with_a_code(context: AppContext) -> None:
    client = browser(context)
    client.cookies.set(COOKIE, session_of(context, Role.ADMIN, "Sjef"))
    secret, _ = set_up(client, context)
    later(context, 60)
    assert client.post("/account/second-factor/remove").headers["location"] == "/account/confirm?next=/account"
    assert client.post("/account/confirm", data={"proof": PASSWORD}).status_code == 401
    code = pyotp.TOTP(secret).at(context.now())
    assert client.post("/account/confirm", data={"proof": code, "next": "/account"}).status_code == 303
    assert client.post("/account/second-factor/remove").headers["location"] == "/account?done=factor"


def test_wrong_proofs_wait_like_wrong_passwords(context: AppContext) -> None:
    client = browser(context)
    client.cookies.set(COOKIE, session_of(context, Role.ADMIN, "Sjef"))
    for _ in range(5):
        assert client.post("/account/confirm", data={"proof": "feil"}).status_code == 401
    assert client.post("/account/confirm", data={"proof": PASSWORD}).status_code == 401


def test_an_administrator_resets_somebody_s_second_factor(context: AppContext) -> None:
    client = browser(context)
    client.cookies.set(COOKIE, session_of(context, Role.PLANNER, "Kari"))
    set_up(client, context)
    client.cookies.clear()
    client.cookies.set(COOKIE, session_of(context, Role.ADMIN, "Sjef"))
    assert "Nullstill andre faktor for Kari" in client.get("/admin").text
    assert client.post("/admin/people/second-factor", data={"name": "Kari"}).status_code == 303
    assert "Nullstill andre faktor" not in client.get("/admin").text
    client.cookies.clear()
    signed_in = client.post("/login", data={"name": "Kari", "password": PASSWORD})
    assert signed_in.headers["location"] == "/plan"
