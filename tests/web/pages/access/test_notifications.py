"""`/account/notifications`: one's own address and choices, and nobody else's."""

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Role
from shuttle.jobs import JobScheduler
from shuttle.services.app_context import AppContext
from shuttle.settings import Settings
from shuttle.web.app import create_app
from shuttle.web.server.identity import COOKIE
from tests.services.operation.notifications.servers import an_inbox
from tests.web.pages.conftest import SignIn, session_of

PAGE = "/account/notifications"
FORM = {"address": "kari@example.no", "hour": "8", "departure_late": "at_once", "left_behind": "daily"}


def test_choices_are_kept_and_shown_again(signed_in: SignIn) -> None:
    client = signed_in(Role.STAFF)
    answer = client.post(PAGE, data=FORM)
    assert "Valgene er lagret" in answer.text
    assert 'value="kari@example.no"' in answer.text
    assert '<option value="daily" selected>' in answer.text and '<option value="8" selected>' in answer.text


def test_only_kinds_that_the_role_may_see_are_offered(signed_in: SignIn) -> None:
    page = signed_in(Role.DRIVER).get(PAGE).text
    assert 'name="duty_changed"' in page and 'name="departure_late"' in page
    assert 'name="job_failed"' not in page and 'name="left_behind"' not in page
    assert "Prøv e-posttjeneren" not in page


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [("address", "kari", "er ikke en e-postadresse"), ("hour", "x", "Velg et klokkeslett"), ("address", "", "er ikke")],
)
def test_a_wrong_input_is_told_at_its_field(signed_in: SignIn, name: str, value: str, told: str) -> None:
    answer = signed_in(Role.STAFF).post(PAGE, data={**FORM, name: value})
    assert answer.status_code == 422 and told in answer.text
    assert f'href="#{name}"' in answer.text


def test_a_deleted_address_is_gone_from_the_page(signed_in: SignIn) -> None:
    client = signed_in(Role.STAFF)
    client.post(PAGE, data=FORM)
    answer = client.post(f"{PAGE}/forget")
    assert "er slettet" in answer.text and "kari@example.no" not in answer.text


def test_everything_set_to_never_and_no_address_forgets(signed_in: SignIn) -> None:
    client = signed_in(Role.STAFF)
    client.post(PAGE, data=FORM)
    assert "kari@example.no" not in client.post(PAGE, data={"address": "", "hour": "7"}).text


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/forget", f"{PAGE}/test"])
def test_a_stranger_changes_nothing_and_is_asked_to_sign_in(client: TestClient, path: str) -> None:
    client.headers["sec-fetch-site"] = "same-origin"
    answers = [client.get(PAGE, follow_redirects=False), client.post(path, follow_redirects=False)]
    assert [answer.status_code for answer in answers] == [401, 401]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_administrator_sends_a_test_and_sees_what_is_wrong(context: AppContext) -> None:
    with an_inbox() as inbox:
        settings = Settings(
            smtp_host="127.0.0.1", smtp_port=inbox.server.port, smtp_security="none", mail_from="buss@example.org"
        )
        app = create_app(context, settings, JobScheduler(context, settings))
        with TestClient(app, raise_server_exceptions=False) as client:
            client.cookies.set(COOKIE, session_of(context, Role.ADMIN))
            client.headers["sec-fetch-site"] = "same-origin"
            assert "Lagre en e-postadresse først" in client.post(f"{PAGE}/test").text
            client.post(PAGE, data=FORM)
            assert "E-posten er levert" in client.post(f"{PAGE}/test").text
            inbox.answers = ["550 unknown"]
            assert "avviste e-posten (550)" in client.post(f"{PAGE}/test").text
    assert [mail["To"] for mail in inbox.mails] == ["kari@example.no"]
