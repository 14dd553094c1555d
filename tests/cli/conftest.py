"""Commands on an installation of their own."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from shuttle.cli import app, main
from tests.conftest import filled_file

Run = Callable[..., Result]
Ended = Callable[..., tuple[int, str, list[str]]]


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Filled already: a first command takes longer to fill one than for what it is asked."""
    monkeypatch.setenv("SHUTTLE_DATA_DIR", str(tmp_path / "var"))
    (tmp_path / "var").mkdir()
    shutil.copyfile(filled_file(), tmp_path / "var" / "shuttle.db")


@pytest.fixture
def run(installation: None, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command on an installation of its own."""
    monkeypatch.setenv("SHUTTLE_LANGUAGE", "en")
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def ended(installation: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ended:
    """The program as it is started: its exit code, standard output, and lines on standard error."""

    def start(*arguments: object) -> tuple[int, str, list[str]]:
        monkeypatch.setattr(sys, "argv", ["shuttle", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        assert isinstance(end.value.code, int)
        output, error_output = capsys.readouterr()
        return end.value.code, output, error_output.strip().splitlines()

    return start
