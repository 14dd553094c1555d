"""Where each role begins, and the way back to it from every page."""

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Role
from shuttle.services.access.accounts import add_account
from shuttle.services.app_context import AppContext
from shuttle.web.pages.frame import HOMES
from tests.web.pages.conftest import ADMIN, PASSWORD, SignIn, session_of

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@only_sqlite
@pytest.mark.parametrize("role", Role)
def test_the_first_link_and_each_sign_in_lead_home(client: TestClient, context: AppContext, role: Role) -> None:
    client.headers["sec-fetch-site"] = "same-origin"
    with context.transaction() as session:
        secret = add_account(session, ADMIN, "Kari", role, context.now())
    form = {"password": PASSWORD, "again": PASSWORD}
    first = client.post(f"/login/link/{secret}", data=form, follow_redirects=False)
    later = client.post("/login", data={"name": "Kari", "password": PASSWORD}, follow_redirects=False)
    assert first.headers["location"] == later.headers["location"] == HOMES[role]


@only_sqlite
@pytest.mark.parametrize("role", Role)
def test_every_public_page_leads_back_to_the_home_of_the_role(signed_in: SignIn, role: Role) -> None:
    browser = signed_in(role)
    for page in ("/", "/timetable", "/data", "/contact", "/help", "/accessibility"):
        assert f'<a href="{HOMES[role]}"' in browser.get(page).text, page


@only_sqlite
def test_the_foot_names_contact_help_privacy_and_accessibility(client: TestClient) -> None:
    foot = client.get("/").text.partition('<footer class="foot">')[2]
    for address in ("/contact", "/help", "/personvern", "/accessibility", "/source.zip"):
        assert f'href="{address}"' in foot


@only_sqlite
def test_an_address_of_the_town_stands_in_the_foot(signed_in: SignIn) -> None:
    browser = signed_in(Role.ADMIN)
    form = {
        "name_nb": "Bybussen",
        "agency_name": "Askøy kommune",
        "agency_url": "https://askoy.example.no",
        "about_accessibility": "https://uustatus.example.no/1",
        "about_contact": "Ring sentralbordet.\nVi svarer på hverdager.",
    }
    browser.post("/admin/service", data=form)
    page = browser.get("/").text
    assert 'href="https://uustatus.example.no/1"' in page
    assert "<span>Bybussen</span>" in page
    contact = browser.get("/contact").text
    assert "<p>Ring sentralbordet.</p>" in contact and "Askøy kommune har ansvar" in contact


@only_sqlite
def test_a_wrong_address_is_told_and_what_was_typed_stays(signed_in: SignIn) -> None:
    answer = signed_in(Role.ADMIN).post("/admin/service", data={"name_nb": "Bybussen", "agency_url": "askoy"})
    assert answer.status_code == 422
    assert "«askoy» er ingen nettadresse" in answer.text and 'value="Bybussen"' in answer.text


@only_sqlite
def test_help_has_a_page_for_each_role(client: TestClient) -> None:
    for reader in ("passenger", *Role):
        assert "<li>" in client.get(f"/help/{reader}").text
    assert client.get("/help/nobody").status_code == 404


@only_sqlite
def test_a_session_is_named_by_its_device(client: TestClient, context: AppContext) -> None:
    client.headers["sec-fetch-site"] = "same-origin"
    client.headers["user-agent"] = "Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0"
    session_of(context, Role.PLANNER, "Kari")
    client.post("/login", data={"name": "Kari", "password": PASSWORD})
    assert "Firefox, Android" in client.get("/account").text
