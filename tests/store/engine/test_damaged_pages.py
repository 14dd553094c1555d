"""A damaged page of SQLite is one line in the terminal and 503 on pages, and `/readyz` tells before anybody counts."""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from shuttle.cli import main
from shuttle.services.operation.installation import open_app_context
from shuttle.settings import Settings
from shuttle.web.app import create_app
from tests.conftest import NOON, OSLO, filled_file


def damaged(folder: Path, table: str) -> Path:
    """A filled database in which the first page of a table is garbage."""
    file = folder / "shuttle.db"
    file.write_bytes(filled_file().read_bytes())
    with closing(sqlite3.connect(file)) as database:
        (page,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        (size,) = database.execute("PRAGMA page_size").fetchone()
    with file.open("r+b") as content:
        content.seek((page - 1) * size)
        content.write(b"\xa5" * size)
    return file


@pytest.mark.parametrize(("table", "check"), [("observations", "counts"), ("counts", "counts"), ("trips", "database")])
def test_readiness_names_what_cannot_be_read(tmp_path: Path, table: str, check: str) -> None:
    context = open_app_context(f"sqlite:///{damaged(tmp_path, table)}", OSLO)
    context.now = lambda: NOON
    answer = TestClient(create_app(context, Settings(data_dir=tmp_path))).get("/readyz")
    assert answer.status_code == 503
    assert [fault["where"] for fault in answer.json()["errors"]] == [check]
    assert str(tmp_path) not in answer.text and "malformed" not in answer.text
    context.close()


def test_pages_answer_503_in_words(tmp_path: Path) -> None:
    context = open_app_context(f"sqlite:///{damaged(tmp_path, 'trips')}", OSLO)
    context.now = lambda: NOON
    client = TestClient(create_app(context, Settings(data_dir=tmp_path)))
    for path in ("/", "/timetable", "/api/v1/departures"):
        answer = client.get(path)
        assert (answer.status_code, "retry-after" in answer.headers) == (503, True), path
        assert "malformed" not in answer.text and "Traceback" not in answer.text
    context.close()


def test_the_terminal_says_it_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHUTTLE_DATABASE_URL", f"sqlite:///{damaged(tmp_path, 'trips')}")
    monkeypatch.setattr(sys, "argv", ["shuttle", "departures", "--date", "2026-11-23"])
    with pytest.raises(SystemExit) as ended:
        main()
    lines = capsys.readouterr().err.strip().splitlines()
    assert ended.value.code == 1
    assert len(lines) == 1 and "malformed" in lines[0]
