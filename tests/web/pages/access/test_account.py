"""`/account`, and what an administrator changes of an account."""

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Role
from shuttle.services.access.accounts import create_token, hashed
from shuttle.services.app_context import AppContext
from shuttle.store.access import people
from shuttle.store.operation.audit_log import latest_entries
from shuttle.web.server.identity import COOKIE
from tests.web.pages.conftest import ADMIN, PASSWORD, SignIn, session_of

NEW = "en helt annen lang setning"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def browser(client: TestClient, context: AppContext, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """Kari, a driver; nobody is remembered from one request to the next."""
    monkeypatch.setattr("shuttle.services.access.accounts.TRUSTED_SECONDS", 0.0)
    client.headers["sec-fetch-site"] = "same-origin"
    client.cookies.set(COOKIE, session_of(context, Role.DRIVER, "Kari"))
    return client


def signed_in_again(browser: TestClient, password: str) -> str:
    """A second session of Kari; the browser keeps its first."""
    own = browser.cookies[COOKIE]
    browser.cookies.clear()
    browser.post("/login", data={"name": "Kari", "password": password}, follow_redirects=False)
    other = browser.cookies.get(COOKIE) or ""
    browser.cookies.clear()
    browser.cookies.set(COOKIE, own)
    return other


def test_a_new_password_signs_the_other_devices_out(browser: TestClient, context: AppContext) -> None:
    other = signed_in_again(browser, PASSWORD)
    form = {"present": PASSWORD, "password": NEW, "again": NEW}
    assert "Passordet er byttet" in browser.post("/account/password", data=form).text
    assert signed_in_again(browser, PASSWORD) == "" and signed_in_again(browser, NEW)
    browser.cookies.clear()
    browser.cookies.set(COOKIE, other)
    assert browser.get("/account").status_code == 401


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"present": "feil", "password": NEW, "again": NEW}, "er et annet"),
        ({"present": PASSWORD, "password": "kort", "again": "kort"}, "12 til 200"),
        ({"present": PASSWORD, "password": NEW, "again": "noe annet"}, "ikke like"),
    ],
)
def test_a_refused_password_changes_nothing(browser: TestClient, form: dict[str, str], said: str) -> None:
    answer = browser.post("/account/password", data=form)
    assert answer.status_code == 422 and said in answer.text
    assert signed_in_again(browser, PASSWORD)


def test_one_ends_own_sessions_and_nobody_elses(browser: TestClient, context: AppContext) -> None:
    other, stranger = signed_in_again(browser, PASSWORD), session_of(context, Role.STAFF, "Ola")
    assert browser.post("/account/sessions/end", data={"session": hashed(stranger)}).status_code == 404
    assert browser.post("/account/sessions/end", data={"session": hashed(other)}).status_code == 200
    with context.reading() as session:
        assert people.open_session_with_id(session, hashed(stranger)) is not None
        assert people.open_session_with_id(session, hashed(other)) is None


def test_a_token_has_no_account(client: TestClient, context: AppContext) -> None:
    with context.transaction() as session:
        token = create_token(session, ADMIN, Role.ADMIN, "program", context.now())
    assert client.get("/account", headers={"Authorization": f"Bearer {token}"}).status_code == 403


def test_a_disabled_account_is_enabled_with_its_password(signed_in: SignIn, context: AppContext) -> None:
    session_of(context, Role.DRIVER, "Kari")
    admin = signed_in(Role.ADMIN)
    admin.post("/admin/people/disable", data={"name": "Kari"})
    assert admin.post("/login", data={"name": "Kari", "password": PASSWORD}).status_code == 401
    admin.post("/admin/people/enable", data={"name": "Kari"})
    assert admin.post("/login", data={"name": "Kari", "password": PASSWORD}).status_code == 200


def test_another_name_and_role_hold_at_once(signed_in: SignIn, context: AppContext) -> None:
    session_of(context, Role.DRIVER, "Kari")
    admin = signed_in(Role.ADMIN)
    admin.post("/admin/people/change", data={"name": "Kari", "new_name": "Kari N.", "role": "planner"})
    with context.reading() as session:
        account = people.account_named(session, "Kari N.")
        assert account is not None and account.role == "planner"
        assert {entry.act for entry in latest_entries(session, 2)} == {"change-role", "rename-account"}
    taken = admin.post("/admin/people/change", data={"name": "Kari N.", "new_name": "kari-admin", "role": "planner"})
    assert taken.status_code == 422


@pytest.mark.parametrize(
    ("path", "form"),
    [("disable", {}), ("change", {"new_name": "kari-admin", "role": "staff"})],
)
def test_the_last_administrator_stays(signed_in: SignIn, path: str, form: dict[str, str]) -> None:
    answer = signed_in(Role.ADMIN).post(f"/admin/people/{path}", data={"name": "kari-admin", **form})
    assert answer.status_code == 422 and "eneste administratoren" in answer.text


def test_an_administrator_ends_the_session_of_a_device(signed_in: SignIn, context: AppContext) -> None:
    lost = session_of(context, Role.DRIVER, "Ola")
    admin = signed_in(Role.ADMIN)
    assert "Ukjent enhet" in admin.get("/admin").text
    admin.post("/admin/sessions/end", data={"session": hashed(lost)})
    with context.reading() as session:
        assert people.open_session_with_id(session, hashed(lost)) is None


def test_a_backup_is_downloaded_by_administrators_alone(signed_in: SignIn) -> None:
    from shuttle.web.server.state import State

    admin = signed_in(Role.ADMIN)
    state: State = admin.app.state.shuttle  # type: ignore[attr-defined]
    folder = state.settings.data_dir / "backups"
    assert admin.get("/admin/backups/shuttle-2020.db").status_code == 404
    assert admin.get("/admin/backups/..%2Fshuttle.db").status_code == 404
    assert not (folder / "shuttle-2020.db").exists()
