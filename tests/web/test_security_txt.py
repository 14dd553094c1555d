"""`/.well-known/security.txt` as RFC 9116 has it."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from shuttle.services.app_context import AppContext
from shuttle.settings import Settings
from shuttle.web.app import create_app
from shuttle.web.security_txt import PATH, document

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def fields(text: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in text.splitlines())


def test_the_operator_s_contact_is_told_and_expires_within_a_year(context: AppContext) -> None:
    settings = Settings(contact_email="buss+it@example.no", public_address="https://buss.example.no")
    client = TestClient(create_app(context, settings), base_url="https://buss.example.no")
    answer = client.get(PATH)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    told = fields(answer.text)
    expires = datetime.fromisoformat(told.pop("Expires"))
    assert timedelta(days=150) < expires - datetime.now(UTC) < timedelta(days=365)
    assert told == {
        "Contact": "mailto:buss%2Bit@example.no",
        "Preferred-Languages": "nb, nn, en",
        "Canonical": f"https://buss.example.no{PATH}",
    }
    assert client.head(PATH).status_code == 200


def test_without_a_contact_there_is_no_file(client: TestClient) -> None:
    answer = client.get(PATH)
    assert answer.status_code == 404
    assert "Contact:" not in answer.text


def test_a_file_whose_address_is_not_known_names_none(database_url: str) -> None:
    text = document("a@example.no", "", datetime(2026, 2, 28, 23, 59, tzinfo=UTC))
    assert text == (
        "Contact: mailto:a@example.no\r\nExpires: 2026-08-27T00:00:00Z\r\nPreferred-Languages: nb, nn, en\r\n"
    )
