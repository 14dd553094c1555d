"""Operation: people and tokens, what is assumed, who did what."""

import re

from fastapi.testclient import TestClient

from shuttle.domain.access import Role
from shuttle.services.house import House
from tests.web.pages.conftest import PASSWORD, SignIn


def test_a_person_is_added_and_comes_in_by_the_link(signed_in: SignIn, client: TestClient, house: House) -> None:
    page = signed_in(Role.ADMIN).post("/admin/people", data={"name": "Tuva", "role": "driver"}).text
    assert "Lenke til Tuva" in page and "Har ikke valgt passord" in page
    link = re.search(r"/login/link/([\w-]+)", page)
    assert link
    client.cookies.clear()
    page = client.post(f"/login/link/{link[1]}", data={"password": PASSWORD, "again": PASSWORD}).text
    assert "Logg ut Tuva" in page


def test_the_same_name_twice_is_told_at_the_field(signed_in: SignIn) -> None:
    admin = signed_in(Role.ADMIN)
    admin.post("/admin/people", data={"name": "Tuva", "role": "driver"})
    page = admin.post("/admin/people", data={"name": "Tuva", "role": "staff"})
    assert page.status_code == 422 and "Det finnes alt en bruker Tuva." in page.text


def test_a_token_is_shown_once_and_works_until_it_is_revoked(signed_in: SignIn, client: TestClient) -> None:
    admin = signed_in(Role.ADMIN)
    page = admin.post("/admin/tokens", data={"token_name": "Statistikk", "token_role": "staff"}).text
    secret = re.search(r"shuttle_[\w-]+", page.replace("shuttle_session", ""))
    assert secret
    assert secret[0] not in admin.get("/admin").text
    token_id = re.search(r'name="token" value="(\w+)"', page)
    assert token_id
    assert "Det er gjort." in admin.post("/admin/tokens/revoke", data={"token": token_id[1]}).text
    assert "Statistikk</th>" not in admin.get("/admin").text


def test_everything_assumed_is_listed(signed_in: SignIn, house: House) -> None:
    page = signed_in(Role.ADMIN).get("/admin").text
    for stop in house.schedule().network.stops:
        assert stop.provenance.assumed and stop.provenance.reason in page.replace("&#39;", "'")


def test_who_did_what_is_told_in_words(signed_in: SignIn) -> None:
    admin = signed_in(Role.ADMIN)
    admin.post("/admin/people", data={"name": "Tuva", "role": "driver"})
    assert "la til bruker" in admin.get("/admin").text


def test_nobody_but_an_administrator_comes_here(signed_in: SignIn, client: TestClient) -> None:
    assert client.get("/admin").status_code == 401
    assert signed_in(Role.PLANNER).get("/admin").status_code == 403
    assert client.post("/admin/people", data={"name": "Tuva", "role": "admin"}).status_code == 403
