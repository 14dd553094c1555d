"""Sign-in with a misbehaving identity provider: everything that the program refuses."""

import logging
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import MetaData, select

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Invalid
from shuttle.services.access.account_changes import disable_account
from shuttle.services.access.accounts import TRUSTED_SECONDS, add_account, reset_link
from shuttle.services.app_context import AppContext
from shuttle.settings import Settings, read_settings
from shuttle.web.app import create_app
from tests.web.pages.access.identity_issuer import CLIENT, PID, SECRET, Issuer

ADMIN = Person("a", "Admin", Role.ADMIN)
HERE = {"origin": "http://testserver"}
Browser = Callable[..., TestClient]

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    issuer = Issuer()
    yield issuer
    issuer.close()


@pytest.fixture
def browser(context: AppContext, issuer: Issuer) -> Iterator[Browser]:
    """A browser at an installation that knows the issuer; settings can be added."""
    context.now = lambda: datetime.now(UTC)
    opened: list[TestClient] = []

    def make(**more: Any) -> TestClient:
        settings = Settings(
            oidc_issuer=issuer.address,
            oidc_client_id=CLIENT,
            oidc_client_secret=SECRET,  # type: ignore[arg-type]
            oidc_name="Kommunen",
            **more,
        )
        client = TestClient(create_app(context, settings), raise_server_exceptions=False, follow_redirects=False)
        client.__enter__()
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.__exit__(None, None, None)


def invited(context: AppContext, name: str = "Kari", role: Role = Role.DRIVER) -> str:
    """The address of the link with which somebody who is invited begins."""
    with context.transaction() as session:
        return f"/login/link/{add_account(session, ADMIN, name, role, context.now())}"


def through_the_provider(client: TestClient, start: str) -> str:
    """Begin, be sent to the provider, be signed in there; gives the address that the provider sends the browser back to."""
    sent_off = client.get(start)
    assert sent_off.status_code == 303, sent_off.text
    back = httpx2.get(sent_off.headers["location"], trust_env=False)
    assert back.status_code == 302, back.text
    return str(back.headers["location"])


def sign_in(client: TestClient, start: str = "/login/provider") -> Any:
    return client.get(through_the_provider(client, start))


def is_refused(answer: Any, status: int = 403) -> bool:
    """A plain page that says so, and no session."""
    return (
        answer.status_code == status
        and "Du ble ikke logget inn" in answer.text
        and "shuttle_session=" not in str(answer.headers.get_list("set-cookie"))
    )


def all_kept(context: AppContext) -> str:
    """All rows of all tables."""
    metadata = MetaData()
    metadata.reflect(context.engine)
    with context.engine.connect() as connection:
        return "".join(str(row) for table in metadata.tables.values() for row in connection.execute(select(table)))


def test_the_request_carries_pkce_state_nonce_and_required_strengths(browser: Browser) -> None:
    asked = dict(parse_qsl(urlsplit(browser(oidc_acr="high,higher").get("/login/provider").headers["location"]).query))
    assert asked["code_challenge_method"] == "S256" and asked["response_type"] == "code" and asked["scope"] == "openid"
    assert asked["acr_values"] == "high higher"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 32


def test_an_account_elsewhere_opens_nothing_here(browser: Browser) -> None:
    answer = sign_in(browser())
    assert is_refused(answer) and "Be en administrator om en lenke" in answer.text


WRONG: dict[str, dict[str, Any]] = {
    "nonce": {"nonce": "of another sign-in"},
    "issuer": {"iss": "https://elsewhere.example"},
    "audience": {"aud": ["another program"]},
    "two audiences without a party": {"aud": [CLIENT, "another program"]},
    "authorised party": {"azp": "another program"},
    "expired": {"exp": int(time.time()) - 3600},
    "from the future": {"iat": int(time.time()) + 3600, "exp": int(time.time()) + 7200},
    "access token": {"at_hash": "of-another-access-token"},
    "no subject": {"sub": None},
    "subject that is no text": {"sub": 5},
    "subject that is a pid": {"sub": PID, "pid": PID},
    "times that are no numbers": {"exp": "soon"},
}


@pytest.mark.parametrize("claims", WRONG.values(), ids=WRONG)
def test_a_token_that_does_not_hold_is_refused(
    context: AppContext, browser: Browser, issuer: Issuer, claims: dict[str, Any]
) -> None:
    client, link = browser(), invited(context)
    issuer.claims = claims
    assert is_refused(sign_in(client, f"{link}/provider"))
    issuer.claims = {}
    assert sign_in(client, f"{link}/provider").status_code == 303, "the link is still good"


def test_a_token_that_somebody_else_signed_is_refused(context: AppContext, browser: Browser, issuer: Issuer) -> None:
    issuer.signs_with_a_stranger = True
    assert is_refused(sign_in(browser(), f"{invited(context)}/provider"))


def test_a_code_works_once_and_an_answer_once(context: AppContext, browser: Browser) -> None:
    client = browser()
    back = through_the_provider(client, f"{invited(context)}/provider")
    attempt = client.cookies["shuttle_attempt"]
    assert client.get(back).status_code == 303
    assert is_refused(client.get(back)), "the attempt is over"
    client.cookies.set("shuttle_attempt", attempt)
    assert is_refused(client.get(back)), "the provider does not take the code again"


def test_a_code_accepted_twice_is_still_bound_to_its_browser(
    context: AppContext, browser: Browser, issuer: Issuer
) -> None:
    issuer.takes_codes_again = True
    victim, thief = browser(), browser()
    sign_in(victim, f"{invited(context)}/provider")
    back = through_the_provider(victim, "/login/provider")
    thief.get("/login/provider")
    own_state = dict(parse_qsl(urlsplit(through_the_provider(thief, "/login/provider")).query))["state"]
    code = dict(parse_qsl(urlsplit(back).query))["code"]
    assert is_refused(thief.get(back)), "another's state"
    assert is_refused(thief.get("/login/provider/return", params={"code": code, "state": own_state})), "another's code"


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"state": "made up", "code": "x"},
        {"error": "access_denied"},
        {"state": "ø", "code": "ø"},
    ],
)
def test_an_answer_that_nobody_asked_for_is_refused(browser: Browser, answer: dict[str, str]) -> None:
    client = browser()
    assert is_refused(client.get("/login/provider/return", params=answer))
    client.get("/login/provider")
    assert is_refused(client.get("/login/provider/return", params=answer))
    client.cookies.set("shuttle_attempt", "bm9uc2Vuc2U=")
    assert is_refused(client.get("/login/provider/return", params=answer))


def test_an_answer_that_names_another_issuer_is_refused(browser: Browser) -> None:
    client = browser()
    back = through_the_provider(client, "/login/provider")
    assert is_refused(client.get(f"{back}&iss=https://elsewhere.example"))


def test_the_tenant_and_the_strength_must_be_among_those_that_are_allowed(
    context: AppContext, browser: Browser, issuer: Issuer
) -> None:
    link, client = f"{invited(context)}/provider", browser(oidc_tenants="ours, theirs", oidc_acr="high")
    for claims in ({"acr": "high"}, {"tid": "another", "acr": "high"}, {"tid": "ours"}, {"tid": "ours", "acr": "low"}):
        issuer.claims = claims
        assert is_refused(sign_in(client, link)), claims
    issuer.claims = {"tid": "theirs", "acr": "high"}
    assert sign_in(client, link).status_code == 303


def test_entra_id_gives_each_tenant_its_own_issuer_and_the_person_an_oid(
    context: AppContext, browser: Browser, issuer: Issuer
) -> None:
    issuer.described = {"issuer": issuer.address + "/{tenantid}/v2.0"}
    client, link = browser(oidc_tenants="ours", oidc_subject="oid"), f"{invited(context)}/provider"
    issuer.claims = {"iss": f"{issuer.address}/theirs/v2.0", "tid": "ours", "oid": "o"}
    assert is_refused(sign_in(client, link))
    issuer.claims = {"iss": f"{issuer.address}/ours/v2.0", "tid": "ours"}
    assert is_refused(sign_in(client, link)), "no oid"
    issuer.claims["oid"] = "o"
    assert sign_in(client, link).status_code == 303


def test_where_the_provider_gives_roles_its_word_decides_at_each_sign_in(
    context: AppContext, browser: Browser, issuer: Issuer
) -> None:
    client = browser(oidc_role_claim="groups", oidc_roles="planners=planner, desk=staff")
    issuer.claims = {"groups": ["others"], "name": "Ola Nordmann"}
    assert is_refused(sign_in(client))
    for groups, place in (["desk", "/staff"], ["planners", "/plan/calendar"]):
        issuer.claims = {"groups": [groups], "name": "Ola Nordmann"}
        assert sign_in(client).status_code == 303
        assert client.get(place).status_code == 200
    issuer.claims = {"groups": []}
    assert is_refused(sign_in(client))


def test_a_disabled_account_stays_outside(context: AppContext, browser: Browser) -> None:
    client = browser()
    sign_in(client, f"{invited(context)}/provider")
    with context.transaction() as session:
        disable_account(session, ADMIN, "Kari", context.now())
    assert is_refused(sign_in(client))


def test_an_identity_is_one_person_and_a_dead_link_ties_nothing(context: AppContext, browser: Browser) -> None:
    client, link = browser(), invited(context)
    sign_in(client, f"{link}/provider")
    assert is_refused(sign_in(client, f"{link}/provider"))
    assert is_refused(sign_in(client, f"{invited(context, 'Per')}/provider"))


def test_a_new_password_takes_the_place_of_the_provider(context: AppContext, browser: Browser) -> None:
    client = browser()
    sign_in(client, f"{invited(context)}/provider")
    with context.transaction() as session:
        secret = reset_link(session, ADMIN, "Kari", context.now())
    words = {"password": "a whole sentence", "again": "a whole sentence"}
    assert client.post(f"/login/link/{secret}", data=words, headers=HERE).status_code == 303
    assert is_refused(sign_in(browser()))


def test_the_provider_ends_its_session_and_ours_with_it(
    context: AppContext, browser: Browser, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shuttle.services.access.accounts.TRUSTED_SECONDS", 0.0)
    assert TRUSTED_SECONDS <= 2
    client, provider, link = browser(), browser(), f"{invited(context)}/provider"
    issuer.claims = {"sid": "their session"}
    sign_in(client, link)
    for wrong in ({}, {"sid": "their session"}, {"sid": "their session", "iss": "https://elsewhere.example"}):
        assert provider.get("/login/provider/logged-out", params=wrong).status_code == 422
    provider.get("/login/provider/logged-out", params={"sid": "another", "iss": issuer.address})
    assert client.get("/driver").status_code == 200
    answer = provider.get("/login/provider/logged-out", params={"sid": "their session", "iss": issuer.address})
    assert answer.status_code == 200 and "frame-ancestors *" in answer.headers["content-security-policy"]
    assert client.get("/driver").status_code == 401


def test_signing_out_goes_on_to_a_safe_address_only(browser: Browser, issuer: Issuer) -> None:
    issuer.described = {"end_session_endpoint": "javascript:alert(1)"}
    assert browser().post("/logout", headers=HERE).status_code == 303, "back here, and nowhere else"


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://elsewhere.example"},
        {"token_endpoint": "http://169.254.169.254/token"},
        {"jwks_uri": "https://elsewhere.example/keys"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"issuer": None},
    ],
)
def test_a_description_that_leads_elsewhere_is_not_followed(
    browser: Browser, issuer: Issuer, described: dict[str, Any]
) -> None:
    issuer.described = described
    assert is_refused(browser().get("/login/provider"), 503)
    assert issuer.asked == ["/.well-known/openid-configuration"]


def test_a_provider_that_is_down_is_a_plain_page_and_passwords_still_work(browser: Browser, issuer: Issuer) -> None:
    client = browser()
    back = through_the_provider(client, "/login/provider")
    issuer.silent = True
    assert is_refused(client.get(back), 503) or is_refused(client.get(back))
    assert is_refused(browser().get("/login/provider"), 503)
    assert client.get("/login").status_code == 200


def test_no_national_identity_number_lands_in_the_database_or_the_log(
    context: AppContext, browser: Browser, issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    issuer.claims = {"pid": PID, "name": f"Kari {PID}", "preferred_username": PID, "groups": "desk"}
    client = browser(oidc_role_claim="groups", oidc_roles="desk=staff")
    assert sign_in(client).status_code == 303
    issuer.claims["nonce"] = PID
    assert is_refused(sign_in(client))
    kept = all_kept(context)
    assert "sub-of-kari" in kept and PID not in kept
    assert caplog.text and PID not in caplog.text


def test_without_a_provider_there_is_no_button_and_no_way(context: AppContext, client: TestClient) -> None:
    assert "/login/provider" not in client.get("/login").text
    for path in ("/login/provider", "/login/provider/return", "/login/provider/logged-out?iss=x&sid=y"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"ISSUER": "http://login.example.no"},
        {"ISSUER": "https://login.example.no"},
        {"SUBJECT": "pid"},
        {"ROLES": "desk=boss", "ROLE_CLAIM": "groups"},
        {"ROLE_CLAIM": "groups"},
        {"CLIENT_SECRET": "never shown", "CLIENT_ID": "alone"},
    ],
)
def test_a_wrong_setting_is_one_line_that_tells_no_secret(
    monkeypatch: pytest.MonkeyPatch, database_url: str, wrong: dict[str, str]
) -> None:
    for name, value in wrong.items():
        monkeypatch.setenv(f"SHUTTLE_OIDC_{name}", value)
    with pytest.raises(Invalid, match=r"allowed|set both") as error:
        read_settings()
    assert "never shown" not in str(error.value)
