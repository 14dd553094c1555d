"""`shuttle report`, with dates and with a period."""

from pathlib import Path

import pytest

from shuttle.domain.basics.errors import Invalid
from tests.cli.conftest import Run

FORTNIGHT = ("--from", "2024-10-07", "--to", "2024-10-20")


@pytest.mark.parametrize(
    ("language", "title"),
    [("nb", "Reisende i fjorten dager"), ("nn", "Reisande i fjorten dagar"), ("en", "Ridership of a fortnight")],
)
def test_a_report_is_printed_in_three_languages(run: Run, language: str, title: str) -> None:
    outcome = run("report", *FORTNIGHT, "--language", language)
    assert outcome.exit_code == 0
    assert f"<h1>{title}</h1>" in outcome.stdout


def test_a_report_is_written_to_a_file_and_says_how_large_it_is(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    outcome = run("report", *FORTNIGHT, "--format", "pdf", "--output", path)
    assert (outcome.exit_code, outcome.stdout) == (0, "")
    assert path.read_bytes().startswith(b"%PDF-")
    assert f"{path.stat().st_size} bytes" in " ".join(outcome.stderr.split())


@pytest.mark.parametrize("period", ["fortnight", "six-weeks", "year"])
def test_without_dates_it_is_the_last_period_that_is_over(run: Run, period: str) -> None:
    title = {"fortnight": "Ridership of a fortnight", "six-weeks": "Ridership of six weeks", "year": "Ridership of 20"}
    assert f"<h1>{title[period]}" in run("report", "--period", period).stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--from", "2024-10-07"), "a first and a last date"),
        (("--from", "2024-10-20", "--to", "2024-10-07"), "runs backwards"),
        ((*FORTNIGHT, "--language", "de"), "no language 'de'"),
        ((*FORTNIGHT, "--format", "docx"), "no report as 'docx'"),
        (("--from", "2024-01-01", "--to", "2026-01-01"), "does not fit on a page"),
    ],
)
def test_what_cannot_be_is_told_in_a_line(run: Run, arguments: tuple[str, ...], message: str) -> None:
    outcome = run("report", *arguments)
    assert isinstance(outcome.exception, Invalid)
    assert message in str(outcome.exception)
