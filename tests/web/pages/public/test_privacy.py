"""The privacy page in three languages, and the templates beside the schedules: they name what the program really stores."""

import re

import pytest
from fastapi.testclient import TestClient

from shuttle.language import LANGUAGES, words
from shuttle.settings import Settings
from shuttle.store.tables.base import Base
from tests.builders import SCHEDULES

PAPERS = SCHEDULES / "personvern"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_names_the_periods_that_are_set(client: TestClient, language: str) -> None:
    page, w = client.get(f"/personvern?lang={language}").text, words(language)
    assert w.say("privacy.drivers.3", observers="90") in page
    assert w.say("privacy.staff.2", sign_ins="30") in page
    assert w.say("privacy.contact") in page
    assert 'href="/personvern"' in client.get(f"/?lang={language}").text


def test_the_record_of_processing_names_every_table_and_no_other() -> None:
    text = (PAPERS / "behandlingsprotokoll.md").read_text("utf-8")
    named = set(re.findall(r"`([a-z_]+)`", text))
    assert named == set(Base.metadata.tables)


def test_the_papers_name_only_settings_that_exist() -> None:
    for paper in PAPERS.glob("*.md"):
        for name in re.findall(r"SHUTTLE_([A-Z_]+)", paper.read_text("utf-8")):
            assert name.lower() in Settings.model_fields


def test_nobody_is_promised_that_they_cannot_be_recognised() -> None:
    promised = [w.say("ridership.why_hidden", n="5") for w in map(words, LANGUAGES)]
    assert not [text for text in promised if "kjennes igjen" in text or "kjennast att" in text or "recognised" in text]
