"""Administration page: people, tokens, jobs, assumptions and the audit log."""

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Person, Role
from shuttle.jobs import JobScheduler
from shuttle.services.access.accounts import create_token
from shuttle.services.app_context import AppContext
from shuttle.settings import Settings
from shuttle.store.operation.audit_log import latest_entries
from shuttle.store.operation.jobs import begin_again, begin_run, interrupt
from shuttle.web.app import create_app
from tests.web.pages.conftest import PASSWORD, SignIn


def test_a_person_is_added_and_comes_in_by_the_link(signed_in: SignIn, client: TestClient, context: AppContext) -> None:
    page = signed_in(Role.ADMIN).post("/admin/people", data={"name": "Tuva", "role": "driver"}).text
    assert "Lenke til Tuva" in page and "Har ikke valgt passord" in page
    link = re.search(r"/login/link/([\w-]+)", page)
    assert link
    client.cookies.clear()
    page = client.post(f"/login/link/{link[1]}", data={"password": PASSWORD, "again": PASSWORD}).text
    assert "Logg ut Tuva" in page


def test_a_duplicate_name_is_refused_at_its_field_and_the_form_kept(signed_in: SignIn) -> None:
    admin = signed_in(Role.ADMIN)
    admin.post("/admin/people", data={"name": "Tuva", "role": "driver"})
    page = admin.post("/admin/people", data={"name": "Tuva", "role": "staff"})
    assert page.status_code == 422 and "Det finnes alt en bruker Tuva." in page.text
    assert 'value="Tuva" required aria-describedby="name-error"' in page.text, "what was typed stays"
    assert '<option value="staff" selected>' in page.text
    for form in ({"token_name": "x" * 90, "token_role": "staff"}, {"tablet_name": "Døra", "centre": "nowhere"}):
        again = admin.post(f"/admin/{'tokens' if 'token_name' in form else 'tablets'}", data=form)
        assert again.status_code == 422 and f'value="{next(iter(form.values()))}"' in again.text


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


def test_everything_assumed_is_listed(signed_in: SignIn, context: AppContext) -> None:
    page = signed_in(Role.ADMIN).get("/admin").text
    for stop in context.schedule().network.stops:
        assert stop.provenance.assumed and stop.provenance.reason in page.replace("&#39;", "'")


def test_the_reason_of_an_assumption_has_its_language_marked(signed_in: SignIn) -> None:
    admin = signed_in(Role.ADMIN)
    assert ' lang="nb">Omtrentlig sted' in admin.get("/admin?lang=nn").text
    assert ' lang="nb">Omtrentlig sted' not in admin.get("/admin?lang=nb").text


def test_who_did_what_is_told_in_words(signed_in: SignIn) -> None:
    admin = signed_in(Role.ADMIN)
    admin.post("/admin/people", data={"name": "Tuva", "role": "driver"})
    assert "la til bruker" in admin.get("/admin").text
    admin.post("/admin/tokens", data={"token_name": "2026-99-99", "token_role": "reader"})
    assert "2026-99-99</span>" in admin.get("/admin").text, "in the record, too, it is a name and no date"


def test_nobody_but_an_administrator_comes_here(signed_in: SignIn, client: TestClient) -> None:
    assert client.get("/admin").status_code == 401
    assert signed_in(Role.PLANNER).get("/admin").status_code == 403
    assert client.post("/admin/people", data={"name": "Tuva", "role": "admin"}).status_code == 403


@pytest.fixture
def with_clock(context: AppContext, tmp_path: Path) -> TestClient:
    """The application with a clock that nobody starts: it runs only what it is told to."""
    settings = Settings(data_dir=tmp_path)
    clock = JobScheduler(context, settings)
    return TestClient(create_app(context, settings, clock), raise_server_exceptions=False)


def test_a_backup_is_made_by_a_button_and_listed(with_clock: TestClient, context: AppContext) -> None:
    token = token_of(context, Role.ADMIN)
    page = with_clock.post("/admin/jobs/run", data={"job": "backup"}, headers=token).text
    assert "Oppgaven er kjørt." in page and "gjenopprettet og sammenlignet" in page
    assert f"shuttle-{context.today()}.db" in page and "kjørte en oppgave" in page


def test_a_job_that_fails_says_why(with_clock: TestClient, context: AppContext, tmp_path: Path) -> None:
    (tmp_path / "backups").write_text("a file where the folder should be")
    page = with_clock.post("/admin/jobs/run", data={"job": "backup"}, headers=token_of(context, Role.ADMIN)).text
    assert "Oppgaven gikk ikke." in page and "Feilet" in page
    assert "Programmet sier (på engelsk):" in page and "File exists" in page


def test_a_job_that_was_taken_up_again_says_so(with_clock: TestClient, context: AppContext) -> None:
    token = token_of(context, Role.ADMIN)
    assert "Tatt opp igjen" not in with_clock.post("/admin/jobs/run", data={"job": "look-ahead"}, headers=token).text
    with context.transaction() as session:
        run = begin_run(session, "backup", context.now(), context.now())
        assert run is not None
        interrupt(session, run, context.now())
        begin_again(session, run, context.now())
    page = with_clock.get("/admin", headers=token).text
    assert "Går" in page and "Tatt opp igjen etter et avbrudd" in page


def test_an_unknown_job_is_not_found_and_nobody_else_runs_one(with_clock: TestClient, context: AppContext) -> None:
    run = {"job": "make-coffee"}
    assert with_clock.post("/admin/jobs/run", data=run, headers=token_of(context, Role.ADMIN)).status_code == 404
    assert with_clock.post("/admin/jobs/run", data=run, headers=token_of(context, Role.PLANNER)).status_code == 403


def test_the_record_shows_one_person_or_act_alone(signed_in: SignIn, context: AppContext) -> None:
    admin = signed_in(Role.ADMIN)
    admin.post("/admin/people", data={"name": "Tuva", "role": "driver"})
    admin.post("/admin/tokens", data={"token_name": "Statistikk", "token_role": "staff"})
    with context.reading() as session:
        name = latest_entries(session, 1)[0].person
        assert {act.act for act in latest_entries(session, act="create-token")} == {"create-token"}
        assert latest_entries(session, person=name) and latest_entries(session, person="nobody") == []
    for query, status in (
        ("who=%00", 422),
        ("who=nobody", 200),
        ("act=nothing", 200),
        ("before=99999999999999999999", 422),
    ):
        assert admin.get(f"/admin?{query}").status_code == status, query
    assert admin.post("/admin/people/reset", data={"name": "\0"}).status_code in (404, 422)
    assert admin.get("/plan/runs/%00").status_code in (404, 422)
    rows = admin.get("/admin?act=add-account").text.split('id="acts"')[1].split("<tbody>")[1]
    assert "la til bruker" in rows and "Statistikk" not in rows


def token_of(context: AppContext, role: Role) -> dict[str, str]:
    with context.transaction() as session:
        secret = create_token(session, Person("a", "Admin", Role.ADMIN), role, f"the {role}", context.now())
    return {"Authorization": f"Bearer {secret}"}
