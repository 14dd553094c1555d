"""Commands on an installation of their own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from shuttle.cli import app

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command on an installation of its own."""
    monkeypatch.setenv("SHUTTLE_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("SHUTTLE_LANGUAGE", "en")
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])
