"""Odd texts on the command line: unreadable or too long arguments are refused in one line; brackets are printed unchanged."""

import shutil
import sys
from pathlib import Path

import pytest

from shuttle.cli import main
from tests.builders import SCHEDULES
from tests.cli.conftest import Ended, Run

TEXTS = {
    "parts.toml": ".".join(["a"] * 30_000) + " = 1",
    "brackets.toml": "a = " + "[" * 90_000,
    "digits.toml": "a = " + "1" * 150_000,
    "tables.toml": "[[requirements]]\n" * 7000,
    "control.toml": 'a = "\\u001b[31m"',
    "control.csv": "departure,stop,boardings\n\x1b[31m,x,1\n",
    "cell.csv": "departure,stop,boardings\n" + "1" * 150_000 + ",x,1\n",
    "cells.csv": "departure,stop,boardings\n" + "1," * 150_000 + "\n",
    "rubbish.zip": "PK\x03\x04" + "\x00" * 500,
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("command", ["check", "import", "plan", "evaluate"])
def test_a_text_that_is_too_much_is_one_line(ended: Ended, tmp_path: Path, command: str, name: str) -> None:
    path = tmp_path / name
    path.write_text(TEXTS[name], encoding="utf-8")
    after = [SCHEDULES / "timetables" / "2024-10.toml"] if command == "evaluate" else []
    code, output, on_error = ended(command, path, *after)
    lines = [*output.splitlines(), *on_error]
    assert code in (1, 2)
    assert len(lines) == 1, lines
    assert "Traceback" not in lines[0]
    assert "\x1b" not in lines[0]
    assert len(lines[0]) < 600


@pytest.mark.parametrize("argument", ["a\x1b[31m", "a\x00", "\udcff", "\ufffe"])
def test_an_argument_that_nobody_can_read_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, argument: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["shuttle", "departures", "--stop", argument])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("shuttle: an argument has the character U+")


@pytest.mark.parametrize("name", ["Sentrum [via bro]", "Sentrum [/]", "[bold]x[/bold]", ":bus: Åsane", "a\\[b"])
def test_a_name_is_printed_as_it_is_written(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = Path(shutil.copytree(SCHEDULES, tmp_path / "schedules"))
    network = folder / "network.toml"
    written = name.replace("\\", "\\\\")
    text = network.read_text("utf-8").replace('headsign = "MO Gyldenpris"', f'headsign = "{written}"')
    network.write_text(text, "utf-8")
    monkeypatch.setenv("SHUTTLE_SCHEDULES", str(folder))
    monkeypatch.setenv("SHUTTLE_DATA_DIR", str(tmp_path / "another"))
    outcome = run("departures", "--date", "2026-11-24")
    assert outcome.exit_code == 0, outcome.exception
    assert name in outcome.output
