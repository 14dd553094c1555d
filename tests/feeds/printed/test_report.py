"""A report is one page of any length, has figures that a spreadsheet reads, and takes no text for markup."""

import csv
import io
import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from shuttle.domain.basics.errors import Refused
from shuttle.domain.ridership.summaries import Span
from shuttle.feeds.printed.pictures import Bar, Point, bars, line
from shuttle.feeds.printed.report import Fact, Report, Table, as_csv, as_html, as_pdf, as_plain_csv
from shuttle.language import LANGUAGES, words

if TYPE_CHECKING:
    from playwright.sync_api import Browser

YEAR = Span(date(2025, 1, 1), date(2025, 12, 31))
NUMBERS = ("boardings", "mean", "due", "counted", "left_behind")


def a_table(name: str, rows: int, language: str, numbers: int = 5, wide: bool = False) -> Table:
    w = words(language)
    heads = [(w.say(f"ridership.column.{NUMBERS[index % 5]}"), True) for index in range(numbers)]
    lines = tuple((f"28.09.2026 {index}", *("1\N{NO-BREAK SPACE}600",) * numbers) for index in range(rows))
    return Table(name, ((w.say("ridership.column.departure"), False), *heads), lines, wide)


def a_report(language: str, *tables: Table, notes: int = 6) -> Report:
    w = words(language)
    facts = tuple(Fact(w.say(f"ridership.column.{name}"), "12\N{NO-BREAK SPACE}345", "x" * 30) for name in NUMBERS)
    texts = tuple(w.say("ridership.missing_is_not_zero") for _ in range(notes))
    return Report(
        title=w.say("report.title.year", year=2025),
        span=YEAR,
        about="2025",
        facts=facts,
        tables=tables,
        notes=texts,
        words=w,
    )


def pages(pdf: bytes) -> list[bytes]:
    return re.findall(rb"/Type\s*/Pages\s*/Count (\d+)", pdf)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_year_of_three_lines_with_fourteen_departures_each_is_one_page(language: str) -> None:
    sizes = (12, 7, 3, 42, 4)
    made = a_report(language, *(a_table(f"{size} lines", size, language) for size in sizes))
    assert pages(as_pdf(made, None)) == [b"1"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_year_of_released_fortnights_is_one_page(language: str) -> None:
    made = a_report(language, a_table("fortnights", 27, language, numbers=9, wide=True))
    assert pages(as_pdf(made, None)) == [b"1"]


def test_what_no_page_could_hold_is_refused_and_not_cut() -> None:
    made = a_report("nb", a_table("all", 400, "nb"))
    with pytest.raises(Refused, match="too many lines for a page"):
        as_pdf(made, None)
    assert as_html(made).count(b'<th scope="row">') == 400


def test_the_printed_page_can_be_read_aloud() -> None:
    pdf = as_pdf(a_report("nn", a_table("Kvar", 3, "nn")), None)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    assert b"/Lang(nn-NO)" in pdf
    assert pdf.count(b"/S/TH") >= 6


def test_the_same_report_gives_the_same_bytes() -> None:
    made = a_report("nb", a_table("Hvor", 3, "nb"))
    assert as_pdf(made, None) == as_pdf(made, None)


def test_a_spreadsheet_reads_thousands_as_a_number_and_the_notes_too() -> None:
    sheet = as_csv(a_report("nb", a_table("Hvor", 1, "nb"), notes=1)).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(sheet), delimiter=";"))
    assert {len(row) for row in rows} == {4}
    assert rows[1][3] == "12345"
    assert rows[6] == ["Hvor", "28.09.2026 0", words("nb").say("ridership.column.boardings"), "1600"]
    assert rows[-1][1] == words("nb").say("ridership.missing_is_not_zero")


def test_no_cell_runs_as_a_formula_and_a_negative_number_stays_one() -> None:
    table = Table("=1+1", (("a", False), ("b", True)), (('=HYPERLINK("x")', "-3,5"), ("@b", "-a")))
    sheet = as_csv(replace(a_report("nb", table), facts=())).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(sheet), delimiter=";"))
    assert [row for row in rows if row[0].startswith("'")] == [
        ["'=1+1", '\'=HYPERLINK("x")', "b", "-3,5"],
        ["'=1+1", "'@b", "b", "'-a"],
    ]


def test_programs_get_plain_numbers_between_commas() -> None:
    table = Table("to", (("a", False), ("b", True)), (("x", "12,345.5"), ("y", "1, 2")))
    rows = list(csv.reader(io.StringIO(as_plain_csv(a_report("en", table, notes=0)).decode())))
    assert rows[-2:] == [["to", "x", "b", "12345.5"], ["to", "y", "b", "1, 2"]]


def test_pictures_are_drawn_with_names_and_an_alternative_text() -> None:
    drawn = bars("Om bord", "10.00: 4,5 <b>", [Bar(name="10.00\n<x>", value=4.5, written="4,5")], (8, "8 seter"))
    made = replace(a_report("nb"), headline="41 reiste", pictures=(drawn,))
    assert "&lt;x&gt;" in drawn.svg
    assert b"41 reiste" in as_html(made)
    pdf = as_pdf(made, None)
    assert pages(pdf) == [b"1"]
    assert b"/Alt" in pdf


def test_a_line_leaves_hidden_periods_out_and_unfinished_ones_hollow() -> None:
    points = [
        Point(name="2.11.", value=10, most=14),
        Point(name="16.11.", value=None),
        Point(name="30.11.", value=3, is_over=False),
    ]
    svg = line("Reisende", "linje", points, ["10", "", "3"], (12, "mål 12")).svg
    assert (
        svg.count("<circle"),
        svg.count("<polyline"),
        svg.count('fill="none" stroke="currentColor" stroke-width="1.5"'),
    ) == (2, 1, 1)
    assert "mål 12" in svg


def test_a_question_that_looks_like_markup_is_only_text() -> None:
    question = "<script>x</script> #pagebreak() *Rider* flere?"
    table = Table(question, (("a", False),), ((question,),))
    made = replace(a_report("nb", table), title=question, notes=(question,))
    assert b"<script>" not in as_html(made)
    assert pages(as_pdf(made, None)) == [b"1"]


def test_a_report_without_tables_is_a_page_all_the_same() -> None:
    assert pages(as_pdf(a_report("en", notes=0), None)) == [b"1"]


@pytest.mark.slow
def test_a_page_from_the_browser_is_one_sheet_too(chromium: "Browser") -> None:
    sizes = (28, 13, 7, 3)
    busy = [a_report(language, *(a_table(f"{n} lines", n, language) for n in sizes)) for language in LANGUAGES]
    released = a_report("nn", a_table("fortnights", 27, "nn", numbers=9, wide=True))
    for made in (*busy, released):
        page = chromium.new_page()
        page.set_content(as_html(made).decode())
        printed = page.pdf(prefer_css_page_size=True)
        page.close()
        assert re.findall(rb"/Count (\d+)", printed) == [b"1"], (made.words.language, len(made.tables))
